# SPDX-License-Identifier: Apache-2.0
"""What the vehicle asks for: targets, limits and times (R10)."""

from collections.abc import Callable
from dataclasses import fields, replace
from math import isnan, nan
from typing import Any

from v2g.session.evcc.settings import EvccSettings
from v2g.session.exchange import Ask, Limits, Step
from v2g.session.readings import VehicleReading

DERATING = 10.0  # K above the inlet's limit in which the current goes down
LEAST_DERATED = 2.0  # A
FULL, BULK = 1.0, 0.8  # where vehicle/status tells no other target
IN_ENERGY = (Step.CABLE_CHECK, Step.PRECHARGE, Step.START, Step.CHARGE_LOOP)  # EVReady


def least(*values: float) -> float:
    """The least of what is known; NaN where nothing is."""
    return min((value for value in values if not isnan(value)), default=nan)


def highest(*values: float) -> float:
    """The highest of what is known; NaN where nothing is."""
    return max((value for value in values if not isnan(value)), default=nan)


def or_else(value: float, otherwise: float) -> float:
    """A value, or another one where it is not known."""
    return otherwise if isnan(value) else value


def target_soc(reading: VehicleReading) -> float:
    """Where the vehicle wants to stop."""
    return or_else(reading.target_soc, FULL)


def merge(old: Limits, new: Limits) -> Limits:
    """Limits of the charger after a message that tells some of them.

    0 W by a charger that has told no power before means that it tells none (lesson 94).
    """
    told = {one.name: getattr(new, one.name) for one in fields(new)}
    told = {name: value for name, value in told.items() if not isnan(value)}
    if told.get('max_power') == 0 and isnan(old.max_power):
        del told['max_power']
    return replace(old, **told)


def target_voltage(reading: VehicleReading, charger: Limits) -> float:
    """V: the limit of the pack, never more than the charger has."""
    return max(0.0, least(reading.max_voltage, charger.max_voltage))


def target_current(reading: VehicleReading, charger: Limits, told: float = nan) -> float:
    """A: the least of pack, inlet, cable, charger, and both powers; `told`: V by the charger."""
    voltage = highest(reading.pack_voltage, reading.inlet_voltage, told)
    powers = least(reading.max_power, charger.max_power)
    by_power = powers / voltage if voltage > 0 else 0.0
    amperes = least(reading.max_current, reading.max_inlet_current, charger.max_current, by_power)
    return max(0.0, or_else(amperes, 0.0))


def derated(amperes: float, temperature: float, limit: float) -> float:
    """A, less where the inlet is hotter (degrees Celsius) than its limit; NaN: not measured."""
    if not temperature > limit:
        return amperes
    share = max(0.0, 1 - (temperature - limit) / DERATING)
    return min(amperes, max(LEAST_DERATED, share * amperes))


def seconds_to(soc: float, reading: VehicleReading, capacity: float, power: float) -> float:
    """S until a state of charge at the present power; NaN where it cannot be known."""
    missing = max(0.0, soc - reading.soc) * capacity
    return 3600 * missing / power if power > 0 else nan


class Demand:
    """Makes the requests of one session."""

    def __init__(
        self,
        settings: EvccSettings,
        evcc_id: bytes,
        limited: Callable[[VehicleReading], VehicleReading] = lambda reading: reading,
    ) -> None:
        self._settings, self._evcc_id = settings, evcc_id
        self.limited = limited  # by the goal of charging/charge

    def ask(
        self,
        step: Step,
        session_id: bytes,
        reading: VehicleReading,
        charger: Limits,
        power: float = nan,
        told: float = nan,
    ) -> Ask:
        """A request with what its step needs; `power`: W that flow, `told`: V by the charger."""
        reading = self.limited(reading)
        return Ask(
            step=step,
            session_id=session_id,
            evcc_id=self._evcc_id,
            ready=step in IN_ENERGY,
            error=error_code(reading),
            soc=reading.soc,
            target_voltage=self._voltage(step, reading, charger),
            target_current=self._current(step, reading, charger, told),
            limits=self._limits(reading),
            full_soc=target_soc(reading),
            bulk_soc=or_else(reading.bulk_soc, BULK),
            bulk_complete=reading.soc >= or_else(reading.bulk_soc, BULK),
            complete=reading.soc >= target_soc(reading),
            **self._energy(reading, power),
        )

    def _energy(self, reading: VehicleReading, power: float) -> dict[str, Any]:
        capacity = or_else(reading.energy_capacity, self._settings.energy_capacity or nan)
        bulk = or_else(reading.bulk_soc, BULK)
        return {
            'energy_capacity': capacity,
            'energy_request': max(0.0, target_soc(reading) - reading.soc) * capacity,
            'remaining_time': seconds_to(target_soc(reading), reading, capacity, power),
            'remaining_bulk_time': seconds_to(bulk, reading, capacity, power),
        }

    def _limits(self, reading: VehicleReading) -> Limits:
        return Limits(
            max_voltage=reading.max_voltage + self._settings.voltage_margin,
            max_current=least(reading.max_current, reading.max_inlet_current),
            max_power=reading.max_power,
        )

    def _voltage(self, step: Step, reading: VehicleReading, charger: Limits) -> float:
        if step is Step.PRECHARGE:
            return least(reading.pack_voltage, charger.max_voltage)
        return target_voltage(reading, charger)

    def _current(self, step: Step, reading: VehicleReading, charger: Limits, told: float) -> float:
        if step is Step.PRECHARGE:
            return self._settings.precharge_current
        amperes = target_current(reading, charger, told)
        limit = self._settings.inlet_temperature_limit
        return derated(amperes, reading.inlet_temperature, limit)


def error_code(reading: VehicleReading) -> str:
    """EVErrorCode of what is wrong with the vehicle."""
    if reading.fault or reading.weld_suspected:
        return 'FAILED_EVRESSMalfunction'
    return 'NO_ERROR'


def out_of_range(volts: float, charger: Limits) -> str:
    """Why a pack of this voltage cannot be charged here (R11); empty where it can."""
    if isnan(volts):
        return 'the pack voltage is not known'
    if charger.min_voltage <= volts <= charger.max_voltage:
        return ''
    return (
        f'the pack has {volts:.0f} V, the charger delivers'
        f' {charger.min_voltage:.0f} to {charger.max_voltage:.0f} V'
    )


def unsuitable(reading: VehicleReading, charger: Limits, minimum_current: float) -> str:
    """Why this charger cannot charge this vehicle (R11); empty where it can."""
    if why_not := out_of_range(reading.pack_voltage, charger):
        return why_not
    if charger.max_current < max(minimum_current, 0.0):
        return f'the charger delivers {charger.max_current:g} A at most'
    if charger.min_current > least(reading.max_current, reading.max_inlet_current):
        return f'the charger delivers no less than {charger.min_current:g} A'
    if charger.max_power < charger.min_voltage * minimum_current:
        return f'the charger delivers {charger.max_power:g} W at most'
    return ''
