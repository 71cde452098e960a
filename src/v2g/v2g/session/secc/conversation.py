# SPDX-License-Identifier: Apache-2.0
"""The charger's answers, and what its output does for them (R13, lessons 60, 66, 69, 88)."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, nan

from v2g.session import waits
from v2g.session.cause import Cause, fault, wish
from v2g.session.dialect import Timers
from v2g.session.evcc.demand import least
from v2g.session.exchange import Answer, Ask, Code, Health, Notification, Step
from v2g.session.outputs import SupplyOutputs
from v2g.session.readings import Isolation, PilotState, SupplyReading, Switch
from v2g.session.secc.authorization import Authorization
from v2g.session.secc.cable_check import CableCheck, Part
from v2g.session.secc.ledger import Ledger
from v2g.session.secc.notes import VehicleNotes
from v2g.session.secc.patience import Patience
from v2g.session.secc.regulation import has_power, limits_of, off, regulated
from v2g.session.secc.replies import Replies
from v2g.session.secc.rise import Rise
from v2g.session.secc.settings import SeccSettings
from v2g.session.secc.setup import set_up
from v2g.session.secc.supervision import LOW_CURRENT, Supervision
from v2g.session.stage import Stage

PRECHARGE_CURRENT = 2.0  # A
REACHED = 20.0  # V between the output and what PreCharge asks for (IEC 61851-23)
TOO_LOW = 0.5  # of what PreCharge asked for: an output that never came up
ACHIEVED = 0.99  # of a limit
DIGITAL = 0.05  # duty of the pilot
CURRENT_DOWN = 1.0  # s after C, then the contactors open whatever flows
_WANTS = (PilotState.C, PilotState.D)

_WITH_STATUS = (
    Step.CHARGE_PARAMETERS,
    Step.CABLE_CHECK,
    Step.PRECHARGE,
    Step.START,
    Step.CHARGE_LOOP,
    Step.STOP,
    Step.WELDING_DETECTION,
)


class SeccConversation:
    """Answers one request after the other; `cause` says when and why it must end."""

    def __init__(
        self,
        replies: Replies,
        settings: SeccSettings,
        timers: Timers,
        authorization: Authorization,
        notes: VehicleNotes,
        now: float,
    ) -> None:
        self.replies = replies
        self.patience = Patience(timers, now)
        self.cause: Cause | None = None
        self.outputs = SupplyOutputs(duty=DIGITAL)
        self.started = False  # PowerDelivery(start) was answered
        self.supply = SupplyReading()
        self.pilot = PilotState.UNKNOWN
        self.off_at = -inf  # s, when the output was told off last
        self.cable_check: CableCheck | None = None
        self._settings, self._timers = settings, timers
        self._notes, self._story = notes, notes.story
        self._authorization = authorization
        self._supervision = Supervision()
        self._ledger = Ledger(notes.story, now)
        self._schedule_power = nan
        self._left_c_at: float | None = None  # after PowerDelivery(stop)
        self._rise = Rise()
        self._measured_at = -inf  # s, when the supply measured what it told last

    @property
    def step(self) -> Step:
        """The step that was asked for last."""
        return Step.PRECHARGE if self.held else self.replies.last or Step.APP_PROTOCOL

    @property
    def held(self) -> Ask | None:
        """A request that is not answered yet (R13)."""
        return self._rise.held

    @property
    def stopping(self) -> str:
        """Why the vehicle is asked to stop."""
        return self.patience.stopping

    @property
    def deadline(self) -> float:
        due = [self.patience.deadline, self._rise.deadline]
        check = self._open_check
        if check is not None and check.part is Part.WAITING:
            due.append(check.pilot_until)
        if self._left_c_at is not None and self.outputs.contactors:
            due.append(self._left_c_at + CURRENT_DOWN)
        return min(due)

    # Inputs

    def receive(self, payload_type: int, payload: bytes, now: float) -> None:
        if self.cause is not None or not self.replies.open:
            return
        self._answer_held()
        heard = self.replies.hear(payload_type, payload, self._story)
        self._notes.offered(self.replies.offered)
        if isinstance(heard, Cause):
            self.cause = heard
            return
        if heard.step is Step.APP_PROTOCOL:
            self._story.climb(Stage.APP_PROTOCOL)
            self._story.state.protocol = self.replies.dialect.name
        else:
            self._answer(heard, now)

    def measured(
        self, supply: SupplyReading, measured_at: float, pilot: PilotState, now: float
    ) -> None:
        """Take what supply and pilot show, and when the supply measured that."""
        self.supply, self._measured_at, self.pilot = supply, measured_at, pilot
        self._ledger.show(supply)
        self._check_cable(now)
        self._disconnect(now)
        if self._reached:
            self.patience.owes = False
        self._rise.look(supply.voltage, now)
        self.cause = self.cause or self._judge(now)
        if self.cause is None and not self._below:
            self._answer_held()

    def stop(self, reason: str, now: float) -> None:
        """Ask the vehicle to stop with the next answers; without current it is over at once."""
        self.patience.ask_to_stop(reason, now + self._settings.stop_patience)
        if not self.started:
            self._switch_off(now)
        self._answer_held()

    def tick(self, now: float) -> None:
        if now >= self._rise.deadline:
            self._answer_held()
        self._check_cable(now)
        self._disconnect(now)
        self.cause = self.cause or self.patience.overdue(now)

    # Answers

    def _answer(self, ask: Ask, now: float) -> None:
        self._ledger.learn(ask)
        self._notes.learn(ask, now)
        self._notes.vouch()
        if ask.step <= Step.CHARGE_LOOP:
            self._story.climb(ask.step.stage)
        else:
            self._story.enter(ask.step.stage)
        first = ask.step is not self.step
        self.patience.heard(ask.step, now)
        answer = _ANSWERS[ask.step](self, ask, now)
        if ask.step is not Step.PRECHARGE or first:
            self.patience.owes = answer.ongoing or ask.step is Step.PRECHARGE
        if ask.step is Step.PRECHARGE and self._below and self._rise.hold(ask, now):
            return
        self._reply(self._stop_told(answer))
        if ask.step is Step.CHARGE_PARAMETERS and not answer.ongoing:
            self._story.climb(Stage.CONNECTOR_LOCK)  # the vehicle locks, and shows C

    def _answer_held(self) -> None:
        ask = self._rise.release()
        if ask is not None:
            self._reply(self._stop_told(self._ready(ask, Health.READY)))

    def _stop_told(self, answer: Answer) -> Answer:
        """The answer, and with it that the vehicle shall stop."""
        if not self.stopping or answer.failed or answer.step not in _WITH_STATUS:
            return answer
        return replace(answer, health=Health.SHUTDOWN, notification=Notification.STOP)

    def _reply(self, answer: Answer) -> None:
        answer = replace(answer, session_id=self.replies.session_id)
        self.replies.reply(answer, self._story, close=answer.failed)
        self._story.state.response_code = answer.code
        if answer.failed:
            reason = f'{answer.step.name} is answered {answer.code}'
            self.cause = self.cause or fault(answer.code, reason)

    def _setup(self, ask: Ask, now: float) -> Answer:
        return set_up(ask, self.replies, self._story, self._settings.evse_id)

    def _agree(self, ask: Ask, now: float) -> Answer:
        return Answer(step=ask.step)

    def _authorize(self, ask: Ask, now: float) -> Answer:
        """Ongoing until somebody has decided; who is denied is asked to stop (R17)."""
        if self._authorization.pending:
            self._authorization.consider(self._notes.facts)
        if self._authorization.denied:
            self.stop(self._authorization.reason, now)
        return Answer(step=ask.step, ongoing=self._authorization.pending and not self.stopping)

    def _parameters(self, ask: Ask, now: float) -> Answer:
        self._schedule_power = self._settings.schedule_power or self.supply.max_power
        fits = not self._ledger.vehicle.max_voltage < self.supply.min_voltage
        return Answer(
            step=ask.step,
            code=Code.OK.value if fits else Code.WRONG_PARAMETER.value,
            ongoing=bool(self.stopping),  # it shall not come to a cable check
            health=Health.READY,
            isolation=Isolation.INVALID,
            limits=limits_of(self.supply),
            schedule_power=self._schedule_power,
        )

    def _cable(self, ask: Ask, now: float) -> Answer:
        if self.cable_check is None:
            highest = least(self._ledger.vehicle.max_voltage, self.supply.max_voltage)
            until = now + self._timers.pilot_detection
            self.cable_check = CableCheck(self.outputs, highest, until)
        self._check_cable(now)
        check = self.cable_check
        if check.cause is not None:
            return self._failed(ask, check.isolation)
        done = check.part is Part.FINISHED and not self.stopping
        return Answer(
            step=ask.step,
            ongoing=not done,
            health=Health.READY if done else Health.TESTING_ISOLATION,
            isolation=check.isolation if done else Isolation.INVALID,
        )

    def _failed(self, ask: Ask, isolation: Isolation) -> Answer:
        return Answer(
            step=ask.step,
            code=Code.FAILED.value,
            health=Health.MALFUNCTION,
            isolation=isolation,
            present_voltage=self.supply.voltage,
        )

    @property
    def _open_check(self) -> CableCheck | None:
        """The cable check while the vehicle is at it: not once it has gone on, or shall stop."""
        return self.cable_check if self.step < Step.PRECHARGE and not self.stopping else None

    def _check_cable(self, now: float) -> None:
        check = self._open_check
        if check is not None:
            check.look(self.supply, self.pilot, now)
            self.outputs = check.outputs
            self.cause = self.cause or check.cause

    def _precharge(self, ask: Ask, now: float) -> Answer:
        if not self.stopping:
            asked = ask.target_current if ask.target_current > 0 else PRECHARGE_CURRENT
            self._regulate(ask.target_voltage, min(asked, PRECHARGE_CURRENT))
            self._rise.aim(self.outputs.voltage, self.supply.voltage, now)
        return self._ready(ask, Health.READY)

    def _start(self, ask: Ask, now: float) -> Answer:
        code = self._obstacle(ask)
        if code is not Code.OK:
            self._switch_off(now)
            return replace(self._ready(ask, Health.NOT_READY), code=code.value)
        self.started = True
        self._ledger.begin(now)
        return self._ready(ask, Health.READY)

    def _obstacle(self, ask: Ask) -> Code:
        """Why no current may flow."""
        if ask.profile_power > self._schedule_power:
            return Code.PROFILE_INVALID
        if self.stopping or self.supply.contactors is Switch.OPEN:
            return Code.NOT_APPLIED
        if self.supply.voltage < TOO_LOW * self.outputs.voltage:
            return Code.VOLTAGE_TOO_LOW
        return Code.OK

    def _energy(self, ask: Ask, now: float) -> Answer:
        supply = self.supply
        self._regulate(ask.target_voltage, ask.target_current)
        self._ledger.count(supply, now)
        power = supply.voltage * supply.current
        return replace(
            self._ready(ask, Health.READY if has_power(supply) else Health.NO_POWER),
            present_current=supply.current,
            limits=limits_of(self.supply),
            current_limited=True,  # what satisfied the cars of the field (lesson 88)
            voltage_limited=supply.voltage >= ACHIEVED * self.outputs.voltage,
            power_limited=power >= ACHIEVED * supply.max_power,
        )

    def _switch_off(self, now: float) -> None:
        if self.outputs.output:
            self.off_at = now
        self.outputs = off(self.outputs)

    def _off(self, ask: Ask, now: float) -> Answer:
        self._switch_off(now)
        return self._ready(ask, Health.NOT_READY)

    def _disconnect(self, now: float) -> None:
        """After PowerDelivery(stop), once C is gone, the contactors open (R14)."""
        if self.step < Step.STOP or self.pilot in _WANTS:
            self._left_c_at = None
            return
        self._left_c_at = now if self._left_c_at is None else self._left_c_at
        late = now >= self._left_c_at + CURRENT_DOWN
        told = self._measured_at > self.off_at  # one from before says nothing of now
        if late or (told and abs(self.supply.current) <= LOW_CURRENT):
            self.outputs = replace(self.outputs, contactors=False)

    def _end(self, ask: Ask, now: float) -> Answer:
        self._switch_off(now)
        reason = 'the vehicle ended the session'
        if self.started or self.stopping or self._ledger.full:
            self.cause = wish(self.stopping or reason)
        else:
            self.cause = Cause(f'{reason} before current flowed', 'VEHICLE_STOPS')
        return Answer(step=ask.step)

    def _ready(self, ask: Ask, health: Health) -> Answer:
        return Answer(
            step=ask.step,
            health=health,
            isolation=self._isolation,
            present_voltage=self.supply.voltage,
        )

    @property
    def _isolated(self) -> bool:
        return self.cable_check is not None and self.cable_check.part is Part.FINISHED

    @property
    def _isolation(self) -> Isolation:
        check = self.cable_check
        return check.isolation if check is not None and self._isolated else Isolation.INVALID

    def _regulate(self, volts: float, amperes: float) -> None:
        vehicle = self._ledger.vehicle
        self.outputs = regulated(self.outputs, self.supply, vehicle, volts, amperes)

    @property
    def _reached(self) -> bool:
        """The voltage that PreCharge asks for is there."""
        asked = self.outputs.output and self.step is Step.PRECHARGE
        return asked and abs(self.supply.voltage - self.outputs.voltage) <= REACHED

    @property
    def _below(self) -> bool:
        """The output is on, and below what it is to have."""
        return self.outputs.output and self.supply.voltage < self.outputs.voltage - REACHED

    def waits_for(self, now: float) -> str:
        """What something else than the next message is waited for, as a sentence; empty: none."""
        if self.held is not None:
            wanted = self.outputs.voltage
            return waits.for_voltage('of the output', self.supply.voltage, wanted, 'asked for are')
        if self._authorization.asked is not None and self._authorization.pending:
            return 'waiting for charging/authorize'
        if (check := self._open_check) is not None and (why := check.waits_for(self.pilot)):
            return why
        if self.stopping:
            return f'waiting for the vehicle to stop: {self.stopping}'
        silent = now >= self.patience.heard_at + waits.PATIENCE
        return waits.NEXT_REQUEST if silent else ''

    # What is wrong

    def _judge(self, now: float) -> Cause | None:
        """Leaving C while the output may be live switches it off, and so does a wrong supply."""
        shown = self.cable_check is not None and self.cable_check.part is not Part.WAITING
        live = shown and Step.CABLE_CHECK <= self.step < Step.STOP
        if live and self.pilot is PilotState.B:
            if self.stopping:
                return wish(self.stopping)
            reason = f'the vehicle left state C in {self.step.name}'
            return fault('VEHICLE_LEFT_C', reason, retry=not self.started)
        if live and self._isolated and self.supply.isolation is Isolation.FAULT:
            return fault('ISOLATION_FAULT', 'the isolation has become faulty', retry=False)
        ceiling = self._ledger.ceiling if shown else None
        wanted = self.pilot in _WANTS
        return self._supervision.judge(self.supply, self.outputs, ceiling, now, wanted=wanted)


_ANSWERS: dict[Step, Callable[[SeccConversation, Ask, float], Answer]] = {
    Step.SESSION_SETUP: SeccConversation._setup,
    Step.SERVICE_DISCOVERY: SeccConversation._agree,
    Step.SERVICE_SELECTION: SeccConversation._agree,
    Step.AUTHORIZATION: SeccConversation._authorize,
    Step.CHARGE_PARAMETERS: SeccConversation._parameters,
    Step.CABLE_CHECK: SeccConversation._cable,
    Step.PRECHARGE: SeccConversation._precharge,
    Step.START: SeccConversation._start,
    Step.CHARGE_LOOP: SeccConversation._energy,
    Step.STOP: SeccConversation._off,
    Step.WELDING_DETECTION: SeccConversation._off,
    Step.SESSION_STOP: SeccConversation._end,
}
