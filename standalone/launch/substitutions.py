# SPDX-License-Identifier: Apache-2.0
"""Values that are known only when the launch description is carried out."""

from __future__ import annotations

from collections.abc import Iterable
import importlib
import math
import os
from typing import Any


class SubstitutionFailure(RuntimeError):
    """A substitution has no value here."""


class Substitution:
    """Something that becomes text once there is a context."""

    def describe(self) -> str:
        parts = ', '.join(describe(value) for value in vars(self).values())
        return f'{type(self).__name__}({parts})'

    def perform(self, context: Any) -> str:
        raise NotImplementedError


class TextSubstitution(Substitution):
    """Plain text."""

    def __init__(self, *, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"TextSubstitution expected Text object got '{type(text)}' instead.")
        self.text = text

    def describe(self) -> str:
        return f"'{self.text}'"

    def perform(self, context: Any) -> str:
        return self.text


def normalize(value: Any) -> list[Substitution]:
    """Return text, path, substitution or a sequence of these as a list of substitutions."""
    if isinstance(value, Substitution):
        return [value]
    if isinstance(value, str | os.PathLike):
        return [TextSubstitution(text=os.fspath(value))]
    if isinstance(value, Iterable):
        return [part for item in value for part in normalize(item)]
    raise TypeError(
        f"Failed to normalize given item of type '{type(value)}', when only"
        " 'Text', 'Path', 'Substitution' were expected."
    )


def perform(context: Any, value: Any) -> str:
    """Return the text of anything `normalize` takes."""
    return ''.join(part.perform(context) for part in normalize(value))


def describe(value: Any) -> str:
    """Return how `--show-args` writes a value."""
    return ' + '.join(part.describe() for part in normalize(value))


def truth(context: Any, value: Any) -> bool:
    """Return the boolean that text of YAML's spelling means."""
    text = str(value) if isinstance(value, bool) else perform(context, value)
    word = text.strip().lower()
    if word not in ('true', 'false', 'yes', 'no', 'on', 'off'):
        raise SubstitutionFailure(f"Cannot convert value '{text}' to a boolean")
    return word in ('true', 'yes', 'on')


class LaunchConfiguration(Substitution):
    """The value of a launch argument or configuration."""

    def __init__(self, variable_name: Any, *, default: Any = None) -> None:
        self.variable_name = normalize(variable_name)
        plain = isinstance(default, bool | int | float)
        self.default = None if default is None else normalize(str(default) if plain else default)

    def describe(self) -> str:
        return f'LaunchConfig({describe(self.variable_name)})'

    def perform(self, context: Any) -> str:
        name = perform(context, self.variable_name)
        if name in context.launch_configurations:
            return context.launch_configurations[name]
        if self.default is None:
            raise SubstitutionFailure(f"launch configuration '{name}' does not exist")
        return perform(context, self.default)


class EnvironmentVariable(Substitution):
    """The value of an environment variable."""

    def __init__(self, name: Any, *, default_value: Any = None) -> None:
        self.name, self.default_value = normalize(name), default_value

    def describe(self) -> str:
        return f'EnvVar({describe(self.name)})'

    def perform(self, context: Any) -> str:
        name = perform(context, self.name)
        if name in context.environment:
            return context.environment[name]
        if self.default_value is None:
            raise SubstitutionFailure(f"environment variable '{name}' does not exist")
        return perform(context, self.default_value)


class PathJoinSubstitution(Substitution):
    """Parts joined to a path."""

    def __init__(self, substitutions: Iterable[Any]) -> None:
        self.substitutions = [normalize(part) for part in substitutions]

    def describe(self) -> str:
        return f'LocalVar({" + ".join(describe(part) for part in self.substitutions)})'

    def perform(self, context: Any) -> str:
        return os.path.join(*(perform(context, part) for part in self.substitutions))


class PythonExpression(Substitution):
    """The text of what a Python expression gives."""

    def __init__(self, expression: Any, python_modules: Iterable[str] = ('math',)) -> None:
        self.expression, self.python_modules = normalize(expression), list(python_modules)

    def describe(self) -> str:
        return f'PythonExpr({describe(self.expression)})'

    def perform(self, context: Any) -> str:
        names = {name: importlib.import_module(name) for name in self.python_modules}
        implicit = vars(math) if 'math' in names else {}
        return str(eval(perform(context, self.expression), {}, {**implicit, **names}))


class _Comparison(Substitution):
    def __init__(self, left: Any, right: Any) -> None:
        self.left, self.right = (
            normalize(str(v) if isinstance(v, bool | int | float) else v) for v in (left, right)
        )

    def equal(self, context: Any) -> bool:
        left, right = perform(context, self.left), perform(context, self.right)
        if {left.lower(), right.lower()} <= {'true', 'false', '0', '1'}:
            return (left.lower() in ('true', '1')) == (right.lower() in ('true', '1'))
        try:
            return math.isclose(float(left), float(right))
        except ValueError:
            return left == right


class EqualsSubstitution(_Comparison):
    """`true` when both sides are the same text, number or boolean."""

    def perform(self, context: Any) -> str:
        return str(self.equal(context)).lower()


class NotEqualsSubstitution(_Comparison):
    """`true` when the sides differ."""

    def perform(self, context: Any) -> str:
        return str(not self.equal(context)).lower()


class NotSubstitution(Substitution):
    """The opposite of a boolean."""

    def __init__(self, value: Any) -> None:
        self.value = normalize(value)

    def perform(self, context: Any) -> str:
        return str(not truth(context, self.value)).lower()


class AndSubstitution(_Comparison):
    """`true` when both are."""

    def perform(self, context: Any) -> str:
        return str(truth(context, self.left) and truth(context, self.right)).lower()


class OrSubstitution(_Comparison):
    """`true` when one of both is."""

    def perform(self, context: Any) -> str:
        return str(truth(context, self.left) or truth(context, self.right)).lower()


class IfElseSubstitution(Substitution):
    """One of two values, by a boolean."""

    def __init__(self, condition: Any, if_value: Any = '', else_value: Any = '') -> None:
        self.condition = normalize(condition)
        self.if_value, self.else_value = normalize(if_value), normalize(else_value)

    def perform(self, context: Any) -> str:
        chosen = self.if_value if truth(context, self.condition) else self.else_value
        return perform(context, chosen)
