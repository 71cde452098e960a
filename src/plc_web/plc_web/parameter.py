# SPDX-License-Identifier: Apache-2.0
"""One parameter of one node: what it is, what it may be, and whether a value will do."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
import re
from typing import Any

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
_ONE_OF = 'one of '
_MAY_FALL = re.compile(r'(^|_)(max|maximum|limit)(_|$)')


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

    def lowers(self, value: Value) -> bool:
        """Tell whether this is a limit, and the value lower than the present one."""
        both_numbers = isinstance(value, float | int) and isinstance(self.value, float | int)
        is_limit = _MAY_FALL.search(self.name) is not None
        return is_limit and both_numbers and value < self.value  # type: ignore[operator]


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
    """Return what plc_kit.parameters tells in additional_constraints."""
    if not constraint.startswith(_ONE_OF):
        return ()
    return tuple(constraint.removeprefix(_ONE_OF).split(', '))
