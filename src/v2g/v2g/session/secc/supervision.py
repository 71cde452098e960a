# SPDX-License-Identifier: Apache-2.0
"""What the power supply shows that no session may go on with (R14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, nan

from v2g.session.cause import Cause, fault
from v2g.session.evcc.demand import least
from v2g.session.outputs import SupplyOutputs
from v2g.session.readings import SupplyReading, Switch

SWITCHING = 1.0  # s that contactors have to do what they are told
SETTLING = 2.0  # s that a current has to follow a lower setpoint
EXCESS = 1.1  # times a limit or a setpoint
MARGIN = 5.0  # A above that
LOW_CURRENT = 5.0  # A at which contactors may open
DEAD = 60.0  # V
BLEEDING = 5.0  # s that an output has to be dead once it is off
_VITAL = (
    *('voltage', 'current', 'max_voltage', 'min_voltage'),
    *('max_current', 'min_current', 'max_power'),
)
# Faults in which the charger cannot vouch for its output: the vehicle has to see them (R14).
BEYOND_WORDS = frozenset(
    {
        *('EMERGENCY_STOP', 'SUPPLY_FAULT', 'STALE_INPUT', 'LEASE_LAPSED', 'VALUE_MISSING'),
        *('OVERVOLTAGE', 'OVERCURRENT', 'OVERPOWER', 'REVERSE_CURRENT'),
        *('SETPOINT_IGNORED', 'OUTPUT_LIVE'),
        *('CONTACTOR_FEEDBACK', 'WELD_SUSPECTED', 'NODE_DIED', 'TOLD_TO_END'),
    }
)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What must never be on the cable: the highest that the vehicle has allowed."""

    voltage: float  # V
    current: float  # A
    power: float = nan  # W; NaN: not told


@dataclass(frozen=True, slots=True)
class _Finding:
    cause: Cause
    grace: float = 0.0  # s that it may last


class Supervision:
    """Judges each reading; some findings count only when they last."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def judge(
        self,
        supply: SupplyReading,
        outputs: SupplyOutputs,
        ceiling: Ceiling | None,
        now: float,
        *,
        wanted: bool,
    ) -> Cause | None:
        """What is wrong; `ceiling` is given while the output may be live, `wanted`: state C."""
        found = list(_contactors(supply, outputs))
        if ceiling is not None:
            found += _live(supply, outputs, ceiling)
        if not outputs.output:
            found += _told_off(supply, wanted=wanted)
        words = {finding.cause.error for finding in found}
        self._since = {word: self._since.get(word, now) for word in words}
        lasting = (f.cause for f in found if now - self._since[f.cause.error] >= f.grace)
        return next(lasting, None)


def _contactors(supply: SupplyReading, outputs: SupplyOutputs) -> Iterator[_Finding]:
    if outputs.contactors and supply.contactors is Switch.OPEN:
        reason = 'the output contactors are open, though told to close'
        yield _Finding(fault('CONTACTOR_FEEDBACK', reason, retry=False), SWITCHING)
    if not outputs.contactors and supply.contactors is Switch.CLOSED:
        yield _Finding(welded(), SWITCHING)


def _live(supply: SupplyReading, outputs: SupplyOutputs, ceiling: Ceiling) -> Iterator[_Finding]:
    if reason := lacking(supply):
        yield _Finding(fault('VALUE_MISSING', reason, retry=False))
    if supply.voltage > EXCESS * ceiling.voltage:
        reason = f'the output has {supply.voltage:.0f} V'
        yield _Finding(fault('OVERVOLTAGE', reason, retry=False))
    if supply.current < -MARGIN:
        reason = f'{-supply.current:.0f} A flow out of the vehicle'
        yield _Finding(fault('REVERSE_CURRENT', reason, retry=False))
    watts, most = supply.voltage * supply.current, least(ceiling.power, supply.max_power)
    if watts > EXCESS * most + MARGIN * supply.voltage:
        reason = f'{watts:.0f} W flow; {most:.0f} W are allowed'
        yield _Finding(fault('OVERPOWER', reason, retry=False), SETTLING)
    yield from _currents(supply.current, outputs.current, ceiling.current)


def _currents(flowing: float, asked: float, highest: float) -> Iterator[_Finding]:
    if flowing > EXCESS * highest + MARGIN:
        reason = f'{flowing:.0f} A flow; the vehicle takes {highest:.0f} A'
        yield _Finding(fault('OVERCURRENT', reason, retry=False))
    if flowing > EXCESS * asked + MARGIN:
        reason = f'{flowing:.0f} A flow; {asked:.0f} A are set'
        yield _Finding(fault('SETPOINT_IGNORED', reason, retry=False), SETTLING)


def _told_off(supply: SupplyReading, *, wanted: bool) -> Iterator[_Finding]:
    if abs(supply.current) > LOW_CURRENT:
        reason = f'{supply.current:.0f} A flow, though the output is told off'
        yield _Finding(fault('SETPOINT_IGNORED', reason, retry=False), SWITCHING)
    if abs(supply.voltage) >= DEAD and not wanted:
        yield _Finding(still_live(supply), BLEEDING)


def lacking(supply: SupplyReading) -> str:
    """What supply/status does not tell, though it has to, as a sentence; empty: nothing."""
    names = [name for name in _VITAL if not isfinite(getattr(supply, name))]
    return f'supply/status does not tell {" and ".join(names)}' if names else ''


def at_rest(supply: SupplyReading) -> str:
    """Why no session may begin on this output; empty: it is dead."""
    if supply.contactors is Switch.CLOSED:
        return 'an output contactor is closed, though told to open'
    if abs(supply.voltage) >= DEAD:
        return still_live(supply).reason
    if abs(supply.current) > LOW_CURRENT:
        return f'{supply.current:.0f} A flow, though the output is told off'
    return ''


def still_live(supply: SupplyReading) -> Cause:
    """An output that keeps its voltage (R14)."""
    reason = f'the output is still live: {supply.voltage:.0f} V, though told off'
    return fault('OUTPUT_LIVE', reason, retry=False)


def welded() -> Cause:
    """An output contactor that stays closed (R5)."""
    reason = 'an output contactor is closed, though told to open'
    return fault('WELD_SUSPECTED', reason, retry=False, latch=True)
