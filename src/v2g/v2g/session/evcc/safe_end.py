# SPDX-License-Identifier: Apache-2.0
"""The vehicle's way to safe outputs: current down, contactors open, plug unlocked (R1 to R4)."""

from dataclasses import replace
from enum import Enum
from math import isnan, nan

from v2g.session.cause import Cause, fault
from v2g.session.evcc.conversation import EvccConversation
from v2g.session.evcc.demand import or_else
from v2g.session.evcc.interlock import TOO_FAR
from v2g.session.evcc.supervision import told_by
from v2g.session.evcc.unlock import B_SEEN, UNLOCK_TIME, why_locked
from v2g.session.evcc.welding import DURATION, PACE, WeldingDetection
from v2g.session.exchange import Answer, Code, Step
from v2g.session.outputs import VehicleOutputs
from v2g.session.readings import STALE, PilotState, VehicleReading, measured_at
from v2g.session.stage import Stage
from v2g.session.story import Story

STOP_ANSWER = 2.0  # s for PowerDeliveryRes, and for SessionStopRes
OUTSTANDING = 0.5  # s in which the answer to an earlier request may still come
CURRENT_DOWN = 1.0  # s after B, then the contactors open whatever flows
NORMAL_CURRENT, FAULT_CURRENT = 1.0, 5.0  # A at which contactors open
OPENING_TIME = 1.0  # s for feedback


class Part(Enum):
    """One part of the way."""

    SAY_STOP = 'PowerDelivery(stop), answered'
    SAY_STOP_ONCE = 'PowerDelivery(stop), not waited for'
    PILOT_B = 'state B'
    CURRENT_DOWN = 'wait for the current'
    OPEN = 'contactors open'
    WELDING = 'welding detection'
    SESSION_STOP = 'SessionStop'
    CLOSE = 'TCP closed'
    UNLOCK = 'plug unlocked'


_LAST = (Part.CLOSE, Part.UNLOCK)
_TALK = (Part.SESSION_STOP, *_LAST)
_ENERGY = (Part.CURRENT_DOWN, Part.OPEN)

# R2: what may be said depends on how far the session had come.
NORMAL: dict[Step, tuple[Part, ...]] = {
    Step.APP_PROTOCOL: _LAST,
    Step.SESSION_SETUP: _LAST,
    Step.SERVICE_DISCOVERY: _TALK,
    Step.SERVICE_SELECTION: _TALK,
    Step.AUTHORIZATION: _TALK,
    Step.CHARGE_PARAMETERS: _TALK,
    Step.CONNECTOR_LOCK: (Part.PILOT_B, *_TALK),
    Step.CABLE_CHECK: (Part.PILOT_B, *_TALK),
    Step.PRECHARGE: (Part.PILOT_B, Part.OPEN, Part.SAY_STOP, *_TALK),
    Step.START: (Part.PILOT_B, Part.SAY_STOP_ONCE, *_ENERGY, Part.WELDING, *_TALK),
    Step.CHARGE_LOOP: (Part.SAY_STOP, Part.PILOT_B, *_ENERGY, Part.WELDING, *_TALK),
}
FAULT: dict[Step, tuple[Part, ...]] = {
    **{step: (Part.PILOT_B, *parts) for step, parts in NORMAL.items()},
    Step.PRECHARGE: (Part.PILOT_B, Part.OPEN, Part.SAY_STOP_ONCE, *_TALK),
    Step.START: (Part.PILOT_B, Part.SAY_STOP_ONCE, *_ENERGY, *_TALK),
    Step.CHARGE_LOOP: (Part.PILOT_B, Part.SAY_STOP_ONCE, *_ENERGY, *_TALK),
}
_STAGES = {
    Part.SAY_STOP: Stage.STOP,
    Part.WELDING: Stage.WELDING_DETECTION,
    Part.SESSION_STOP: Stage.SESSION_STOP,
}


