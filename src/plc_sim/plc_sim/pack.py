# SPDX-License-Identifier: Apache-2.0
"""The traction battery: an open-circuit voltage by state of charge, behind a resistance."""

from bisect import bisect_right

# Open-circuit voltage of a cell of nickel-manganese-cobalt chemistry, every tenth of its charge.
_CELL = (3.30, 3.48, 3.56, 3.61, 3.65, 3.70, 3.78, 3.88, 3.97, 4.07, 4.18)
_NOMINAL = 3.70  # V, half charged
_TAPER_FROM = 0.80  # SoC above which a pack takes less and less
_TAPER_TO = 0.10  # of its current, when full
_GRID = tuple(tenth / 10 for tenth in range(11))


class Pack:
    """Takes current, and is fuller for it."""

    def __init__(self, nominal: float, capacity: float, resistance: float, soc: float) -> None:
        self.nominal = nominal  # V at half charge, without load
        self.capacity = capacity  # Wh
        self.resistance = resistance  # ohm
        self.soc = soc  # 0..1
        self.stored = 0.0  # Wh taken since the start

    @property
    def voltage(self) -> float:
        """V, without load."""
        left = min(bisect_right(_GRID, self.soc) - 1, len(_CELL) - 2)
        share = (self.soc - _GRID[left]) * 10
        cell = _CELL[left] + share * (_CELL[left + 1] - _CELL[left])
        return cell / _NOMINAL * self.nominal

    @property
    def max_charge_share(self) -> float:
        """How much of its rated current it takes now, 0..1."""
        over = max(0.0, self.soc - _TAPER_FROM) / (1.0 - _TAPER_FROM)
        return 1.0 - over * (1.0 - _TAPER_TO)

    def charge(self, current: float, seconds: float) -> None:
        """Take `current` (A) for that long."""
        energy = self.voltage * current * seconds / 3600.0
        room = (1.0 - self.soc) * self.capacity
        taken = min(energy, room)
        self.stored += taken
        self.soc = min(1.0, self.soc + taken / self.capacity)
