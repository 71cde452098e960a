# SPDX-License-Identifier: Apache-2.0
"""HomePlug messages as events; keys are never among their values (R27)."""

from collections.abc import Callable, Iterator
import struct
from typing import Any

from scapy.packet import Packet

from plc_kit.readable import readable
from plc_log.capture import Frame
from plc_log.events import Event, Kind, Side
from plc_modem.homeplug import MalformedMme, Mme, dissect

HOMEPLUG = b'\x88\xe1'
SLAC_TYPES = range(0x6064, 0x6088)


def _mean(groups: bytes) -> str:
    return f'{sum(groups) / len(groups):.1f} dB' if groups else 'none'


_SHOWN: dict[str, tuple[str, Callable[[Any], str]]] = {
    'RunID': ('RunID', lambda octets: bytes(octets).hex()),
    'SourceAddress': ('vehicle', str),
    'PEVMAC': ('vehicle', str),
    'EVMAC': ('vehicle', str),
    'EVSEMAC': ('charger', str),
    'NumSounds': ('sounds', str),
    'NumberOfSounds': ('sounds', str),
    'Groups': ('attenuation', _mean),
    'Version': ('version', lambda text: readable(bytes(text))),
    'Result': ('result', str),
    'LinkStatus': ('link', str),
}


_SIDES = {
    'CM_SLAC_PARM.REQ': Side.VEHICLE,
    'CM_SLAC_PARM.CNF': Side.CHARGER,
    'CM_START_ATTEN_CHAR.IND': Side.VEHICLE,
    'CM_MNBC_SOUND.IND': Side.VEHICLE,
    'CM_ATTEN_CHAR.IND': Side.CHARGER,
    'CM_ATTEN_CHAR.RSP': Side.VEHICLE,
    'CM_VALIDATE.REQ': Side.VEHICLE,
    'CM_VALIDATE.CNF': Side.CHARGER,
    'CM_SLAC_MATCH.REQ': Side.VEHICLE,
    'CM_SLAC_MATCH.CNF': Side.CHARGER,
}  # of SLAC; whose a modem is, a frame does not tell


def mmtype_of(octets: bytes) -> int:
    """Return the type of a HomePlug frame; -1 where it is too short to have one."""
    return struct.unpack_from('<H', octets, 15)[0] if len(octets) >= 17 else -1


def event_of(frame: Frame) -> Event:
    """Read a HomePlug frame."""
    mmtype = mmtype_of(frame.octets)
    kind = Kind.SLAC if mmtype in SLAC_TYPES else Kind.MODEM
    source = frame.octets[6:12].hex(':')
    try:
        mme = dissect(frame.octets)
    except MalformedMme as error:
        return Event(
            frame.time, kind, source, f'MMTYPE {mmtype:04x}', {'malformed': str(error)}, True
        )
    name, message = _name(mme, mmtype), mme.message
    values, side = dict(_values(message)), _SIDES.get(name, Side.UNKNOWN)
    return Event(frame.time, kind, source, name, values, side=side, message=message)


def _name(mme: Mme, mmtype: int) -> str:
    name = type(mme.message).__name__
    if not name.startswith(('CM_', 'VS_')):
        return f'MMTYPE {mmtype:04x}'
    words, _, way = name.rpartition('_')
    return f'{words}.{way}'


def _values(packet: Packet) -> Iterator[tuple[str, str]]:
    for field in packet.fields_desc:
        value = packet.getfieldval(field.name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Packet):
                yield from _values(inner)
        if field.name in _SHOWN and value is not None:
            label, text = _SHOWN[field.name]
            yield label, text(value)
