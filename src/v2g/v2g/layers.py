# SPDX-License-Identifier: Apache-2.0
"""V2GTP and SDP as scapy layers: importing this makes rdpcap() dissect them.

For captures and for hostile tests. Nodes use v2gtp and sdp, which need no scapy; a test holds both
equal.
"""

from typing import Any

from scapy.config import conf
from scapy.fields import (
    ByteEnumField,
    IntField,
    IP6Field,
    ShortField,
    XByteField,
    XShortEnumField,
)
from scapy.layers.inet import TCP, UDP
from scapy.packet import Packet, bind_layers

from v2g.sdp import SDP_PORT, Security
from v2g.v2gtp import EXI, INVERSE, SDP_REQUEST, SDP_RESPONSE, VERSION

_PAYLOAD_TYPES = {
    EXI: 'EXI',
    0x8002: 'ISO 15118-20 main',
    0x8003: 'ISO 15118-20 AC',
    0x8004: 'ISO 15118-20 DC',
    SDP_REQUEST: 'SDP request',
    SDP_RESPONSE: 'SDP response',
}
_SECURITY = {security.value: security.word for security in Security}
_TRANSPORT = {0x00: 'TCP', 0x10: 'UDP'}


class V2GTP(Packet):
    """The header; what its length covers is the payload, what follows is padding."""

    name = 'V2GTP'
    fields_desc = [  # noqa: RUF012 (scapy's own way)
        XByteField('version', VERSION),
        XByteField('inverse', INVERSE),
        XShortEnumField('payload_type', EXI, _PAYLOAD_TYPES),
        IntField('length', None),
    ]

    @classmethod
    def dispatch_hook(cls, _pkt: bytes | None = None, *_: Any, **__: Any) -> Any:
        """Take only what begins like V2GTP: TCP ports tell nothing, and messages span segments."""
        if _pkt is None or _pkt[:2] == bytes((VERSION, INVERSE)):
            return cls
        return conf.raw_layer

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        """Count the payload, unless a test says what to lie."""
        if self.length is None:
            pkt = pkt[:4] + len(pay).to_bytes(4, 'big')
        return pkt + pay

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes]:
        """Split the payload from what follows it in the same segment."""
        return s[: self.length], s[self.length :]


class SDPRequest(Packet):
    """The vehicle asks where the server is."""

    name = 'SDP request'
    fields_desc = [  # noqa: RUF012 (scapy's own way)
        ByteEnumField('security', Security.NONE, _SECURITY),
        ByteEnumField('transport', 0, _TRANSPORT),
    ]


class SDPResponse(Packet):
    """The charger says where it is."""

    name = 'SDP response'
    fields_desc = [  # noqa: RUF012 (scapy's own way)
        IP6Field('address', '::'),
        ShortField('port', 0),
        ByteEnumField('security', Security.NONE, _SECURITY),
        ByteEnumField('transport', 0, _TRANSPORT),
    ]


bind_layers(UDP, V2GTP, sport=SDP_PORT)
bind_layers(UDP, V2GTP, dport=SDP_PORT)
bind_layers(TCP, V2GTP)
bind_layers(V2GTP, SDPRequest, payload_type=SDP_REQUEST)
bind_layers(V2GTP, SDPResponse, payload_type=SDP_RESPONSE)
