# SPDX-License-Identifier: Apache-2.0
"""Frames around what a bag holds without any: SDP datagrams, and a TCP connection.

By struct as in `packets`: a ten-minute session has 7 000 segments, and scapy takes a millisecond
for each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address
import re
import struct

from scapy.utils import checksum

from plc_log.events import Side
from plc_log.packets import ACK, FIN, IPV6, PSH, SYN
from v2g.sdp import ALL_NODES, SDP_PORT, SdpRequest, SdpResponse, Security
from v2g.v2gtp import EXI, V2gtp

SEGMENT = 1440  # octets of TCP payload in a frame of 1514
_SDP_FROM = 50000  # UDP port of a vehicle; a bag does not tell it
_ENDPOINT = re.compile(r'^\[(?P<address>[0-9a-f:]+)(%[^\]]*)?\]:(?P<port>\d+)$')
_MULTICAST = '33:33:00:00:00:01'
_ETHERNET = struct.Struct('>6s6sH')  # destination, source, ethertype
_IPV6 = struct.Struct('>IHBB16s16s')  # version, payload length, protocol, hop limit, addresses
_PSEUDO = struct.Struct('>16s16sI3xB')  # of checksums: addresses, length, protocol
_TCP = struct.Struct('>HHIIBBHHH')  # ports, sequence, ack, data offset, flags, window, sum, urgent
_UDP = struct.Struct('>HHHH')  # ports, length, checksum
_TCP_PROTOCOL, _UDP_PROTOCOL = 6, 17
_VERSION, _HOPS, _WINDOW = 6 << 28, 64, 0xFFFF


@dataclass
class End:
    """One end of the conversation, with what it has sent so far."""

    mac: str
    address: str
    port: int
    sequence: int = 1000

    @property
    def packed(self) -> bytes:
        """Its address, 16 octets."""
        return IPv6Address(self.address).packed

    def located(self, endpoint: str) -> None:
        """Take address and port as transport/status writes them; anything else changes nothing."""
        if found := _ENDPOINT.match(endpoint):
            self.address, self.port = found['address'], int(found['port'])


@dataclass
class Conversation:
    """Makes the frames of vehicle and charger; addresses may be learnt before each connection."""

    ends: dict[Side, End] = field(
        default_factory=lambda: {
            Side.VEHICLE: End('02:00:00:00:00:01', 'fe80::1', 50001),
            Side.CHARGER: End('02:00:00:00:00:02', 'fe80::2', 50002),
        }
    )
    is_open: bool = False

    def asks(self, security: str) -> bytes:
        """Return the frame of an SDP request."""
        vehicle = self.ends[Side.VEHICLE]
        request = bytes(SdpRequest(Security[security.upper()]))
        everybody = End(_MULTICAST, ALL_NODES, SDP_PORT)
        return _datagram(replace(vehicle, port=_SDP_FROM), everybody, request)

    def answers(self, security: str) -> bytes:
        """Return the frame of an SDP response."""
        vehicle, charger = self.ends[Side.VEHICLE], self.ends[Side.CHARGER]
        where = IPv6Address(charger.address), charger.port
        response = bytes(SdpResponse(*where, Security[security.upper()]))
        return _datagram(
            replace(charger, port=SDP_PORT), replace(vehicle, port=_SDP_FROM), response
        )

    def opens(self) -> Iterator[bytes]:
        """Return the handshake of a new connection."""
        for end in self.ends.values():
            end.sequence = 1000
        yield self._segment(Side.VEHICLE, SYN)
        self.ends[Side.VEHICLE].sequence += 1
        yield self._segment(Side.CHARGER, SYN | ACK)
        self.ends[Side.CHARGER].sequence += 1
        yield self._segment(Side.VEHICLE, ACK)
        self.is_open = True

    def says(self, side: Side, exi: bytes) -> Iterator[bytes]:
        """Return the frames of a V2G message; a connection nobody told of is opened first."""
        if not self.is_open:
            yield from self.opens()
        octets = bytes(V2gtp(EXI, exi))
        for start in range(0, len(octets), SEGMENT):
            part = octets[start : start + SEGMENT]
            yield self._segment(side, PSH | ACK, part)
            self.ends[side].sequence += len(part)

    def closes(self, side: Side) -> Iterator[bytes]:
        """Return the end of the connection, by this side first."""
        if not self.is_open:
            return
        for one in (side, side.partner):
            yield self._segment(one, FIN | ACK)
            self.ends[one].sequence += 1
        yield self._segment(side, ACK)
        self.is_open = False

    def _segment(self, side: Side, flags: int, octets: bytes = b'') -> bytes:
        own, other = self.ends[side], self.ends[side.partner]
        ack = other.sequence if flags & ACK else 0
        ports, numbers = (own.port, other.port), (own.sequence, ack)

        def header(total: int) -> bytes:
            return _TCP.pack(*ports, *numbers, _TCP.size << 2, flags, _WINDOW, total, 0)

        total = _checksum(own, other, _TCP_PROTOCOL, header(0) + octets)
        return _packet(own, other, _TCP_PROTOCOL, header(total) + octets)


def _datagram(own: End, other: End, octets: bytes) -> bytes:
    head = own.port, other.port, _UDP.size + len(octets)
    total = _checksum(own, other, _UDP_PROTOCOL, _UDP.pack(*head, 0) + octets)
    return _packet(own, other, _UDP_PROTOCOL, _UDP.pack(*head, total or 0xFFFF) + octets)


def _packet(own: End, other: End, protocol: int, body: bytes) -> bytes:
    ends = own.packed, other.packed
    lower = _ETHERNET.pack(_mac(other.mac), _mac(own.mac), IPV6)
    return lower + _IPV6.pack(_VERSION, len(body), protocol, _HOPS, *ends) + body


def _checksum(own: End, other: End, protocol: int, body: bytes) -> int:
    pseudo = _PSEUDO.pack(own.packed, other.packed, len(body), protocol)
    return int(checksum(pseudo + body))


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(':', ''))
