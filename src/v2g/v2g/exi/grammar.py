# SPDX-License-Identifier: Apache-2.0
"""A schema's grammar as one table, which both engines run: states, productions, value types."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import NamedTuple, Protocol, TypeVar

from v2g.exi.automaton import Event, Production, State, relaxed_start_of, start_of
from v2g.exi.malformed import Fault, MalformedExi
from v2g.schema.declare import Complex, Field, fields_of
from v2g.schema.xs import Kind

Root = TypeVar('Root', covariant=True)
DOCUMENT, FRAGMENT, DONE = 0, 1, 2  # the states that every table begins with
NO_TYPE = 0
LONG_CHOICE = 255


class Schema(Protocol[Root]):
    """A module of declarations; `document` is the type of its root elements."""

    @property
    def __name__(self) -> str: ...

    @property
    def document(self) -> type[Root]: ...


# A document without its names, as an engine reads and writes it: (choices, values, octets).
# choices: the event code of each state that had more than one production, one octet each, from
# LONG_CHOICE on two. values: one number a simple value, in order; for strings and binaries the end
# of their part of octets. Plain tuples: they are made for every message.
Flat = tuple[bytes, list[int], bytes]


def choice(code: int) -> bytes:
    """A code as it stands among the choices."""
    return bytes((code,)) if code < LONG_CHOICE else bytes((LONG_CHOICE, code - LONG_CHOICE))


def codes(choices: bytes) -> Iterator[int]:
    """The codes that stand in choices."""
    rest = iter(choices)
    for code in rest:
        yield code if code < LONG_CHOICE else code + next(rest, 0)


class Row(NamedTuple):
    """A state as the engines know it: width of its codes, productions (event, argument, next)."""

    bits: int
    productions: tuple[tuple[int, int, int], ...]
    full: int


class Value(NamedTuple):
    """A value type as the engines know it."""

    wire: int
    bits: int
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Element:
    """A global or local element: what a document or a fragment may begin with."""

    name: str
    ns: str
    of: Kind | type[Complex]


class Grammar:
    """The table of a schema, and what its numbers mean."""

    def __init__(self, module: ModuleType) -> None:
        self.name = module.__name__.rpartition('.')[2]
        self.roots = _sorted(_globals(module))
        declared = _declared(module)
        self.elements = _sorted(declared)
        self.rows: list[Row] = []
        self.states: list[State] = []
        self.values: list[Value] = []
        self.starts: dict[type[Complex], int] = {}
        self._kinds: dict[Kind, int] = {}
        self._numbers: dict[int, int] = {}
        self._state(State(productions=[_root(one) for one in self.roots]))
        self._state(State(productions=self._fragment(module, declared)))
        self._state(State())
        self.states[FRAGMENT].productions.append(Production(Event.ANY))
        self._fill()

    def _fragment(self, module: ModuleType, declared: list[Element]) -> list[Production]:
        productions = [_root(one) for one in self.elements]
        for one in productions:
            found = {
                other.of for other in declared if (other.name, other.ns) == (one.name, one.ns)
            }
            open_to = [cls for cls in found if not isinstance(cls, Kind) and _has_text(cls)]
            if len(found) > 1 and open_to:
                one.event, one.of = Event.ELEMENT, open_to[0]
                one.start = relaxed_start_of(open_to[0], _attributes(module), len(productions))
        return productions

    def _state(self, state: State) -> int:
        number = self._numbers.setdefault(id(state), len(self.states))
        if number == len(self.states):
            self.states.append(state)
        return number

    def _fill(self) -> None:
        at = 0
        while at < len(self.states):  # grows while it is walked
            state = self.states[at]
            rows = tuple(self._production(one) for one in state.productions)
            self.rows.append(Row(len(rows).bit_length(), rows, state.full))
            at += 1

    def _production(self, one: Production) -> tuple[int, int, int]:
        after = DONE if one.next is None else self._state(one.next)
        argument = NO_TYPE
        if isinstance(one.of, Kind):
            argument = self._value(one.of)
        elif one.start is not None:
            argument = self._state(one.start)
        elif one.of is not None:
            argument = self.start(one.of)
        return int(one.event), argument, after

    def start(self, cls: type[Complex]) -> int:
        """The number of a complex type's start state."""
        if cls not in self.starts:
            self.starts[cls] = self._state(start_of(cls))
        return self.starts[cls]

    def _value(self, kind: Kind) -> int:
        if kind not in self._kinds:
            self._kinds[kind] = len(self.values)
            self.values.append(Value(int(kind.wire), kind.bits, kind.minimum, kind.maximum))
        return self._kinds[kind]

    def malformed(self, fault: Fault, position: int, where: int) -> MalformedExi:
        """The error for what an engine found: `where` is a state, or a value type."""
        return MalformedExi(position, self._expected(fault, where))

    def _expected(self, fault: Fault, where: int) -> str:
        match fault:
            case Fault.HEADER:
                return 'expected the EXI header 0x80'
            case Fault.EVENT_CODE | Fault.ESCAPE | Fault.WILDCARD | Fault.UNTYPED_CHARACTERS:
                return f'{EVENT_FAULTS[fault]}, expected {self._choices(where)}'
            case Fault.OVER_MAXIMUM:
                state = self.states[where]
                return (
                    f'more than {state.full} in {_owner(state)}, expected {self._choices(where)}'
                )
            case Fault.RANGE:
                value = self.values[where]
                return f'expected a value in {value.minimum}..{value.maximum}'
        return VALUE_FAULTS[fault]

    def _choices(self, where: int) -> str:
        state = self.states[where]
        if where in (DOCUMENT, FRAGMENT):
            return f'a root element of {self.name}'
        if where == DONE:
            return 'the end of the fragment'
        if where == IN_VALUE:
            return 'a value and its end'
        names = ' or '.join(_shown(one) for one in state.productions)
        return f'{names} in {_owner(state)}'


