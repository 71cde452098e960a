# SPDX-License-Identifier: Apache-2.0
"""Whether an action is carried out."""

from functools import partial
from typing import Any

from launch.entities import made_of
from launch.substitution import Some, describe, perform

VALID = {'true': True, '1': True, 'false': False, '0': False}
condition = partial(made_of, base=object, method='evaluate')


@condition
def IfCondition(context: Any, predicate_expression: Some) -> bool:
    text = perform(context, predicate_expression).strip().lower()
    if text not in VALID:
        raise ValueError(
            f'invalid condition expression, expected one of [{", ".join(VALID)}] but got '
            f"'{text}', expanded from '{describe(predicate_expression)}'"
        )
    return VALID[text]


@condition
def UnlessCondition(context: Any, predicate_expression: Some) -> bool:
    return not IfCondition(predicate_expression).evaluate(context)
