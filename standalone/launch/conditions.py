# SPDX-License-Identifier: Apache-2.0
"""Whether an action is carried out."""

from dataclasses import dataclass
from typing import Any

from launch.substitutions import describe, perform

VALID = {'true': True, '1': True, 'false': False, '0': False}


@dataclass
class IfCondition:
    """Holds when its text is `true` or `1`."""

    predicate_expression: Any

    def evaluate(self, context: Any) -> bool:
        text = perform(context, self.predicate_expression)
        if text.strip().lower() not in VALID:
            raise ValueError(
                f'invalid condition expression, expected one of [{", ".join(VALID)}] but got '
                f"'{text}', expanded from '{describe(self.predicate_expression)}'"
            )
        return VALID[text.strip().lower()]


class UnlessCondition(IfCondition):
    """Holds when its text is `false` or `0`."""

    def evaluate(self, context: Any) -> bool:
        return not super().evaluate(context)
