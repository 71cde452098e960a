# SPDX-License-Identifier: Apache-2.0
"""How many datagrams are looked at (abuse 18)."""

from collections import Counter
from ipaddress import IPv6Address

EACH = 20  # datagrams a second from one source: a vehicle sends four
ALL = 200  # datagrams a second from all


class Quota:
    """Grants each source its share of a second, so that none can crowd out the others."""

    def __init__(self, each: int = EACH, everyone: int = ALL) -> None:
        """`each`, `everyone`: datagrams a second, from one source and from all."""
        self._each, self._all = each, everyone
        self._since = float('-inf')
        self._granted: Counter[IPv6Address] = Counter()

    def grants(self, source: IPv6Address, now: float) -> bool:
        """Tell whether a datagram of `source` that comes at `now` (s) is looked at."""
        if now - self._since >= 1:
            self._since = now
            self._granted.clear()
        if self._granted[source] >= self._each or self._granted.total() >= self._all:
            return False
        self._granted[source] += 1
        return True
