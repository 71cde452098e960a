# SPDX-License-Identifier: Apache-2.0
"""What actions know and change while a launch description is carried out."""

from collections import deque
from collections.abc import Callable
import os
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
        self.handlers: deque[Any] = deque()
        self.events: deque[Any] = deque()
        self.starting: deque[Any] = deque()
        self.running: list[Any] = []
        self.timers: list[tuple[float, Callable[[], None], bool]] = []
        self._started_with = dict(os.environ)
        self._scopes: list[tuple[dict[str, Any], dict[str, str]]] = []

    def emit_event_sync(self, event: Any) -> None:
        self.events.append(event)

    def register_event_handler(self, handler: Any) -> None:
        self.handlers.appendleft(handler)

    def perform_substitution(self, substitution: Any) -> str:
        return substitution.perform(self)

    def call_later(self, seconds: float, call: Callable[[], None], stays: bool = False) -> Any:
        """Call once the seconds are over; on shutdown only if it `stays`. Returns the timer."""
        timer = (time.monotonic() + seconds, call, stays)
        self.timers.append(timer)
        return timer

    def cancel(self, timers: list[Any]) -> None:
        self.timers = [timer for timer in self.timers if timer not in timers]

    def push_scope(self, *, forwarding: bool) -> None:
        self._scopes.append((dict(self.launch_configurations), dict(self.environment)))
        if not forwarding:
            self._replace({}, self._started_with)

    def pop_scope(self) -> None:
        self._replace(*self._scopes.pop())

    def _replace(self, configurations: dict[str, Any], environment: dict[str, str]) -> None:
        self.launch_configurations.clear()
        self.launch_configurations.update(configurations)
        for name in set(self.environment) - set(environment):
            del self.environment[name]
        self.environment.update(environment)
