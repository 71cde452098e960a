# SPDX-License-Identifier: Apache-2.0
"""The vehicle's way through a session, from supportedAppProtocol to the energy loop."""

from dataclasses import replace
from math import nan

from v2g.session import waits
from v2g.session.cause import Cause, fault, wish
from v2g.session.dialect import Timers
from v2g.session.evcc.demand import (
    Demand,
    least,
    merge,
    out_of_range,
    target_soc,
    unsuitable,
)
from v2g.session.evcc.dialogue import Dialogue, timeout_word
from v2g.session.evcc.interlock import Interlock
from v2g.session.evcc.settings import EvccSettings
from v2g.session.evcc.supervision import told_by
from v2g.session.evcc.watch import Watch
from v2g.session.exchange import Answer, Ask, Limits, Notification, Step
from v2g.session.outputs import VehicleOutputs
from v2g.session.readings import Isolation, PilotState, Switch, VehicleReading
from v2g.session.stage import CHARGER_STOPS
from v2g.session.story import Story

LOOP_PACE = 2.5  # request periods between two requests of a loop before the energy loop (R12)
PRECHARGE_PACE = 0.25  # s at most: two answers must be fresh when contactors close (R9)
CLOSING_TIME = 2.0  # s for contactors with feedback
LIMIT_GRACE = 0.25  # s an answer may be outstanding when a limit has fallen below its request
ROUNDING = 1.001  # of a power that is asked for by its current

_REPEATED = (
    Step.AUTHORIZATION,
    Step.CHARGE_PARAMETERS,
    Step.CABLE_CHECK,
    Step.PRECHARGE,
    Step.CHARGE_LOOP,
)
# What a charger that says Ongoing is waited for.
_ONGOING = {
    Step.AUTHORIZATION: 'waiting for the charger to authorise',
    Step.CHARGE_PARAMETERS: "waiting for the charger's parameters",
    Step.CABLE_CHECK: "waiting for the charger's cable check",
}


