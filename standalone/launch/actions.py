# SPDX-License-Identifier: Apache-2.0
"""What a launch description may ask for; the genuine package tells what each does."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from launch import events
from launch.entities import Action, action, declared
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.output import say
from launch.process import ExecuteProcess as ExecuteProcess
from launch.substitutions import perform, plain


@dataclass(eq=False)
class DeclareLaunchArgument(Action):
    name: str
    _: KW_ONLY
    default_value: Any = None
    description: str | None = None
    choices: list[str] | None = None

    def __post_init__(self) -> None:
        default, choices, told = self.default_value, self.choices, self.description
        if choices and isinstance(default, str) and default not in choices:
            _refuse(f'Provided default_value "{default}" is not in provided choices "{choices}".')
        self.description = told or 'no description given'
        if choices:
            stop = '' if (told or '').endswith('.') else '.'
            known = f'{told}{stop} Valid choices are: {choices}'
            self.description = known if told else f'One of: {choices}'

    def execute(self, context: Any) -> None:
        name, known = self.name, context.launch_configurations
        if name not in known and self.default_value is None:
            _refuse(f'Required launch argument "{name}" was not provided.')
        if name not in known:
            known[name] = perform(context, self.default_value)
        if self.choices and known[name] not in self.choices:
            valid = f'is not valid. Valid options are: {self.choices}'
            _refuse(f'Argument "{name}" provided value "{known[name]}" {valid}')


def _refuse(message: str) -> None:
    say('launch.actions.declare_launch_argument', message, 'ERROR')
    raise RuntimeError(message)


@action
def SetLaunchConfiguration(context: Any, name: Any, value: Any) -> None:
    context.launch_configurations[perform(context, name)] = perform(context, value)


@action
def SetEnvironmentVariable(context: Any, name: Any, value: Any) -> None:
    context.environment[perform(context, name)] = perform(context, value)


@action
def LogInfo(context: Any, msg: Any) -> None:
    say('launch.user', perform(context, msg))


@action
def EmitEvent(context: Any, event: Any) -> None:
    context.events.append(event)


@action
def RegisterEventHandler(context: Any, event_handler: Any) -> None:
    context.handlers.appendleft(event_handler)


@action
def OpaqueFunction(context: Any, function: Any, args: Any = (), kwargs: Any = None) -> Any:
    return function(context, *args, **(kwargs or {}))


@action
def Shutdown(context: Any, reason: str = 'reason not given') -> None:
    if isinstance(event := context.locals.event, events.ProcessExited):
        required = f'process[{event.process_name}] was required'
        say('launch', f'{required}: shutting down launched system')
    context.events.append(events.Shutdown(reason))


@dataclass(eq=False)
class IncludeLaunchDescription(Action):
    """Carries out another launch file; its configurations stay unless a group scopes them."""

    launch_description_source: Any
    _: KW_ONLY
    launch_arguments: Iterable[tuple[Any, Any]] = ()

    def __post_init__(self) -> None:
        self.launch_arguments = list(self.launch_arguments)
        if not hasattr(self.launch_description_source, 'get_launch_description'):
            path = self.launch_description_source
            self.launch_description_source = PythonLaunchDescriptionSource(path)

    def sub_entities(self) -> list[Any]:
        try:
            return [self.launch_description_source.get_launch_description(None)]
        except Exception:  # noqa: BLE001  the genuine one ignores whatever a blind look meets
            return []

    def execute(self, context: Any) -> list[Any]:
        description = self.launch_description_source.get_launch_description(context)
        given = [perform(context, name) for name, _ in self.launch_arguments]
        for argument, conditional, inner in declared(description.entities):
            needed = not conditional and argument.default_value is None
            if needed and argument.name not in (*given, *inner):
                raise RuntimeError(
                    f"Included launch description missing required argument '{argument.name}' "
                    f"(description: '{argument.description}'), given: [{', '.join(given)}]"
                )
        return [*(SetLaunchConfiguration(*item) for item in self.launch_arguments), description]


@dataclass(eq=False)
class GroupAction(Action):
    actions: list[Any]
    _: KW_ONLY
    scoped: bool = True
    forwarding: bool = True
    launch_configurations: dict[Any, Any] = field(default_factory=dict)

    def sub_entities(self) -> list[Any]:
        return self.actions if self.forwarding or not self.scoped else []

    def execute(self, context: Any) -> list[Any]:
        items = self.launch_configurations.items()
        kept = {perform(context, name): perform(context, value) for name, value in items}
        if not self.scoped:
            context.launch_configurations.update(kept)
            return self.actions
        context.push_scope(kept, self.forwarding)
        return [*self.actions, OpaqueFunction(function=lambda context: context.pop_scope())]


@action
def TimerAction(context: Any, period: Any, actions: Any) -> None:
    seconds = float(perform(context, plain(period)))
    context.call_later(seconds, lambda: context.events.append(list(actions)))
