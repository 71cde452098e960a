# SPDX-License-Identifier: Apache-2.0
"""SDP, by which a vehicle finds the charger's V2G server (ISO 15118-2, 7.10.1; UDP 15118)."""

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv6Address
import struct

from v2g.v2gtp import SDP_REQUEST, SDP_RESPONSE, MalformedV2gtp, V2gtp

SDP_PORT = 15118  # of the charger; a vehicle asks from any port
ALL_NODES = 'ff02::1'

_REQUEST = struct.Struct('>BB')  # security, transport
_RESPONSE = struct.Struct('>16sHBB')  # address, port, security, transport


class MalformedSdp(ValueError):
    """A datagram is no SDP message."""


class Security(IntEnum):
    """What secures the TCP connection."""

    TLS = 0x00
    NONE = 0x10

    @property
    def word(self) -> str:
        """The word that messages of the graph use."""
        return self.name.lower()


TCP = 0x00  # the only TRANSPORT there is (UDP has a code, 0x10, and no use)


@dataclass(frozen=True, slots=True)
class SdpRequest:
    """A vehicle asks where the server is, and for this security."""

    security: Security = Security.NONE

    def __bytes__(self) -> bytes:
        return bytes(V2gtp(SDP_REQUEST, _REQUEST.pack(self.security, TCP)))

    @classmethod
    def parse(cls, datagram: bytes) -> 'SdpRequest':
        """Read a datagram; raises MalformedSdp."""
        security, transport = _REQUEST.unpack(_payload(datagram, SDP_REQUEST, _REQUEST.size))
        return cls(_security(security, transport))


@dataclass(frozen=True, slots=True)
class SdpResponse:
    """A charger tells where it is, and with which security."""

    address: IPv6Address
    port: int
    security: Security = Security.NONE

    def __bytes__(self) -> bytes:
        payload = _RESPONSE.pack(self.address.packed, self.port, self.security, TCP)
        return bytes(V2gtp(SDP_RESPONSE, payload))

    @classmethod
    def parse(cls, datagram: bytes) -> 'SdpResponse':
        """Read a datagram; raises MalformedSdp. Whether to trust it is another question."""
        payload = _payload(datagram, SDP_RESPONSE, _RESPONSE.size)
        address, port, security, transport = _RESPONSE.unpack(payload)
        return cls(IPv6Address(address), port, _security(security, transport))


def _payload(datagram: bytes, payload_type: int, size: int) -> bytes:
    try:
        message = V2gtp.parse(datagram)
    except MalformedV2gtp as error:
        raise MalformedSdp(str(error)) from error
    if message.payload_type != payload_type:
        raise MalformedSdp(f'type {message.payload_type:04x} where {payload_type:04x} belongs')
    if len(message.payload) != size:
        raise MalformedSdp(f'a payload of {len(message.payload)} octets where {size} belong')
    return message.payload


def _security(security: int, transport: int) -> Security:
    if transport != TCP:
        raise MalformedSdp(f'transport {transport:#04x} is not TCP')
    try:
        return Security(security)
    except ValueError:
        raise MalformedSdp(f'security {security:#04x} is neither TLS nor none') from None
