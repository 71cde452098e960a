# SPDX-License-Identifier: Apache-2.0
"""Messages between a host and its modem: keys, versions, link, reset (HomePlug AV, Qualcomm)."""

from dataclasses import dataclass
import struct

from scapy.contrib.homeplugav import (
    GetDeviceVersion as _SCAPY_SW_VER,
    HomePlugAV,
    QUAResetFactoryConfirm,
    ResetDeviceConfirmation,
    ResetDeviceRequest,
)
from scapy.contrib.homepluggp import CM_SET_KEY_CNF, CM_SET_KEY_REQ
from scapy.fields import (
    ByteField,
    FieldLenField,
    ShortField,
    StrField,
    StrFixedLenField,
    StrLenField,
    XIntField,
)
from scapy.packet import split_layers

from plc_modem.homeplug.layer import Message, bind

__all__ = [
    'CM_GET_KEY_CNF',
    'CM_GET_KEY_REQ',
    'CM_NW_INFO_CNF',
    'CM_NW_INFO_REQ',
    'CM_SET_KEY_CNF',
    'CM_SET_KEY_REQ',
    'NMK_KEY_TYPE',
    'NONCE',
    'PROTOCOL_HLE',
    'VS_FAC_DEFAULTS_CNF',
    'VS_FAC_DEFAULTS_REQ',
    'VS_LNK_STATUS_CNF',
    'VS_LNK_STATUS_REQ',
    'VS_RS_DEV_CNF',
    'VS_RS_DEV_REQ',
    'VS_SW_VER_CNF',
    'VS_SW_VER_REQ',
]

NMK_KEY_TYPE = 1  # AES-128 network membership key
PROTOCOL_HLE = 4  # PID: a host speaks to its modem
NONCE = 0xAAAAAAAA  # what every host of the field sends

_MEMBERSHIP = struct.Struct('7sxxB6sxx')  # SNID and TEI, access and neighbours left out


@dataclass(frozen=True)
class Membership:
    """A modem's place in an AVLN."""

    nid: bytes
    role: int  # 0: a station, 1: proxy coordinator, 2: coordinator
    coordinator: bytes  # its MAC address


VS_RS_DEV_REQ = ResetDeviceRequest
VS_RS_DEV_CNF = ResetDeviceConfirmation
VS_FAC_DEFAULTS_CNF = QUAResetFactoryConfirm


class CM_GET_KEY_REQ(Message):
    """Ask a modem for the network it belongs to."""

    fields_desc = [
        ByteField('RequestType', 0),
        ByteField('KeyType', NMK_KEY_TYPE),
        StrFixedLenField('NetworkID', bytes(7), 7),
        XIntField('MyNonce', NONCE),
        ByteField('PID', PROTOCOL_HLE),
        ShortField('ProtoRunNumber', 0),
        ByteField('ProtoMessNumber', 0),
    ]


class CM_GET_KEY_CNF(Message):
    """A modem's answer; a remote one refuses the key (result 1) but shows that it is there."""

    fields_desc = [
        ByteField('Result', 0),  # 0: the key follows
        ByteField('KeyType', NMK_KEY_TYPE),
        XIntField('MyNonce', 0),
        XIntField('YourNonce', NONCE),
        StrFixedLenField('NetworkID', bytes(7), 7),
        ByteField('EKS', 0),
        ByteField('PID', PROTOCOL_HLE),
        ShortField('ProtoRunNumber', 0),
        ByteField('ProtoMessNumber', 0),
        StrFixedLenField('Key', bytes(16), 16),
    ]


class CM_NW_INFO_REQ(Message):
    """Ask a modem for the networks it is in."""

    fields_desc = []


class CM_NW_INFO_CNF(Message):
    """The answer; networks() reads it."""

    fields_desc = [
        FieldLenField(
            'NumNetworks', None, length_of='Networks', fmt='B', adjust=lambda _, n: n // 18
        ),
        StrLenField('Networks', b'', length_from=lambda message: 18 * message.NumNetworks),
    ]

    def networks(self) -> list['Membership']:
        """Return the AVLNs that the modem belongs to."""
        return [Membership(*one) for one in _MEMBERSHIP.iter_unpack(self.Networks)]


class VS_SW_VER_REQ(Message):
    """Ask modems for their firmware; the local one and those of its AVLN answer."""

    fields_desc = []


class VS_SW_VER_CNF(Message):
    """The modem's firmware, as text that ends with a zero.

    QCA7000, 7005 and 7420 have room for 254 octets of it, and 20 more of their own: 297 in all.
    """

    fields_desc = [
        ByteField('Status', 0),
        ByteField('DeviceID', 0),
        FieldLenField('VersionLen', None, length_of='Version', fmt='B'),
        StrLenField('Version', b'', length_from=lambda message: message.VersionLen),
        StrField('Rest', b''),
    ]


class VS_LNK_STATUS_REQ(Message):
    """Ask the local modem whether it is in an AVLN with another."""

    fields_desc = []


class VS_LNK_STATUS_CNF(Message):
    """The answer."""

    fields_desc = [ByteField('Status', 0), ByteField('LinkStatus', 0)]  # 1: linked


class VS_FAC_DEFAULTS_REQ(Message):
    """Tell the modem to forget its settings."""

    fields_desc = []


split_layers(HomePlugAV, _SCAPY_SW_VER, HPtype=0xA001)

bind(CM_SET_KEY_REQ, 0x6008)
bind(CM_SET_KEY_CNF, 0x6009)
bind(CM_GET_KEY_REQ, 0x600C)
bind(CM_GET_KEY_CNF, 0x600D)
bind(CM_NW_INFO_REQ, 0x6038)
bind(CM_NW_INFO_CNF, 0x6039)
bind(VS_SW_VER_REQ, 0xA000)
bind(VS_SW_VER_CNF, 0xA001)
bind(VS_RS_DEV_REQ, 0xA01C)
bind(VS_RS_DEV_CNF, 0xA01D)
bind(VS_FAC_DEFAULTS_REQ, 0xA07C)
bind(VS_FAC_DEFAULTS_CNF, 0xA07D)
bind(VS_LNK_STATUS_REQ, 0xA0B8)
bind(VS_LNK_STATUS_CNF, 0xA0B9)
