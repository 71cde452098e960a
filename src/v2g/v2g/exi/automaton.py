# SPDX-License-Identifier: Apache-2.0
"""From a declared type to its automaton: which events may come next, in event-code order.

A content model is built from its end to its start: each part is given the state that follows it.
A state's productions stand in schema order, then wildcards, the end, and untyped characters
(EXI 1.0, 8.5.4; docs/exi.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
import re

from v2g.schema.declare import Complex, Field, fields_of
from v2g.schema.xs import Kind, Text


class Event(IntEnum):
    """What a production stands for; the numbers are those of engine.h."""

    ELEMENT = 0  # an element of complex type
    SIMPLE = 1  # an element of simple type, with its value and its end
    VALUE = 2  # an attribute, or the text of simple content
    END = 3
    ANY = 4
    UNTYPED = 5


@dataclass(eq=False)
class Production:
    """One event: which field it fills, under which element name, and the state after it.

    start: where the element's content begins, if not at the start state of its type.
    """

    event: Event
    field: Field | None = None
    name: str = ''
    ns: str = ''
    of: Kind | type[Complex] | None = None
    next: 'State | None' = None
    start: 'State | None' = None


@dataclass(eq=False)
class State:
    """Productions, and other states whose productions are allowed here too.

    full: maxOccurs of the list that is at its maximum here, else 0. Some encoders then write the
    code as if one more could follow (facts in docs/exi.md, 'Full lists').
    """

    parts: 'list[Production | State]' = field(default_factory=list)
    full: int = 0
    owner: type[Complex] | None = None
    productions: list[Production] = field(default_factory=list)


@dataclass(frozen=True)
class Sequence:
    """One after the other."""

    items: 'tuple[Model, ...]'


@dataclass(frozen=True)
class Choice:
    """One of them."""

    items: 'tuple[Model, ...]'


@dataclass(frozen=True)
class Repeat:
    """As often as minimum to maximum say; None is without end."""

    item: 'Model'
    minimum: int
    maximum: int | None


ANY = 'ANY'
Model = Sequence | Choice | Repeat | Field | str
OCCURRENCE = {'?': (0, 1), '*': (0, None), '+': (1, None)}


@cache
def model_of(cls: type[Complex]) -> Model:
    """The content model: as written in the declaration, else its elements one after the other."""
    elements = [part for part in fields_of(cls) if part.place == 'element']
    if cls.content is None:
        return Sequence(tuple(_occurring(part) for part in elements))
    by_name = {part.name: part for part in elements}
    return _Parser(cls.content, by_name).alternatives()


def _occurring(part: Field) -> Model:
    once = (part.minimum, part.maximum) == (1, 1)
    return part if once else Repeat(part, part.minimum, part.maximum)


class _Parser:
    """Reads `(P, Q)?, G?, Y{1,2}`: a content model in the notation of DTDs, and with numbers."""

    def __init__(self, text: str, fields: dict[str, Field]) -> None:
        self.tokens = [*re.findall(r'\w+|\S', text), '']
        self.fields = fields

    def alternatives(self) -> Model:
        items = [self._one()]
        mark = self.tokens[0]
        while mark in (',', '|') and self.tokens[0] == mark:
            self.tokens.pop(0)
            items.append(self._one())
        return Choice(tuple(items)) if mark == '|' else Sequence(tuple(items))

    def _one(self) -> Model:
        token = self.tokens.pop(0)
        item: Model
        if token == '(':
            item = self.alternatives()
            self.tokens.pop(0)
        else:
            item = ANY if token == ANY else self.fields[token]
        if self.tokens[0] in OCCURRENCE:
            return Repeat(item, *OCCURRENCE[self.tokens.pop(0)])
        if self.tokens[0] == '{':
            _, minimum, _, maximum, _ = (self.tokens.pop(0) for _ in range(5))
            return Repeat(item, int(minimum), int(maximum))
        return item


def start_of(cls: type[Complex]) -> State:
    """The start state of a complex type; all states that it leads to are complete."""
    end = State([Production(Event.END)])
    start = State(_opening(model_of(cls), end))
    text = next((part for part in fields_of(cls) if part.place == 'text'), None)
    if text is not None:
        start = State([Production(Event.VALUE, text, of=text.of, next=end)])
    attributes = [part for part in fields_of(cls) if part.place == 'attribute']
    for part in reversed(attributes):
        into = Production(Event.VALUE, part, part.name, part.ns, part.of, start)
        start = State([into] if part.minimum else [into, start])
    _complete(start, cls)
    return start


def relaxed_start_of(
    cls: type[Complex], attributes: list[tuple[str, str]], elements: int
) -> State:
    """The start state in a fragment of an element that is declared with several types.

    Its content is open to every attribute and element of the schema (EXI 1.0, 8.5.3); taken are
    the attributes and the text of `cls`, the text as a string.
    """
    any_element = [Production(Event.ANY) for _ in range(elements + 1)]
    start, after = State(owner=cls), State(owner=cls)
    own = {(part.name, part.ns): part for part in fields_of(cls)}
    for key in attributes:
        part = own.get(key)
        if part is None:
            start.productions.append(Production(Event.ANY))
        else:
            start.productions.append(Production(Event.VALUE, part, *key, part.of, start))
    text = next(part for part in fields_of(cls) if part.place == 'text')
    characters = Production(Event.VALUE, text, of=Text(), next=after)
    start.productions += [Production(Event.ANY), *any_element, Production(Event.END), characters]
    after.productions += [*any_element, Production(Event.END), Production(Event.UNTYPED)]
    return start


def _opening(model: Model, follow: State) -> list[Production | State]:
    """What a part of a content model may begin with, when `follow` comes after it."""
    match model:
        case Sequence(items):
            for item in reversed(items):
                follow = State(_opening(item, follow))
            return [follow]
        case Choice(items):
            return [part for item in items for part in _opening(item, follow)]
        case Repeat(item, minimum, None):
            again = State()
            again.parts = [*_opening(item, again), follow]
            return [again] if minimum == 0 else _opening(item, again)
        case Repeat(item, minimum, int(maximum)):
            return _bounded(item, minimum, maximum, follow)
        case Field():
            return list(_elements(model, follow))
    return [Production(Event.ANY, next=follow)]


def _bounded(item: Model, minimum: int, maximum: int, follow: State) -> list[Production | State]:
    after = State([follow], full=maximum) if maximum > 1 else follow
    for count in range(maximum, 0, -1):
        parts = [*_opening(item, after), *([follow] if count > minimum else [])]
        after = State(parts)
    return parts


def _elements(part: Field, follow: State) -> Iterator[Production]:
    """An element; in the place of a head, whatever may stand for it and the head itself."""
    if part.within is not None:
        yield Production(Event.ELEMENT, part, part.name, part.ns, part.within, follow)
        return
    if isinstance(part.of, Kind):
        yield Production(Event.SIMPLE, part, part.name, part.ns, part.of, follow)
        return
    if part.of.head is None:
        yield Production(Event.ELEMENT, part, part.name, part.ns, part.of, follow)
        return
    for cls in substitutes(part.of):
        ns = cls.head if cls.head is not None else cls.ns
        yield Production(Event.ELEMENT, part, cls.__name__, ns, cls, follow)


def substitutes(head: type[Complex]) -> list[type[Complex]]:
    """A head and all that may stand in its place, in event-code order."""
    found, todo = [], [head]
    while todo:
        cls = todo.pop()
        todo += cls.__subclasses__()
        if cls is head or cls.element:
            found.append(cls)
    return sorted(found, key=lambda cls: (cls.__name__, cls.head or cls.ns))


ORDER = {Event.ANY: 1, Event.END: 2, Event.UNTYPED: 3}


def _complete(start: State, owner: type[Complex]) -> None:
    """Give each state that can be reached its productions, in event-code order, once each."""
    todo = [start]
    while todo:
        state = todo.pop()
        if state.productions:
            continue
        found: dict[tuple[Event, str, str], Production] = {}
        for one in _flattened(state, set()):
            found.setdefault((one.event, one.name, one.ns), one)
        content = any(one.event is not Event.VALUE or not one.name for one in found.values())
        if owner.mixed and content:
            found[Event.UNTYPED, '', ''] = Production(Event.UNTYPED, next=state)
        state.productions = sorted(found.values(), key=lambda one: ORDER.get(one.event, 0))
        state.owner = owner
        todo += [one.next for one in state.productions if one.next is not None]


def _flattened(state: State, seen: set[int]) -> Iterator[Production]:
    if id(state) in seen:
        return
    seen.add(id(state))
    for part in state.parts:
        if isinstance(part, State):
            yield from _flattened(part, seen)
        else:
            yield part
