# SPDX-License-Identifier: Apache-2.0
"""Whose Ethernet address stands behind an IPv6 address (R24)."""

from collections.abc import Callable
from ipaddress import IPv6Address
import socket
import time

from plc_kit import netlink
from plc_kit.interface import Interface

_STALE = 0.05  # s, as old as an answer for a datagram may be


class Neighbours:
    """The kernel's neighbour table of one interface."""

    def __init__(self, interface: Interface, clock: Callable[[], float] = time.monotonic) -> None:
        self._index = interface.index
        self._route = interface.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._clock = clock
        self._known: dict[bytes, bytes] = {}
        self._looked = float('-inf')

    def mac_of(self, address: IPv6Address, *, fresh: bool = True) -> bytes | None:
        """Return the MAC address, or None where it is not known (yet).

        `fresh`: as the table is now; else as it was up to 50 ms ago, which a flood cannot make
        expensive.
        """
        if fresh or self._clock() - self._looked > _STALE:
            self._known = netlink.neighbours(self._route, socket.AF_INET6, self._index)
            self._looked = self._clock()
        return self._known.get(address.packed)

    def close(self) -> None:
        """Let the socket go."""
        self._route.close()
