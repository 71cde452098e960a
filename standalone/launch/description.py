# SPDX-License-Identifier: Apache-2.0
"""What a launch file returns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False, kw_only=True)
class Action:
    """An intention, carried out when visited, if its condition holds."""

    condition: Any = None

    def visit(self, context: Any) -> list[Any]:
        holds = self.condition is None or self.condition.evaluate(context)
        return (self.execute(context) or []) if holds else []

    def execute(self, context: Any) -> list[Any] | None:
        """Do it; what is returned is visited next."""

    def sub_entities(self) -> list[Any]:
        """Return what can be told of its parts before it is carried out."""
        return []


class LaunchDescription(Action):
    """Actions in the order in which they are to be visited."""

    def __init__(self, initial_entities: Iterable[Any] = ()) -> None:
        super().__init__()
        self.entities = list(initial_entities)
        self.add_action = self.add_entity = self.entities.append

    def execute(self, context: Any) -> list[Any]:
        return self.entities

    def sub_entities(self) -> list[Any]:
        return self.entities


def declared(
    entities: Iterable[Any], conditional: bool = False, given: tuple[str, ...] = ()
) -> list[tuple[Any, bool, tuple[str, ...]]]:
    """Return the arguments that are found without carrying anything out.

    With each: whether a condition stands before it, and the names which the includes around it
    give a value. Of two of one name the first counts.
    """
    found: dict[str, tuple[Any, bool, tuple[str, ...]]] = {}
    for entity in entities:
        below = conditional or entity.condition is not None
        if hasattr(entity, 'default_value'):
            found.setdefault(entity.name, (entity, below, given))
        names = (*given, *getattr(entity, 'plain_argument_names', tuple)())
        for inner in declared(entity.sub_entities(), below, names):
            found.setdefault(inner[0].name, inner)
    return list(found.values())
