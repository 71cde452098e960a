# SPDX-License-Identifier: Apache-2.0
"""An Ethernet frame with a HomePlug message in it, as a value, and as octets."""

from dataclasses import dataclass
from functools import cache
import struct

from scapy.contrib.homeplugav import HomePlugAV
from scapy.fields import StrLenField
from scapy.packet import Packet

from plc_modem.homeplug import (  # noqa: F401  (they bind their messages)
    attributes,
    matching,
    module,
    station,
)
from plc_modem.homeplug.layer import (
    BY_MMTYPE,
    MMTYPES,
    VENDOR_AND_BOTH,
    declared_in,
    version_of,
)
from plc_modem.homeplug.matching import MATCH_LENGTHS

HOMEPLUG = 0x88E1  # ethertype
BROADCAST = 'ff:ff:ff:ff:ff:ff'
LOCAL_MODEM = '00:b0:52:00:00:01'  # every Qualcomm modem answers its own host under this address

_HEADER = struct.Struct('!6s6sH')  # destination, source, ethertype
_MMTYPE = struct.Struct('<BH')  # version, type
_MME_HEADER = 5  # octets, at least: version, type, fragmentation
_OF_SLAC = frozenset(MMTYPES[kind].to_bytes(2, 'little') for kind in declared_in(matching))
_SHORTEST = 60  # octets of an Ethernet frame without its check sequence


class MalformedMme(ValueError):
    """The octets from the line cannot be the message that their MMTYPE says they are."""


@dataclass(frozen=True)
class Mme:
    """A message and its way; addresses as lower-case hex with colons."""

    destination: str
    source: str
    message: Packet  # one of homeplug.matching or homeplug.station; else Raw: not known here

    def __bytes__(self) -> bytes:
        return build(self)


def is_homeplug(octets: bytes) -> bool:
    """Tell whether a frame carries a management message."""
    return octets[12:14] == b'\x88\xe1'


def is_of_slac(octets: bytes) -> bool:
    """Tell whether a management message is one of SLAC: a modem's host has no use for it."""
    return octets[_HEADER.size + 1 : _HEADER.size + 3] in _OF_SLAC


def build(mme: Mme) -> bytes:
    """Return the frame's octets, padded to Ethernet's shortest, without check sequence."""
    addresses = bytes.fromhex(mme.destination.replace(':', '') + mme.source.replace(':', ''))
    frame = addresses + _header(MMTYPES[type(mme.message)]) + bytes(mme.message)
    return frame.ljust(_SHORTEST, b'\0')


@cache  # scapy copies each layer for each frame, and START would wait for 13
def _header(mmtype: int) -> bytes:
    """Return the octets between addresses and message."""
    header = HomePlugAV(version=version_of(mmtype), HPtype=mmtype)
    return HOMEPLUG.to_bytes(2) + bytes(header)


def dissect(octets: bytes) -> Mme:
    """Read a frame; a message of a type not known here comes as scapy's Raw.

    Raises MalformedMme: no HomePlug frame, cut short, a fragment, of the wrong version, or not
    what its own length fields say.
    """
    if len(octets) < _HEADER.size + _MME_HEADER or not is_homeplug(octets):
        raise MalformedMme('too short, or no HomePlug frame')
    destination, source, _ = _HEADER.unpack_from(octets)
    version, mmtype = _MMTYPE.unpack_from(octets, _HEADER.size)
    header = HomePlugAV(octets[_HEADER.size :])
    wanted = BY_MMTYPE.get(mmtype)
    of_older = mmtype in VENDOR_AND_BOTH and not version  # another layout, not known here
    if wanted is not None and not of_older:
        _check(header, wanted, octets[_HEADER.size :])
    return Mme(destination.hex(':'), source.hex(':'), header.payload)


def _check(header: Packet, wanted: type[Packet], octets: bytes) -> None:
    """Raise unless the message is whole: rebuilt, it is what came, up to the padding."""
    message = header.payload
    if not isinstance(message, wanted) or header.FragmentInfo:
        raise MalformedMme(f'no {wanted.__name__}: cut short, a fragment, or of another version')
    message.remove_payload()
    if type(message) in MATCH_LENGTHS:
        message.VariableField.remove_payload()  # else scapy takes padding for a part of it
    header.clear_cache()
    if not octets.startswith(bytes(header)) or not _lengths_agree(message):
        raise MalformedMme(f'{wanted.__name__} ends before its last field')


def _lengths_agree(message: Packet) -> bool:
    if type(message) in MATCH_LENGTHS:
        return bool(message.MatchVariableFieldLen == MATCH_LENGTHS[type(message)])
    return all(
        len(message.getfieldval(field.name)) == field.length_from(message)
        for field in message.fields_desc
        if isinstance(field, StrLenField) and field.length_from
    )
