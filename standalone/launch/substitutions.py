# SPDX-License-Identifier: Apache-2.0
"""Values that are known only when the launch description is carried out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import importlib
import math
import os
from typing import Any


class SubstitutionFailure(RuntimeError):
    """A substitution has no value here."""


class Substitution:
    """Something that becomes text once there is a context."""

    label = '{}'  # of what --show-args writes

    def describe(self) -> str:
        return self.label.format(describe(next(iter(vars(self).values()))))

    def perform(self, context: Any) -> str:
        raise NotImplementedError


def normalize(value: Any) -> list[Substitution]:
    """Return text, path, substitution or a sequence of these as a list of substitutions."""
    if isinstance(value, Substitution):
        return [value]
    if isinstance(value, str | os.PathLike):
        return [TextSubstitution(os.fspath(value))]
    if isinstance(value, Iterable):
        return [part for item in value for part in normalize(item)]
    raise TypeError(f"Failed to normalize given item of type '{type(value)}'")


def plain(value: Any) -> Any:
    """Return a number or boolean as its text, anything else as it is."""
    return str(value) if isinstance(value, bool | int | float) else value


def perform(context: Any, value: Any) -> str:
    """Return the text of anything `normalize` takes."""
    return ''.join(part.perform(context) for part in normalize(value))


def describe(value: Any) -> str:
    """Return how `--show-args` writes a value."""
    return ' + '.join(part.describe() for part in normalize(value))


def truth(context: Any, value: Any) -> bool:
    """Return the boolean that text of YAML's spelling means."""
    text = perform(context, plain(value))
    if text.strip().lower() not in ('true', 'false', 'yes', 'no', 'on', 'off'):
        raise SubstitutionFailure(f"Cannot convert value '{text}' to a boolean")
    return text.strip().lower() in ('true', 'yes', 'on')


@dataclass
class TextSubstitution(Substitution):
    """Plain text."""

    text: str

    def describe(self) -> str:
        return f"'{self.text}'"

    def perform(self, context: Any) -> str:
        return self.text


@dataclass
class LaunchConfiguration(Substitution):
    """The value of a launch argument or configuration."""

    variable_name: Any
    default: Any = None
    label = 'LaunchConfig({})'

    def perform(self, context: Any) -> str:
        name = perform(context, self.variable_name)
        known = context.launch_configurations
        if name not in known and self.default is None:
            raise SubstitutionFailure(f"launch configuration '{name}' does not exist")
        return known[name] if name in known else perform(context, plain(self.default))


@dataclass
class EnvironmentVariable(Substitution):
    """The value of an environment variable."""

    name: Any
    default_value: Any = None
    label = 'EnvVar({})'

    def perform(self, context: Any) -> str:
        name = perform(context, self.name)
        if name not in os.environ and self.default_value is None:
            raise SubstitutionFailure(f"environment variable '{name}' does not exist")
        return os.environ[name] if name in os.environ else perform(context, self.default_value)


@dataclass
class PathJoinSubstitution(Substitution):
    """Parts joined to a path."""

    substitutions: Iterable[Any]
    label = "LocalVar('{}')"

    def perform(self, context: Any) -> str:
        return os.path.join(*(perform(context, part) for part in self.substitutions))


@dataclass
class PythonExpression(Substitution):
    """The text of what a Python expression gives."""

    expression: Any
    python_modules: Iterable[str] = ('math',)
    label = 'PythonExpr({})'

    def perform(self, context: Any) -> str:
        names = {name: importlib.import_module(name) for name in self.python_modules}
        implicit = vars(math) if 'math' in names else {}
        return str(eval(perform(context, self.expression), {}, {**implicit, **names}))


@dataclass
class IfElseSubstitution(Substitution):
    """One of two values, by a boolean."""

    condition: Any
    if_value: Any = ''
    else_value: Any = ''

    def perform(self, context: Any) -> str:
        holds = truth(context, self.condition)
        return perform(context, self.if_value if holds else self.else_value)


def _equal(context: Any, *sides: Any) -> bool:
    left, right = (perform(context, plain(side)) for side in sides)
    if {left.lower(), right.lower()} <= {'true', 'false', '0', '1'}:
        return (left.lower() in ('true', '1')) == (right.lower() in ('true', '1'))
    try:
        return math.isclose(float(left), float(right))
    except ValueError:
        return left == right


def _boolean(name: str, judge: Callable[..., bool]) -> Callable[..., Substitution]:
    """Return a class of substitutions that are `true` or `false`."""

    def remember(self: Any, *values: Any, **named: Any) -> None:
        self.values = [*values, *named.values()]

    def decide(self: Any, context: Any) -> str:
        return str(judge(context, *self.values)).lower()

    return type(name, (Substitution,), {'__init__': remember, 'perform': decide})


EqualsSubstitution = _boolean('EqualsSubstitution', _equal)
NotEqualsSubstitution = _boolean('NotEqualsSubstitution', lambda *args: not _equal(*args))
NotSubstitution = _boolean('NotSubstitution', lambda *args: not truth(*args))
AndSubstitution = _boolean('AndSubstitution', lambda c, a, b: truth(c, a) and truth(c, b))
OrSubstitution = _boolean('OrSubstitution', lambda c, a, b: truth(c, a) or truth(c, b))
