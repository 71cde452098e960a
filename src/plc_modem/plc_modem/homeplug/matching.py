# SPDX-License-Identifier: Apache-2.0
"""Messages of SLAC, signal level attenuation characterisation (ISO 15118-3 annex A).

What scapy declares rightly is taken from there; what it misnames, takes apart into one packet per
octet, or lacks is declared here.
"""

from scapy.contrib.homeplugav import HomePlugAV
from scapy.contrib.homepluggp import (
    CM_ATTEN_CHAR_IND as _SCAPY_ATTEN_CHAR_IND,
    CM_ATTEN_CHAR_RSP as _SCAPY_ATTEN_CHAR_RSP,
    CM_ATTENUATION_CHARACTERISTICS_MME as _SCAPY_ATTEN_PROFILE,
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_MATCH_REQ,
    CM_SLAC_PARM_CNF,
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
    VS_ATTENUATION_CHARACTERISTICS_MME as _SCAPY_VS_ATTENUATION,
    SLAC_varfield,
    SLAC_varfield_cnf,
)
from scapy.fields import (
    ByteField,
    FieldLenField,
    LEShortField,
    MACField,
    StrFixedLenField,
    StrLenField,
)
from scapy.packet import Packet, split_layers

from plc_modem.homeplug.layer import Message, bind

__all__ = [
    'CM_AMP_MAP_CNF',
    'CM_AMP_MAP_REQ',
    'CM_ATTEN_CHAR_IND',
    'CM_ATTEN_CHAR_RSP',
    'CM_ATTEN_PROFILE_IND',
    'CM_MNBC_SOUND_IND',
    'CM_SLAC_MATCH_CNF',
    'CM_SLAC_MATCH_REQ',
    'CM_SLAC_PARM_CNF',
    'CM_SLAC_PARM_REQ',
    'CM_START_ATTEN_CHAR_IND',
    'CM_VALIDATE_CNF',
    'CM_VALIDATE_REQ',
    'GROUPS',
    'MATCH_LENGTHS',
    'VS_ATTENUATION_CHARACTERISTICS_IND',
    'MatchCnfField',
    'MatchReqField',
]

GROUPS = 58  # carrier groups of a profile; a modem may give fewer, AR7420 none (lesson 5)
MATCH_LENGTHS: dict[type[Packet], int] = {CM_SLAC_MATCH_REQ: 0x3E, CM_SLAC_MATCH_CNF: 0x56}

MatchReqField = SLAC_varfield
MatchCnfField = SLAC_varfield_cnf


class CM_ATTEN_PROFILE_IND(Message):
    """The charger's own modem tells its host how loud an M-Sound was."""

    fields_desc = [
        MACField('PEVMAC', '00:00:00:00:00:00'),
        FieldLenField('NumGroups', None, length_of='Groups', fmt='B'),
        ByteField('Reserved', 0),
        StrLenField('Groups', b'', length_from=lambda message: message.NumGroups),  # dB each
    ]


class CM_ATTEN_CHAR_IND(Message):
    """The charger tells the vehicle the mean over all M-Sounds."""

    fields_desc = [
        ByteField('ApplicationType', 0),
        ByteField('SecurityType', 0),
        MACField('SourceAddress', '00:00:00:00:00:00'),  # of the vehicle
        StrFixedLenField('RunID', bytes(8), 8),
        StrFixedLenField('SourceID', bytes(17), 17),
        StrFixedLenField('ResponseID', bytes(17), 17),
        ByteField('NumSounds', 0),
        FieldLenField('NumGroups', None, length_of='Groups', fmt='B'),
        StrLenField('Groups', b'', length_from=lambda message: message.NumGroups),  # dB each
    ]


class CM_ATTEN_CHAR_RSP(Message):
    """The vehicle has the mean."""

    fields_desc = [
        ByteField('ApplicationType', 0),
        ByteField('SecurityType', 0),
        MACField('SourceAddress', '00:00:00:00:00:00'),  # of the vehicle
        StrFixedLenField('RunID', bytes(8), 8),
        StrFixedLenField('SourceID', bytes(17), 17),
        StrFixedLenField('ResponseID', bytes(17), 17),
        ByteField('Result', 0),  # 0: success
    ]


class CM_VALIDATE_REQ(Message):
    """The vehicle will toggle the control pilot, and asks whether it is seen."""

    fields_desc = [ByteField('SignalType', 0), ByteField('Timer', 0), ByteField('Result', 0)]


class CM_VALIDATE_CNF(Message):
    """The charger tells how many toggles it saw."""

    fields_desc = [ByteField('SignalType', 0), ByteField('ToggleNum', 0), ByteField('Result', 0)]


class CM_AMP_MAP_REQ(Message):
    """One side asks the other to send some carriers more quietly."""

    fields_desc = [
        LEShortField('AMLen', 0),  # carriers, half an octet each
        StrLenField('AMData', b'', length_from=lambda message: (message.AMLen + 1) // 2),
    ]


class CM_AMP_MAP_CNF(Message):
    """The other has taken the map, or not."""

    fields_desc = [ByteField('ResType', 0)]  # 0: success


class VS_ATTENUATION_CHARACTERISTICS_IND(Message):
    """What some modems tell every host of a sound they heard (seen in captures only)."""

    fields_desc = [
        MACField('PEVMAC', '00:00:00:00:00:00'),
        FieldLenField('NumGroups', None, length_of='Groups', fmt='B'),
        StrFixedLenField('Reserved', bytes(9), 9),
        StrLenField('Groups', b'', length_from=lambda message: message.NumGroups),  # dB each
    ]


_REPLACED: list[tuple[type[Packet], int]] = [
    (_SCAPY_ATTEN_CHAR_IND, 0x606E),
    (_SCAPY_ATTEN_CHAR_RSP, 0x606F),
    (_SCAPY_ATTEN_PROFILE, 0x6086),
    (_SCAPY_VS_ATTENUATION, 0xA14E),
]
for _layer, _mmtype in _REPLACED:
    split_layers(HomePlugAV, _layer, HPtype=_mmtype)

bind(CM_AMP_MAP_REQ, 0x601C)
bind(CM_AMP_MAP_CNF, 0x601D)
bind(CM_SLAC_PARM_REQ, 0x6064)
bind(CM_SLAC_PARM_CNF, 0x6065)
bind(CM_START_ATTEN_CHAR_IND, 0x606A)
bind(CM_ATTEN_CHAR_IND, 0x606E)
bind(CM_ATTEN_CHAR_RSP, 0x606F)
bind(CM_MNBC_SOUND_IND, 0x6076)
bind(CM_VALIDATE_REQ, 0x6078)
bind(CM_VALIDATE_CNF, 0x6079)
bind(CM_SLAC_MATCH_REQ, 0x607C)
bind(CM_SLAC_MATCH_CNF, 0x607D)
bind(CM_ATTEN_PROFILE_IND, 0x6086)
bind(VS_ATTENUATION_CHARACTERISTICS_IND, 0xA14E)
