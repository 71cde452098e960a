# SPDX-License-Identifier: Apache-2.0
"""Values that are known only when the launch description is carried out."""

from collections.abc import Iterable, Mapping
import importlib
import math
import os
from typing import Annotated, Any

from launch.substitution import (
    Maybe,
    Some,
    Substitution,
    SubstitutionFailure,
    TextSubstitution as TextSubstitution,
    normalize,
    one_of,
    perform,
    substitution,
    truth,
)


def _found(context: Any, kind: str, known: Mapping[str, Any], name: Any, default: Any) -> Any:
    text = perform(context, name)
    if text not in known and default is None:
        raise SubstitutionFailure(f"{kind} '{text}' does not exist")
    return known[text] if text in known else perform(context, default)


def _default(value: Any) -> Any:
    """Take numbers, booleans and whatever else as their text."""
    if value is None:
        return None
    items = value if isinstance(value, Iterable) else (value,)
    kinds = (str, Substitution)
    return normalize([one if isinstance(one, kinds) else str(one) for one in items])


@substitution('LaunchConfig({})')
def LaunchConfiguration(
    context: Any, variable_name: Some, *, default: Annotated[Any, _default] = None
) -> Any:
    known = context.launch_configurations
    return _found(context, 'launch configuration', known, variable_name, default)


@substitution('EnvVar({})')
def EnvironmentVariable(context: Any, name: Some, *, default_value: Maybe = None) -> str:
    return _found(context, 'environment variable', context.environment, name, default_value)


@substitution("PathJoin('{}')")
def PathJoinSubstitution(context: Any, substitutions: Some) -> str:
    return os.path.join(*(part.perform(context) for part in substitutions))


def _python(argument: str) -> Any:
    kinds = (str, Substitution, Iterable)

    def look(value: Any) -> list[Substitution]:
        one_of(value, kinds, argument, 'PythonExpression')
        return normalize(value)

    return Annotated[Any, look]


@substitution('PythonExpr({}, [{}])')
def PythonExpression(
    context: Any,
    expression: _python('expression'),
    python_modules: _python('python_modules') = ('math',),
) -> str:
    names = [part.perform(context) for part in python_modules]
    modules = {name: importlib.import_module(name) for name in names}
    implicit = vars(math) if 'math' in modules else {}
    return str(eval(perform(context, expression), {}, {**implicit, **modules}))


class IfElseSubstitution(Substitution):
    def __init__(self, condition: Any, if_value: Any = '', else_value: Any = '') -> None:
        if if_value == else_value == '':
            raise RuntimeError('One of if_value and else_value must be specified')
        self._condition = normalize(condition)
        self._values = normalize(else_value), normalize(if_value)

    def perform(self, context: Any) -> str:
        return perform(context, self._values[_logical(context, self._condition)])


def _logical(context: Any, value: Any) -> bool:
    try:
        return truth(context, value)
    except (TypeError, ValueError) as error:
        raise SubstitutionFailure(error) from error


def _side(value: Any) -> list[Substitution]:
    """Take anything as its text, but for substitutions and flat sequences with one."""
    parts = [value] if isinstance(value, str | Substitution) else value
    flat = isinstance(parts, Iterable) and all(isinstance(p, str | Substitution) for p in parts)
    if flat and any(isinstance(part, Substitution) for part in parts):
        return normalize(value)
    if isinstance(value, bool):
        return normalize(str(value).lower())
    return normalize('' if value is None else str(value))


def _equal(one: str, other: str) -> bool:
    if {one.lower(), other.lower()} <= {'true', 'false', '0', '1'}:
        return (one.lower() in ('true', '1')) == (other.lower() in ('true', '1'))
    try:
        return math.isclose(float(one), float(other))
    except ValueError:
        return one == other


Side = Annotated[Any, _side]


@substitution()
def EqualsSubstitution(context: Any, left: Side, right: Side) -> str:
    return str(_equal(perform(context, left), perform(context, right))).lower()


@substitution()
def NotEqualsSubstitution(context: Any, left: Side, right: Side) -> str:
    return str(not _equal(perform(context, left), perform(context, right))).lower()


@substitution()
def NotSubstitution(context: Any, value: Some) -> str:
    return str(not _logical(context, value)).lower()


@substitution()
def AndSubstitution(context: Any, left: Some, right: Some) -> str:
    return str(all([_logical(context, left), _logical(context, right)])).lower()


@substitution()
def OrSubstitution(context: Any, left: Some, right: Some) -> str:
    return str(any([_logical(context, left), _logical(context, right)])).lower()
