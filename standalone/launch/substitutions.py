# SPDX-License-Identifier: Apache-2.0
"""Values that are known only when the launch description is carried out."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
import importlib
import math
import os
from typing import Annotated, Any

import yaml

from launch.entities import made_of


class SubstitutionFailure(RuntimeError):
    """A substitution has no value here."""


class Substitution:
    """Something that becomes text once there is a context: by `perform`."""

    label = '{}'  # of what --show-args writes

    def describe(self) -> str:
        return self.label.format(*(describe(part or '') for part in vars(self).values()))


Substitution.__module__ = 'launch.substitution'  # the genuine place, which error messages name


def substitution(label: str = '{}') -> Callable[[Callable[..., Any]], Any]:
    """Make a class of substitutions of a function that gives their text."""
    return partial(made_of, base=Substitution, method='perform', label=label)


def normalize(value: Any) -> list[Substitution]:
    """Return text, a substitution or a flat sequence of these as a list of substitutions."""
    if isinstance(value, str):
        return [TextSubstitution(text=value)]
    return [value] if isinstance(value, Substitution) else [_one(item) for item in value]


def _one(item: Any) -> Substitution:
    if isinstance(item, str):
        return TextSubstitution(text=item)
    if not isinstance(item, Substitution):
        raise TypeError(
            f"Failed to normalize given item of type '{type(item)}', when only "
            "'str' or 'launch.Substitution' were expected."
        )
    return item


Some = Annotated[list[Substitution], normalize]  # how an argument of this kind is declared
Maybe = Annotated[Any, lambda value: None if value is None else normalize(value)]


def perform(context: Any, value: Any) -> str:
    """Return the text of anything `normalize` takes."""
    return ''.join(part.perform(context) for part in normalize(value))


def one_of(value: Any, types: tuple[type, ...], argument: str, caller: str = '') -> None:
    """Refuse a value of no such type."""
    if not isinstance(value, types):
        begin = f"'{caller}' e" if caller else 'E'
        raise TypeError(
            f"{begin}xpected '{argument}' to be one of "
            f"[{', '.join(map(str, types))}], but got '{value}' of type '{type(value)}'"
        )


def boolean_or_text(value: Any) -> Any:
    """Return a boolean as it is, and what becomes one as a list of substitutions."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | str):
        raise TypeError(f"value='{value}' is not an instance of <class 'bool'>")
    return normalize(value)


def truth(context: Any, value: Any) -> bool:
    """Return the boolean that text means: 1, 0, and what YAML says."""
    if isinstance(value, bool):
        return value
    text = perform(context, value)
    meant = yaml.safe_load({'1': 'true', '0': 'false'}.get(text, text) or '""')
    if not isinstance(meant, bool):
        raise ValueError(f"Cannot convert value '{text}' to '<class 'bool'>'")
    return meant


def describe(value: Any) -> str:
    """Return how `--show-args` writes a value."""
    return ' + '.join(part.describe() for part in normalize(value))


class TextSubstitution(Substitution):
    def __init__(self, *, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"TextSubstitution expected Text object got '{type(text)}' instead.")
        self.text = text

    def describe(self) -> str:
        return f"'{self.text}'"

    def perform(self, context: Any) -> str:
        return self.text


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
