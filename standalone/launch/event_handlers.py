# SPDX-License-Identifier: Apache-2.0
"""Answers to events: a callable, or entities that are then carried out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from launch import events


@dataclass(eq=False, kw_only=True)
class EventHandler:
    """Answers each event its matcher accepts, or only the first one."""

    matcher: Callable[[Any], bool]
    entities: Any = None
    handle_once: bool = False

    def handle(self, event: Any, context: Any) -> Any:
        if self.handle_once:
            context.handlers.remove(self)
        return self.entities(event, context) if callable(self.entities) else self.entities


class OnProcessExit(EventHandler):
    """Answers the end of a process."""

    def __init__(self, *, target_action: Any = None, on_exit: Any, **kwargs: Any) -> None:
        matcher = _of_process(events.ProcessExited, target_action)
        super().__init__(matcher=matcher, entities=on_exit, **kwargs)


class OnProcessStart(EventHandler):
    """Answers the start of a process."""

    def __init__(self, *, target_action: Any = None, on_start: Any, **kwargs: Any) -> None:
        matcher = _of_process(events.ProcessStarted, target_action)
        super().__init__(matcher=matcher, entities=on_start, **kwargs)


class OnShutdown(EventHandler):
    """Answers the shutdown of everything."""

    def __init__(self, *, on_shutdown: Any, **kwargs: Any) -> None:
        matcher = _is_shutdown
        super().__init__(matcher=matcher, entities=on_shutdown, **kwargs)


def _is_shutdown(event: Any) -> bool:
    return isinstance(event, events.Shutdown)


def _of_process(kind: type, target: Any) -> Callable[[Any], bool]:
    if callable(target):
        return lambda event: type(event) is kind and target(event.action)
    return lambda event: type(event) is kind and target in (None, event.action)
