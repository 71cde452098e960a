# SPDX-License-Identifier: Apache-2.0
"""What both sides have in common: the state of the link, its one connection, its end."""

from collections import Counter
from collections.abc import Callable

from v2g.link.security import Policy
from v2g.link.timing import INTERFACE_WAIT, MAX_TRANSMIT_AGE
from v2g.link.values import (
    CLOSED_HERE,
    Changed,
    Close,
    CloseAll,
    Event,
    LinkUp,
    Lost,
    Open,
    Peer,
    SecurityTerms,
    State,
    Status,
    Transmit,
)
from v2g.sdp import Security
from v2g.v2gtp import pack

REFUSALS = ('malformed_sdp', 'untrusted_sdp', 'strangers', 'second_connections', 'silent')


class Link:
    """The state of one data link's IP connection; a side adds how it comes to be.

    Every call brings `now` (s), `deadline` says when tick() is due next. `counts` tells how often
    something was refused or dropped, by a word for each.
    """

    def __init__(self, policy: Policy, entropy: Callable[[int], bytes]) -> None:
        self.policy = policy
        self.state = State.DOWN
        self.deadline: float | None = None
        self.counts: Counter[str] = Counter()
        self._carrier = False
        self._entropy = entropy
        self._interface = ''
        self._peer_mac: bytes | None = None
        self._forget()

    @property
    def status(self) -> Status:
        """The state with all that belongs to it."""
        terms = self._terms
        return Status(
            state=self.state,
            carrier=self._carrier,
            link_id=self._link_id,
            connection_id=self._connection if self.state is State.CONNECTED else 0,
            local_address=self._local,
            remote_address=str(self._remote or ''),
            security_asked=_word(terms.asked),
            security_offered=_word(terms.offered),
            security_chosen=_word(terms.chosen),
            security_policy=self.policy.value,
            refused=sum(self.counts[word] for word in REFUSALS),
            reason=self._reason,
        )

    def transmit(
        self,
        connection: int,
        payload_type: int,
        payload: bytes,
        *,
        age: float,
        close: bool = False,
    ) -> list[Event]:
        """Send a message of the session's, `age` seconds after it was handed over.

        What belongs to another connection, or is older than a second, is dropped: a played-back
        bag says nothing to a charger (R6).
        """
        if self.state is not State.CONNECTED or connection != self._connection:
            self.counts['foreign_v2g_tx'] += 1
            return []
        if abs(age) > MAX_TRANSMIT_AGE:
            self.counts['stale_v2g_tx'] += 1
            return []
        events: list[Event] = []
        if payload:
            events.append(Transmit(connection, pack(payload_type, payload)))
        if close:
            events += self._end(CLOSED_HERE)
        return events

    def _begin(self, link: LinkUp) -> list[Event]:
        events = self._stop()
        self._forget()
        self._link_id, self._peer_mac = link.link_id, link.peer_mac
        self._interface = link.interface
        return [*events, self._changed(State.SDP), Open(link.interface)]

    def _without_interface(self, reason: str, now: float) -> list[Event]:
        """Close what is open; while the partner is still looked for, try again in a while."""
        if self.state is not State.SDP:
            return self._down(reason)
        self.deadline = now + INTERFACE_WAIT
        told = not self._carrier_is(False) and reason == self._reason
        return [CloseAll()] if told else [CloseAll(), self._changed(State.SDP, reason)]

    def _carrier_is(self, up: bool) -> list[Event]:
        if up == self._carrier:
            return []
        self._carrier = up
        return [Changed(self.status)]

    def _is_known(self, link: LinkUp) -> bool:
        return self.state is not State.DOWN and link.link_id == self._link_id

    def _forget(self) -> None:
        self._link_id = 0
        self._carrier = False
        self._peer_mac = None
        self._connection = 0
        self._local = ''
        self._remote: Peer | None = None
        self._terms = SecurityTerms()
        self._reason = ''

    def _stop(self) -> list[Event]:
        was_down, self.state, self.deadline = self.state is State.DOWN, State.DOWN, None
        return [] if was_down else [CloseAll()]

    def _down(self, reason: str) -> list[Event]:
        events = self._stop()
        link_id = self._link_id
        self._forget()
        self._link_id = link_id
        return [*events, self._changed(State.DOWN, reason)]

    def _carried(self, connection: int, peer: Peer, local: str) -> Changed:
        self._connection, self._remote, self._local = connection, peer, local
        return self._changed(State.CONNECTED)

    def _end(self, reason: str) -> list[Event]:
        """End the session's connection from this side."""
        return [Close(self._connection), *self._ended(reason)]

    def _lost(self, lost: Lost) -> list[Event]:
        return self._ended(lost.reason) if lost.connection == self._connection else []

    def _ended(self, reason: str) -> list[Event]:
        self._connection = 0
        return [self._changed(State.CLOSED, reason)]

    def _changed(self, state: State, reason: str = '') -> Changed:
        self.state, self._reason = state, reason
        return Changed(self.status)

    def _new_connection_id(self) -> int:
        return int.from_bytes(self._entropy(8), 'big') or 1


def _word(security: Security | None) -> str:
    return '' if security is None else security.word
