# SPDX-License-Identifier: Apache-2.0
"""Every value of a decoded message under its path, e.g. `DC_EVStatus.EVRESSSOC`."""

from collections.abc import Hashable, Iterator
from enum import Enum
from functools import cache
import sys
from typing import Any, NamedTuple, cast

from plc_log.messages import body_of
from v2g.schema.declare import Complex, fields_of

Value = str | int | float | bool


class Leaf(NamedTuple):
    """A value; `unit` is empty where it has none."""

    path: str
    unit: str
    value: Value


def leaves(document: Any) -> list[Leaf]:
    """Return the values of a document in the order of its schema; the session's id comes first."""
    found = []
    header = getattr(document, 'Header', None)
    if header is not None:
        found.append(Leaf('SessionID', '', bytes(header.SessionID).hex()))
    return found + list(_leaves(body_of(document), ''))


def protocol_of(document: Any) -> tuple[str, Any]:
    """Return the word for a document's protocol, e.g. `din`, and its schema; '' and None: none."""
    if document is None:
        return '', None
    module = sys.modules[type(document).__module__]
    return module.__name__.rpartition('.')[2], module


def value_of(document: Any, name: str) -> Any:
    """Return the first element of this name; None where there is none."""
    return _find(body_of(document), name)


@cache
def _units(cls: Hashable) -> dict[str, str]:
    return {field.name: field.unit or '' for field in fields_of(cast(type[Complex], cls))}


def _leaves(element: Any, before: str) -> Iterator[Leaf]:
    kind = cast(Hashable, type(element))
    units = _units(kind)
    for name in element.names:
        value = getattr(element, name)
        several = isinstance(value, list)
        for place, one in enumerate(value if several else [value]):
            path = f'{before}{name}[{place}]' if several else before + name
            if isinstance(one, Complex):
                yield from _leaves(one, path + '.')
            elif one is not None:
                yield Leaf(path, units.get(name, ''), _plain(one))


def _plain(value: Any) -> Value:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return str(value.value)
    return value if isinstance(value, str | int | float | bool) else str(value)


def _find(element: Any, name: str) -> Any:
    if not isinstance(element, Complex):
        return None
    names = type(element).names
    if name in names:
        return getattr(element, name)
    for inner in names:
        value = getattr(element, inner)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Complex) and (found := _find(one, name)) is not None:
                return found
    return None
