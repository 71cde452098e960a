# SPDX-License-Identifier: Apache-2.0
"""Launch arguments, configurations, and the scopes they live in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from launch.action import Action
from launch.launch_description import declared
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.logging import get_logger
from launch.substitutions import describe, normalize, perform


class DeclareLaunchArgument(Action):
    """Declares an argument; without a default it must be given."""

    def __init__(
        self,
        name: str,
        *,
        default_value: Any = None,
        description: str | None = None,
        choices: list[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.name, self.choices = name, choices
        self.default_value = None if default_value is None else normalize(default_value)
        self.conditionally_included = False
        if choices and isinstance(default_value, str) and default_value not in choices:
            raise self._refusal(
                f'Provided default_value "{default_value}" is not in provided choices "{choices}".'
            )
        self.description = description or 'no description given'
        if choices:
            said = description or ''
            said += '.' if said and not said.endswith('.') else ''
            self.description = (
                f'{said} Valid choices are: {choices}' if said else f'One of: {choices}'
            )

    @staticmethod
    def _refusal(message: str) -> RuntimeError:
        get_logger('launch.actions.declare_launch_argument').error(message)
        return RuntimeError(message)

    def execute(self, context: Any) -> None:
        if self.name not in context.launch_configurations:
            if self.default_value is None:
                self._refusal(
                    f'Required launch argument "{self.name}" (description: "{self.description}") '
                    'was not provided'
                )
                raise RuntimeError(f'Required launch argument "{self.name}" was not provided.')
            context.launch_configurations[self.name] = perform(context, self.default_value)
        value = context.launch_configurations[self.name]
        if self.choices and value not in self.choices:
            raise self._refusal(
                f'Argument "{self.name}" provided value "{value}" is not valid. '
                f'Valid options are: {self.choices}'
            )


class SetLaunchConfiguration(Action):
    """Gives a configuration its value, until the scope ends."""

    def __init__(self, name: Any, value: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name, self.value = normalize(name), normalize(value)

    def execute(self, context: Any) -> None:
        context.launch_configurations[perform(context, self.name)] = perform(context, self.value)


class IncludeLaunchDescription(Action):
    """Carries out another launch file; its configurations stay unless a group scopes them."""

    def __init__(
        self,
        launch_description_source: Any,
        *,
        launch_arguments: Iterable[tuple[Any, Any]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        plain = not hasattr(launch_description_source, 'get_launch_description')
        self.source = (
            PythonLaunchDescriptionSource(launch_description_source)
            if plain
            else launch_description_source
        )
        self.launch_arguments = list(launch_arguments or [])

    def plain_argument_names(self) -> list[str]:
        try:
            return [perform(None, name) for name, _ in self.launch_arguments]
        except AttributeError:
            return []  # a name that needs the context

    def sub_entities(self) -> list[Any]:
        try:
            return [self.source.get_launch_description(None)]
        except Exception:  # noqa: BLE001  the genuine one ignores whatever a blind look meets
            return []

    def execute(self, context: Any) -> list[Any]:
        description = self.source.get_launch_description(context)
        given = [perform(context, name) for name, _ in self.launch_arguments]
        for argument, inner in declared(description.entities):
            if argument.conditionally_included or argument.default_value is not None:
                continue
            if argument.name not in (*given, *inner):
                raise RuntimeError(
                    f"Included launch description missing required argument '{argument.name}' "
                    f"(description: '{argument.description}'), given: [{', '.join(given)}]"
                )
        setters = [SetLaunchConfiguration(name, value) for name, value in self.launch_arguments]
        return [*setters, description]


class GroupAction(Action):
    """Actions with a scope of their own for configurations and environment."""

    def __init__(
        self,
        actions: Iterable[Any],
        *,
        scoped: bool = True,
        forwarding: bool = True,
        launch_configurations: dict[Any, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.actions, self.scoped, self.forwarding = list(actions), scoped, forwarding
        self.launch_configurations = launch_configurations or {}

    def sub_entities(self) -> list[Any]:
        return [] if self.scoped and not self.forwarding else self.actions

    def execute(self, context: Any) -> list[Any]:
        kept = {
            perform(context, name): perform(context, value)
            for name, value in self.launch_configurations.items()
        }
        if self.scoped:
            context.push_scope(forwarding=self.forwarding)
        context.launch_configurations.update(kept)
        return [*self.actions, *([_PopScope()] if self.scoped else [])]


class _PopScope(Action):
    def execute(self, context: Any) -> None:
        context.pop_scope()


def show(argument: DeclareLaunchArgument) -> str:
    """Return the paragraph of `--show-args` on an argument."""
    star = '*' if argument.conditionally_included else ''
    text = f"\n    '{argument.name}':{star}\n        {argument.description}"
    if argument.default_value is not None:
        text += f'\n        (default: {describe(argument.default_value)})'
    return text
