# SPDX-License-Identifier: Apache-2.0
"""Values of machines as JSON and back: dataclasses, enums, octets, by the names of their kinds."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from ipaddress import IPv6Address
from math import isfinite
from typing import Any

IS = 'is'  # the key that says what kind of value an object stands for
Hide = Callable[[Any], Any]
Form = tuple[Callable[[Any], dict[str, Any]], Callable[[dict[str, Any]], Any]]


class Unwritable(TypeError):
    """A value is of a kind that is not written down."""


class Unreadable(ValueError):
    """What was written down is no value of the kinds known here; the text is a sentence."""


class Written:
    """Writes values of the kinds it was given, reads them back.

    kinds: dataclasses and enums. parts: classes whose objects are written attribute by attribute.
    forms: of other classes, how to make plain values of one by name, and to make one of those.
    hide: is shown octets and texts, and returns what may be written in their place.
    """

    def __init__(
        self,
        kinds: Iterable[type],
        parts: Iterable[type] = (),
        forms: dict[type, Form] | None = None,
        hide: Hide = lambda value: value,
    ) -> None:
        self._forms = {form.__name__: both for form, both in (forms or {}).items()}
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._parts = {part.__name__: part for part in parts}
        self._hide = hide

    def write(self, value: Any) -> Any:
        """Return it as JSON has it; raises Unwritable."""
        if value is None or type(value) in (bool, int):
            return value
        if isinstance(value, Enum):
            return {IS: self._name(value, self._kinds), 'name': value.name}
        if isinstance(value, str):
            return self._hide(value)
        if isinstance(value, float):
            return value if isfinite(value) else {IS: 'float', 'text': str(value)}
        if isinstance(value, bytes):
            return {IS: 'bytes', 'hex': self._hide(value).hex()}
        if isinstance(value, list):
            return [self.write(one) for one in value]
        return self._write_object(value)

    def _write_object(self, value: Any) -> Any:
        if isinstance(value, IPv6Address):
            return {IS: 'IPv6Address', 'text': str(value)}
        if isinstance(value, tuple):
            return {IS: 'tuple', 'of': [self.write(one) for one in value]}
        if isinstance(value, set | frozenset):
            return {IS: 'set', 'of': sorted((self.write(one) for one in value), key=str)}
        if isinstance(value, dict):
            pairs = [[self.write(key), self.write(one)] for key, one in value.items()]
            return {IS: 'Counter' if isinstance(value, Counter) else 'dict', 'of': pairs}
        if form := self._forms.get(type(value).__name__):
            values = form[0](value)
            return {IS: type(value).__name__, **{n: self.write(one) for n, one in values.items()}}
        if is_dataclass(value) and type(value).__name__ in self._kinds:
            return {IS: self._name(value, self._kinds), **self._fields(value)}
        name = self._name(value, self._parts)
        return {IS: name, **{label: self.write(one) for label, one in vars(value).items()}}

    def _fields(self, value: Any) -> dict[str, Any]:
        """Return those fields that have not their default."""
        there = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: self.write(one) for field, one in there if not _default(field, one)}

    def _name(self, value: Any, known: dict[str, type]) -> str:
        name = type(value).__name__
        if known.get(name) is not type(value):
            raise Unwritable(name)
        return name

    def read(self, written: Any) -> Any:
        """Return the value; raises Unreadable."""
        if isinstance(written, list):
            return [self.read(one) for one in written]
        if not isinstance(written, dict):
            return written
        try:
            return self._read_object(written)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unreadable(f'{str(written)[:80]} is no value known here: {error}') from None

    def _read_object(self, written: dict[str, Any]) -> Any:
        rest = {name: one for name, one in written.items() if name != IS}
        match written[IS]:
            case 'float':
                return float(rest['text'])
            case 'bytes':
                return bytes.fromhex(rest['hex'])
            case 'IPv6Address':
                return IPv6Address(rest['text'])
            case 'tuple' | 'set' as word:
                values = [self.read(one) for one in rest['of']]
                return tuple(values) if word == 'tuple' else set(values)
            case 'dict' | 'Counter' as word:
                pairs = {self.read(key): self.read(one) for key, one in rest['of']}
                return Counter(pairs) if word == 'Counter' else pairs
            case name if name in self._forms:
                return self._forms[name][1]({n: self.read(one) for n, one in rest.items()})
            case name if name in self._parts:
                return self._part(self._parts[name], rest)
            case name:
                return self._of_kind(self._kinds[name], rest)

    def _of_kind(self, kind: Any, rest: dict[str, Any]) -> Any:
        if issubclass(kind, Enum):
            return kind[rest['name']]
        return kind(**{name: self.read(one) for name, one in rest.items()})

    def _part(self, part: type, rest: dict[str, Any]) -> Any:
        made: Any = object.__new__(part)
        vars(made).update({name: self.read(one) for name, one in rest.items()})
        return made


def _default(field: Field[Any], value: Any) -> bool:
    default = field.default
    if default is MISSING:
        return False
    return bool(value == default) or (value != value and default != default)
