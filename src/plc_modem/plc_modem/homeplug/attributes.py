# SPDX-License-Identifier: Apache-2.0
"""What the tools of others ask a Qualcomm modem: its make, its network, and another way to a key.

open-plc-utils (plctool, ampstat, plcstat) and EVerest do; our own host has no need of them.
"""

from scapy.contrib.homeplugav import (
    HomePlugAV,
    NetworkInfoConfirmationV11,
    NetworkInformationRequest,
    SetEncryptionKeyConfirmation,
    SetEncryptionKeyRequest,
)
from scapy.fields import (
    ByteField,
    LEFieldLenField,
    LEIntField,
    LEShortField,
    StrFixedLenField,
    StrLenField,
)
from scapy.packet import split_layers

from plc_modem.homeplug.layer import Message, bind

__all__ = [
    'LOCAL_KEY',
    'VS_NW_INFO_CNF',
    'VS_NW_INFO_REQ',
    'VS_OP_ATTRIBUTES_CNF',
    'VS_OP_ATTRIBUTES_REQ',
    'VS_SET_KEY_CNF',
    'VS_SET_KEY_REQ',
]

LOCAL_KEY = 0x0F  # PayloadEncKeySelect: the key is for this modem, not for another by its DAK
_OUI = b'\x00\xb0\x52'  # of Qualcomm; behind the fragmentation field in a message of version 1

VS_SET_KEY_REQ = SetEncryptionKeyRequest
VS_SET_KEY_CNF = SetEncryptionKeyConfirmation


class VS_OP_ATTRIBUTES_REQ(Message):
    """Ask a modem what it is."""

    fields_desc = [LEIntField('Cookie', 0), ByteField('ReportType', 0)]


class VS_OP_ATTRIBUTES_CNF(Message):
    """The answer, with the cookie of the question."""

    fields_desc = [
        LEShortField('Status', 0),
        LEIntField('Cookie', 0),
        ByteField('ReportType', 0),
        LEFieldLenField('Length', None, length_of='Attributes'),
        StrLenField('Attributes', b'', length_from=lambda message: message.Length),
    ]


class VS_NW_INFO_REQ(Message):
    """Ask a modem for its networks and who is in them, in the form of an AR7400 and later."""

    fields_desc = [StrFixedLenField('OUI', _OUI, 3)]


class VS_NW_INFO_CNF(Message):
    """The answer: how many networks behind an octet of zero, then each with its stations."""

    fields_desc = [
        StrFixedLenField('OUI', _OUI, 3),
        ByteField('SubVersion', 0),
        ByteField('Reserved', 0),
        LEFieldLenField('Length', None, length_of='Networks'),
        StrLenField('Networks', b'', length_from=lambda message: message.Length),
    ]


split_layers(HomePlugAV, NetworkInformationRequest, HPtype=0xA038)
split_layers(HomePlugAV, NetworkInfoConfirmationV11, HPtype=0xA039, version=1)
bind(VS_NW_INFO_REQ, 0xA038)
bind(VS_NW_INFO_CNF, 0xA039)
bind(VS_SET_KEY_REQ, 0xA050)
bind(VS_SET_KEY_CNF, 0xA051)
bind(VS_OP_ATTRIBUTES_REQ, 0xA068)
bind(VS_OP_ATTRIBUTES_CNF, 0xA069)
