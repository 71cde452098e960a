# SPDX-License-Identifier: Apache-2.0
"""IPv6, UDP and TCP headers of a frame (RFC 8200, 768, 9293).

By struct, not by scapy: a ten-minute session has 14 000 frames, and these four headers are all
that is wanted of most.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address
import re
import struct
from typing import NamedTuple

IPV6 = 0x86DD  # ethertype
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

_ETHERNET = 14
_IPV6 = struct.Struct('>4xHBx16s16s')  # payload length, next header, source, destination
_UDP = struct.Struct('>HHHxx')  # ports, length
_TCP = struct.Struct('>HHIIBB')  # ports, sequence, acknowledgement, data offset, flags
_TCP_PROTOCOL, _UDP_PROTOCOL = 6, 17
_ENDPOINT = re.compile(r'^\[(?P<address>[0-9a-f:]+)(%[^\]]*)?\]:(?P<port>\d{1,5})$')
_EXTENSIONS = (0, 43, 60)  # hop-by-hop, routing, destination options: next header, length, …


class Endpoint(NamedTuple):
    """One end of a conversation."""

    address: bytes  # 16 octets
    port: int

    @classmethod
    def parse(cls, text: str) -> 'Endpoint':
        """Read what messages of the graph say, as `[fe80::1]:15118`; raises ValueError."""
        found = _ENDPOINT.match(text)
        if found is None:
            raise ValueError(f'{text!r} is no address with a port')
        return cls(IPv6Address(found['address']).packed, int(found['port']))

    def __str__(self) -> str:
        return f'[{IPv6Address(self.address)}]:{self.port}'


@dataclass(frozen=True, slots=True)
class Datagram:
    """What UDP carried."""

    source: Endpoint
    destination: Endpoint
    payload: bytes


@dataclass(frozen=True, slots=True)
class Segment:
    """What TCP carried."""

    source: Endpoint
    destination: Endpoint
    sequence: int
    acknowledgement: int
    flags: int
    payload: bytes


def parse_ipv6(octets: bytes) -> Datagram | Segment | None:
    """Read an Ethernet frame's IPv6 packet; None for anything else, cut ones included."""
    try:
        length, protocol, source, destination = _IPV6.unpack_from(octets, _ETHERNET)
        start, end = _ETHERNET + 40, _ETHERNET + 40 + length
        while protocol in _EXTENSIONS:
            protocol, start = octets[start], start + 8 * (octets[start + 1] + 1)
        return _parse(protocol, source, destination, octets[start:end])
    except (struct.error, IndexError):
        return None


def _parse(protocol: int, source: bytes, to: bytes, body: bytes) -> Datagram | Segment | None:
    if protocol == _UDP_PROTOCOL:
        source_port, port, length = _UDP.unpack_from(body)
        return Datagram(Endpoint(source, source_port), Endpoint(to, port), body[8:length])
    if protocol != _TCP_PROTOCOL:
        return None
    source_port, port, sequence, acknowledgement, offset, flags = _TCP.unpack_from(body)
    return Segment(
        Endpoint(source, source_port),
        Endpoint(to, port),
        sequence,
        acknowledgement,
        flags,
        body[4 * (offset >> 4) :],
    )
