# SPDX-License-Identifier: Apache-2.0
"""The vehicle's way to the charger's server: SDP requests, then a TCP connection."""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto
from ipaddress import IPv6Address

from v2g.link.core import Link
from v2g.link.security import Policy
from v2g.link.timing import (
    ADDRESS_WAIT,
    SDP_REQUESTS,
    SDP_RESPONSE_WAIT,
    TCP_CONNECT_PAUSE,
    TCP_CONNECT_TRIES,
    TCP_CONNECT_WAIT,
)
from v2g.link.values import (
    AddressFound,
    Admit,
    AskSdp,
    Carrier,
    Close,
    Connect,
    DatagramCame,
    Event,
    FindAddress,
    Happening,
    InterfaceFailed,
    LinkDown,
    LinkUp,
    Lost,
    Open,
    Opened,
    Peer,
    SecurityTerms,
    SessionGone,
    State,
)
from v2g.sdp import SDP_PORT, MalformedSdp, SdpRequest, SdpResponse

_LOWEST_PORT = 1024  # chargers use 15118, 30000 and the dynamic range (lesson 28)


class Step(Enum):
    """What is waited for."""

    NOTHING = auto()
    INTERFACE = auto()
    ADDRESS = auto()
    RESPONSE = auto()
    CONNECTION = auto()
    NEXT_TRY = auto()


