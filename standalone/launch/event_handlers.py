# SPDX-License-Identifier: Apache-2.0
"""Answers to events: a callable, or entities that are then carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from launch import events
from launch.events import process


class EventHandler:
    """Answers each event its matcher accepts, or only the first one."""

    def __init__(
        self,
        *,
        matcher: Callable[[events.Event], bool],
        entities: Any = None,
        handle_once: bool = False,
    ) -> None:
        self.matcher, self.entities, self.handle_once = matcher, entities, handle_once

    def handle(self, event: events.Event, context: Any) -> Any:
        if self.handle_once:
            context.unregister_event_handler(self)
        return self.entities(event, context) if callable(self.entities) else self.entities


class _OnProcess(EventHandler):
    event_type: type[events.Event]

    def __init__(self, target_action: Any, entities: Any, **kwargs: Any) -> None:
        by_matcher = callable(target_action) and not hasattr(target_action, 'visit')

        def matches(event: Any) -> bool:
            if not isinstance(event, self.event_type):
                return False
            if by_matcher:
                return target_action(event.action)
            return target_action is None or event.action is target_action

        super().__init__(matcher=matches, entities=entities, **kwargs)


class OnProcessExit(_OnProcess):
    """Answers the end of a process."""

    event_type = process.ProcessExited

    def __init__(self, *, target_action: Any = None, on_exit: Any, **kwargs: Any) -> None:
        super().__init__(target_action, on_exit, **kwargs)


class OnProcessStart(_OnProcess):
    """Answers the start of a process."""

    event_type = process.ProcessStarted

    def __init__(self, *, target_action: Any = None, on_start: Any, **kwargs: Any) -> None:
        super().__init__(target_action, on_start, **kwargs)


class OnShutdown(EventHandler):
    """Answers the shutdown of everything."""

    def __init__(self, *, on_shutdown: Any, **kwargs: Any) -> None:
        super().__init__(
            matcher=lambda event: isinstance(event, events.Shutdown),
            entities=on_shutdown,
            **kwargs,
        )
