# SPDX-License-Identifier: Apache-2.0
"""Messages to flat form, fast: for each declared type, a function written from its declaration.

In a plain sequence the code of a child is the number of productions passed over since the last
one present: absent optional elements, and the end of a list that is not full. `k` counts them. A
state with one production has no choice, so a code is noted only where something else could come.
"""

from collections.abc import Callable
from typing import Any

from v2g.exi.automaton import substitutes
from v2g.exi.convert import MESSAGES, flatten
from v2g.exi.grammar import DOCUMENT, Flat, Grammar, choice
from v2g.schema.declare import Complex, Field, fields_of
from v2g.schema.physical import scale
from v2g.schema.xs import AnyInteger, Enumeration, Kind, Octets, Text, Wire

Fill = Callable[[Any, bytearray, list[int], bytearray], None]

# What a function that met a value which cannot be sent may raise; the walk then names the field.
UNFIT = (ValueError, TypeError, KeyError, AttributeError, IndexError)


class Irregular(ValueError):
    """An element whose content model is no plain sequence: it is walked."""


class Flatteners:
    """The functions of one grammar."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self._fills: dict[type[Complex], Fill] = {}
        self._roots: dict[type[Complex], bytes] = {}

    def flatten(self, message: Complex) -> Flat:
        """Flat form of a document; ValueError names what cannot be sent, and why."""
        cls = type(message)
        try:
            choices = bytearray(self._roots.get(cls) or self._root(cls))
            values: list[int] = []
            octets = bytearray()
            (self._fills.get(cls) or self.fill(cls))(message, choices, values, octets)
        except UNFIT:
            return self.walk(message)
        return bytes(choices), values, bytes(octets)

    def walk(self, message: Complex) -> Flat:
        """The same without a function: slower, and it names what is wrong."""
        return flatten(self.grammar, type(message).__name__, None, message, MESSAGES)

    def _root(self, cls: type[Complex]) -> bytes:
        types = [one.of for one in self.grammar.states[DOCUMENT].productions]
        self._roots[cls] = choice(types.index(cls))
        return self._roots[cls]

    def fill(self, cls: type[Complex]) -> Fill:
        """The function of a type, written when first needed."""
        if cls not in self._fills:
            self._fills[cls] = _walked  # also while it is written, and if it cannot be
            self._fills[cls] = _Writer(self, cls).function()
        return self._fills[cls]


def _walked(message: Any, choices: bytearray, values: list[int], octets: bytearray) -> None:
    raise Irregular(type(message).__name__)


class _Writer:
    """Writes the function of one type.

    It gathers codes that are always the same, and values, and notes them together: `c` takes
    choices, `v` values, `o` octets.
    """

    def __init__(self, flatteners: Flatteners, cls: type[Complex]) -> None:
        self.flatteners, self.cls = flatteners, cls
        self.scope: dict[str, Any] = {'scale': scale, 'Irregular': Irregular}
        self.lines: list[str] = []
        self.constant, self.values = b'', list[str]()
        self.indent = ' '
        self.k: int | None = 0  # None: only known when it runs

    def function(self) -> Fill:
        if self.cls.content is not None or self.cls.mixed:
            raise Irregular(self.cls.__name__)
        for field in fields_of(self.cls):
            self._field(field)
        self._code(0, optional=False)
        self._flush()
        exec('\n'.join(['def fill(m, c, v, o):', *(self.lines or [' pass'])]), self.scope)
        fill: Fill = self.scope['fill']
        return fill

    def _line(self, text: str) -> None:
        self.lines.append(self.indent + text)

    def _flush(self) -> None:
        if self.constant:
            self._line(f'c += {self.constant!r}')
        if self.values:
            self._line(f'v += ({", ".join(self.values)},)')
        self.constant, self.values = b'', []

    def _name(self, thing: Any) -> str:
        self.scope[f'k{len(self.scope)}'] = thing
        return f'k{len(self.scope) - 1}'

    def _code(self, code: int | str, optional: bool, width: int = 1) -> None:
        """Note the code of what comes next, unless nothing else could come."""
        always = optional or width > 1
        if self.k is None or isinstance(code, str):
            self._flush()
            offset = 'k' if self.k is None else str(self.k)
            condition = '' if always else 'if k: '
            self._line(f'{condition}c.append({offset} + {code})')
        elif always or self.k:
            self.constant += choice(self.k + code)
        self.k = 0

    def _field(self, field: Field) -> None:
        if field.many:
            self._list(field)
        elif field.within is not None:
            self._within(field)
        elif field.minimum:
            self._one(field, f'm.{field.name}', optional=False)
        else:
            self._optional(field)

    def _optional(self, field: Field) -> None:
        self._flush()
        before = self.k
        self._line(f'x = m.{field.name}')
        self._line('if x is not None:')
        self._branch(lambda: self._one(field, 'x', optional=True))
        self._line('else:')
        passed = f'k + {_width(field)}' if before is None else str(before + _width(field))
        self._line(f' k = {passed}')
        self.k = None

    def _branch(self, body: Callable[[], None]) -> None:
        self.indent += ' '
        body()
        self._flush()
        self._line('k = 0')
        self.indent = self.indent[:-1]

    def _list(self, field: Field) -> None:
        self._flush()
        before = self.k
        self._line(f'x = m.{field.name}')
        self._line('if x:')
        self._branch(lambda: self._items(field))
        self._line('else:')
        if field.minimum:
            self._line(' raise ValueError')
        else:
            passed = f'k + {_width(field)}' if before is None else str(before + _width(field))
            self._line(f' k = {passed}')
        room = f' and len(x) < {field.maximum}' if field.maximum else ''
        self._line(f'if x{room}: k = 1')
        if field.maximum:
            self._line(f'if len(x) > {field.maximum}: raise ValueError')
        self.k = None

    def _items(self, field: Field) -> None:
        if _width(field) > 1:
            raise Irregular(field.name)
        self._code(0, optional=not field.minimum)
        self._flush()
        self._line('again = False')
        self._line('for y in x:')
        self.indent += ' '
        self._line('if again: c.append(0)')
        self._line('again = True')
        self._content(field, 'y')
        self._flush()
        self.indent = self.indent[:-1]

    def _one(self, field: Field, value: str, optional: bool) -> None:
        if isinstance(field.of, type) and field.of.head is not None:
            self._substitute(field.of, value)
            return
        self._code(0, optional)
        self._content(field, value)

    def _within(self, field: Field) -> None:
        """The wrapper is always there; its one child is a substitute, or absent."""
        self._code(0, optional=False)
        self._flush()
        head = field.of
        assert isinstance(head, type)
        self._line(f'x = m.{field.name}')
        self._line('if x is None:')
        self._line(f' c.append({_width(field)})')
        self._line('else:')
        self._branch(lambda: self._substitute(head, 'x'))
        self.k = 0

    def _substitute(self, head: type[Complex], value: str) -> None:
        table = _Substitutes(self.flatteners, head)
        self._flush()
        self._line(f'y = {value}')
        self._line(f'i, f = {self._name(table)}[type(y)]')
        self._code('i', optional=True)
        self._line('f(y, c, v, o)')

    def _content(self, field: Field, value: str) -> None:
        if isinstance(field.of, Kind):
            self._leaf(field.of, value)
        elif field.unit is not None:
            self._physical(field, value)
        else:
            self._flush()
            self._line(f'{self._name(_Lazy(self.flatteners, field.of))}({value}, c, v, o)')

    def _leaf(self, kind: Kind, value: str) -> None:
        if isinstance(kind, Enumeration):
            self.values.append(f'{self._name(kind.index)}[{value}]')
        elif isinstance(kind, AnyInteger) or kind.maximum >> 63:
            self._packed(kind, value)
        elif isinstance(kind, Octets | Text):
            self._octets(kind, value)
        else:
            self.values.append(value)

    def _packed(self, kind: Kind, value: str) -> None:
        packed = f'{self._name(kind)}.pack({value})'
        if kind.wire < Wire.BIG_INTEGER:
            self.values.append(packed)
            return
        self._flush()
        self._line(f'o += {packed}')
        self._line('v.append(len(o))')

    def _octets(self, kind: Octets | Text, value: str) -> None:
        self._flush()
        self._line(f'z = {value}')
        if kind.longest is not None:
            self._line(f'if len(z) > {kind.longest}: raise ValueError')
        self._line('o += z.encode()' if isinstance(kind, Text) else 'o += z')
        self._line('v.append(len(o))')

    def _physical(self, field: Field, value: str) -> None:
        codes, unit = self._unit(field)
        self.constant += codes
        self._flush()
        self._line(f'z = {value}')
        self._line('w = int(z)')
        self._line('if w == z and -32769 < w < 32768:')
        self._line(f' v += (0, {unit}, w)')
        self._line('else:')
        self._line(' w, z = scale(z)')
        self._line(f' v += (w, {unit}, z)')

    def _unit(self, field: Field) -> tuple[bytes, int]:
        """The codes within a physical value, and the number of its unit."""
        cls = field.of
        assert isinstance(cls, type) and field.unit is not None
        optional = [part.minimum == 0 for part in fields_of(cls)]
        unit = next(part.of for part in fields_of(cls) if part.name == 'Unit')
        assert isinstance(unit, Enumeration)
        code = unit.pack(field.unit)
        assert isinstance(code, int)
        return b'\0' * sum(optional), code


class _Lazy:
    """A type's function, written when it is first called: types may be declared in any order."""

    def __init__(self, flatteners: Flatteners, cls: type[Complex]) -> None:
        self.flatteners, self.cls = flatteners, cls

    def __call__(self, message: Any, c: bytearray, v: list[int], o: bytearray) -> None:
        self.flatteners.fill(self.cls)(message, c, v, o)


class _Substitutes(dict[type, tuple[int, Fill]]):
    """Code and function of each type that may stand for a head, found when first needed."""

    def __init__(self, flatteners: Flatteners, head: type[Complex]) -> None:
        super().__init__()
        self.flatteners, self.members = flatteners, substitutes(head)

    def __missing__(self, cls: type[Complex]) -> tuple[int, Fill]:
        self[cls] = self.members.index(cls), self.flatteners.fill(cls)
        return self[cls]


def _width(field: Field) -> int:
    """How many productions an element has in a state."""
    if isinstance(field.of, Kind) or field.of.head is None:
        return 1
    return len(substitutes(field.of))