class EvccConversation:
    """Asks one step after the other; `cause` says when and why it must end."""

    def __init__(
        self,
        dialogue: Dialogue,
        demand: Demand,
        settings: EvccSettings,
        timers: Timers,
        story: Story,
        reading: VehicleReading,
        now: float,
    ) -> None:
        self.dialogue, self.demand = dialogue, demand
        self.cause: Cause | None = None
        self.step = Step.APP_PROTOCOL
        self.outputs = VehicleOutputs()
        self.reading = reading
        self.started = False  # PowerDelivery(start) was sent
        self.closed_once = False  # the contactors were commanded closed
        self._looped = False  # a CurrentDemandRes was there
        self._ongoing = False  # the charger has not finished this step
        self.charger = Limits()
        self._settings, self._timers, self._story = settings, timers, story
        self._interlock = Interlock(settings.precharge_voltage, settings.inlet_voltage_tolerance)
        self.watch = Watch(settings, reading)
        self._begun_at = self._step_at = self._next_at = self._power_at = now
        self._closing_at: float | None = None
        self._request: tuple[Ask, float] | None = None  # the last one, and the pack's V then
        self._limit_fell_at: float | None = None
        self._changed = False  # the charger's highest voltage, by its last limits
        self._enter(Step.APP_PROTOCOL, now)
        self._go_on(now)

    @property
    def reached(self) -> Step:
        """How far it came (R2): the energy loop begins with its first response."""
        before = self.step is Step.CHARGE_LOOP and not self._looped
        return Step.START if before else self.step

    @property
    def deadline(self) -> float | None:
        due = [self.dialogue.deadline, self._patience, self._setup_until, self._ready_until]
        if self.dialogue.waiting is None and self._closing_at is None:
            if self.step is not Step.CONNECTOR_LOCK:
                due.append(self._next_at)
        elif self._closing_at is not None:
            due.append(self._closed_at)
        if self._limit_fell_at is not None:
            due.append(self._limit_fell_at + LIMIT_GRACE)
        return min((when for when in due if when is not None), default=None)

    # Inputs

    def receive(self, payload_type: int, payload: bytes, now: float) -> None:
        if self.cause is None and self.dialogue.waiting is not None:
            heard = self.dialogue.hear(payload_type, payload, self._story)
            if isinstance(heard, Cause):
                self.cause = heard
            else:
                self._heard(heard, now)
                self._go_on(now)

    def vehicle(self, reading: VehicleReading, now: float) -> None:
        """Take what the vehicle measures."""
        self.reading = reading
        self._story.state.soc = reading.soc
        if self.step is Step.PRECHARGE and self._closing_at is None:
            self._interlock.read(reading, now)
        self.cause = self.cause or self._judge(reading, now)
        self._go_on(now)

    def tick(self, now: float) -> None:
        if self.cause is None:
            self.cause = self.dialogue.timed_out(now) or self._overdue(now)
        self._go_on(now)

    def waits_for(self, now: float) -> str:
        """What something else than the next message is waited for, as a sentence; empty: none."""
        late = self.dialogue.waiting is not None and now >= self.dialogue.asked_at + waits.PATIENCE
        if late:
            return f'waiting for the answer to {self.dialogue.dialect.request_name(self.step)}'
        match self.step:
            case Step.CONNECTOR_LOCK if self.reading.lock is not Switch.CLOSED:
                return 'waiting for the lock'
            case Step.CONNECTOR_LOCK:
                return f'waiting for the pilot: it shows {self.reading.pilot.name}, not C'
            case Step.PRECHARGE if self._closing_at is not None:
                return 'waiting for the contactors'
            case Step.PRECHARGE:
                return self._interlock.lacks(self.reading)
        return _ONGOING.get(self.step, '') if self._ongoing else ''

    # What is heard

    def _heard(self, answer: Answer, now: float) -> None:
        self._learn(answer, now)
        self._looped |= self.step is Step.CHARGE_LOOP
        self._ongoing = answer.ongoing
        self.cause = told_by(answer, self.step)
        if self.cause is not None:
            if not self.cause.fault and self.step is Step.CHARGE_LOOP:
                self._story.enter(self.step.stage, CHARGER_STOPS)
        elif answer.notification is Notification.RENEGOTIATE:
            self._story.note('the charger asks to renegotiate, which DIN does not know: ignored')
        if self.cause is None or not self.cause.fault:
            wrong = self.watch.answer(answer, self.step, self.reading, now)
            self.cause = wrong or self.cause or self._outgrown(answer)
        if self.step is Step.CHARGE_LOOP and (self.cause is None or not self.cause.fault):
            self._count(answer, now)
        if self.cause is None and not answer.ongoing:
            self._conclude(answer, now)

    def _outgrown(self, answer: Answer) -> Cause | None:
        """R11 is asked again when the charger's voltages change."""
        if self.step is not Step.CHARGE_LOOP or answer.limits is None or not self._changed:
            return None
        why_not = out_of_range(self.reading.pack_voltage, self.charger)
        return Cause(why_not, 'UNSUITABLE_CHARGER', retry=False) if why_not else None

    def _conclude(self, answer: Answer, now: float) -> None:
        """A step's answer is there: what it means for the next."""
        match self.step:
            case Step.CHARGE_PARAMETERS:
                self._suits(now)
            case Step.CABLE_CHECK:
                self._cable_checked(answer, now)
            case Step.PRECHARGE:
                asked = self._request[0].target_voltage if self._request else nan
                self._interlock.told(answer, self.reading, asked, now)
            case Step.CHARGE_LOOP:
                pass
            case _:
                self._enter(_after(self.step), now)

    def _suits(self, now: float) -> None:
        wanted = self.demand.limited(self.reading)
        why_not = unsuitable(wanted, self.charger, self._settings.minimum_current)
        if why_not:
            self.cause = Cause(why_not, 'UNSUITABLE_CHARGER', retry=False)
            return
        self._enter(Step.CONNECTOR_LOCK, now)
        self.outputs = replace(self.outputs, lock=True)

    def _cable_checked(self, answer: Answer, now: float) -> None:
        if answer.isolation is Isolation.INVALID:
            reason = 'the charger ended its cable check without a valid isolation'
            self.cause = fault('ISOLATION_INVALID', reason)
            return
        self._interlock.checked(answer, now)
        self._enter(Step.PRECHARGE, now)

    def _learn(self, answer: Answer, now: float) -> None:
        state = self._story.state
        state.response_code = answer.code
        if answer.health is not None:
            state.charger_status = answer.status
            state.charger_notification = answer.notification.name
        if answer.isolation is not None:
            state.isolation = answer.isolation.name
        if answer.limits is not None:
            self._limited(answer.limits)
        match self.step:
            case Step.APP_PROTOCOL:
                state.protocol = self.dialogue.dialect.name
            case Step.SESSION_SETUP:
                state.session_id = answer.session_id
                state.evse_id = readable(answer.evse_id)
            case Step.CHARGE_LOOP:
                state.present_voltage = answer.present_voltage
                state.present_current = answer.present_current
            case Step.PRECHARGE:
                state.present_voltage = answer.present_voltage

    def _count(self, answer: Answer, now: float) -> None:
        """Add what has flowed since the last answer, of one that was judged."""
        watts = max(0.0, answer.present_voltage) * max(0.0, answer.present_current)
        self._story.state.energy += watts * (now - self._power_at) / 3600
        self._power_at = now

    def _limited(self, limits: Limits) -> None:
        full, before = self.step is Step.CHARGE_PARAMETERS, self.charger.max_voltage
        self.charger = merge(Limits() if full else self.charger, limits)
        state = self._story.state
        for name in ('max_voltage', 'min_voltage', 'max_current', 'min_current', 'max_power'):
            setattr(state, f'charger_{name}', getattr(self.charger, name))
        self._changed = self.charger.max_voltage != before

    # What is measured

    def _judge(self, reading: VehicleReading, now: float) -> Cause | None:
        wrong = self.watch.reading(reading, self.step, self.outputs, now, started=self.started)
        if wrong is None and self.step is Step.CHARGE_LOOP:
            self._watch_limit(reading, now)
        return wrong or self._enough(reading)

    def _watch_limit(self, reading: VehicleReading, now: float) -> None:
        """A limit below the last request must be told soon (R10)."""
        if self.dialogue.waiting is None or not self._exceeds(reading):
            self._limit_fell_at = None
        elif self._limit_fell_at is None:
            self._limit_fell_at = now

    def _exceeds(self, reading: VehicleReading) -> bool:
        """The last request is above what the vehicle now takes."""
        if self._request is None:
            return False
        ask, volts = self._request
        return (
            least(reading.max_current, reading.max_inlet_current) < ask.target_current
            or reading.max_power * ROUNDING < ask.target_current * volts
            or reading.max_voltage < ask.target_voltage
        )

    def _enough(self, reading: VehicleReading) -> Cause | None:
        if not reading.charge_wanted:
            return wish('the vehicle does not want to charge any more')
        if self.step is Step.CHARGE_LOOP and reading.soc >= target_soc(reading):
            return wish(f'the pack has reached {reading.soc:.0%}')
        return None

    # Time

    def _overdue(self, now: float) -> Cause | None:
        if self._patience is not None and now >= self._patience:
            name = self.dialogue.dialect.request_name(self.step)
            doubt = self._interlock.doubt
            reason = f'{name}: not finished in time' + (f': {doubt}' if doubt else '')
            return fault(timeout_word(name) + '_TOTAL', reason)
        if self._closing_at is not None and now >= self._closed_at and not self._closed(now):
            return fault('CONTACTOR_FEEDBACK', 'the contactors do not close', retry=False)
        if self._limit_fell_at is not None and now >= self._limit_fell_at + LIMIT_GRACE:
            return fault('LIMIT_FELL', "the pack's limit fell, and the charger does not answer")
        if self._setup_until is not None and now >= self._setup_until:
            return fault('TIMEOUT_COMMUNICATION_SETUP', 'no session in time')
        if self._ready_until is not None and now >= self._ready_until:
            return fault('TIMEOUT_READY_TO_CHARGE', 'the charger was not ready in time')
        return None

    @property
    def _setup_until(self) -> float | None:
        before = self.step <= Step.SESSION_SETUP
        return self._begun_at + self._timers.communication_setup if before else None

    @property
    def _ready_until(self) -> float | None:
        return self._begun_at + self._timers.ready_to_charge if not self.started else None

    @property
    def _patience(self) -> float | None:
        total = self._timers.total.get(self.step)
        return None if total is None else self._step_at + total

    @property
    def _period(self) -> float:
        if self.step is Step.CHARGE_LOOP:
            return self._settings.request_period
        pace = self._settings.request_period * LOOP_PACE if self.step in _REPEATED else 0.0
        return min(pace, PRECHARGE_PACE) if self.step is Step.PRECHARGE else pace

    # The next step

    def _enter(self, step: Step, now: float) -> None:
        self.step, self._step_at, self._next_at = step, now, now
        self._power_at, self._ongoing = now, False
        self._story.state.reason = ''
        self._story.enter(step.stage)

    def _go_on(self, now: float) -> None:
        """Do what may be done now."""
        if self.cause is not None:
            return
        if self.step is Step.CONNECTOR_LOCK:
            self._lock(now)
        elif self.step is Step.PRECHARGE:
            self._close(now)
        speaks = self.step is not Step.CONNECTOR_LOCK and self._closing_at is None
        if speaks and self.dialogue.waiting is None and now >= self._next_at:
            self._ask(now)

    def _lock(self, now: float) -> None:
        """Lock confirmed, then state C, then CableCheck (R8)."""
        if self.reading.lock is not Switch.CLOSED:
            return
        self.outputs = replace(self.outputs, pilot=PilotState.C, isolation_monitor_off=True)
        if self.reading.pilot is PilotState.C:
            self._enter(Step.CABLE_CHECK, now)

    def _close(self, now: float) -> None:
        """Close the contactors when R9 permits, and start when they are closed."""
        if self._closing_at is None:
            if self.dialogue.waiting is None and self._interlock.permits(self.reading, now):
                self._closing_at, self.closed_once = now, True
                self.outputs = replace(self.outputs, contactor_plus=True, contactor_minus=True)
        elif self._closed(now):
            self._closing_at = None
            self._enter(Step.START, now)
        elif not self.reading.any_closed and self._interlock.drifted(self.reading):
            reason = 'the inlet voltage drifted while the contactors were closing'
            self.cause = fault('VOLTAGE_DRIFT', reason, retry=False)

    def _closed(self, now: float) -> bool:
        """Each pole that tells says closed; one that does not has had its time."""
        return self.reading.closed or (not self.reading.any_open and now >= self._closed_at)

    @property
    def _closed_at(self) -> float:
        """When contactors are closed, or must be."""
        waits = self.reading.any_open or self.reading.feedback
        wait = CLOSING_TIME if waits else self._settings.contactor_close_time
        return (self._closing_at or 0.0) + wait

    def _ask(self, now: float) -> None:
        ask = self.demand.ask(
            self.step,
            self.dialogue.session_id,
            self.reading,
            self.charger,
            self._power,
            self._story.state.present_voltage,
        )
        if self.step is Step.START:
            self.started = True
        if self.step in (Step.PRECHARGE, Step.CHARGE_LOOP):
            self._asked_for(ask, now)
        on_time = self._next_at + self._period
        self._next_at = on_time if on_time > now else now + self._period
        self.dialogue.ask(ask, self._story, now)

    def _asked_for(self, ask: Ask, now: float) -> None:
        state = self._story.state
        state.target_voltage, state.target_current = ask.target_voltage, ask.target_current
        state.remaining_time, state.vehicle_error = ask.remaining_time, ask.error
        state.vehicle_max_voltage = ask.limits.max_voltage
        state.vehicle_max_current = ask.limits.max_current
        state.vehicle_max_power = ask.limits.max_power
        self._request = ask, self.reading.pack_voltage
        self.watch.asked_for(ask.target_current, self.reading.max_power, now)

    @property
    def _power(self) -> float:
        state = self._story.state
        return state.present_voltage * state.present_current if self.started else nan


def _after(step: Step) -> Step:
    steps = list(Step)
    return steps[steps.index(step) + 1]


def readable(identity: bytes) -> str:
    """An EVSEID as text where it is text, else in hexadecimal (lesson 89)."""
    text = identity.decode('ascii', 'replace')
    return text if text.isascii() and text.isprintable() and text else identity.hex()
