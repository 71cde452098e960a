# SPDX-License-Identifier: Apache-2.0
"""What a broker is told when: what has changed, at most once in `period`, and all after a pause.

A broker that was away has lost what it kept; so everything comes again when it is back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Publish:
    """One retained message."""

    topic: str
    payload: str


class Telling:
    """Told of values, of the connection and of time; returns what to publish now."""

    def __init__(self, first: Mapping[str, str], period: float) -> None:
        """`first`: topics and payloads that come before all else on each connection."""
        self.connected = False
        self._first, self._period = dict(first), period
        self._values: dict[str, str] = {}
        self._changed: set[str] = set()
        self._not_before = -inf

    @property
    def deadline(self) -> float | None:
        """When tick() is due."""
        return self._not_before if self._changed and self.connected else None

    def set(self, values: Mapping[str, str], now: float) -> list[Publish]:
        """Take values by their topics."""
        for topic, payload in values.items():
            if self._values.get(topic) != payload:
                self._values[topic] = payload
                self._changed.add(topic)
        return self.tick(now)

    def connection(self, up: bool, now: float) -> list[Publish]:
        """The broker has come or gone."""
        self.connected = up
        if not up:
            return []
        self._changed, self._not_before = set(), now + self._period
        return [Publish(*one) for one in (*self._first.items(), *self._values.items())]

    def tick(self, now: float) -> list[Publish]:
        """Let time pass."""
        if not (self.connected and self._changed and now >= self._not_before):
            return []
        changed, self._changed = self._changed, set()
        self._not_before = now + self._period
        return [Publish(topic, one) for topic, one in self._values.items() if topic in changed]
