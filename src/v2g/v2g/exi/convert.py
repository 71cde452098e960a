# SPDX-License-Identifier: Apache-2.0
"""Flat form to values and back: as JSON, in the element names of the standard, or as messages.

One walk along the grammar serves both; a Shape says what a value and a finished element become.
"""

from collections.abc import Iterable, Iterator
from functools import cache
import json
from typing import Any, NamedTuple

from v2g.exi.automaton import Event, Production, State, substitutes
from v2g.exi.grammar import DOCUMENT, FRAGMENT, Flat, Grammar, choice, codes
from v2g.schema.declare import Complex, Field, fields_of
from v2g.schema.physical import in_unit, scale, unscale
from v2g.schema.xs import Kind, Raw, Wire


class Item(NamedTuple):
    """A child still to be written: its element name, and what the walk needs to enter it."""

    name: str
    ns: str | None
    value: Any


class Shape:
    """What the walk makes of a document, and how it takes one apart."""

    def leaf(self, kind: Kind, raw: Raw) -> Any:
        raise NotImplementedError

    def pack(self, kind: Kind, value: Any) -> Raw:
        raise NotImplementedError

    def key(self, one: Production) -> str:
        """Under which name a child is kept."""
        raise NotImplementedError

    def element(self, cls: type[Complex], field: Field | None, members: dict[str, Any]) -> Any:
        return members

    def items(self, cls: type[Complex], field: Field | None, value: Any) -> Iterable[Item]:
        """An element's children, in the order in which they are to be written."""
        raise NotImplementedError


class AsFields(Shape):
    """Dicts, lists and JSON values under the names of the standard."""

    def leaf(self, kind: Kind, raw: Raw) -> Any:
        return kind.unpack_json(raw)

    def pack(self, kind: Kind, value: Any) -> Raw:
        return kind.pack_json(value)

    def key(self, one: Production) -> str:
        return '#text' if one.field and one.field.place == 'text' else _prefixed(one)

    def items(self, cls: type[Complex], field: Field | None, value: Any) -> Iterator[Item]:
        if not isinstance(value, dict):
            raise ValueError(
                f'{cls.__name__}: {json.dumps(value, default=repr)} is no JSON object'
            )
        places = _places(cls)
        known = sorted(value.items(), key=lambda item: places.get(item[0], 0))
        for key, child in known if cls.content is None else value.items():
            if key not in places:
                raise ValueError(f'{cls.__name__} has no {key}')
            for one in child if isinstance(child, list) else [child]:
                yield Item(key, None, one)


class AsMessages(Shape):
    """Instances of the declared classes; physical values as floats."""

    def leaf(self, kind: Kind, raw: Raw) -> Any:
        return kind.unpack(raw)

    def pack(self, kind: Kind, value: Any) -> Raw:
        return kind.pack(value)

    def key(self, one: Production) -> str:
        return one.field.name if one.field else one.name

    def element(self, cls: type[Complex], field: Field | None, members: dict[str, Any]) -> Any:
        if field is not None and field.within is cls:
            return next(iter(members.values()), None)
        if field is not None and field.unit is not None:
            sent = members.get('Unit')
            factor = in_unit(field.unit, None if sent is None else sent.value)
            return factor * unscale(members['Multiplier'], members['Value'])
        return cls(**members)

    def items(self, cls: type[Complex], field: Field | None, value: Any) -> Iterable[Item]:
        if field is not None and field.within is cls:
            return [] if value is None else [Item(type(value).__name__, None, value)]
        if field is not None and field.unit is not None:
            return _scaled(field.name, field.unit, value)
        if not isinstance(value, cls):
            raise ValueError(f'{cls.__name__}: {value!r} is none')
        return _children(cls, value)


def _scaled(name: str, unit: str, value: Any) -> list[Item]:
    """The children of a physical value."""
    try:
        multiplier, scaled = scale(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f'{name}: {error}') from error
    parts = ('Multiplier', multiplier), ('Unit', unit), ('Value', scaled)
    return [Item(key, None, part) for key, part in parts]


def _children(cls: type[Complex], message: Complex) -> Iterator[Item]:
    for part in fields_of(cls):
        child = getattr(message, part.name)
        if part.many:
            yield from (Item(part.key, None, one) for one in child)
        elif part.within is not None or (child is not None and not _headed(part)):
            yield Item(part.key, None, child)
        elif child is not None:
            yield Item(type(child).__name__, None, child)


def _headed(part: Field) -> bool:
    return not isinstance(part.of, Kind) and part.of.head is not None


FIELDS, MESSAGES = AsFields(), AsMessages()


def _prefixed(one: Production) -> str:
    attribute = one.field is not None and one.field.place == 'attribute'
    return '@' + one.name if attribute else one.name


@cache
def _places(cls: type[Complex]) -> dict[str, int]:
    """Where in schema order each JSON key of a type belongs, substitutes included."""
    return {key: place for place, part in enumerate(fields_of(cls)) for key in _keys(part)}


def _keys(part: Field) -> list[str]:
    if part.within is not None or isinstance(part.of, Kind) or part.of.head is None:
        return [part.key]
    return [cls.__name__ for cls in substitutes(part.of)]


