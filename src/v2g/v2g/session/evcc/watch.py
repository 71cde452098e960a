# SPDX-License-Identifier: Apache-2.0
"""What a session's readings and answers are judged by, in its conversation and its end (R1)."""

from math import nan

from v2g.session.cause import Cause, fault
from v2g.session.evcc.demand import or_else
from v2g.session.evcc.settings import EvccSettings
from v2g.session.evcc.supervision import (
    Mismatch,
    ailing,
    disagrees,
    missing,
    over_current,
    over_power,
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
        self._pack_mismatch = Mismatch(settings.inlet_voltage_tolerance)
        self._told_volts = nan  # V, by the charger
        self._told = told_of(reading)
        # When, A, and W that the vehicle took then: requests that explain what flows.
        self._asked: list[tuple[float, float, float]] = []

    def asked_for(self, amperes: float, watts: float, now: float) -> None:
        """Take the current of a request (A), and what power the vehicle takes now (W)."""
        recent = [one for one in self._asked if now - one[0] < DECAY]
        higher = [one for one in recent if one[1] > amperes or one[2] > watts]
        self._asked = [*higher, (now, amperes, watts)]

    def reading(
        self,
        reading: VehicleReading,
        step: Step,
        outputs: VehicleOutputs,
        now: float,
        *,
        started: bool,
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
            volts = or_else(reading.inlet_voltage, reading.pack_voltage)
            wrong = (
                _opened_by_itself(reading)
                or self._too_much(volts, reading.current)
                or self._pack_apart(reading, now)
            )
        return wrong

    def _too_much(self, volts: float, amperes: float) -> Cause | None:
        asked = max((one[1] for one in self._asked), default=0.0)
        allowed = max((one[2] for one in self._asked), default=0.0)
        return over_current(amperes, asked) or over_power(volts, amperes, allowed)

    def _pack_apart(self, reading: VehicleReading, now: float) -> Cause | None:
        """Behind closed contactors pack and inlet have one voltage."""
        inlet = or_else(reading.inlet_voltage, self._told_volts)
        if not self._pack_mismatch.lasts(reading.pack_voltage, inlet, now):
            return None
        reason = f'the pack has {reading.pack_voltage:.0f} V, the inlet {inlet:.0f} V'
        return fault('PACK_VOLTAGE_MISMATCH', reason, retry=False)

    def answer(
        self, answer: Answer, step: Step, reading: VehicleReading, now: float
    ) -> Cause | None:
        """What the charger tells of its output, against the pack, the request and the inlet."""
        told = answer.present_voltage
        wrong = over_voltage(told, step, reading)
        if wrong is None and step is Step.CHARGE_LOOP:
            self._told_volts = or_else(told, self._told_volts)
            wrong = self._too_much(told, answer.present_current)
        if wrong is None and step in (Step.PRECHARGE, Step.CHARGE_LOOP):
            wrong = self._inlet_apart(told, reading, now)
        return wrong

    def _inlet_apart(self, told: float, reading: VehicleReading, now: float) -> Cause | None:
        if not self._mismatch.lasts(told, reading.inlet_voltage, now):
            return None
        reason = f'the inlet has {reading.inlet_voltage:.0f} V, the charger tells {told:.0f} V'
        return fault('INLET_VOLTAGE_MISMATCH', reason)


def _live_too_early(reading: VehicleReading, step: Step, outputs: VehicleOutputs) -> Cause | None:
    asked_for = step >= Step.CABLE_CHECK or outputs.pilot is PilotState.C
    reason = '' if asked_for else live(reading)
    return fault('INLET_LIVE', reason, retry=False) if reason else None


def _opened_by_itself(reading: VehicleReading) -> Cause | None:
    if reading.any_open:
        return fault('CONTACTOR_FEEDBACK', 'a contactor has opened by itself', retry=False)
    return None
