# SPDX-License-Identifier: Apache-2.0
"""One parameter of one node: what it is, what it may be, and whether a value will do."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
import re
from typing import Any

from plc_kit.setting import CHOICES, JOINT, Change

Value = bool | int | float | str | list[Any] | None

# Descriptions begin with the unit, as in "V by which …" (plc_kit.setting).
_UNITS = (
    's',
    'ms',
    'V',
    'A',
    'W',
    'Wh',
    'Ohm',
    'ohm',
    'Hz',
    'MHz',
    'dB',
    'degrees Celsius',
    '0..1',
)
_UNIT = re.compile(rf'^({"|".join(map(re.escape, _UNITS))})\b')
_LONGEST = 1000  # characters of a text
_AT_START = Change.AT_START.name


class BadValue(ValueError):
    """A parameter cannot have this value; the text is a sentence."""


@dataclass(frozen=True)
class Parameter:
    """As the node declares it, with the value it has."""

    node: str  # e.g. /pev/session
    name: str
    kind: str  # bool, int, float, str, or list
    value: Value
    about: str
    read_only: bool  # it counts from the next start on
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    change: str = _AT_START  # what the node says of it; a foreign one says nothing

    @property
    def unit(self) -> str:
        found = _UNIT.match(self.about)
        return found[1] if found else ''

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {'unit': self.unit}

    def check(self, given: Any) -> Value:
        """Return a value as the node would take it; raises BadValue."""
        name = f'{self.node} {self.name}'
        value: Value = self._of_kind(given, name)
        if self.choices and str(value) not in self.choices:
            raise BadValue(f'{name} may be {", ".join(self.choices)}')
        if self.low is None or self.high is None or not isinstance(value, int | float):
            return value
        if not self.low <= value <= self.high:
            raise BadValue(f'{name} may be {self.low:g} to {self.high:g}')
        return value

    def _of_kind(self, value: Any, name: str) -> Value:
        wants, takes = _KINDS.get(self.kind, ('to be set in the file', _nothing))
        if not takes(value):
            raise BadValue(f'{name} wants {wants}')
        taken: Value = float(value) if self.kind == 'float' else value
        return taken

    def in_session(self, value: Value) -> bool:
        """Tell whether it may become this while a session runs; a limit may only fall."""
        if self.change != Change.LOWER.name:
            return self.change == Change.ANY_TIME.name
        both_numbers = isinstance(value, float | int) and isinstance(self.value, float | int)
        return both_numbers and value <= self.value  # type: ignore[operator]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < 1e300


def _is_whole(value: Any) -> bool:
    return type(value) is int and abs(value) < 2**63


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST and value.isprintable()


def _nothing(_: Any) -> bool:
    return False


_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    'float': ('a number', _is_number),
    'int': ('a whole number', _is_whole),
    'bool': ('true or false', lambda value: type(value) is bool),
    'str': (f'a text of at most {_LONGEST} characters in one line', _is_text),
}


def choices_of(constraint: str) -> tuple[str, ...]:
    """Return what a value may be, of a descriptor's additional_constraints (plc_kit.setting)."""
    told = [part for part in constraint.split(JOINT) if part.startswith(CHOICES)]
    return tuple(told[0].removeprefix(CHOICES).split(', ')) if told else ()


def change_of(constraint: str) -> str:
    """Return when it may change, of the same."""
    parts = constraint.split(JOINT)
    return next((one.name for one in Change if one.value and one.value in parts), _AT_START)
