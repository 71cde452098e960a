# SPDX-License-Identifier: Apache-2.0
"""Flat form to messages, fast: for each shape of document seen often, a function written for it.

The choices of a flat document fix its shape: which elements it has, and where each value goes.
So the walk along the grammar is done once a shape and written down as Python that only makes the
objects. A shape is compiled when it comes the third time; long ones and strangers are walked.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from v2g.exi.automaton import Event, Production, State
from v2g.exi.convert import MESSAGES, unflatten
from v2g.exi.grammar import DOCUMENT, FRAGMENT, Flat, Grammar, codes
from v2g.schema.declare import Complex, Field, fields_of
from v2g.schema.xs import Enumeration, Flag, Kind, Wire

Build = Callable[[list[int], bytes], Any]

COMMON = 3  # times a shape is seen before it is compiled
LONGEST = 96  # values of a shape worth compiling
MOST = 512  # shapes kept; a peer that varies without end starts the count anew
# Multiplier -3..3 as an index, from the end where negative: Value * RAISE[m] / LOWER[m].
RAISE = (1, 10, 100, 1000, 1, 1, 1)
LOWER = (1, 1, 1, 1, 1000, 100, 10)


class Builders:
    """The compiled shapes of one grammar."""

    def __init__(self, grammar: Grammar, fragment: bool = False) -> None:
        self.grammar, self.fragment = grammar, fragment
        self.compiled: dict[bytes, Build] = {}
        self._seen: Counter[bytes] = Counter()

    def build(self, flat: Flat) -> Any:
        """The message of a flat document; ValueError where a value has no form (a wrong unit)."""
        choices, values, octets = flat
        build = self.compiled.get(choices) or self._learn(choices, values)
        if build is not None:
            message = build(values, octets)
            if message is not None:
                return message
        return unflatten(self.grammar, flat, MESSAGES, self.fragment)[2]

    def _learn(self, choices: bytes, values: list[int]) -> Build | None:
        if len(values) > LONGEST or len(choices) > LONGEST:
            return None
        self._seen[choices] += 1
        if self._seen[choices] < COMMON:
            if len(self._seen) > MOST:
                self._seen.clear()
                self.compiled.clear()
            return None
        root = FRAGMENT if self.fragment else DOCUMENT
        self.compiled[choices] = _Writer(self.grammar, choices).function(root)
        return self.compiled[choices]


class _Writer:
    """Writes the function of one shape: a walk that notes what it would do."""

    def __init__(self, grammar: Grammar, choices: bytes) -> None:
        self.states, self.starts = grammar.states, grammar.starts
        self.choices: Iterator[int] = codes(choices)
        self.scope: dict[str, Any] = {'new': object.__new__, 'R': RAISE, 'L': LOWER}
        self.lines: list[str] = []
        self.units: list[str] = []
        self.values, self.octets, self.names = 0, '', 0

    def function(self, root: int) -> Build:
        message = self._child(self._production(self.states[root]))
        odd = ' or '.join(self.units)
        guard = [f' if {odd}: return None'] if odd else []
        head = ['def build(v, o):', *guard]
        exec('\n'.join([*head, *self.lines, f' return {message}']), self.scope)
        build: Build = self.scope['build']
        return build

    def _production(self, state: State) -> Production:
        several = len(state.productions) > 1
        return state.productions[next(self.choices) if several else 0]

    def _name(self, thing: Any) -> str:
        """A name in the function's scope for what it needs."""
        for name, known in self.scope.items():
            if known is thing:
                return name
        self.scope[f'k{len(self.scope)}'] = thing
        return f'k{len(self.scope) - 1}'

    def _child(self, one: Production) -> str:
        if isinstance(one.of, Kind):
            return self._leaf(one.of)
        assert one.of is not None
        if one.field is not None and one.field.unit is not None:
            return self._physical(one.of, one.field.unit)
        return self._element(one.of, one)

    def _leaf(self, kind: Kind) -> str:
        raw = self._raw(kind)
        if isinstance(kind, Flag):
            return f'{raw} == 1'
        if isinstance(kind, Enumeration):
            return f'{self._name(kind.members)}[{raw}]'
        if kind.wire == Wire.BINARY:
            return raw
        if kind.wire == Wire.STRING:
            return f'{raw}.decode()'
        if kind.wire == Wire.BIG_INTEGER or kind.maximum >> 63:
            return f'{self._name(kind)}.unpack({raw})'
        return raw

    def _raw(self, kind: Kind) -> str:
        value = f'v[{self.values}]'
        self.values += 1
        if kind.wire < Wire.BIG_INTEGER:
            return value
        octets = f'o[{self.octets}:{value}]'
        self.octets = value
        return octets

    def _members(self, cls: type[Complex], entry: Production) -> dict[str, list[str]]:
        """Expressions for each field of an element, in the order of the stream."""
        members: dict[str, list[str]] = {}
        state = entry.start or self.states[self.starts[cls]]
        while (one := self._production(state)).event != Event.END:
            assert one.field is not None and one.next is not None
            members.setdefault(one.field.name, []).append(self._child(one))
            state = one.next
        return members

    def _physical(self, cls: type[Complex], unit: str) -> str:
        members = self._members(cls, Production(Event.ELEMENT))
        kind = next(field.of for field in fields_of(cls) if field.name == 'Unit')
        if 'Unit' in members:
            assert isinstance(kind, Enumeration)
            sent = members['Unit'][0].partition('[')[2]
            self.units.append(f'{sent[:-1]} != {kind.pack(unit)!r}')
        (multiplier,), (value,) = members['Multiplier'], members['Value']
        return f'{value} * R[{multiplier}] / L[{multiplier}]'

    def _element(self, cls: type[Complex], entry: Production) -> str:
        members = self._members(cls, entry)
        if entry.field is not None and entry.field.within is cls:
            return next(iter(members.values()), ['None'])[0]
        self.names += 1
        name = f'm{self.names}'
        self.lines.append(f' {name} = new({self._name(cls)})')
        for field in fields_of(cls):
            self.lines.append(f' {name}.{field.name} = {_given(field, members)}')
        return name


def _given(field: Field, members: dict[str, list[str]]) -> str:
    found = members.get(field.name, [])
    if field.many:
        return f'[{", ".join(found)}]'
    return found[0] if found else 'None'
