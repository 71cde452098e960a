# SPDX-License-Identifier: Apache-2.0
"""The other end of the cable where a foreign stack on the bench has none: it follows the messages.

A foreign simulator speaks V2G and shows nothing at the plug. What it would show is read from what
our own session says of it: stages and targets of charging/state.
"""

from dataclasses import dataclass
from math import isfinite, nan
from typing import Generic

from plc_sim.cable import (
    NO_CHARGER,
    NO_VEHICLE,
    ChargerEnd,
    End,
    FarEnd,
    Pilot,
    VehicleEnd,
    at_inlet,
)
from v2g.session.stage import Stage

DIGITAL = 0.05  # duty of the pilot
SILENCE = 1.5  # s after which a session that tells its state at 2 Hz is gone
OUT = 3.5  # s that the plug is out behind a session, for the next one (R5)
BELOW = 5.0  # V that the pack has less than what is asked for in PreCharge
RESISTANCE = 0.05  # ohm of the pack: 100 A at the voltage of PreCharge
CLOSES = 20.0  # V between pack and plug
OPENS = 5.0  # A at which contactors open, or
OPENS_LATE = 1.0  # s after C (R1)
_ENERGY = (Stage.START, Stage.CHARGE_LOOP)


@dataclass(frozen=True)
class Told:
    """What our session says (plc_msgs/ChargingState)."""

    stage: Stage = Stage.IDLE
    voltage: float = nan  # V, target
    current: float = nan  # A, target

    @property
    def wants_energy(self) -> bool:
        """The vehicle is to show C."""
        return Stage.CONNECTOR_LOCK <= self.stage <= Stage.CHARGE_LOOP


class _StandIn(Generic[End]):
    """Knows our session's last word and the far end; a session that falls silent asks nothing."""

    def __init__(self, gone: End) -> None:
        """`gone`: the other end of the cable while it shows nothing."""
        self._told, self._heard_at = Told(), -SILENCE
        self._far_end = FarEnd(gone)

    def see(self, end: End, age: float, now: float) -> None:
        """Take the other end of the cable, `age` seconds old."""
        self._far_end.hear(end, age, now)

    def hear(self, told: Told, now: float) -> None:
        """Take what our session says."""
        self._told, self._heard_at = told, now

    def _now(self, now: float) -> Told:
        return self._told if now < self._heard_at + SILENCE else Told()


class StandInCharger(_StandIn[VehicleEnd]):
    """5 % duty, and from PreCharge on the volts and amperes that our vehicle asks for."""

    def __init__(self) -> None:
        super().__init__(NO_VEHICLE)
        self._amperes = 0.0  # that it delivered at most, as shown last

    def end(self, now: float) -> ChargerEnd:
        """This end of the cable."""
        told, wanted = self._now(now), self._far_end.at(now).pilot is Pilot.C
        on = wanted and Stage.PRECHARGE <= told.stage <= Stage.CHARGE_LOOP
        volts = told.voltage if on and isfinite(told.voltage) else 0.0
        closed = on or self._amperes > OPENS  # the current is down first
        self._amperes = told.current if on and isfinite(told.current) else 0.0
        return ChargerEnd(DIGITAL, False, closed, volts, self._amperes, plug_voltage=volts)


class StandInVehicle(_StandIn[ChargerEnd]):
    """B; lock and C from ChargeParameterDiscovery on; a pack where PowerDelivery says so.

    The plug goes out behind each session, and in again for the next.
    """

    def __init__(self) -> None:
        super().__init__(NO_CHARGER)
        self._closed = False
        self._pack = 0.0  # V; as PreCharge asks for it
        self._c_at = 0.0  # s, when C was shown last
        self._in_at = 0.0  # s, when the plug goes in

    def hear(self, told: Told, now: float) -> None:
        """Take what our session says; behind each session the plug goes out for a while."""
        over = (Stage.FINISHED, Stage.FAILED)
        if told.stage in over and self._told.stage not in (*over, Stage.IDLE):
            self._in_at = now + OUT
        super().hear(told, now)

    def end(self, now: float) -> VehicleEnd:
        """This end of the cable."""
        told = self._now(now)
        self._pack = self._pack_of(told)
        self._c_at = now if told.wants_energy else self._c_at
        self._closed = self._closes(told, now)
        plugged = now >= self._in_at or self._closed
        pilot = Pilot.C if told.wants_energy else Pilot.B
        return self._end(plugged, pilot, told.wants_energy or self._closed)

    def _end(self, plugged: bool, pilot: Pilot, locked: bool) -> VehicleEnd:
        if not plugged:
            return NO_VEHICLE
        return VehicleEnd(True, pilot, locked, self._closed, self._pack, RESISTANCE)

    def _pack_of(self, told: Told) -> float:
        asked = told.stage is Stage.PRECHARGE and isfinite(told.voltage)
        return max(0.0, told.voltage - BELOW) if asked else self._pack

    def _closes(self, told: Told, now: float) -> bool:
        """Whether its contactors are closed now."""
        charger = self._far_end.at(now)
        if told.stage in _ENERGY:
            return self._closed or abs(charger.plug_voltage - self._pack) <= CLOSES
        flows = at_inlet(self._end(True, Pilot.B, True), charger).current
        return self._closed and flows > OPENS and now < self._c_at + OPENS_LATE
