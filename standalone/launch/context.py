# SPDX-License-Identifier: Apache-2.0
"""What actions know and change while a launch description is carried out."""

from collections import deque
from collections.abc import Callable
import os
import selectors
import time
from types import SimpleNamespace
from typing import Any


class LaunchContext:
    """Configurations, environment, handlers, the queue of events, timers and processes."""

    def __init__(self, *, noninteractive: bool = False) -> None:
        self.noninteractive, self.is_shutdown = noninteractive, False
        self.launch_configurations: dict[str, Any] = {}
        self.environment = os.environ
        self.locals = SimpleNamespace(event=None)
        self.selector = selectors.DefaultSelector()
        self.handlers: deque[Any] = deque()
        self.events: deque[Any] = deque()
        self.starting: deque[Any] = deque()
        self.running: list[Any] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self._started_with = dict(os.environ)
        self._scopes: list[tuple[dict[str, Any], dict[str, str]]] = []

    def emit_event_sync(self, event: Any) -> None:
        self.events.append(event)

    def perform_substitution(self, substitution: Any) -> str:
        return substitution.perform(self)

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call once the seconds are over; what waits at the shutdown is forgotten."""
        self.timers.append((time.monotonic() + seconds, call))

    def push_scope(self, configurations: dict[str, Any], forwarding: bool) -> None:
        now = (dict(self.launch_configurations), dict(self.environment))
        self._scopes.append(now)
        known, environment = now if forwarding else ({}, self._started_with)
        self._replace({**known, **configurations}, environment)

    def pop_scope(self) -> None:
        self._replace(*self._scopes.pop())

    def _replace(self, configurations: dict[str, Any], environment: dict[str, str]) -> None:
        for known, values in (
            (self.launch_configurations, configurations),
            (self.environment, environment),
        ):
            known.clear()
            known.update(values)
