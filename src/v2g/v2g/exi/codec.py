# SPDX-License-Identifier: Apache-2.0
"""Octets to messages and back: what the other packages call."""

from dataclasses import dataclass
import struct
from types import ModuleType
from typing import Any, Generic, TypeVar, cast

from v2g.exi.builders import Builders
from v2g.exi.convert import FIELDS, MESSAGES, flatten, unflatten
from v2g.exi.engines import Engine, default_engine
from v2g.exi.flatteners import Flatteners
from v2g.exi.grammar import DONE, Flat, Grammar, Schema, grammar_of
from v2g.exi.malformed import Fault, MalformedExi
from v2g.exi.twin import Refused
from v2g.schema.declare import Complex

MESSAGE_LIMIT = 65536  # octets; nothing longer is looked at
Root = TypeVar('Root')


@dataclass(frozen=True)
class Document(Generic[Root]):
    """A message, and the count of octets that came after its end (a Tesla sends one)."""

    message: Root
    spare: int


@dataclass(frozen=True)
class Fields:
    """A message as JSON, the namespace of its root, and the count of octets after its end."""

    fields: dict[str, Any]
    ns: str
    spare: int


def decode(
    schema: Schema[Root],
    octets: bytes,
    *,
    limit: int = MESSAGE_LIMIT,
    engine: Engine | None = None,
) -> Root:
    """The typed message in an EXI stream; octets after its end are ignored.

    Raises MalformedExi with the bit position and what was expected there.
    """
    return decode_document(schema, octets, limit=limit, engine=engine).message


def decode_document(
    schema: Schema[Root],
    octets: bytes,
    *,
    fragment: bool = False,
    limit: int = MESSAGE_LIMIT,
    engine: Engine | None = None,
) -> Document[Root]:
    """The typed message, with the count of octets after its end."""
    codec = _codec(schema)
    flat, end = _flat(codec.grammar, octets, fragment, limit, engine)
    try:
        message = (codec.fragments if fragment else codec.documents).build(flat)
    except ValueError as error:
        raise MalformedExi(end, str(error)) from error
    return Document(message, len(octets) - -(-end // 8))


def encode(
    schema: Schema[Any],
    message: Complex,
    *,
    fragment: bool = False,
    name: str | None = None,
    ns: str | None = None,
    engine: Engine | None = None,
) -> bytes:
    """The EXI stream of a typed message; ValueError where it holds what cannot be sent.

    name, ns: of the element, where it is not called as its type (eMAID, DHpublickey).
    """
    codec, engine = _codec(schema), engine or default_engine()
    if fragment:
        name = type(message).__name__ if name is None else name
        flat = flatten(codec.grammar, name, ns, message, MESSAGES, fragment)
        return engine.encode(codec.grammar, flat, fragment)
    try:
        return engine.encode(codec.grammar, codec.flatteners.flatten(message))
    except (Refused, TypeError, struct.error):
        return engine.encode(codec.grammar, codec.flatteners.walk(message))


def to_fields(
    schema: Schema[Any],
    octets: bytes,
    *,
    fragment: bool = False,
    limit: int = MESSAGE_LIMIT,
    engine: Engine | None = None,
) -> dict[str, Any]:
    """A stream as JSON in the names of the standard, without a way through typed messages."""
    document = document_fields(schema, octets, fragment=fragment, limit=limit, engine=engine)
    return document.fields


def document_fields(
    schema: Schema[Any],
    octets: bytes,
    *,
    fragment: bool = False,
    limit: int = MESSAGE_LIMIT,
    engine: Engine | None = None,
) -> Fields:
    """A stream as JSON, with its root's namespace and the count of octets after its end."""
    grammar = _grammar(schema)
    flat, end = _flat(grammar, octets, fragment, limit, engine)
    name, ns, value = unflatten(grammar, flat, FIELDS, fragment)
    return Fields({name: value}, ns, len(octets) - -(-end // 8))


def from_fields(
    schema: Schema[Any],
    fields: dict[str, Any],
    *,
    fragment: bool = False,
    ns: str | None = None,
    engine: Engine | None = None,
) -> bytes:
    """The EXI stream of what to_fields gives; `ns` where a fragment's name stands in several."""
    if not isinstance(fields, dict) or len(fields) != 1:
        raise ValueError('a message is a JSON object with one root element')
    grammar = _grammar(schema)
    ((name, value),) = fields.items()
    flat = flatten(grammar, name, ns, value, FIELDS, fragment)
    return (engine or default_engine()).encode(grammar, flat, fragment)


def _flat(
    grammar: Grammar, octets: bytes, fragment: bool, limit: int, engine: Engine | None
) -> tuple[Flat, int]:
    if len(octets) > limit:
        raise grammar.malformed(Fault.ROOM, 8 * limit, DONE)
    try:
        return (engine or default_engine()).decode(grammar, octets, fragment)
    except Refused as refused:
        raise grammar.malformed(refused.fault, refused.position, refused.where) from None


class Codec:
    """What is made once of a schema."""

    def __init__(self, schema: Schema[Any]) -> None:
        self.grammar = grammar_of(cast(ModuleType, schema))
        self.documents = Builders(self.grammar)
        self.fragments = Builders(self.grammar, fragment=True)
        self.flatteners = Flatteners(self.grammar)


_CODECS: dict[str, Codec] = {}


def _codec(schema: Schema[Any]) -> Codec:
    try:
        return _CODECS[schema.__name__]
    except KeyError:
        return _CODECS.setdefault(schema.__name__, Codec(schema))


def _grammar(schema: Schema[Any]) -> Grammar:
    return _codec(schema).grammar
