# SPDX-License-Identifier: Apache-2.0
"""What the power supply shows that no session may go on with (R14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan

from v2g.session.cause import Cause, fault
from v2g.session.outputs import SupplyOutputs
from v2g.session.readings import SupplyReading, Switch

SWITCHING = 1.0  # s that contactors have to do what they are told
SETTLING = 2.0  # s that a current has to follow a lower setpoint
EXCESS = 1.1  # times a limit or a setpoint
MARGIN = 5.0  # A above that


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What must never be on the cable: the highest that the vehicle has allowed."""

    voltage: float  # V
    current: float  # A


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
    ) -> Cause | None:
        """What is wrong; `ceiling` is given while the output may be live."""
        found = list(_contactors(supply, outputs))
        if ceiling is not None:
            found += _live(supply, outputs, ceiling)
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
    vital = (supply.voltage, supply.current, supply.max_voltage, supply.max_current)
    if any(isnan(value) for value in vital):
        reason = 'supply/status lacks its voltage, its current, or a limit'
        yield _Finding(fault('VALUE_MISSING', reason, retry=False))
    if supply.voltage > EXCESS * ceiling.voltage:
        reason = f'the output has {supply.voltage:.0f} V'
        yield _Finding(fault('OVERVOLTAGE', reason, retry=False))
    yield from _currents(abs(supply.current), outputs.current, ceiling.current)


def _currents(flowing: float, asked: float, highest: float) -> Iterator[_Finding]:
    if flowing > EXCESS * highest + MARGIN:
        reason = f'{flowing:.0f} A flow; the vehicle takes {highest:.0f} A'
        yield _Finding(fault('OVERCURRENT', reason, retry=False))
    if flowing > EXCESS * asked + MARGIN:
        reason = f'{flowing:.0f} A flow; {asked:.0f} A are set'
        yield _Finding(fault('SETPOINT_IGNORED', reason, retry=False), SETTLING)


def welded() -> Cause:
    """An output contactor that stays closed (R5)."""
    reason = 'an output contactor is closed, though told to open'
    return fault('WELD_SUSPECTED', reason, retry=False, latch=True)
