# SPDX-License-Identifier: Apache-2.0
"""May this vehicle charge here? Everybody, a list, or whoever is asked says so (R17)."""

from dataclasses import dataclass
from string import hexdigits

from v2g.session.events import AuthorizationAsked
from v2g.session.facts import VehicleFacts
from v2g.session.story import Story

FREE, SERVICE = 'free', 'service'
_DIGITS = 12  # of an EVCCID and of a MAC


@dataclass(frozen=True)
class Permit:
    """The parameter `authorization`, read."""

    free: bool = False
    listed: frozenset[str] = frozenset()  # 12 lower-case hex digits each; empty: somebody is asked

    @classmethod
    def of_text(cls, text: str) -> 'Permit':
        """Read free, service, or EVCCIDs and MACs between commas; ValueError with a sentence."""
        if text in (FREE, SERVICE):
            return cls(free=text == FREE)
        return cls(listed=frozenset(map(_identity, text.split(','))))

    def lists(self, facts: VehicleFacts) -> bool:
        """Tell whether one of the vehicle's addresses is on the list."""
        own = (facts.evcc_id, facts.mac, facts.modem_mac)
        return any(name and _plain(name) in self.listed for name in own)


def _plain(text: str) -> str:
    return text.strip().replace(':', '').replace('-', '').lower()


def _identity(text: str) -> str:
    plain = _plain(text)
    if len(plain) != _DIGITS or not set(plain) <= set(hexdigits):
        raise ValueError(
            f'parameter authorization: {text.strip()!r} is neither free nor service, and no'
            ' EVCCID or MAC of 12 hex digits'
        )
    return plain


class Authorization:
    """A decision that holds for one connection."""

    def __init__(self, permit: Permit, request_id: int, story: Story) -> None:
        self.pending, self.denied = True, False
        self.reason = ''
        self.asked: AuthorizationAsked | None = None  # somebody
        self._permit, self._request_id, self._story = permit, request_id, story

    def consider(self, facts: VehicleFacts) -> None:
        """Decide, or ask once who may."""
        if self._permit.free:
            self.decide(allowed=True)
        elif self._permit.listed:
            listed = self._permit.lists(facts)
            self.decide(allowed=listed, reason=f'{facts.evcc_id} is not on the list')
        elif self.asked is None:
            self.asked = AuthorizationAsked(self._request_id, facts)
            self._story.add(self.asked)

    def decide(self, *, allowed: bool, reason: str = '') -> None:
        """Take the decision; a later one counts only while none was taken."""
        if self.pending:
            self.denied = not allowed
            self.reason = reason or 'the vehicle is not authorised'
            self.withdraw()

    def withdraw(self) -> None:
        """The question needs no answer any more."""
        if self.pending and self.asked is not None:
            self._story.add(AuthorizationAsked(self._request_id, self.asked.facts, pending=False))
        self.pending = False
