# SPDX-License-Identifier: Apache-2.0
"""Launch arguments, configurations, and the scopes they live in."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from launch.description import Action, declared
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.output import say
from launch.substitutions import perform


@dataclass(eq=False)
class DeclareLaunchArgument(Action):
    """Declares an argument; without a default it must be given."""

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


@dataclass(eq=False)
class SetLaunchConfiguration(Action):
    """Gives a configuration its value, until the scope ends."""

    name: Any
    value: Any

    def execute(self, context: Any) -> None:
        context.launch_configurations[perform(context, self.name)] = perform(context, self.value)


@dataclass(eq=False)
class IncludeLaunchDescription(Action):
    """Carries out another launch file; its configurations stay unless a group scopes them."""

    launch_description_source: Any
    _: KW_ONLY
    launch_arguments: Iterable[tuple[Any, Any]] = ()

    def __post_init__(self) -> None:
        self.launch_arguments = list(self.launch_arguments)
        if not hasattr(self.launch_description_source, 'get_launch_description'):
            self.launch_description_source = PythonLaunchDescriptionSource(
                self.launch_description_source
            )

    def plain_argument_names(self) -> list[str]:
        return [name for name, _ in self.launch_arguments if isinstance(name, str)]

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
    """Actions with a scope of their own for configurations and environment."""

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
        if self.scoped:
            context.push_scope(forwarding=self.forwarding)
        context.launch_configurations.update(kept)
        return [*self.actions, *([_PopScope()] if self.scoped else [])]


class _PopScope(Action):
    def execute(self, context: Any) -> None:
        context.pop_scope()
