# SPDX-License-Identifier: Apache-2.0
"""How much is looked at of what may come without end (R30; abuse 18, 52)."""

from collections import Counter
from collections.abc import Hashable


class Quota:
    """Grants each source its share of a second, so that none can crowd out the others."""

    def __init__(self, each: int, everyone: int) -> None:
        """`each`, `everyone`: how many a second, from one source and from all."""
        self._each, self._all = each, everyone
        self._since = float('-inf')
        self._granted: Counter[Hashable] = Counter()

    def grants(self, source: Hashable, now: float) -> bool:
        """Tell whether one more of `source` that comes at `now` (s) is looked at."""
        if now - self._since >= 1:
            self._since = now
            self._granted.clear()
        if self._granted[source] >= self._each or self._granted.total() >= self._all:
            return False
        self._granted[source] += 1
        return True
