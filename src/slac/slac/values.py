# SPDX-License-Identifier: Apache-2.0
"""What both sides' matching takes in and gives out, beside frames."""

from dataclasses import dataclass, field
from enum import IntEnum

from plc_modem.homeplug import Mme


class Phase(IntEnum):
    """Where matching stands, for others; the numbers of plc_msgs/SlacStatus."""

    UNMATCHED = 0
    MATCHING = 1
    JOINING = 2
    MATCHED = 3
    FAILED = 4
    SKIPPED = 5


@dataclass(frozen=True)
class Pilot:
    """The control pilot as this side sees it (IEC 61851-1)."""

    plugged: bool = False  # state B, C or D
    digital: bool = False  # duty of about 5 %: matching is wanted
    unplugged: bool = False  # state A; a pilot that is lost is neither
    edges: int | None = None  # between B and C since the plug went in; None: nobody counts them

    @classmethod
    def of(cls, state: int, duty: float, edges: int | None = None) -> 'Pilot':
        """Read a state by the numbers of plc_msgs/ControlPilot, and a duty of 0..1."""
        plugged = state in (_B, _C, _D)
        return cls(plugged, plugged and _DIGITAL[0] <= duty <= _DIGITAL[1], state == _A, edges)


_A, _B, _C, _D = 1, 2, 3, 4
_DIGITAL = (0.03, 0.07)  # duty that asks for digital communication


@dataclass(frozen=True)
class Status:
    """Where matching stands, and with whom; addresses as lower-case hex with colons."""

    phase: Phase = Phase.UNMATCHED
    checkpoint: int = 0  # the field's numbering
    attempt: int = 0
    peer_mac: str = ''
    run_id: bytes = bytes(8)
    heard: tuple[tuple[str, float], ...] = ()  # MAC and mean attenuation in dB (NaN: not told)
    profile: bytes = b''  # dB, one for each carrier group, of the matched partner
    show_c: bool = False  # vehicle: validation wants C on the pilot now (R19)
    reason: str = ''


@dataclass(frozen=True)
class Send:
    """Put frames on the line: one, or a batch with its spacing in s."""

    frames: tuple[Mme, ...]
    spacing: float = 0.0


@dataclass(frozen=True)
class SetKey:
    """Give the local modem this key."""

    nmk: bytes = field(repr=False)
    nid: bytes = field(repr=False)


@dataclass(frozen=True)
class Changed:
    """Others should know."""

    status: Status


@dataclass(frozen=True)
class LinkChanged:
    """The way to the partner is open, or not any more."""

    ready: bool
    peer_mac: str = ''
    modem_mac: str = ''


Event = Send | SetKey | Changed | LinkChanged
