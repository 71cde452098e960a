# SPDX-License-Identifier: Apache-2.0
"""The charger's answers, and what its output does for them (R13, lessons 60, 66, 69, 88)."""

from collections.abc import Callable
from dataclasses import replace
from math import isnan

from v2g.session.cause import Cause, fault, wish
from v2g.session.dialect import Timers
from v2g.session.evcc.demand import least, merge
from v2g.session.exchange import Answer, Ask, Code, Health, Limits, Notification, Step
from v2g.session.outputs import SupplyOutputs
from v2g.session.readings import Isolation, PilotState, SupplyReading
from v2g.session.secc.cable_check import CableCheck, Part
from v2g.session.secc.replies import Replies
from v2g.session.secc.settings import SeccSettings
from v2g.session.stage import Stage
from v2g.session.story import Story

PRECHARGE_CURRENT = 2.0  # A
ACHIEVED = 0.99  # of a limit
DIGITAL = 0.05  # duty of the pilot

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
        story: Story,
        now: float,
    ) -> None:
        self.replies = replies
        self.cause: Cause | None = None
        self.outputs = SupplyOutputs(duty=DIGITAL)
        self.started = False  # PowerDelivery(start) was answered
        self.stopping = ''  # why the vehicle is asked to stop
        self.supply = SupplyReading()
        self.pilot = PilotState.UNKNOWN
        self.vehicle = Limits()
        self.cable_check: CableCheck | None = None
        self._settings, self._timers, self._story = settings, timers, story
        self._heard_at = self._begun_at = self._step_at = self._power_at = now
        self._stop_until: float | None = None

    @property
    def step(self) -> Step:
        """The step that was answered last."""
        return self.replies.last or Step.APP_PROTOCOL

    @property
    def deadline(self) -> float | None:
        due = [self._sequence_until, self._stop_until, self._total_until]
        if self.cable_check is not None and self.cable_check.part is Part.WAITING:
            due.append(self.cable_check.pilot_until)
        return min((when for when in due if when is not None), default=None)

    # Inputs

    def receive(self, payload_type: int, payload: bytes, now: float) -> None:
        if self.cause is not None or not self.replies.open:
            return
        heard = self.replies.hear(payload_type, payload, self._story)
        if isinstance(heard, Cause):
            self.cause = heard
            return
        self._heard_at = now
        if heard.step is Step.APP_PROTOCOL:
            self._story.climb(Stage.APP_PROTOCOL)
            self._story.state.protocol = self.replies.dialect.name
        else:
            self._answer(heard, now)

    def measured(self, supply: SupplyReading, pilot: PilotState, now: float) -> None:
        """Take what supply and pilot show."""
        self.supply, self.pilot = supply, pilot
        self._show()
        if self.cable_check is not None and self.step < Step.PRECHARGE:
            self._check_cable(now)
        self.cause = self.cause or self._judge()

    def stop(self, reason: str, now: float) -> None:
        """Ask the vehicle to stop with the next answers."""
        if not self.stopping:
            self.stopping = reason
            self._stop_until = now + self._settings.stop_patience

    def tick(self, now: float) -> None:
        if self.cause is None and self.deadline is not None and now >= self.deadline:
            self.cause = self._overdue(now)

    # Answers

    def _answer(self, ask: Ask, now: float) -> None:
        if ask.step is not self.step:
            self._step_at = now
        self._learn(ask)
        if ask.step <= Step.CHARGE_LOOP:
            self._story.climb(ask.step.stage)
        else:
            self._story.enter(ask.step.stage)
        answer = _ANSWERS[ask.step](self, ask, now)
        answer = replace(answer, session_id=self.replies.session_id)
        if ask.step in _WITH_STATUS and self.stopping and answer.health is not None:
            answer = replace(answer, health=Health.SHUTDOWN, notification=Notification.STOP)
        self.replies.reply(answer, self._story, close=answer.failed)
        self._story.state.response_code = answer.code
        if ask.step is Step.CHARGE_PARAMETERS and not answer.ongoing:
            self._story.climb(Stage.CONNECTOR_LOCK)  # the vehicle locks, and shows C

    def _setup(self, ask: Ask, now: float) -> Answer:
        state = self._story.state
        state.session_id = self.replies.found()
        state.evcc_id = ask.evcc_id.hex()
        state.evse_id = self._settings.evse_id
        return Answer(
            step=ask.step,
            code=Code.NEW_SESSION.value,
            evse_id=self._settings.evse_id.encode('ascii', 'replace')[:32],
        )

    def _agree(self, ask: Ask, now: float) -> Answer:
        return Answer(step=ask.step)

    def _parameters(self, ask: Ask, now: float) -> Answer:
        power = self._settings.schedule_power or self.supply.max_power
        return Answer(
            step=ask.step,
            health=Health.READY,
            isolation=Isolation.INVALID,
            limits=self.limits,
            schedule_power=power,
        )

    def _cable(self, ask: Ask, now: float) -> Answer:
        if self.cable_check is None:
            highest = least(self.vehicle.max_voltage, self.supply.max_voltage)
            until = now + self._timers.pilot_detection
            self.cable_check = CableCheck(self.outputs, highest, until)
        self._check_cable(now)
        check = self.cable_check
        if check.cause is not None:
            return self._failed(ask, check.isolation)
        done = check.part is Part.FINISHED
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

    def _check_cable(self, now: float) -> None:
        check = self.cable_check
        if check is not None:
            check.look(self.supply, self.pilot, now)
            self.outputs = check.outputs
            self.cause = self.cause or check.cause

    def _precharge(self, ask: Ask, now: float) -> Answer:
        asked = ask.target_current if ask.target_current > 0 else PRECHARGE_CURRENT
        self._regulate(ask.target_voltage, min(asked, PRECHARGE_CURRENT))
        return self._ready(ask, Health.READY)

    def _start(self, ask: Ask, now: float) -> Answer:
        self.started, self._power_at = True, now
        return self._ready(ask, Health.READY)

    def _energy(self, ask: Ask, now: float) -> Answer:
        by_power = self.supply.max_power / max(self.supply.voltage, 1.0)
        highest = least(self.vehicle.max_current, self.supply.max_current, by_power)
        self._regulate(ask.target_voltage, min(ask.target_current, highest))
        self._count(now)
        supply = self.supply
        power = supply.voltage * supply.current
        return replace(
            self._ready(ask, Health.READY),
            present_current=supply.current,
            limits=self.limits,
            current_limited=True,  # what satisfied the cars of the field (lesson 88)
            voltage_limited=supply.voltage >= ACHIEVED * self.outputs.voltage,
            power_limited=power >= ACHIEVED * supply.max_power,
        )

    def _off(self, ask: Ask, now: float) -> Answer:
        self.outputs = off(self.outputs)
        return self._ready(ask, Health.NOT_READY)

    def _end(self, ask: Ask, now: float) -> Answer:
        self.outputs = off(self.outputs)
        reason = 'the vehicle ended the session'
        if self.started or self.stopping:
            self.cause = wish(self.stopping or reason)
        else:
            self.cause = Cause(f'{reason} before current flowed', 'VEHICLE_STOPS')
        return Answer(step=ask.step)

    def _ready(self, ask: Ask, health: Health) -> Answer:
        return Answer(
            step=ask.step,
            health=health,
            isolation=Isolation.VALID if self._isolated else Isolation.INVALID,
            present_voltage=self.supply.voltage,
        )

    @property
    def _isolated(self) -> bool:
        return self.cable_check is not None and self.cable_check.part is Part.FINISHED

    def _regulate(self, volts: float, amperes: float) -> None:
        """Never above a limit of either side (R13)."""
        highest = least(self.vehicle.max_voltage, self.supply.max_voltage)
        self.outputs = replace(
            self.outputs,
            output=True,
            contactors=True,
            voltage=max(0.0, min(volts, highest)),
            current=max(0.0, amperes),
        )

    # State

    @property
    def limits(self) -> Limits:
        """What the supply can."""
        supply = self.supply
        return Limits(
            max_voltage=supply.max_voltage,
            min_voltage=supply.min_voltage,
            max_current=supply.max_current,
            min_current=supply.min_current,
            max_power=supply.max_power,
            ripple=supply.peak_current_ripple,
            tolerance=supply.regulation_tolerance,
        )

    def _learn(self, ask: Ask) -> None:
        state = self._story.state
        if ask.step is Step.CHARGE_PARAMETERS:
            self.vehicle = ask.limits
        elif ask.step is Step.CHARGE_LOOP:
            self.vehicle = merge(self.vehicle, ask.limits)
            state.remaining_time = ask.remaining_time
        if not isnan(ask.soc):
            state.soc, state.vehicle_error = ask.soc, ask.error
        if not isnan(ask.target_voltage):
            state.target_voltage, state.target_current = ask.target_voltage, ask.target_current
        state.vehicle_max_voltage = self.vehicle.max_voltage
        state.vehicle_max_current = self.vehicle.max_current
        state.vehicle_max_power = self.vehicle.max_power

    def _show(self) -> None:
        state, supply = self._story.state, self.supply
        state.present_voltage, state.present_current = supply.voltage, supply.current
        state.charger_max_voltage = supply.max_voltage
        state.charger_min_voltage = supply.min_voltage
        state.charger_max_current = supply.max_current
        state.charger_min_current = supply.min_current
        state.charger_max_power = supply.max_power

    def _count(self, now: float) -> None:
        watts = self.supply.voltage * self.supply.current
        if not isnan(watts):
            self._story.state.energy += watts * (now - self._power_at) / 3600
        self._power_at = now

    # What is wrong

    def _judge(self) -> Cause | None:
        """Leaving C while the output may be live switches it off (R14)."""
        shown = self.cable_check is not None and self.cable_check.part is not Part.WAITING
        live = shown and Step.CABLE_CHECK <= self.step < Step.STOP
        if live and self.pilot is PilotState.B:
            reason = f'the vehicle left state C in {self.step.name}'
            return fault('VEHICLE_LEFT_C', reason, retry=not self.started)
        highest = self.vehicle.max_voltage
        if self.started and live and self.supply.voltage > highest * 1.1:
            return fault('OVERVOLTAGE', f'the output has {self.supply.voltage:.0f} V')
        return None

    def _overdue(self, now: float) -> Cause:
        if self._stop_until is not None and now >= self._stop_until:
            return fault('VEHICLE_IGNORES_STOP', f'{self.stopping}; the vehicle went on')
        if self._total_until is not None and now >= self._total_until:
            return fault(f'TIMEOUT_{self.step.name}', f'{self.step.name} took too long')
        if now < self._sequence_until:
            return fault('NO_STATE_C', 'the vehicle does not show state C')
        return fault('TIMEOUT_SEQUENCE', 'the vehicle asked nothing in time')

    @property
    def _sequence_until(self) -> float:
        """V2G_SECC_Sequence_Timeout, or the set-up of the session before it."""
        if self.replies.last is None:
            return self._begun_at + self._timers.secc_communication_setup
        in_loop = self.step in (Step.START, Step.CHARGE_LOOP)
        wait = self._timers.sequence_in_loop if in_loop else self._timers.sequence
        return self._heard_at + wait

    @property
    def _total_until(self) -> float | None:
        total = self._timers.secc_total.get(self.step)
        return None if total is None else self._step_at + total


def off(outputs: SupplyOutputs) -> SupplyOutputs:
    """The same without power."""
    return replace(outputs, output=False, voltage=0.0, current=0.0, isolation_test=False)


_ANSWERS: dict[Step, Callable[[SeccConversation, Ask, float], Answer]] = {
    Step.SESSION_SETUP: SeccConversation._setup,
    Step.SERVICE_DISCOVERY: SeccConversation._agree,
    Step.SERVICE_SELECTION: SeccConversation._agree,
    Step.AUTHORIZATION: SeccConversation._agree,
    Step.CHARGE_PARAMETERS: SeccConversation._parameters,
    Step.CABLE_CHECK: SeccConversation._cable,
    Step.PRECHARGE: SeccConversation._precharge,
    Step.START: SeccConversation._start,
    Step.CHARGE_LOOP: SeccConversation._energy,
    Step.STOP: SeccConversation._off,
    Step.WELDING_DETECTION: SeccConversation._off,
    Step.SESSION_STOP: SeccConversation._end,
}
