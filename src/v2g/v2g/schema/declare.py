# SPDX-License-Identifier: Apache-2.0
"""How a message is declared: a class whose annotations, in schema order, are its elements.

    class DC_EVSEStatus(EVSEStatus):
        EVSEIsolationStatus: t.IsolationLevel | None = None
        EVSEStatusCode: t.DC_EVSEStatusCode

`| None = None` is minOccurs 0, a list with `many(1, 20)` its occurrence, `attribute()` an
attribute, `characters()` the text beside attributes. Inheritance is extension: the base's
elements come first. A `head` stands for whatever is derived from it (a substitution group); each
of these is an element of its own. `content` gives a model in the DTD's notation where the
elements do not simply follow each other. The grammars are derived from this and from nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
import sys
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, dataclass_transform, get_args, get_origin

from v2g.schema.physical import Physical, scale
from v2g.schema.xs import Enumeration, Kind


@dataclass(frozen=True)
class Field:
    """One element, attribute or text of a complex type.

    of: a Kind, or the class of a complex type; unit: of a physical value, else None;
    within: the class around the value that Python does not see (Body around its message).
    """

    name: str
    place: Literal['element', 'attribute', 'text']
    ns: str
    of: 'Kind | type[Complex]'
    minimum: int
    maximum: int | None
    unit: str | None = None
    within: 'type[Complex] | None' = None

    @property
    def many(self) -> bool:
        return self.maximum != 1

    @property
    def key(self) -> str:
        """Its name in JSON."""
        return {'element': self.name, 'attribute': '@' + self.name, 'text': '#text'}[self.place]


@dataclass(frozen=True)
class Mark:
    """What the right side of a field's declaration says."""

    place: Literal['element', 'attribute', 'text'] = 'element'
    ns: str | None = None
    minimum: int = 1
    maximum: int | None = 1
    within: str | None = None


def many(
    minimum: int, maximum: int | None = None, *, factory: type[list[Any]] | None = None
) -> Any:
    """A repeated element; `factory=list` where it may be absent."""
    return Mark(minimum=minimum, maximum=maximum)


def attribute(*, ns: str = '', default: None = ...) -> Any:  # type: ignore[assignment]
    """An attribute; `default=None` where it is optional."""
    return Mark('attribute', ns, minimum=0 if default is None else 1)


def characters() -> Any:
    """The text of a type with simple content."""
    return Mark('text')


def reference(ns: str, *, default: None = ...) -> Any:  # type: ignore[assignment]
    """A global element of another namespace."""
    return Mark(ns=ns, minimum=0 if default is None else 1)


def within(wrapper: str) -> Any:
    """An element whose only child is held in its place."""
    return Mark(within=wrapper)


@dataclass_transform(
    kw_only_default=True,
    eq_default=True,
    field_specifiers=(many, attribute, characters, reference, within),
)
class Declaration(type):
    """Makes a class of annotations a message: slots, keywords, and what the grammar needs."""

    ns: str
    local_ns: str | None
    head: str | None
    under_head: bool
    element: bool
    mixed: bool
    content: str | None
    names: tuple[str, ...]
    marks: dict[str, Any]

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        body: dict[str, Any],
        *,
        ns: str | None = None,
        local_ns: str | None = None,
        head: str | bool = False,
        element: bool | None = None,
        mixed: bool = False,
        content: str | None = None,
    ) -> 'Declaration':
        own = tuple(body.get('__annotations__', {}))
        marks = {field: body.pop(field, ...) for field in own}
        body['__slots__'] = own
        cls = super().__new__(mcs, name, bases, body)
        base: Any = bases[0] if bases else None
        cls.ns = ns if ns is not None else getattr(base, 'ns', '')
        cls.local_ns = local_ns if local_ns is not None else getattr(base, 'local_ns', None)
        cls.head = (head if isinstance(head, str) else cls.ns) if head else None
        cls.under_head = bool(base) and (base.head is not None or base.under_head)
        cls.element = cls.under_head if element is None else element
        cls.mixed, cls.content = mixed, content
        cls.names = (*getattr(base, 'names', ()), *own)
        cls.marks = {**getattr(base, 'marks', {}), **marks}
        cls.__init__ = _initialiser(cls)  # type: ignore[misc]
        return cls

    def __init__(
        cls, name: str, bases: tuple[type, ...], body: dict[str, Any], **flags: Any
    ) -> None:
        super().__init__(name, bases, body)


