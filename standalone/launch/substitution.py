# SPDX-License-Identifier: Apache-2.0
"""What a substitution is, and what may be written where a launch file takes one."""

from collections.abc import Callable
from functools import partial
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
