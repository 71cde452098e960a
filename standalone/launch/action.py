# SPDX-License-Identifier: Apache-2.0
"""The base of what a launch description holds."""

from __future__ import annotations

from typing import Any


class Action:
    """An intention, carried out when visited, if its condition holds."""

    def __init__(self, *, condition: Any = None) -> None:
        self.condition = condition

    def visit(self, context: Any) -> list[Any] | None:
        if self.condition is None or self.condition.evaluate(context):
            return self.execute(context)
        return None

    def execute(self, context: Any) -> list[Any] | None:
        """Do it; what is returned is visited next."""

    def sub_entities(self) -> list[Any]:
        """Return what can be told of its parts before it is carried out."""
        return []
