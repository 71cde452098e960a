# SPDX-License-Identifier: Apache-2.0
"""What actions know and change while a launch description is carried out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
import heapq
import os
import time
from types import SimpleNamespace
from typing import Any

from launch.events import Event


class LaunchContext:
    """Configurations, environment, handlers, the queue of events, timers and processes."""

    def __init__(self, *, argv: Iterable[str] = (), noninteractive: bool = False) -> None:
        self.argv, self.noninteractive = list(argv), noninteractive
        self.launch_configurations: dict[str, Any] = {}
        self.environment = os.environ
        self.locals = SimpleNamespace(event=None)
        self.is_shutdown = False
        self.handlers: deque[Any] = deque()
        self.events: deque[Event] = deque()
        self.starting: deque[Any] = deque()
        self.running: list[Any] = []
        self.timers: list[tuple[float, int, Any]] = []
        self._started_with = dict(os.environ)
        self._scopes: list[tuple[dict[str, Any], dict[str, str]]] = []

    def emit_event_sync(self, event: Event) -> None:
        self.events.append(event)

    def register_event_handler(self, handler: Any) -> None:
        self.handlers.appendleft(handler)

    def unregister_event_handler(self, handler: Any) -> None:
        if handler in self.handlers:
            self.handlers.remove(handler)

    def perform_substitution(self, substitution: Any) -> str:
        return substitution.perform(self)

    def start_timer(self, action: Any, period: float) -> None:
        heapq.heappush(self.timers, (time.monotonic() + period, id(action), action))

    def push_scope(self, *, forwarding: bool) -> None:
        self._scopes.append((dict(self.launch_configurations), dict(self.environment)))
        if not forwarding:
            self.launch_configurations.clear()
            self._replace_environment(self._started_with)

    def pop_scope(self) -> None:
        configurations, environment = self._scopes.pop()
        self.launch_configurations.clear()
        self.launch_configurations.update(configurations)
        self._replace_environment(environment)

    def _replace_environment(self, wanted: dict[str, str]) -> None:
        for name in set(self.environment) - set(wanted):
            del self.environment[name]
        self.environment.update(wanted)
