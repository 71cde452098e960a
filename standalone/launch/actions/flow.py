# SPDX-License-Identifier: Apache-2.0
"""Actions that log, wait, call, react and end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from launch.action import Action
from launch.event_handlers import EventHandler
from launch.events import Event, Shutdown as ShutdownEvent, TimerEvent
from launch.events.process import ProcessExited
from launch.logging import get_logger
from launch.substitutions import normalize, perform


class LogInfo(Action):
    """Logs a line."""

    def __init__(self, *, msg: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.msg = normalize(msg)

    def execute(self, context: Any) -> None:
        get_logger('launch.user').info(perform(context, self.msg))


class OpaqueFunction(Action):
    """Calls `function(context, *args, **kwargs)`, which may return further entities."""

    def __init__(
        self,
        *,
        function: Callable[..., list[Any] | None],
        args: Iterable[Any] = (),
        kwargs: dict[str, Any] | None = None,
        **left_over_kwargs: Any,
    ) -> None:
        super().__init__(**left_over_kwargs)
        self.function, self.args, self.kwargs = function, tuple(args), kwargs or {}

    def execute(self, context: Any) -> list[Any] | None:
        return self.function(context, *self.args, **self.kwargs)


class SetEnvironmentVariable(Action):
    """Sets a variable for what is started from here on, until the scope ends."""

    def __init__(self, name: Any, value: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name, self.value = normalize(name), normalize(value)

    def execute(self, context: Any) -> None:
        context.environment[perform(context, self.name)] = perform(context, self.value)


class EmitEvent(Action):
    """Lets an event happen."""

    def __init__(self, *, event: Event, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.event = event

    def execute(self, context: Any) -> None:
        context.emit_event_sync(self.event)


class RegisterEventHandler(Action):
    """Lets a handler answer from here on."""

    def __init__(self, event_handler: EventHandler, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.event_handler = event_handler

    def sub_entities(self) -> list[Any]:
        entities = self.event_handler.entities
        return [entity for entity in as_list(entities) if hasattr(entity, 'sub_entities')]

    def execute(self, context: Any) -> None:
        context.register_event_handler(self.event_handler)


class Shutdown(EmitEvent):
    """Ends everything."""

    def __init__(self, *, reason: str = 'reason not given', **kwargs: Any) -> None:
        super().__init__(event=ShutdownEvent(reason=reason), **kwargs)

    def execute(self, context: Any) -> None:
        event = context.locals.event
        if isinstance(event, ProcessExited):
            get_logger('launch').info(
                f'process[{event.process_name}] was required: shutting down launched system'
            )
        super().execute(context)


class TimerAction(Action):
    """Carries out actions after a period in seconds."""

    def __init__(
        self,
        *,
        period: Any,
        actions: Iterable[Any],
        cancel_on_shutdown: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.period = str(period) if isinstance(period, int | float) else period
        self.actions, self.cancel_on_shutdown = list(actions), cancel_on_shutdown

    def sub_entities(self) -> list[Any]:
        return self.actions

    def cancel(self) -> None:
        self.canceled = True

    def execute(self, context: Any) -> None:
        self.canceled = False
        fires = EventHandler(
            matcher=lambda event: isinstance(event, TimerEvent) and event.timer_action is self,
            entities=self.actions,
            handle_once=True,
        )
        context.register_event_handler(fires)
        context.start_timer(self, float(perform(context, self.period)))


def as_list(entities: Any) -> list[Any]:
    """Return entities, one entity or None as a list."""
    if entities is None or callable(entities):
        return []
    return list(entities) if isinstance(entities, Iterable) else [entities]
