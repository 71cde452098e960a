# SPDX-License-Identifier: Apache-2.0
"""The charger's side: answers SDP at any time, and admits one connection to the session."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv6Address

from v2g.link.core import Link
from v2g.link.security import Policy
from v2g.link.timing import ADDRESS_WAIT, FIRST_MESSAGE_WAIT
from v2g.link.values import (
    Accepted,
    AddressFound,
    Admit,
    AnswerSdp,
    Carrier,
    Changed,
    Close,
    DatagramCame,
    Event,
    FindAddress,
    Happening,
    InterfaceFailed,
    LinkDown,
    LinkUp,
    Listen,
    Listening,
    Lost,
    Open,
    Peer,
    SecurityTerms,
    SessionGone,
    Spoke,
    State,
)
from v2g.sdp import MalformedSdp, SdpRequest, SdpResponse

MAX_WAITING = 8  # connections that have not said anything yet; a ninth displaces the oldest
MAX_ASKERS = 16  # addresses remembered as SDP senders, where no MAC address is known


class ChargerLink(Link):
    """Lets in who was matched, and of those who connect the first that speaks V2GTP (R24).

    A connection that says nothing holds no place: neither SDP nor the vehicle's own connection
    wait for it (abuse 22). When the session's connection has ended, a new one may come at once
    (lesson 40).
    """

    def __init__(self, policy: Policy, entropy: Callable[[int], bytes]) -> None:
        super().__init__(policy, entropy)
        self._address = IPv6Address('::')
        self._port = 0
        self._has_interface = True
        self._waiting: dict[int, tuple[float, Accepted]] = {}  # connection: since when, and who
        self._askers: dict[IPv6Address, None] = {}

    def receive(self, happening: Happening, now: float) -> list[Event]:
        """Take what happened; return what is to be done."""
        match happening:
            case LinkUp():
                return self._link_up(happening)
            case LinkDown(reason):
                self._waiting.clear()
                return self._down(reason)
            case InterfaceFailed(reason):
                self._waiting.clear()
                self._port, self._has_interface = 0, False
                return self._without_interface(reason, now)
            case Carrier(up):
                return self._carrier_is(up)
            case SessionGone() if self.state is State.CONNECTED:
                return self._end('the session node has died')
            case Accepted(connection) if self.state is State.DOWN:
                return [Close(connection)]
            case _ if self.state is State.DOWN:
                return []
            case AddressFound(address) if not self._port:
                return self._address_found(address, now)
            case Listening(port, reason) if not self._port:
                return self._listening(port, reason, now)
            case DatagramCame() if self._port:
                return self._request(happening)
            case Accepted():
                return self._accepted(happening, now)
            case Spoke(connection):
                return self._spoke(connection)
            case Lost():
                return self._one_lost(happening)
        return []

    def tick(self, now: float) -> list[Event]:
        """Do what is due at `now`."""
        if self.deadline is None or now < self.deadline:
            return []
        if not self._has_interface:
            self._has_interface, self.deadline = True, None
            return [Open(self._interface)]
        if not self._port:
            self.deadline = now + ADDRESS_WAIT
            return [FindAddress()]
        since = now - FIRST_MESSAGE_WAIT
        silent = [key for key, (when, _) in self._waiting.items() if when <= since]
        self.counts['silent'] += len(silent)
        return [event for key in silent for event in self._turn_away(key)]

    def _link_up(self, link: LinkUp) -> list[Event]:
        if self._is_known(link):
            return []
        self._port, self._has_interface = 0, True
        self._waiting.clear()
        self._askers.clear()
        return self._begin(link)

    def _address_found(self, address: IPv6Address | None, now: float) -> list[Event]:
        if address is None:
            self.deadline = now + ADDRESS_WAIT
            return []
        self._address = address
        return [Listen(address)]

    def _listening(self, port: int, reason: str, now: float) -> list[Event]:
        self._port = port
        if port:
            self.deadline = None
            self._local = str(Peer(self._address, port))
            return [self._changed(State.SDP)]
        self.deadline = now + ADDRESS_WAIT  # e.g. the address is still tentative
        return [] if reason == self._reason else [self._changed(State.SDP, reason)]

    def _request(self, datagram: DatagramCame) -> list[Event]:
        try:
            request = SdpRequest.parse(datagram.octets)
        except MalformedSdp:
            self.counts['malformed_sdp'] += 1
            return []
        source = datagram.source
        if not source.address.is_link_local or self._is_foreign(source):
            self.counts['untrusted_sdp'] += 1
            return []
        self._remember(source.address)
        offered = self.policy.offers(request.security)
        first = self._terms.asked is None
        if self.state is not State.CONNECTED:
            self._terms = SecurityTerms(asked=request.security, offered=offered)
        answer = AnswerSdp(bytes(SdpResponse(self._address, self._port, offered)), source)
        return [answer, Changed(self.status)] if first else [answer]

    def _is_foreign(self, peer: Peer) -> bool:
        return None not in (self._peer_mac, peer.mac) and peer.mac != self._peer_mac

    def _is_partner(self, peer: Peer) -> bool:
        if self._peer_mac is not None:
            return peer.mac == self._peer_mac
        return peer.address in self._askers

    def _remember(self, address: IPv6Address) -> None:
        self._askers.pop(address, None)
        self._askers[address] = None
        if len(self._askers) > MAX_ASKERS:
            del self._askers[next(iter(self._askers))]

    def _accepted(self, accepted: Accepted, now: float) -> list[Event]:
        if not self._is_partner(accepted.peer):
            self.counts['strangers'] += 1
            return [Close(accepted.connection)]
        if self.state is State.CONNECTED:
            self.counts['second_connections'] += 1
            return [Close(accepted.connection)]
        events: list[Event] = []
        if len(self._waiting) >= MAX_WAITING:
            self.counts['silent'] += 1
            events += self._turn_away(next(iter(self._waiting)))
        self._waiting[accepted.connection] = (now, accepted)
        self._set_deadline()
        if self.state is not State.CONNECTING:
            events.append(self._changed(State.CONNECTING))
        return events

    def _spoke(self, connection: int) -> list[Event]:
        if connection not in self._waiting:
            return []
        _, accepted = self._waiting.pop(connection)
        others: list[Event] = [Close(other) for other in self._waiting]
        self.counts['second_connections'] += len(others)
        self._waiting.clear()
        self.deadline = None
        self._terms = replace(self._terms, chosen=self._terms.offered)
        changed = self._carried(connection, accepted.peer, accepted.local_address)
        return [changed, Admit(connection), *others]

    def _one_lost(self, lost: Lost) -> list[Event]:
        if lost.connection in self._waiting:
            self.counts['silent'] += 1
            return self._turn_away(lost.connection)
        return self._lost(lost)

    def _turn_away(self, connection: int) -> list[Event]:
        del self._waiting[connection]
        self._set_deadline()
        events: list[Event] = [Close(connection)]
        if not self._waiting:
            events.append(self._changed(State.SDP))
        return events

    def _set_deadline(self) -> None:
        since = [when for when, _ in self._waiting.values()]
        self.deadline = min(since) + FIRST_MESSAGE_WAIT if since else None