def _initialiser(cls: Declaration) -> Callable[..., None]:
    """`__init__` with keywords: written out, for it is called for every message made."""
    arguments, lines = [], []
    for name, mark in cls.marks.items():
        optional = mark.minimum == 0 if isinstance(mark, Mark) else mark is None
        repeated = isinstance(mark, Mark) and mark.maximum != 1
        arguments.append(f'{name}=None' if optional else name)
        value = f'[] if {name} is None else {name}' if repeated and optional else name
        lines.append(f' self.{name} = {value}')
    head = f'def __init__(self{", *, " if arguments else ""}{", ".join(arguments)}):'
    scope: dict[str, Any] = {}
    exec('\n'.join([head, *(lines or [' pass'])]), scope)
    made: Callable[..., None] = scope['__init__']
    made.__qualname__ = f'{cls.__name__}.__init__'
    return made


class Complex(metaclass=Declaration):
    """A complex type: compares by value, prints as it is constructed."""

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).names)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        given = ((name, getattr(self, name)) for name in type(self).names)
        shown = ', '.join(f'{name}={value!r}' for name, value in given if value not in (None, []))
        return f'{type(self).__name__}({shown})'

    def fields(self) -> dict[str, Any]:
        """As JSON: the standard's names, '@' before attributes, a list where it may repeat."""
        return {type(self).__name__: _members(self)}


def _members(message: Complex) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for field in fields_of(type(message)):
        value = getattr(message, field.name)
        if field.within is not None:
            shown[field.key] = {} if value is None else value.fields()
        elif isinstance(value, list):
            if value:
                shown[field.key] = [_shown(field, one)[1] for one in value]
        elif value is not None:
            key, one = _shown(field, value)
            shown[key] = one
    return shown


def _shown(field: Field, value: Any) -> tuple[str, Any]:
    if field.unit is not None:
        multiplier, scaled = scale(value)
        return field.key, {'Multiplier': multiplier, 'Unit': field.unit, 'Value': scaled}
    if isinstance(field.of, Kind):
        return field.key, field.of.unpack_json(field.of.pack(value))
    key = type(value).__name__ if field.of.head is not None else field.key
    return key, _members(value)


@cache
def fields_of(cls: type[Complex]) -> tuple[Field, ...]:
    """The fields of a complex type in schema order, attributes first and sorted."""
    own: dict[str, Field] = {}
    for owner in reversed(cls.__mro__):
        scope = vars(sys.modules[owner.__module__])
        for name, text in vars(owner).get('__annotations__', {}).items():
            if isinstance(owner, Declaration):
                own[name] = _field(owner, name, eval(text, scope), owner.marks[name], scope)
    attributes = [field for field in own.values() if field.place == 'attribute']
    rest = [field for field in own.values() if field.place != 'attribute']
    return (*sorted(attributes, key=lambda field: (field.name, field.ns)), *rest)


def _field(owner: Declaration, name: str, hint: Any, mark: Any, scope: dict[str, Any]) -> Field:
    if not isinstance(mark, Mark):
        mark = Mark(minimum=0 if mark is None else 1)
    declared, unit = _declared(hint, scope)
    ns = mark.ns
    if ns is None:
        ns = owner.ns if owner.local_ns is None else owner.local_ns
    around = None if mark.within is None else scope[mark.within]
    return Field(name, mark.place, ns, declared, mark.minimum, mark.maximum, unit, around)


def _declared(hint: Any, scope: dict[str, Any]) -> 'tuple[Kind | type[Complex], str | None]':
    """Kind or class that an annotation means, and its unit."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is list:
        (hint,) = get_args(hint)
    if get_origin(hint) is Annotated:
        meant = get_args(hint)[1]
        if isinstance(meant, Physical):
            return scope['PhysicalValue'], meant.unit
        return meant, None
    if issubclass(hint, StrEnum):
        return enumeration(hint), None
    return hint, None


@cache
def enumeration(names: type[StrEnum]) -> Enumeration:
    """The one kind of a list of names."""
    return Enumeration(names)
