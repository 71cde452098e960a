# SPDX-License-Identifier: Apache-2.0
"""The referee: watches pilot, lock, contactors, volts and amperes, and calls what must not be.

It knows no protocol and no intention, so it is right about any vehicle at any charger, simulated
or read from a recording.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
import math

from plc_sim.cable import (
    NO_CHARGER,
    NO_VEHICLE,
    WANTS_ENERGY,
    ChargerEnd,
    Pilot,
    VehicleEnd,
    at_inlet,
    at_output,
)

BREAKING_CURRENT = 5.0  # A a contactor may open at (R1)
PATIENCE_AFTER_B = 0.95  # s after which it may open at any current (R1: 1 s, less one reading)
CLOSING_DIFFERENCE = 20.0  # V across a contactor that closes
TOUCHABLE = 60.0  # V
RESIDUAL_CURRENT = 1.0  # A
TOGGLE = 0.5  # s that a dead plug may show C unlocked: SLAC's validation, 0.4 s (R8), and its way
PILOT_HEEDED = 0.2  # s after C in which a supply's voltage may rise: R14's 0.1 s, and two readings
RISE = 5.0  # V by which a voltage that stays may waver
VOLTAGE_GONE = 5.0  # s after C in which pack and supply must have left the plug


class Rule(StrEnum):
    """What must not be."""

    OPENED_UNDER_LOAD = 'opening above the limit'
    CLOSED_ON_DIFFERENCE = 'closing at more than 20 V difference'
    UNLOCKED_LIVE = 'unlocked above 60 V'
    ENERGY_UNLOCKED = 'C without lock'
    LIVE_WITHOUT_C = 'high voltage without C'
    CURRENT_FROM_NOWHERE = 'current without contactors'


@dataclass(frozen=True)
class Sight:
    """All that a referee sees at one moment; NaN and None (not seen) call nothing."""

    pilot: Pilot
    locked: bool | None
    vehicle_connected: bool | None  # both poles of the vehicle's contactors are closed
    charger_connected: bool | None
    pack_voltage: float  # V, the vehicle's side of its contactors
    inlet_voltage: float  # V, the plug's side of them
    supply_voltage: float  # V, what the supply regulates to, its side of its contactors
    output_voltage: float  # V at the charger's end of the cable
    inlet_current: float  # A
    output_current: float  # A
    broken_current: float  # A that flowed when the charger's contactors opened last
    charger_age: float = 0.0  # s since the charger's end was so

    @property
    def wants_energy(self) -> bool:
        return self.pilot in WANTS_ENERGY

    @property
    def dead(self) -> bool:
        """Nothing is joined to the plug, and nothing is at it."""
        joined = self.vehicle_connected or self.charger_connected
        return not joined and not self.output_voltage > TOUCHABLE

    @property
    def current(self) -> float:
        return max(self.inlet_current, self.output_current)


@dataclass(frozen=True)
class Violation:
    """One call of the referee."""

    rule: Rule
    side: str  # pev or evse: who did it
    when: float  # s
    text: str  # one sentence


def sight(vehicle: VehicleEnd, charger: ChargerEnd, charger_age: float = 0.0) -> Sight:
    """Return what a referee sees at a simulated cable, of which an end may be known by hearsay."""
    inlet, output = at_inlet(vehicle, charger), at_output(vehicle, charger)
    pack = inlet.voltage if vehicle.connected else vehicle.pack_voltage
    return Sight(
        pilot=vehicle.pilot if vehicle.plugged else Pilot.A,
        locked=None if vehicle is NO_VEHICLE else vehicle.locked,
        vehicle_connected=None if vehicle is NO_VEHICLE else vehicle.connected,
        charger_connected=None if charger is NO_CHARGER else charger.connected,
        pack_voltage=pack,
        inlet_voltage=inlet.voltage,
        supply_voltage=charger.voltage,
        output_voltage=output.voltage,
        inlet_current=inlet.current,
        output_current=output.current,
        broken_current=charger.broken_current,
        charger_age=charger_age,
    )


@dataclass(frozen=True)
class _Call:
    rule: Rule
    side: str
    text: str


class Referee:
    """Compares each sight with the one before; calls each violation once, when it begins."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self._before: Sight | None = None
        self._without_c: float | None = None  # s, since when it is not C; None: it is
        self._left_c = -math.inf  # s, when C was seen to be gone
        self._told_at = -math.inf  # s, when the charger's end was as it was seen last
        self._spared = math.inf  # V to which the plug rose within a supply's moment
        self._toggled: float | None = None  # s, when C began at a plug that was not locked
        self._standing: set[tuple[Rule, str]] = set()

    def see(self, seen: Sight, now: float) -> list[Violation]:
        """Look, and return what is called now."""
        before = self._before or seen
        if seen.wants_energy:
            self._without_c, self._spared = None, math.inf
        elif self._without_c is None:
            self._without_c = now
            self._left_c = now if before.wants_energy else -math.inf
        if not seen.wants_energy:
            self._toggled = None
        elif not before.wants_energy and seen.locked is False:
            self._toggled = now
        calls = [*self._opened(before, seen, now), *_closed(before, seen)]
        calls += [*self._unlocked(before, seen), *_current_from_nowhere(seen)]
        calls += self._energy_unlocked(seen, now)
        calls += self._live_without_c(before, seen, now)
        called = [
            Violation(call.rule, call.side, now, call.text)
            for call in calls
            if (call.rule, call.side) not in self._standing
        ]
        self._standing = {(call.rule, call.side) for call in calls}
        self._before, self._told_at = seen, now - seen.charger_age
        self.violations += called
        return called

    def _since_c(self, now: float) -> float:
        return 0.0 if self._without_c is None else now - self._without_c

    def _opened(self, before: Sight, seen: Sight, now: float) -> Iterator[_Call]:
        """The charger tells what it broke: between two sights a current comes and goes."""
        rule, text = Rule.OPENED_UNDER_LOAD, 'its contactors opened at {:.0f} A'
        patient = self._since_c(now) >= PATIENCE_AFTER_B
        opened = before.vehicle_connected and seen.vehicle_connected is False
        if opened and before.current > BREAKING_CURRENT and not patient:
            yield _Call(rule, 'pev', text.format(before.current))
        opened = before.charger_connected and seen.charger_connected is False
        if opened and seen.broken_current > BREAKING_CURRENT:
            yield _Call(rule, 'evse', text.format(seen.broken_current))

    def _unlocked(self, before: Sight, seen: Sight) -> Iterator[_Call]:
        if seen.locked is not False:
            return
        if seen.inlet_voltage > TOUCHABLE:
            rule, text = Rule.UNLOCKED_LIVE, f'{seen.inlet_voltage:.0f} V, the plug is not locked'
            own = seen.wants_energy or before.locked or seen.vehicle_connected
            own = own or (rule, 'pev') in self._standing
            yield _Call(rule, 'pev' if own else 'evse', text)

    def _energy_unlocked(self, seen: Sight, now: float) -> Iterator[_Call]:
        """C is for a locked plug; a toggle of validation is back at B before it could matter."""
        since = self._toggled
        begun_unlocked = since is not None and seen.locked is not None
        toggle = since is not None and now - since < TOGGLE and seen.dead
        unlocked = seen.locked is False or begun_unlocked  # locked only after C: as bad
        if seen.wants_energy and unlocked and not (toggle and seen.locked is False):
            yield _Call(Rule.ENERGY_UNLOCKED, 'pev', 'the pilot shows C, the plug is not locked')

    def _live_without_c(self, before: Sight, seen: Sight, now: float) -> Iterator[_Call]:
        if seen.wants_energy:
            return
        since, rule = self._since_c(now), Rule.LIVE_WITHOUT_C
        late = since >= VOLTAGE_GONE
        if seen.vehicle_connected:
            if late or not before.vehicle_connected or (rule, 'pev') in self._standing:
                yield _Call(rule, 'pev', f'its pack is at the plug {since:.1f} s after C')
        elif seen.output_voltage > TOUCHABLE and (
            late or self._rises(before, seen) or (rule, 'evse') in self._standing
        ):
            text = f'{seen.output_voltage:.0f} V at the plug {since:.1f} s after C'
            yield _Call(rule, 'evse', text)

    def _rises(self, before: Sight, seen: Sight) -> bool:
        """Tell whether a plug comes alive without C, or goes on to after a supply's moment.

        What rose between two sights may have risen right behind the first.
        """
        heeded = self._told_at - self._left_c > PILOT_HEEDED
        alive = before.output_voltage > TOUCHABLE
        if heeded:
            return not alive or seen.output_voltage > self._spared + RISE
        if not alive or self._spared < math.inf:
            self._spared = seen.output_voltage
        return False


def _closed(before: Sight, seen: Sight) -> Iterator[_Call]:
    rule, text = Rule.CLOSED_ON_DIFFERENCE, 'its contactors closed at {:.0f} V difference'
    if before.vehicle_connected is False and seen.vehicle_connected:
        difference = abs(before.pack_voltage - before.inlet_voltage)
        if difference > CLOSING_DIFFERENCE:
            yield _Call(rule, 'pev', text.format(difference))
    elif before.charger_connected is False and seen.charger_connected and seen.vehicle_connected:
        difference = seen.supply_voltage - before.output_voltage  # its diode stands below
        if difference > CLOSING_DIFFERENCE:
            yield _Call(rule, 'evse', text.format(difference))


def _current_from_nowhere(seen: Sight) -> Iterator[_Call]:
    if seen.current > RESIDUAL_CURRENT:
        rule, text = Rule.CURRENT_FROM_NOWHERE, f'{seen.current:.0f} A and its contactors are open'
        if seen.vehicle_connected is False:
            yield _Call(rule, 'pev', text)
        elif seen.charger_connected is False:
            yield _Call(rule, 'evse', text)
