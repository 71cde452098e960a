# SPDX-License-Identifier: Apache-2.0
"""What a launch description may ask for; the genuine package tells what each does."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated, Any

from launch import events
from launch.entities import Action, action, declared
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.output import say
from launch.process import ExecuteProcess as ExecuteProcess
from launch.substitution import Some, Substitution, normalize, one_of, perform


@dataclass(eq=False)
class DeclareLaunchArgument(Action):
    name: str
    _: KW_ONLY
    default_value: Any = None
    description: str | None = None
    choices: list[str] | None = None

    def __post_init__(self) -> None:
        default, choices, told = self.default_value, self.choices, self.description
        if default is not None:
            self.default_value = normalize(default)
        if choices is not None and not choices:
            _refuse('Provided choices arg is empty. Use None to ignore the choice list.')
        known = default is None or isinstance(default, Substitution | list)
        if choices and not known and default not in choices:
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
def SetLaunchConfiguration(context: Any, name: Some, value: Some) -> None:
    context.launch_configurations[perform(context, name)] = perform(context, value)


@action
def SetEnvironmentVariable(context: Any, name: Some, value: Some) -> None:
    context.environment[perform(context, name)] = perform(context, value)


@action
def LogInfo(context: Any, *, msg: Some) -> None:
    say('launch.user', perform(context, msg))


def _event(value: Any) -> Any:
    if not isinstance(value, events.Shutdown | events.ProcessStarted):
        raise RuntimeError(f"EmitEvent() expected an event instance, got '{value}'.")
    return value


@action
def EmitEvent(context: Any, *, event: Annotated[Any, _event]) -> None:
    context.events.append(event)


@action
def RegisterEventHandler(context: Any, event_handler: Any) -> None:
    context.handlers.appendleft(event_handler)


def _callable(value: Any) -> Any:
    if not callable(value):
        raise TypeError(f"OpaqueFunction expected a callable for 'function', got '{type(value)}'")
    return value


def _arguments(name: str, kind: type) -> Any:
    def look(value: Any) -> Any:
        one_of(value, (kind, type(None)), name, 'OpaqueFunction')
        return kind() if value is None and kind is dict else value or ()

    return Annotated[Any, look]


@action
def OpaqueFunction(
    context: Any,
    *,
    function: Annotated[Any, _callable],
    args: _arguments('args', Iterable) = None,
    kwargs: _arguments('kwargs', dict) = None,
) -> Any:
    return function(context, *args, **kwargs)


@action
def Shutdown(context: Any, *, reason: str = 'reason not given') -> None:
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


def _period(value: Any) -> Any:
    one_of(value, (str, Substitution, Iterable, float), 'period', 'TimerAction')
    return float(value) if isinstance(value, str | float) else normalize(value)


def _actions(value: Any) -> Any:
    one_of(value, (Iterable,), 'actions', 'TimerAction')
    return value


@action
def TimerAction(
    context: Any, *, period: Annotated[Any, _period], actions: Annotated[Any, _actions]
) -> None:
    seconds = period if isinstance(period, float) else float(perform(context, period))
    context.call_later(seconds, lambda: context.events.append(list(actions)))
