# SPDX-License-Identifier: Apache-2.0
"""Frames around what a bag holds without any: SDP datagrams, and V2G messages over TCP.

By struct as in `packets`: a ten-minute session has 7 000 segments, and scapy takes a millisecond
for each.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address
import struct

from scapy.utils import checksum

from plc_log.events import Side
from plc_log.packets import ACK, FIN, IPV6, PSH, SYN, Datagram, Endpoint
from v2g.v2gtp import EXI, V2gtp

SEGMENT = 1440  # octets of TCP payload in a frame of 1514
_ETHERNET = struct.Struct('>6s6sH')  # destination, source, ethertype
_IPV6 = struct.Struct('>IHBB16s16s')  # version, payload length, protocol, hop limit, addresses
_PSEUDO = struct.Struct('>16s16sI3xB')  # of checksums: addresses, length, protocol
_TCP = struct.Struct('>HHIIBBHHH')  # ports, sequence, ack, data offset, flags, window, sum, urgent
_UDP = struct.Struct('>HHHH')  # ports, length, checksum
_TCP_PROTOCOL, _UDP_PROTOCOL = 6, 17
_MULTICAST, _EUI_64 = 0xFF, b'\xff\xfe'  # in an IPv6 address: RFC 2464, RFC 4291
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
        with suppress(ValueError):
            found = Endpoint.parse(endpoint)
            self.address, self.port = str(IPv6Address(found.address)), found.port


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

    def carries(self, datagram: Datagram) -> bytes:
        """Return the frame of a datagram."""
        source, destination = map(self._end, (datagram.source, datagram.destination))
        return _datagram(source, destination, datagram.payload)

    def _end(self, endpoint: Endpoint) -> End:
        address = str(IPv6Address(endpoint.address))
        known = {end.address: end.mac for end in self.ends.values()}
        return End(known.get(address) or _mac_at(endpoint.address), address, endpoint.port)

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


def _mac_at(address: bytes) -> str:
    """Return the MAC that an address was made of; of one that was not, a made-up one."""
    if address[0] == _MULTICAST:
        return bytes([0x33, 0x33, *address[12:]]).hex(':')
    if address[11:13] == _EUI_64:
        return bytes([address[8] ^ 2, *address[9:11], *address[13:]]).hex(':')
    return bytes([2, *address[11:]]).hex(':')


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
