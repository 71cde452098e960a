# SPDX-License-Identifier: Apache-2.0
"""Actions that log, wait, call, react and end."""

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from launch.description import Action
from launch.event_handlers import EventHandler
from launch.events import ProcessExited, Shutdown as ShutdownEvent, TimerEvent
from launch.output import say
from launch.substitutions import perform, plain


@dataclass(eq=False)
class LogInfo(Action):
    """Logs a line."""

    msg: Any

    def execute(self, context: Any) -> None:
        say('launch.user', perform(context, self.msg))


@dataclass(eq=False)
class OpaqueFunction(Action):
    """Calls `function(context, *args, **kwargs)`, which may return further entities."""

    function: Callable[..., list[Any] | None]
    args: Iterable[Any] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    def execute(self, context: Any) -> list[Any] | None:
        return self.function(context, *self.args, **self.kwargs)


@dataclass(eq=False)
class SetEnvironmentVariable(Action):
    """Sets a variable for what is started from here on, until the scope ends."""

    name: Any
    value: Any

    def execute(self, context: Any) -> None:
        context.environment[perform(context, self.name)] = perform(context, self.value)


@dataclass(eq=False)
class EmitEvent(Action):
    """Lets an event happen."""

    event: Any

    def execute(self, context: Any) -> None:
        context.emit_event_sync(self.event)


@dataclass(eq=False)
class RegisterEventHandler(Action):
    """Lets a handler answer from here on."""

    event_handler: EventHandler

    def execute(self, context: Any) -> None:
        context.register_event_handler(self.event_handler)


@dataclass(eq=False)
class Shutdown(Action):
    """Ends everything."""

    reason: str = 'reason not given'

    def execute(self, context: Any) -> None:
        if isinstance(event := context.locals.event, ProcessExited):
            name = event.process_name
            say('launch', f'process[{name}] was required: shutting down launched system')
        context.emit_event_sync(ShutdownEvent(self.reason))


@dataclass(eq=False)
class TimerAction(Action):
    """Carries out actions after a period in seconds."""

    _: KW_ONLY
    period: Any
    actions: list[Any]
    cancel_on_shutdown: bool = True

    def sub_entities(self) -> list[Any]:
        return self.actions

    def execute(self, context: Any) -> None:
        def mine(event: Any) -> bool:
            return getattr(event, 'timer_action', None) is self

        handler = EventHandler(matcher=mine, entities=self.actions, handle_once=True)
        context.register_event_handler(handler)
        seconds = float(perform(context, plain(self.period)))
        stays = not self.cancel_on_shutdown
        context.call_later(seconds, lambda: context.emit_event_sync(TimerEvent(self)), stays)
