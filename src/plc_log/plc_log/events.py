# SPDX-License-Identifier: Apache-2.0
"""What happened in a session, one thing after the other, and how much there was of it."""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from plc_kit.readable import readable


class Kind(StrEnum):
    """The layer something happened at."""

    SLAC = 'SLAC'
    MODEM = 'modem'
    SDP = 'SDP'
    TCP = 'TCP'
    V2G = 'V2G'
    STATE = 'state'


class Side(StrEnum):
    """Who spoke."""

    VEHICLE = 'vehicle'
    CHARGER = 'charger'
    UNKNOWN = ''

    @property
    def partner(self) -> 'Side':
        """The other end of the cable."""
        return _PARTNERS[self]


_PARTNERS = {
    Side.VEHICLE: Side.CHARGER,
    Side.CHARGER: Side.VEHICLE,
    Side.UNKNOWN: Side.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a timeline."""

    time: float  # s, as recorded
    kind: Kind
    source: str  # address of who spoke
    name: str  # of the message
    values: dict[str, str] = field(default_factory=dict)  # the main ones, for a person
    flawed: bool = False  # it could not be read
    side: Side = Side.UNKNOWN
    message: Any = None  # SLAC: scapy's packet; V2G: the document; none where it is flawed
    stream: bytes = b''  # V2G: its EXI
    spare: int = 0  # V2G: octets behind the end of the document

    def __post_init__(self) -> None:
        """What it tells is the line's: only what is readable is shown of it."""
        shown = {readable(label): readable(text) for label, text in self.values.items()}
        object.__setattr__(self, 'source', readable(self.source))
        object.__setattr__(self, 'name', readable(self.name))
        object.__setattr__(self, 'values', shown)


@dataclass(slots=True)
class Counts:
    """How much a recording holds."""

    frames: int = 0
    homeplug: int = 0  # ethertype 88E1
    slac: int = 0  # MMTYPE 6064 to 6087
    sdp: int = 0
    v2g: int = 0  # V2GTP messages with EXI, each once
    undecoded: int = 0  # octets of V2G connections that could not be read

    def row(self) -> list[int]:
        """Return the numbers in their order."""
        return [getattr(self, one.name) for one in fields(self)]
