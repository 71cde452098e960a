# SPDX-License-Identifier: Apache-2.0
"""Values that are known only when the launch description is carried out."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
import importlib
import math
import os
from typing import Any

from launch.entities import made_of


class SubstitutionFailure(RuntimeError):
    """A substitution has no value here."""


class Substitution:
    """Something that becomes text once there is a context: by `perform`."""

    label = '{}'  # of what --show-args writes

    def describe(self) -> str:
        return self.label.format(describe(next(iter(vars(self).values()))))


def substitution(label: str = '{}') -> Callable[[Callable[..., Any]], Any]:
    """Make a class of substitutions of a function that gives their text."""
    return partial(made_of, base=Substitution, method='perform', label=label)


def normalize(value: Any) -> list[Substitution]:
    """Return text, path, substitution or a sequence of these as a list of substitutions."""
    if isinstance(value, Substitution):
        return [value]
    if isinstance(value, str | os.PathLike):
        return [TextSubstitution(os.fspath(value))]
    if isinstance(value, Iterable):
        return [part for item in value for part in normalize(item)]
    raise TypeError(f"Failed to normalize given item of type '{type(value)}'")


def perform(context: Any, value: Any) -> str:
    """Return the text of anything `normalize` takes."""
    return ''.join(part.perform(context) for part in normalize(value))


def plain(value: Any) -> Any:
    """Return a number or boolean as its text, anything else as it is."""
    return str(value) if isinstance(value, bool | int | float) else value


def describe(value: Any) -> str:
    """Return how `--show-args` writes a value."""
    return ' + '.join(part.describe() for part in normalize(value))


def truth(context: Any, value: Any) -> bool:
    """Return the boolean that text of YAML's spelling means."""
    text = perform(context, plain(value))
    if text.strip().lower() not in ('true', 'false', 'yes', 'no', 'on', 'off'):
        raise SubstitutionFailure(f"Cannot convert value '{text}' to a boolean")
    return text.strip().lower() in ('true', 'yes', 'on')


def _found(context: Any, kind: str, known: Mapping[str, Any], name: Any, default: Any) -> Any:
    text = perform(context, name)
    if text not in known and default is None:
        raise SubstitutionFailure(f"{kind} '{text}' does not exist")
    return known[text] if text in known else perform(context, plain(default))


class TextSubstitution(Substitution):
    def __init__(self, text: str) -> None:
        self.text = text

    def describe(self) -> str:
        return f"'{self.text}'"

    def perform(self, context: Any) -> str:
        return self.text


@substitution('LaunchConfig({})')
def LaunchConfiguration(context: Any, variable_name: Any, default: Any = None) -> Any:
    known = context.launch_configurations
    return _found(context, 'launch configuration', known, variable_name, default)


@substitution('EnvVar({})')
def EnvironmentVariable(context: Any, name: Any, default_value: Any = None) -> str:
    return _found(context, 'environment variable', os.environ, name, default_value)


@substitution("LocalVar('{}')")
def PathJoinSubstitution(context: Any, substitutions: Iterable[Any]) -> str:
    return os.path.join(*(perform(context, part) for part in substitutions))


@substitution('PythonExpr({})')
def PythonExpression(context: Any, expression: Any, python_modules: Any = ('math',)) -> str:
    names = {name: importlib.import_module(name) for name in python_modules}
    implicit = vars(math) if 'math' in names else {}
    return str(eval(perform(context, expression), {}, {**implicit, **names}))


@substitution()
def IfElseSubstitution(
    context: Any, condition: Any, if_value: Any = '', else_value: Any = ''
) -> str:
    return perform(context, if_value if truth(context, condition) else else_value)


def _equal(context: Any, *sides: Any) -> bool:
    one, other = (perform(context, plain(side)).lower() for side in sides)
    if {one, other} <= {'true', 'false', '0', '1'}:
        return (one in ('true', '1')) == (other in ('true', '1'))
    try:
        return math.isclose(float(one), float(other))
    except ValueError:
        return perform(context, sides[0]) == perform(context, sides[1])


@substitution()
def EqualsSubstitution(context: Any, left: Any, right: Any) -> str:
    return str(_equal(context, left, right)).lower()


@substitution()
def NotEqualsSubstitution(context: Any, left: Any, right: Any) -> str:
    return str(not _equal(context, left, right)).lower()


@substitution()
def NotSubstitution(context: Any, value: Any) -> str:
    return str(not truth(context, value)).lower()


@substitution()
def AndSubstitution(context: Any, left: Any, right: Any) -> str:
    return str(truth(context, left) and truth(context, right)).lower()


@substitution()
def OrSubstitution(context: Any, left: Any, right: Any) -> str:
    return str(truth(context, left) or truth(context, right)).lower()
