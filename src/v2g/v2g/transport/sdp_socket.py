# SPDX-License-Identifier: Apache-2.0
"""The socket of SDP: which datagrams are looked at, and which are told of."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address
import socket
import struct
import time

from plc_kit.interface import Interface
from plc_kit.quota import Quota
from v2g.link.values import Peer
from v2g.sdp import ALL_NODES, SDP_PORT
from v2g.transport.opening import datagram_socket

_LONGEST = 256  # octets; SDP has 28 at most
_PACKET_INFO = struct.Struct('@16sI')  # in6_pktinfo: destination, interface
EACH, ALL = 20, 200  # datagrams a second, from one source and from all: a vehicle sends four
TOLD_EACH, TOLD = 20, 40  # of these told of: 30 MB an hour


@dataclass(frozen=True)
class Datagram:
    """A datagram that has passed, either way; `when` in s of the steady clock."""

    when: float
    source: Peer
    destination: Peer
    octets: bytes


class SdpSocket:
    """Open from the start; `taken` is given what comes to be looked at, `told` what has passed.

    `counts` is told what was turned away, or could not be sent.
    """

    def __init__(
        self,
        interface: Interface,
        port: int,
        counts: Counter[str],
        taken: Callable[[Datagram], None],
        told: Callable[[Datagram], None],
    ) -> None:
        """Open it; port 0: a vehicle's. Raises OSError."""
        self._index, self._counts, self._taken, self._told = interface.index, counts, taken, told
        self._quota, self._telling = Quota(EACH, ALL), Quota(TOLD_EACH, TOLD)
        self._socket = datagram_socket(interface, port)
        self._own = Peer(
            IPv6Address(interface.link_local() or '::'), self._socket.getsockname()[1]
        )

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return self._socket.fileno()

    def ask(self, octets: bytes) -> None:
        """Send to all nodes; what cannot be sent now is asked again anyway."""
        self.send(octets, Peer(IPv6Address(ALL_NODES), SDP_PORT))

    def send(self, octets: bytes, to: Peer) -> None:
        """Send to one."""
        when = time.monotonic()
        try:
            self._socket.sendto(octets, (str(to.address), to.port, 0, self._index))
        except OSError:
            self._counts['unsent_sdp'] += 1
        else:
            self._tell(Datagram(when, self._own, to, octets))

    def receive(self) -> None:
        """Take one that has come."""
        try:
            octets, about, _, (host, port, _, scope) = self._socket.recvmsg(
                _LONGEST, socket.CMSG_SPACE(_PACKET_INFO.size)
            )
        except OSError:  # an ICMP error of an earlier answer
            return
        source = Peer(IPv6Address(host.partition('%')[0]), port)
        meant = Peer(self._meant(about), self._own.port)
        came = Datagram(time.monotonic(), source, meant, octets)
        if refusal := self._refusal(came, scope):
            self._counts[refusal] += 1
        else:
            self._taken(came)
            self._tell(came)

    def _refusal(self, came: Datagram, scope: int) -> str:
        """Return the word by which it is counted and dropped; empty: it is looked at."""
        if scope != self._index:  # came by another interface
            return 'foreign_sdp'
        granted = self._quota.grants(came.source.address, came.when)
        return '' if granted else 'flooding_sdp'

    def close(self) -> None:
        """Let go."""
        self._socket.close()

    def _meant(self, about: list[tuple[int, int, bytes]]) -> IPv6Address:
        """Return the address that a datagram was sent to: all nodes' or the own."""
        for level, kind, octets in about:
            if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO):
                return IPv6Address(_PACKET_INFO.unpack_from(octets)[0])
        return self._own.address

    def _tell(self, datagram: Datagram) -> None:
        own = datagram.source == self._own  # few, and strangers' floods must not hide them
        if own or self._telling.grants(datagram.source.address, datagram.when):
            self._told(datagram)
        else:
            self._counts['untold_sdp'] += 1
