# SPDX-License-Identifier: Apache-2.0
"""What a launch file returns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from launch.actions.arguments import DeclareLaunchArgument


class LaunchDescription:
    """Actions in the order in which they are to be visited."""

    condition = None

    def __init__(self, initial_entities: Iterable[Any] | None = None) -> None:
        self.entities = list(initial_entities or [])

    def add_action(self, action: Any) -> None:
        self.entities.append(action)

    add_entity = add_action

    def visit(self, context: Any) -> list[Any]:
        return self.entities

    def sub_entities(self) -> list[Any]:
        return self.entities

    def get_launch_arguments(self) -> list[DeclareLaunchArgument]:
        return [argument for argument, _ in declared(self.entities)]


def declared(
    entities: Iterable[Any], conditional: bool = False, given: tuple[str, ...] = ()
) -> list[tuple[DeclareLaunchArgument, tuple[str, ...]]]:
    """Return the arguments found without carrying anything out.

    Each comes with the names that the includes around it give a value. Of two of one name the
    first counts; includes whose path needs the context are not looked into.
    """
    from launch.actions.arguments import DeclareLaunchArgument, IncludeLaunchDescription

    found: dict[str, tuple[DeclareLaunchArgument, tuple[str, ...]]] = {}
    for entity in entities:
        below = conditional or entity.condition is not None
        names = given
        if isinstance(entity, DeclareLaunchArgument):
            entity.conditionally_included = below
            found.setdefault(entity.name, (entity, given))
        if isinstance(entity, IncludeLaunchDescription):
            names = (*given, *entity.plain_argument_names())
        for argument, given_below in declared(entity.sub_entities(), below, names):
            found.setdefault(argument.name, (argument, given_below))
    return list(found.values())
