# SPDX-License-Identifier: Apache-2.0
"""V2GTP, the framing of everything a vehicle and a charger say over IP (ISO 15118-2, 7.8.3).

A header of eight octets (version, its complement, payload type, payload length), then the payload.
"""

from dataclasses import dataclass
import struct

VERSION, INVERSE = 0x01, 0xFE

EXI = 0x8001  # supportedAppProtocol, DIN 70121, ISO 15118-2
SDP_REQUEST, SDP_RESPONSE = 0x9000, 0x9001

# What may come over TCP: EXI, and what ISO 15118-20 names (main, AC, DC, ACDP, WPT, and the four
# multiplexed streams). Anything else is skipped, as the standard asks.
SESSION_TYPES = frozenset((EXI, *range(0x8002, 0x8007), *range(0x8101, 0x8105)))

PAYLOAD_LIMIT = 65536  # octets (R29); the biggest message of the field has about 6000
HEADER = struct.Struct('>BBHI')


class MalformedV2gtp(ValueError):
    """The octets are no V2GTP: behind this, nothing of the stream can be understood."""


@dataclass(frozen=True, slots=True)
class V2gtp:
    """One V2GTP message."""

    payload_type: int
    payload: bytes

    def __bytes__(self) -> bytes:
        return pack(self.payload_type, self.payload)

    @classmethod
    def parse(cls, octets: bytes) -> 'V2gtp':
        """Read a datagram, which is one message and nothing more; raises MalformedV2gtp."""
        if len(octets) < HEADER.size:
            raise MalformedV2gtp(f'{len(octets)} octets are too few for a V2GTP header')
        payload_type, length = _read_header(octets)
        payload = octets[HEADER.size :]
        if len(payload) != length:
            raise MalformedV2gtp(f'{len(payload)} octets where the header promises {length}')
        return cls(payload_type, payload)


def pack(payload_type: int, payload: bytes) -> bytes:
    """Put the header in front; ValueError for a payload that is empty or over the limit."""
    if not 0 < len(payload) <= PAYLOAD_LIMIT:
        raise ValueError(f'a V2GTP payload has 1 to {PAYLOAD_LIMIT} octets, not {len(payload)}')
    return HEADER.pack(VERSION, INVERSE, payload_type, len(payload)) + payload


class Reassembly:
    """Takes the octets of a TCP connection as they come and gives the messages in them.

    Holds at most one unfinished message. A length over the limit is refused when its header is
    read, before anything is kept for it (abuse 20).
    """

    def __init__(self, limit: int = PAYLOAD_LIMIT) -> None:
        self._limit = limit
        self._rest = bytearray()

    @property
    def missing(self) -> bool:
        """Tell whether a message has begun and not ended."""
        return bool(self._rest)

    def feed(self, octets: bytes) -> list[V2gtp]:
        """Take the next octets, return the messages they complete.

        Raises MalformedV2gtp where a message cannot be; the messages before it are in its
        `before`, and the stream is of no more use.
        """
        self._rest += octets
        messages: list[V2gtp] = []
        try:
            while (message := self._take()) is not None:
                messages.append(message)
        except MalformedV2gtp as error:
            self._rest.clear()
            raise BrokenStream(str(error), messages) from None
        return messages

    def _take(self) -> V2gtp | None:
        rest = self._rest
        if len(rest) < HEADER.size:
            _check_beginning(rest)
            return None
        payload_type, length = _read_header(rest, self._limit)
        end = HEADER.size + length
        if len(rest) < end:
            return None
        message = V2gtp(payload_type, bytes(rest[HEADER.size : end]))
        del rest[:end]
        return message


class BrokenStream(MalformedV2gtp):
    """A stream went wrong; `before` holds the messages that were whole."""

    def __init__(self, reason: str, before: list[V2gtp]) -> None:
        super().__init__(reason)
        self.before = before


def _check_beginning(octets: bytes | bytearray) -> None:
    if octets[:2] != bytes((VERSION, INVERSE))[: len(octets)]:
        raise MalformedV2gtp(f'a message begins with {octets[:2].hex()}, not with 01fe')


def _read_header(octets: bytes | bytearray, limit: int = PAYLOAD_LIMIT) -> tuple[int, int]:
    version, inverse, payload_type, length = HEADER.unpack_from(octets)
    if (version, inverse) != (VERSION, INVERSE):
        raise MalformedV2gtp(f'a message begins with {version:02x}{inverse:02x}, not with 01fe')
    if not length:
        raise MalformedV2gtp(f'a message of type {payload_type:04x} without payload')
    if length > limit:
        raise MalformedV2gtp(f'a message of {length} octets; at most {limit} are taken')
    return payload_type, length
