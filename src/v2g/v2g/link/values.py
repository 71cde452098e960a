# SPDX-License-Identifier: Apache-2.0
"""What the machines of SDP and TCP are told, and what they say."""

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv6Address

from v2g.sdp import Security

CLOSED_HERE = 'closed by this side'
CLOSED_THERE = 'the partner closed the connection'


class State(IntEnum):
    """How far the way to the partner is; the numbers of plc_msgs/TransportStatus."""

    DOWN = 0
    SDP = 1
    CONNECTING = 2
    CONNECTED = 3
    CLOSED = 4


@dataclass(frozen=True)
class Peer:
    """Who sent a datagram, or is at the other end of a connection."""

    address: IPv6Address
    port: int
    mac: bytes | None = None  # as the neighbour table knows it; None: not yet

    def __str__(self) -> str:
        return f'[{self.address}]:{self.port}'


@dataclass(frozen=True)
class Status:
    """The fields of plc_msgs/TransportStatus."""

    state: State
    carrier: bool
    link_id: int
    connection_id: int
    local_address: str
    remote_address: str
    security_asked: str
    security_offered: str
    security_chosen: str
    security_policy: str
    refused: int
    reason: str

    @property
    def lacks_carrier(self) -> bool:
        """There is a data link, and no Ethernet partner."""
        return self.state is not State.DOWN and not self.carrier


def mac_from_text(text: str) -> bytes | None:
    """Read a MAC address as messages carry it; empty: None. Raises ValueError."""
    octets = bytes.fromhex(text.replace(':', ''))
    if len(octets) not in (0, 6):
        raise ValueError(f'{text!r} is no MAC address')
    return octets or None


# What happens.


@dataclass(frozen=True)
class LinkUp:
    """The data link is there."""

    link_id: int
    interface: str = ''
    peer_mac: bytes | None = None  # of the matched host; None: not known (slac:=skip)


@dataclass(frozen=True)
class LinkDown:
    """The data link is gone, or cannot be used."""

    reason: str = ''


@dataclass(frozen=True)
class InterfaceFailed:
    """The interface could not be opened, or cannot be used any more."""

    reason: str


@dataclass(frozen=True)
class Carrier:
    """Whether the interface has an Ethernet partner: told once it is open, and at each change."""

    up: bool


@dataclass(frozen=True)
class SessionGone:
    """The session node has died: nobody would answer the partner (R7)."""


@dataclass(frozen=True)
class AddressFound:
    """The own link-local address, or None where there is none yet."""

    address: IPv6Address | None


@dataclass(frozen=True)
class DatagramCame:
    """A datagram came to the SDP port."""

    octets: bytes
    source: Peer


@dataclass(frozen=True)
class Listening:
    """The TCP server is open; port 0: it could not be opened for `reason`."""

    port: int
    reason: str = ''


@dataclass(frozen=True)
class Opened:
    """The TCP connection asked for is there."""

    connection: int
    peer: Peer
    local_address: str


@dataclass(frozen=True)
class Accepted:
    """Somebody has connected to the TCP server."""

    connection: int
    peer: Peer
    local_address: str


@dataclass(frozen=True)
class Spoke:
    """A connection that waits for admission has delivered a whole V2GTP message."""

    connection: int


@dataclass(frozen=True)
class Lost:
    """A connection has ended, or did not come to be."""

    connection: int
    reason: str


Happening = (
    LinkUp
    | LinkDown
    | InterfaceFailed
    | Carrier
    | SessionGone
    | AddressFound
    | DatagramCame
    | Listening
    | Opened
    | Accepted
    | Spoke
    | Lost
)


# What is to be done.


@dataclass(frozen=True)
class Open:
    """Take this interface, then find the address: AddressFound or InterfaceFailed is told."""

    interface: str


@dataclass(frozen=True)
class FindAddress:
    """Look for the own link-local address, and tell it by AddressFound."""


@dataclass(frozen=True)
class Listen:
    """Open the SDP and the TCP server, and tell by Listening."""

    address: IPv6Address


@dataclass(frozen=True)
class AskSdp:
    """Send a datagram to all nodes of the link."""

    octets: bytes


@dataclass(frozen=True)
class AnswerSdp:
    """Send a datagram back."""

    octets: bytes
    to: Peer


@dataclass(frozen=True)
class Connect:
    """Open a TCP connection from a new port, and tell by Opened or Lost."""

    connection: int
    address: IPv6Address
    port: int


@dataclass(frozen=True)
class Admit:
    """This connection carries the session: pass on what comes."""

    connection: int


@dataclass(frozen=True)
class Transmit:
    """Send these octets in one piece."""

    connection: int
    octets: bytes


@dataclass(frozen=True)
class Close:
    """End a connection, after what was sent has gone out."""

    connection: int


@dataclass(frozen=True)
class CloseAll:
    """End whatever is open."""


@dataclass(frozen=True)
class Changed:
    """The state is another one."""

    status: Status


Event = (
    Open
    | FindAddress
    | Listen
    | AskSdp
    | AnswerSdp
    | Connect
    | Admit
    | Transmit
    | Close
    | CloseAll
    | Changed
)


@dataclass(frozen=True)
class SecurityTerms:
    """What was said about security on the way to a connection (R16)."""

    asked: Security | None = None
    offered: Security | None = None
    chosen: Security | None = None
