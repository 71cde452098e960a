# SPDX-License-Identifier: Apache-2.0
"""The control pilot's duty, from the edges of a comparator."""

from collections.abc import Iterable
from math import inf, nan
from statistics import median

SHORTEST, LONGEST = 0.0009, 0.0011  # s of a period; the pilot has 1 kHz (IEC 61851-1)
SILENCE = 0.03  # s without a period after which nothing oscillates; noise has edges, too
KEPT = 9  # periods the duty is the median of


class PilotDuty:
    """Takes edges as they come, and tells the duty."""

    def __init__(self) -> None:
        self._duties: list[float] = []
        self._rose = self._fell = nan  # s, the last edges
        self._seen_at = -inf  # s, the last period

    def see(self, edges: Iterable[tuple[float, bool]], now: float) -> None:
        """Take edges: when (s) and whether the pilot became positive."""
        for when, rising in edges:
            if not rising:
                self._fell = when
                continue
            period, high = when - self._rose, self._fell - self._rose
            if SHORTEST <= period <= LONGEST and 0.0 < high < period:
                self._duties, self._seen_at = [*self._duties[1 - KEPT :], high / period], now
            self._rose = when

    def oscillates(self, now: float) -> bool:
        """Tell whether there was a period a moment ago."""
        if now - self._seen_at > SILENCE:
            self._duties = []
        return bool(self._duties)

    def duty(self, now: float) -> float:
        """0..1; NaN where nothing oscillates."""
        return median(self._duties) if self.oscillates(now) else nan
