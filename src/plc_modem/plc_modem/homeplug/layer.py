# SPDX-License-Identifier: Apache-2.0
"""What makes a declaration a HomePlug message: its MMTYPE, and where it ends."""

from types import ModuleType

from scapy.contrib.homeplugav import HomePlugAV
from scapy.packet import Packet, bind_layers, split_layers

BY_MMTYPE: dict[int, type[Packet]] = {}
MMTYPES: dict[type[Packet], int] = {}

_VENDOR = 0xA000  # from here on: vendor specific, with an OUI and no fragmentation field
VENDOR_AND_BOTH = frozenset({0xA038, 0xA039})  # VS_NW_INFO, since the AR7400


class Message(Packet):
    """A message declared here: what follows its fields is Ethernet padding."""

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes]:
        """Take no payload."""
        return b'', s


def declared_in(module: ModuleType) -> frozenset[type[Packet]]:
    """Return the messages that a module has; some are scapy's own, made known there."""
    return frozenset(kind for kind in MMTYPES if vars(module).get(kind.__name__) is kind)


def version_of(mmtype: int) -> int:
    """Return the management message version (MMV) that goes with a type."""
    return 0 if mmtype >= _VENDOR and mmtype not in VENDOR_AND_BOTH else 1


def bind(message: type[Packet], mmtype: int) -> None:
    """Let a message be found by its MMTYPE and MMV, and be built with them."""
    split_layers(HomePlugAV, message, HPtype=mmtype)
    bind_layers(HomePlugAV, message, HPtype=mmtype, version=version_of(mmtype))
    BY_MMTYPE[mmtype] = message
    MMTYPES[message] = mmtype