class VehicleLink(Link):
    """Asks by SDP until the partner answers, then connects; once for each data link.

    What a neighbour answers, or what cannot be used, is counted and not heeded: the right answer
    may come behind it (abuse 16).
    """

    def __init__(self, policy: Policy, entropy: Callable[[int], bytes]) -> None:
        super().__init__(policy, entropy)
        self._step = Step.NOTHING
        self._requests = 0
        self._barred: set[IPv6Address] = set()
        self._server: Peer | None = None  # as announced; its mac is the SDP sender's
        self._tries: list[int] = []  # ports still to be tried
        self._failure = ''

    def receive(self, happening: Happening, now: float) -> list[Event]:
        """Take what happened; return what is to be done."""
        match self._step, happening:
            case _, LinkUp():
                return self._link_up(happening)
            case _, LinkDown(reason):
                self._step = Step.NOTHING
                return self._down(reason)
            case _, InterfaceFailed(reason):
                searching = self.state is State.SDP
                self._step = Step.INTERFACE if searching else Step.NOTHING
                return self._without_interface(reason, now)
            case _, Carrier(up):
                return self._carrier_is(up)
            case _, SessionGone():
                return self._session_gone()
            case Step.ADDRESS, AddressFound(address):
                return self._address(address, now)
            case Step.RESPONSE, DatagramCame():
                return self._response(happening, now)
            case Step.CONNECTION, Opened(connection) if connection == self._connection:
                return self._opened(happening, now)
            case Step.CONNECTION, Lost(connection, reason) if connection == self._connection:
                self._failure, self._step = reason, Step.NEXT_TRY
                self.deadline = now + TCP_CONNECT_PAUSE
            case Step.NOTHING, Lost():
                return self._lost(happening)
            case _, Opened(connection):
                return [Close(connection)]
        return []

    def tick(self, now: float) -> list[Event]:
        """Do what is due at `now`."""
        if self.deadline is None or now < self.deadline:
            return []
        match self._step:
            case Step.INTERFACE:
                self._step, self.deadline = Step.ADDRESS, None
                return [Open(self._interface)]
            case Step.ADDRESS:
                self.deadline = now + ADDRESS_WAIT
                return [FindAddress()]
            case Step.RESPONSE:
                return self._ask(now)
            case Step.CONNECTION:
                self._failure = f'no answer within {TCP_CONNECT_WAIT} s'
                return [Close(self._connection), *self._try_next(now)]
        return self._try_next(now)

    def _link_up(self, link: LinkUp) -> list[Event]:
        if self._is_known(link):
            return []
        self._step, self._requests, self._failure = Step.ADDRESS, 0, ''
        self._barred.clear()
        events = self._begin(link)
        self._terms = SecurityTerms(asked=self.policy.asks())
        return events

    def _address(self, address: IPv6Address | None, now: float) -> list[Event]:
        if address is None:
            self.deadline = now + ADDRESS_WAIT
            return []
        found: list[Event] = [self._changed(State.SDP)] if self._reason else []
        return found + self._ask(now)

    def _ask(self, now: float) -> list[Event]:
        if self._requests >= SDP_REQUESTS:
            reason = f'no usable SDP response to {SDP_REQUESTS} requests'
            return self._give_up(reason + self._failure)
        self._step, self.deadline = Step.RESPONSE, now + SDP_RESPONSE_WAIT
        self._requests += 1
        return [AskSdp(bytes(SdpRequest(self.policy.asks())))]

    def _response(self, datagram: DatagramCame, now: float) -> list[Event]:
        try:
            response = SdpResponse.parse(datagram.octets)
        except MalformedSdp:
            self.counts['malformed_sdp'] += 1
            return []
        if why := self._distrust(response, datagram.source):
            self.counts['untrusted_sdp'] += 1
            self._failure = f'; the last response was refused: {why}'
            return []
        self._terms = replace(self._terms, offered=response.security)
        self._server = Peer(response.address, response.port, datagram.source.mac)
        self._tries = [response.port] * TCP_CONNECT_TRIES
        if response.port != SDP_PORT:
            self._tries.append(SDP_PORT)  # ABB announces another one than it has (lesson 28)
        return [self._changed(State.CONNECTING), *self._try_next(now)]

    def _distrust(self, response: SdpResponse, source: Peer) -> str:
        if self._peer_mac is not None and source.mac not in (None, self._peer_mac):
            return 'it came from another station than the matched one'
        if self._peer_mac is None and response.address != source.address:
            return f'{source.address} spoke for another'  # only the sender is known (R24)
        if not (source.address.is_link_local and response.address.is_link_local):
            return f'{response.address} is no link-local address'
        if response.address in self._barred:
            return f'{response.address} is not the matched station'
        if response.port < _LOWEST_PORT:
            return f'port {response.port} cannot be'
        if not self.policy.takes(response.security):
            return f'security {response.security.word}, where {self.policy} is the policy'
        return ''

    def _try_next(self, now: float) -> list[Event]:
        assert self._server is not None
        if not self._tries:
            return self._give_up(f'no TCP connection to {self._server}: {self._failure}')
        self._step, self.deadline = Step.CONNECTION, now + TCP_CONNECT_WAIT
        self._connection = self._new_connection_id()
        return [Connect(self._connection, self._server.address, self._tries.pop(0))]

    def _opened(self, opened: Opened, now: float) -> list[Event]:
        if not self._is_partner(opened.peer):
            self.counts['strangers'] += 1
            self._barred.add(opened.peer.address)
            self._connection, self._server, self._failure = 0, None, ''
            return [Close(opened.connection), self._changed(State.SDP), *self._ask(now)]
        self._step, self.deadline = Step.NOTHING, None
        self._terms = replace(self._terms, chosen=self._terms.offered)
        changed = self._carried(opened.connection, opened.peer, opened.local_address)
        return [changed, Admit(opened.connection)]

    def _is_partner(self, peer: Peer) -> bool:
        if self._peer_mac is not None:
            return peer.mac == self._peer_mac
        assert self._server is not None
        return None in (self._server.mac, peer.mac) or peer.mac == self._server.mac

    def _session_gone(self) -> list[Event]:
        if self.state is not State.CONNECTED:
            return []
        return self._end('the session node has died')

    def _give_up(self, reason: str) -> list[Event]:
        self._step, self.deadline = Step.NOTHING, None
        return self._ended(reason)
