# SPDX-License-Identifier: Apache-2.0
"""The simulated cable: what each end shows, and the volts, amperes and pilot that follow.

Both sides compute the same from the same two ends, so no third party keeps the truth.
"""

from enum import IntEnum
import math
from typing import Generic, NamedTuple, TypeVar

SILENCE = 0.5  # s after which an end that says nothing counts as gone
MAX_AGE = 1.0  # s, an older stamp is a played-back bag
_LEAST_RESISTANCE = 1e-3  # ohm


class Pilot(IntEnum):
    """Control pilot states (IEC 61851-1), numbered as in plc_msgs/ControlPilot."""

    UNKNOWN = 0
    A = 1  # not plugged in
    B = 2  # plugged in
    C = 3  # vehicle asks for energy
    D = 4  # the same, with ventilation
    E = 5  # the charger is without power
    F = 6  # charger out of order

    @classmethod
    def _missing_(cls, value: object) -> 'Pilot':
        return cls.UNKNOWN  # a number from outside that means nothing


WANTS_ENERGY = (Pilot.C, Pilot.D)


class VehicleEnd(NamedTuple):
    """What the plug's contacts show to the charger."""

    plugged: bool
    pilot: Pilot  # what the vehicle's resistor shows
    locked: bool
    connected: bool  # the vehicle's contactors join pack and plug
    pack_voltage: float  # V, without load
    pack_resistance: float  # ohm


class ChargerEnd(NamedTuple):
    """What the plug's contacts show to the vehicle."""

    duty: float  # 0..1, of the pilot's oscillation
    out_of_order: bool  # state F
    connected: bool  # the charger's contactors join supply and plug
    voltage: float  # V, what the supply regulates to now
    current_limit: float  # A, what it delivers at most now
    plug_voltage: float  # V at the plug while the vehicle's contactors are open
    ac: bool = False  # a wallbox: mains at the plug
    broken_current: float = 0.0  # A that flowed when its contactors opened last


NO_VEHICLE = VehicleEnd(False, Pilot.A, False, False, 0.0, 1.0)
NO_CHARGER = ChargerEnd(math.nan, False, False, 0.0, 0.0, 0.0)


class Flow(NamedTuple):
    """Voltage and current at one place; amperes are positive towards the vehicle."""

    voltage: float
    current: float


class Line(NamedTuple):
    """The control pilot as one side sees it."""

    state: Pilot
    duty: float  # 0..1; NaN: nothing to measure


def at_inlet(vehicle: VehicleEnd, charger: ChargerEnd) -> Flow:
    """Return what the vehicle's inlet measures."""
    if vehicle.plugged and charger is not NO_CHARGER:
        return _joined(vehicle, charger)
    return Flow(vehicle.pack_voltage if vehicle.connected else 0.0, 0.0)


def at_output(vehicle: VehicleEnd, charger: ChargerEnd) -> Flow:
    """Return what the charger measures on its cable."""
    return _joined(vehicle, charger) if vehicle.plugged else Flow(charger.plug_voltage, 0.0)


def _joined(vehicle: VehicleEnd, charger: ChargerEnd) -> Flow:
    if not vehicle.connected:
        return Flow(charger.plug_voltage, 0.0)
    if not charger.connected:
        return Flow(vehicle.pack_voltage, 0.0)
    headroom = max(0.0, charger.voltage - vehicle.pack_voltage)  # the output's diode: never back
    resistance = max(vehicle.pack_resistance, _LEAST_RESISTANCE)
    current = min(headroom / resistance, charger.current_limit)
    return Flow(vehicle.pack_voltage + current * resistance, current)


def pilot_at_inlet(vehicle: VehicleEnd, charger: ChargerEnd) -> Line:
    """Return the pilot as the vehicle sees it."""
    if not vehicle.plugged:
        return Line(Pilot.A, math.nan)
    if charger is NO_CHARGER:
        return Line(Pilot.E, math.nan)
    return Line(Pilot.F if charger.out_of_order else vehicle.pilot, charger.duty)


def pilot_at_charger(vehicle: VehicleEnd, charger: ChargerEnd) -> Line:
    """Return the pilot as its owner sees it."""
    state = vehicle.pilot if vehicle.plugged else Pilot.A
    return Line(Pilot.F if charger.out_of_order else state, charger.duty)


End = TypeVar('End', bound=VehicleEnd | ChargerEnd)


class FarEnd(Generic[End]):
    """The other end as last heard; an end that is silent for half a second is gone."""

    def __init__(self, gone: End) -> None:
        self._gone = self._last = gone
        self.told_at = -math.inf  # s, when it showed what was heard last
        self.deadline: float | None = None  # s, when silence begins to count

    def hear(self, end: End, age: float, now: float) -> None:
        """Take what the other end shows; what is too old, or no number, is not heard."""
        if abs(age) <= MAX_AGE and all(map(math.isfinite, end)):
            self._last, self.told_at, self.deadline = end, now - age, now + SILENCE

    def at(self, now: float) -> End:
        """Return what the other end shows now."""
        if self.deadline is not None and now >= self.deadline:
            self._last, self.deadline = self._gone, None
        return self._last
