# SPDX-License-Identifier: Apache-2.0
"""Whether an action is carried out."""

from typing import Any

from launch.substitutions import normalize, perform


class InvalidConditionExpressionError(RuntimeError):
    """The text of a condition is no boolean."""


class IfCondition:
    """Holds when its text is `true` or `1`."""

    def __init__(self, predicate_expression: Any) -> None:
        self.expression = normalize(predicate_expression)

    def evaluate(self, context: Any) -> bool:
        text = perform(context, self.expression)
        word = text.strip().lower()
        if word not in ('true', '1', 'false', '0'):
            raise InvalidConditionExpressionError(
                "invalid condition expression, expected one of '['true', '1', 'false', '0']' "
                f"but got '{text}'"
            )
        return word in ('true', '1')


class UnlessCondition(IfCondition):
    """Holds when its text is `false` or `0`."""

    def evaluate(self, context: Any) -> bool:
        return not super().evaluate(context)