IN_VALUE = -1
EVENT_FAULTS = {
    Fault.EVENT_CODE: 'no such event code',
    Fault.ESCAPE: 'an escape to the second level, which is not supported',
    Fault.WILDCARD: 'a wildcard, which is not supported',
    Fault.UNTYPED_CHARACTERS: 'characters between elements, which are not supported',
}
VALUE_FAULTS = {
    Fault.TRUNCATED: 'the stream ends here, expected more of it',
    Fault.STRING_TABLE: 'a string-table hit, expected a string in full',
    Fault.TOO_LONG: 'an integer without end, expected one that fits its type',
    Fault.LENGTH: 'a length beyond the end of the stream, expected one within it',
    Fault.CHARACTER: 'expected a Unicode character',
    Fault.ROOM: 'expected a message within the limit',
}


def _shown(one: Production) -> str:
    return one.name or {Event.END: 'the end', Event.VALUE: 'text'}.get(one.event, 'a wildcard')


def _owner(state: State) -> str:
    return '?' if state.owner is None else state.owner.__name__


def _root(element: Element) -> Production:
    event = Event.SIMPLE if isinstance(element.of, Kind) else Event.ELEMENT
    return Production(event, None, element.name, element.ns, element.of)


def _sorted(elements: list[Element]) -> list[Element]:
    once = {(one.name, one.ns): one for one in reversed(elements)}
    return [once[key] for key in sorted(once)]


def _types(module: ModuleType) -> list[type[Complex]]:
    """The complex types of a schema and of those it imports."""
    found = [
        cls
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, Complex) and cls.__module__ == module.__name__
    ]
    for imported in getattr(module, 'IMPORTS', ()):
        found += _types(imported)
    return found


def _globals(module: ModuleType) -> list[Element]:
    """The global elements of a schema and of those it imports: what a document may begin with."""
    found = [
        Element(cls.__name__, cls.head if cls.head is not None else cls.ns, cls)
        for cls in _types(module)
        if cls.element or cls.head is not None
    ]
    for schema in (module, *getattr(module, 'IMPORTS', ())):
        simple = getattr(schema, 'SIMPLE_ELEMENTS', {})
        found += [Element(name, ns, kind) for (name, ns), kind in simple.items()]
    return found


def _declared(module: ModuleType) -> list[Element]:
    """All elements, global and local, of any type: what a fragment may begin with."""
    fields = (field for cls in _types(module) for field in fields_of(cls))
    return _globals(module) + [_local(field) for field in fields if field.place == 'element']


def _attributes(module: ModuleType) -> list[tuple[str, str]]:
    """Names and namespaces of all attributes of a schema, sorted."""
    fields = (field for cls in _types(module) for field in fields_of(cls))
    return sorted({(one.name, one.ns) for one in fields if one.place == 'attribute'})


def _has_text(cls: type[Complex]) -> bool:
    return any(field.place == 'text' for field in fields_of(cls))


def _local(field: Field) -> Element:
    if field.within is None and not isinstance(field.of, Kind) and field.of.head is not None:
        return Element(field.of.__name__, field.of.head, field.of)
    return Element(field.name, field.ns, field.within or field.of)


@cache
def grammar_of(module: ModuleType) -> Grammar:
    """The grammar of a schema module, made when first asked for."""
    return Grammar(module)
