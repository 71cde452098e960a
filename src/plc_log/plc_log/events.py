# SPDX-License-Identifier: Apache-2.0
"""What happened in a session, one thing after the other, and how much there was of it."""

from dataclasses import dataclass, field, fields
from enum import StrEnum


class Kind(StrEnum):
    """The layer something happened at."""

    SLAC = 'SLAC'
    MODEM = 'modem'
    SDP = 'SDP'
    TCP = 'TCP'
    V2G = 'V2G'


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a timeline."""

    time: float  # s, as recorded
    kind: Kind
    source: str
    name: str  # of the message
    values: dict[str, str] = field(default_factory=dict)  # the main ones, for a person
    flawed: bool = False  # it could not be read


@dataclass(slots=True)
class Counts:
    """How much a capture holds."""

    frames: int = 0
    homeplug: int = 0  # ethertype 88E1
    slac: int = 0  # MMTYPE 6064 to 6087
    sdp: int = 0
    v2g: int = 0  # V2GTP messages with EXI, each once
    undecoded: int = 0  # octets of V2G connections that could not be read

    def row(self) -> list[int]:
        """Return the numbers in their order."""
        return [getattr(self, one.name) for one in fields(self)]
