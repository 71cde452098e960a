# SPDX-License-Identifier: Apache-2.0
"""Answers to events: entities that are then carried out, or a callable that returns some."""

from functools import partial
from typing import Any

from launch import events


class _Handler:
    def __init__(self, kind: type, *, target_action: Any = None, **on: Any) -> None:
        self._kind, self._target, (self._answer,) = kind, target_action, on.values()

    def answer(self, event: Any, context: Any) -> list[Any] | tuple[Any, ...]:
        """Return the entities with which the event is answered."""
        if type(event) is not self._kind or self._target not in (None, vars(event).get('action')):
            return []
        context.locals.event = event
        answer = self._answer(event, context) if callable(self._answer) else self._answer
        return answer if isinstance(answer, list | tuple) else [answer] if answer else []


OnProcessExit = partial(_Handler, events.ProcessExited)  # of target_action, or of any: on_exit
OnProcessStart = partial(_Handler, events.ProcessStarted)  # the same with on_start
OnShutdown = partial(_Handler, events.Shutdown)  # on_shutdown
