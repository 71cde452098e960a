# SPDX-License-Identifier: Apache-2.0
"""What a session's readings and answers are judged by, in its conversation and its end (R1)."""

from v2g.session.cause import Cause, fault
from v2g.session.evcc.settings import EvccSettings
from v2g.session.evcc.supervision import (
    Mismatch,
    ailing,
    disagrees,
    missing,
    over_current,
    over_voltage,
    overheated,
    told_of,
)
from v2g.session.evcc.unlock import live
from v2g.session.exchange import Answer, Step
from v2g.session.outputs import VehicleOutputs
from v2g.session.readings import PilotState, VehicleReading

DECAY = 2.0  # s for which an older, higher request still explains a current


class Watch:
    """Knows what was measured and asked for so far; says what is wrong now."""

    def __init__(self, settings: EvccSettings, reading: VehicleReading) -> None:
        self._hot = settings.inlet_temperature_limit
        self._mismatch = Mismatch(settings.inlet_voltage_tolerance)
        self._told = told_of(reading)
        self._asked: list[tuple[float, float]] = []  # when, A: requests that explain a current

    def asked_for(self, amperes: float, now: float) -> None:
        """Take the current of a request (A)."""
        recent = [(when, other) for when, other in self._asked if now - when < DECAY]
        higher = [(when, other) for when, other in recent if other > amperes]
        self._asked = [*higher, (now, amperes)]

    def reading(
        self, reading: VehicleReading, step: Step, outputs: VehicleOutputs, *, started: bool
    ) -> Cause | None:
        """What is wrong at the vehicle; `started`: PowerDelivery(start) was sent."""
        lost = missing(reading, self._told)
        self._told |= told_of(reading)
        wrong = (
            ailing(reading)
            or lost
            or overheated(reading, self._hot)
            or disagrees(reading, outputs)
            or _live_too_early(reading, step, outputs)
            or over_voltage(reading.inlet_voltage, step, reading)
        )
        if wrong is None and started:
            wrong = _opened_by_itself(reading) or over_current(reading.current, self._explained)
        return wrong

    def answer(
        self, answer: Answer, step: Step, reading: VehicleReading, now: float
    ) -> Cause | None:
        """What the charger tells of its output, against the pack, the request and the inlet."""
        wrong = over_voltage(answer.present_voltage, step, reading)
        if wrong is None and step is Step.CHARGE_LOOP:
            wrong = over_current(answer.present_current, self._explained)
        if wrong is None and step in (Step.PRECHARGE, Step.CHARGE_LOOP):
            wrong = self._mismatch.compare(answer.present_voltage, reading, now)
        return wrong

    @property
    def _explained(self) -> float:
        """A: the highest request that may still flow."""
        return max((amperes for _, amperes in self._asked), default=0.0)


def _live_too_early(reading: VehicleReading, step: Step, outputs: VehicleOutputs) -> Cause | None:
    asked_for = step >= Step.CABLE_CHECK or outputs.pilot is PilotState.C
    reason = '' if asked_for else live(reading)
    return fault('INLET_LIVE', reason, retry=False) if reason else None


def _opened_by_itself(reading: VehicleReading) -> Cause | None:
    if reading.any_open:
        return fault('CONTACTOR_FEEDBACK', 'a contactor has opened by itself', retry=False)
    return None