def unflatten(
    grammar: Grammar, flat: Flat, shape: Shape, fragment: bool = False
) -> tuple[str, str, Any]:
    """Name and namespace of the root element, and what `shape` makes of it.

    ValueError where a value has no such form (a unit that measures something else).
    """
    return _Reading(grammar, flat, shape).root(FRAGMENT if fragment else DOCUMENT)


class _Reading:
    def __init__(self, grammar: Grammar, flat: Flat, shape: Shape) -> None:
        self.states, self.rows, self.shape = grammar.states, grammar.rows, shape
        self.starts = grammar.starts
        choices, values, self.octets = flat
        self.choices, self.values = codes(choices), iter(values)
        self.at = 0

    def root(self, state: int) -> tuple[str, str, Any]:
        one = self._production(self.states[state])
        return one.name, one.ns, self._child(one)

    def _production(self, state: State) -> Production:
        several = len(state.productions) > 1
        return state.productions[next(self.choices) if several else 0]

    def _child(self, one: Production) -> Any:
        if isinstance(one.of, Kind):
            return self.shape.leaf(one.of, self._raw(one.of))
        assert one.of is not None
        return self._element(one.of, one)

    def _element(self, cls: type[Complex], entry: Production) -> Any:
        members: dict[str, Any] = {}
        state = entry.start or self.states[self.starts[cls]]
        while (one := self._production(state)).event != Event.END:
            key, child = self.shape.key(one), self._child(one)
            if one.field is not None and one.field.many:
                members.setdefault(key, []).append(child)
            else:
                members[key] = child
            assert one.next is not None
            state = one.next
        return self.shape.element(cls, entry.field, members)

    def _raw(self, kind: Kind) -> Raw:
        value = next(self.values)
        if kind.wire < Wire.BIG_INTEGER:
            return value
        raw, self.at = self.octets[self.at : value], value
        return raw


def flatten(
    grammar: Grammar, name: str, ns: str | None, value: Any, shape: Shape, fragment: bool = False
) -> Flat:
    """Flat form of a root element; ValueError says which part cannot be, and why."""
    writing = _Writing(grammar, shape)
    writing.root(FRAGMENT if fragment else DOCUMENT, Item(name, ns, value))
    return bytes(writing.choices), writing.values, bytes(writing.octets)


class _Writing:
    def __init__(self, grammar: Grammar, shape: Shape) -> None:
        self.states, self.starts, self.shape = grammar.states, grammar.starts, shape
        self.choices = bytearray()
        self.values: list[int] = []
        self.octets = bytearray()

    def root(self, number: int, item: Item) -> None:
        state = self.states[number]
        fitting = [
            one
            for one in state.productions
            if one.name == item.name and item.ns in (None, one.ns) and one.event < Event.ANY
        ]
        if not fitting:
            raise ValueError(f'{item.name} is no root element here')
        if len(fitting) > 1:
            spaces = ', '.join(one.ns for one in fitting)
            raise ValueError(f'{item.name} stands in several namespaces: {spaces}')
        self._take(state, fitting[0], item.value)

    def _take(self, state: State, one: Production, value: Any) -> None:
        if len(state.productions) > 1:
            self.choices += choice(state.productions.index(one))
        if isinstance(one.of, Kind):
            self._leaf(one, one.of, value)
        elif one.of is not None:
            self._element(one.of, one, value)

    def _leaf(self, one: Production, kind: Kind, value: Any) -> None:
        try:
            raw = self.shape.pack(kind, value)
        except (TypeError, ValueError) as error:
            raise ValueError(f'{one.name or "text"}: {error}') from error
        if isinstance(raw, int):
            self.values.append(raw)
        else:
            self.octets += raw
            self.values.append(len(self.octets))

    def _element(self, cls: type[Complex], entry: Production, value: Any) -> None:
        state = entry.start or self.states[self.starts[cls]]
        for item in self._items(cls, entry.field, value):
            one = self._fitting(state, item.name)
            if one is None:
                raise ValueError(f'{cls.__name__}: {item.name} where {_due(state)} is due')
            self._take(state, one, item.value)
            assert one.next is not None
            state = one.next
        end = next((one for one in state.productions if one.event == Event.END), None)
        if end is None:
            raise ValueError(f'{cls.__name__}: {_due(state)} is missing')
        self._take(state, end, None)

    def _items(self, cls: type[Complex], field: Field | None, value: Any) -> Iterable[Item]:
        try:
            yield from self.shape.items(cls, field, value)
        except TypeError as error:
            name = cls.__name__ if field is None else field.name
            raise ValueError(f'{name}: {error}') from error

    def _fitting(self, state: State, key: str) -> Production | None:
        for one in state.productions:
            if one.event < Event.END and FIELDS.key(one) == key:
                return one
        return None


def _due(state: State) -> str:
    due = [FIELDS.key(one) for one in state.productions if one.event < Event.END]
    if any(one.event == Event.END for one in state.productions):
        due.append('the end')
    return ' or '.join(due)