class VehicleSafeEnd:
    """Walks through the parts; any further failure only makes it faster."""

    def __init__(
        self, talk: EvccConversation, cause: Cause, story: Story, read_at: float, now: float
    ) -> None:
        """`read_at`: when the reading that the talk has was measured, s."""
        self.cause = cause
        self.energised = talk.closed_once
        self.done = False
        self.outputs = self._at_once(talk)
        self._talk, self._dialogue, self._story = talk, talk.dialogue, story
        self._reading, self._read_at = talk.reading, read_at
        self._parts = list((FAULT if cause.fault else NORMAL)[talk.reached])
        self._part: Part | None = None
        self._until = now
        self._answered = self._said = False
        self.in_b_since = now
        self._unlock_until: float | None = None  # None: contactors may still be closed
        self._weld_seen = cause.error == 'WELD_SUSPECTED'
        self._welding: WeldingDetection | None = None
        self._decay = WeldingDetection(now)  # of the inlet, since the contactors shall be open
        self._told_volts = nan  # V in B, by the charger, or at the inlet while it was measured
        story.enter(Stage.SAFE_END if cause.fault else Stage.STOP)
        self._run(now)

    @staticmethod
    def _at_once(talk: EvccConversation) -> VehicleOutputs:
        """Before PowerDelivery(start) no current can flow: open at once (R1)."""
        if talk.started:
            return talk.outputs
        return replace(talk.outputs, contactor_plus=False, contactor_minus=False)

    @property
    def deadline(self) -> float | None:
        if self.done or self._part is None:
            return None
        welding = self._welding if self._part is Part.WELDING else None
        if welding is not None:
            waiting = self._dialogue.waiting is not None
            due = self._dialogue.asked_at + STOP_ANSWER if waiting else welding.next_at
            return min(self._until, due)
        return self._until

    # Inputs

    def vehicle(self, reading: VehicleReading, now: float) -> None:
        """Take what the vehicle measures."""
        self._reading, self._read_at = reading, measured_at(reading.age, now)
        self._show(reading)
        if self._welding is not None and self._part is Part.WELDING:
            self._welding.read(reading)
        if self._live:
            self._judge(reading, now)
        else:
            self._decay.read(reading)
        self._take_volts(reading.inlet_voltage, now)
        self._run(now)

    def _take_volts(self, volts: float, now: float) -> None:
        """Remember V of a time in B: they count once nothing is measured any more (R3)."""
        if self.outputs.pilot is PilotState.B and now - self.in_b_since >= B_SEEN:
            self._told_volts = or_else(volts, self._told_volts)

    @property
    def _live(self) -> bool:
        """Current may flow: the contactors are not yet told to open."""
        return self.outputs.contactor_plus or self.outputs.contactor_minus

    def _judge(self, reading: VehicleReading, now: float) -> None:
        """Until the contactors open, a stop is watched as the energy loop is (R1)."""
        talk = self._talk
        wrong = talk.watch.reading(reading, talk.step, self.outputs, now, started=talk.started)
        if wrong is not None:
            self.worsen(wrong, now)

    def _show(self, reading: VehicleReading) -> None:
        """While stopping the charger tells no amperes any more: show what is measured."""
        state = self._story.state
        state.present_current = reading.current
        if not isnan(reading.inlet_voltage):
            state.present_voltage = reading.inlet_voltage

    def receive(self, payload_type: int, payload: bytes, now: float) -> None:
        if not self._dialogue.open or self._dialogue.waiting is None:
            return
        heard = self._dialogue.hear(payload_type, payload, self._story)
        if isinstance(heard, Cause):
            self._story.warn(f'while stopping: {heard.reason}')
        else:
            self._heard(heard, now)
        self._run(now)

    def tick(self, now: float) -> None:
        self._run(now)

    def worsen(self, cause: Cause, now: float) -> None:
        """A fault on the way: as fast as a fault's end from here, but only while closed."""
        closed = self._live
        self._weld_seen |= cause.error == 'WELD_SUSPECTED'
        told = cause.error in ('TOLD_TO_END', 'EMERGENCY_STOP')
        if self.cause.fault and cause.latch and not self.cause.latch:
            self.cause = cause  # the outputs go safe already, but only charging/reset helps now
            self._story.warn(cause.reason)
        if self.cause.fault or not (closed or told or cause.latch):
            return
        self.cause = cause
        self._story.warn(cause.reason)
        self._story.enter(Stage.SAFE_END)
        if closed:
            self._pilot_b(now)
            self._parts = [part for part in self._parts if part is not Part.WELDING]
            if self._part is Part.SAY_STOP:
                self._hurry(now)
        self._run(now)

    def _hurry(self, now: float) -> None:
        if not self._said:
            self._say(Step.STOP, now)
        self._answered = True

    def disconnected(self, now: float) -> None:
        """Nothing more can be said; the rest goes on."""
        self._dialogue.lost()
        self._run(now)

    # From part to part

    def _run(self, now: float) -> None:
        self._unlock(now)
        while not self.done and (self._part is None or self._over(self._part, now)):
            if self._part is not None:
                self._leave(self._part, now)
            if not self._parts:
                self.done = True
                return
            self._part = self._parts.pop(0)
            self._begin(self._part, now)

    def _begin(self, part: Part, now: float) -> None:
        if part in _STAGES and not self.cause.fault:
            self._story.enter(_STAGES[part])
        self._answered = self._said = False
        self._until = now + _PATIENCE.get(part, 0.0)
        if part in _TALK and self._unlock_until is None:
            self._unlock_until = now + UNLOCK_TIME
        match part:
            case Part.PILOT_B:
                self._pilot_b(now)
            case Part.CURRENT_DOWN:
                self._until = self.in_b_since + CURRENT_DOWN
            case Part.OPEN:
                self.outputs = replace(self.outputs, contactor_plus=False, contactor_minus=False)
            case Part.WELDING:
                self._welding = WeldingDetection(now)
                self._welding.read(self._reading)
            case Part.CLOSE:
                self._dialogue.close(self._story)
            case Part.SAY_STOP_ONCE:
                self._say(Step.STOP, now)
            case Part.UNLOCK:
                self._until = self._unlock_until or now

    def _over(self, part: Part, now: float) -> bool:
        match part:
            case Part.SAY_STOP | Part.SESSION_STOP:
                return self._exchanged(_SAYS[part], now)
            case Part.CURRENT_DOWN:
                limit = FAULT_CURRENT if self.cause.fault else NORMAL_CURRENT
                told = self._read_at > self.in_b_since  # one from before says nothing of now
                low = self._measured(now).flowing <= limit
                return (told and low) or now >= self._until
            case Part.OPEN:
                return self._opened(now)
            case Part.WELDING:
                return self._welded(now)
            case Part.UNLOCK:
                return self._unlocked(now)
        return True

    def _leave(self, part: Part, now: float) -> None:
        if part is Part.OPEN:
            self.outputs = replace(self.outputs, isolation_monitor_off=False)
            if self._measured(now).any_closed:
                self._weld('a contactor is still closed after it was opened')
        elif part is Part.SAY_STOP:
            self._dialogue.forget()
        elif part is Part.WELDING and self._welding_suspected(now):
            self._weld("the inlet's voltage does not fall with open contactors")

    def _welding_suspected(self, now: float) -> bool:
        """What is stale accuses nobody."""
        welding, fresh = self._welding, now - self._read_at <= STALE
        return welding is not None and fresh and welding.suspected(self._reading)

    def _weld(self, reason: str) -> None:
        self._weld_seen = True
        self.cause = fault('WELD_SUSPECTED', reason, retry=False, latch=True)
        self._story.warn(reason)

    # Parts

    def _pilot_b(self, now: float) -> None:
        if self.outputs.pilot is not PilotState.B:
            self.in_b_since = now
        self.outputs = replace(self.outputs, pilot=PilotState.B)

    def _exchanged(self, step: Step, now: float) -> bool:
        """Say it as soon as nothing is outstanding, and wait for the answer."""
        if not self._dialogue.open or self._answered:
            return True
        if self._said:
            return now >= self._until
        late = self._dialogue.asked_at + OUTSTANDING
        if self._dialogue.waiting is None or now >= late:
            self._say(step, now)
            self._until = now + STOP_ANSWER
        else:
            self._until = late
        return False

    def _say(self, step: Step, now: float) -> None:
        if self._dialogue.open:
            ask = self._talk.demand.ask(
                step, self._dialogue.session_id, self._reading, self._talk.charger
            )
            self._dialogue.ask(ask, self._story, now)
        self._said = True

    def _heard(self, answer: Answer, now: float) -> None:
        self._story.state.response_code = answer.code
        self._answered = self._answered or answer.step is _SAYS.get(self._part)
        welding = answer.step is Step.WELDING_DETECTION
        if welding and self._welding is not None:
            self._welding.told(answer.present_voltage)
            self._told_volts = or_else(answer.present_voltage, self._told_volts)
        self._take_volts(answer.present_voltage, now)
        wrong = self._told_wrong(answer, now)
        if wrong is not None and wrong.fault:
            self.worsen(wrong, now)

    def _told_wrong(self, answer: Answer, now: float) -> Cause | None:
        """What a response says, also a late one; in B a charger may refuse what came before."""
        if self.outputs.pilot is PilotState.C:
            wrong = told_by(answer, answer.step)
        else:
            wrong = told_by(replace(answer, code=Code.OK.value), Step.STOP)
        if wrong is not None and wrong.fault:
            return wrong
        return self._talk.watch.answer(answer, self._talk.step, self._reading, now)

    def _opened(self, now: float) -> bool:
        return self._measured(now).open or now >= self._until

    def _welded(self, now: float) -> bool:
        welding = self._welding
        if welding is None or welding.over(now) or not self._dialogue.open:
            return True
        if self._dialogue.waiting is not None and now >= self._dialogue.asked_at + STOP_ANSWER:
            self._dialogue.forget()
            return True
        if self._dialogue.waiting is None and now >= welding.next_at:
            welding.next_at = now + PACE
            self._say(Step.WELDING_DETECTION, now)
        return False

    def _unlock(self, now: float) -> None:
        """As soon as it may be, whatever is still to be said (R3)."""
        may = self._unlock_until is not None and now <= self._unlock_until
        if may and self.outputs.lock and not self.why_locked(now):
            self.outputs = replace(self.outputs, lock=False)

    def _unlocked(self, now: float) -> bool:
        self._unlock(now)
        if not self.outputs.lock:
            return True
        if now < self._until:
            return False
        if not self._weld_seen and self._stays_live(now):
            self._weld('the inlet stays live with open contactors')
        why = self.why_locked(now)
        self._story.warn(f'the plug stays locked: {why}; see charging/release_lock')
        return True

    def _stays_live(self, now: float) -> bool:
        """The inlet has not fallen, and it may be the pack that is there (R4)."""
        reading = self._measured(now)
        volts = abs(reading.inlet_voltage)
        packs = self.energised or abs(volts - reading.pack_voltage) <= TOO_FAR
        return not isnan(volts) and packs and self._decay.suspected(reading)

    def why_locked(self, now: float) -> str:
        """Why the plug must stay locked (R3)."""
        reading = self._reading if now - self._read_at <= STALE else None
        since_b, told = now - self.in_b_since, self._told_volts
        return why_locked(reading, since_b, weld=self._weld_seen, told=told)

    def _measured(self, now: float) -> VehicleReading:
        """The last reading; one that shows nothing where it is stale."""
        return self._reading if now - self._read_at <= STALE else VehicleReading()


_SAYS: dict[Part | None, Step] = {
    Part.SAY_STOP: Step.STOP,
    Part.SESSION_STOP: Step.SESSION_STOP,
}
_PATIENCE = {
    Part.SAY_STOP: STOP_ANSWER,
    Part.OPEN: OPENING_TIME,
    Part.WELDING: DURATION,
    Part.SESSION_STOP: STOP_ANSWER,
}
