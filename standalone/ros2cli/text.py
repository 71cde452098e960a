# SPDX-License-Identifier: Apache-2.0
"""Messages as the YAML or CSV text that `ros2 topic echo` prints, and back."""

from __future__ import annotations

import array
import importlib
import sys
from typing import Any

import numpy as np

ARRAYS = (list, tuple, array.array, np.ndarray)


def plain(value: Any, truncate: int | None = None, no_arr: bool = False) -> Any:
    """Return a message, or a field of one, as dicts, lists, text and numbers."""
    if hasattr(value, 'SLOT_TYPES'):
        return {
            name[1:]: _field(getattr(value, name), kind, truncate, no_arr)
            for name, kind in zip(value.__slots__, value.SLOT_TYPES, strict=False)
        }
    if isinstance(value, bytes):
        value = ''.join(map(chr, value))
    if isinstance(value, str):
        return value if truncate is None or len(value) <= truncate else value[:truncate] + '...'
    if isinstance(value, ARRAYS):
        cut = truncate is not None and len(value) > truncate
        shown = [plain(item, truncate, no_arr) for item in (value[:truncate] if cut else value)]
        return [*shown, '...'] if cut else shown
    return value.item() if isinstance(value, np.generic) else value


def _field(value: Any, kind: Any, truncate: int | None, no_arr: bool) -> Any:
    if not (no_arr and isinstance(value, ARRAYS)):
        return plain(value, truncate, no_arr)
    inner = getattr(kind, 'value_type', kind)
    name = getattr(inner, 'typename', None) or '/'.join(inner.namespaced_name())
    if hasattr(kind, 'size'):
        return f'<array type: {name}[{kind.size}]>'
    return f'<sequence type: {name}, length: {len(value)}>'


def to_yaml(message: Any, truncate: int | None = None, no_arr: bool = False) -> str:
    """Return a message as block YAML, fields in the order of their declaration."""
    import yaml

    return yaml.dump(
        plain(message, truncate, no_arr),
        sort_keys=False, allow_unicode=True, width=sys.maxsize, default_flow_style=False,
    )  # fmt: skip


def to_csv(message: Any, truncate: int | None = None) -> str:
    """Return all values of a message on one line."""

    def flat(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for item in value.values() for text in flat(item)]
        return (
            [t for item in value for t in flat(item)] if isinstance(value, list) else [str(value)]
        )

    return ','.join(flat(plain(message, truncate)))


def fill(message: Any, values: Any) -> None:
    """Set a message's fields from a dict such as YAML gives; an unknown name raises."""
    if not isinstance(values, dict):
        raise ValueError(f"expected a dictionary, but got '{values}'")
    for name, value in values.items():
        present = getattr(message, name)
        if hasattr(present, 'SLOT_TYPES'):
            fill(present, value)
            continue
        kind = message.SLOT_TYPES[message.__slots__.index(f'_{name}')]
        element = getattr(kind, 'value_type', None)
        if hasattr(element, 'namespaces'):
            value = [_made(element, item) for item in value]
        elif element is not None:
            value = [float(item) if is_float(element) else item for item in value]
        elif type(value) is not type(present):
            value = type(present)(value)
        setattr(message, name, value)


def is_float(kind: Any) -> bool:
    """Return whether a basic type of an interface is a floating-point one."""
    return getattr(kind, 'typename', '') in ('float', 'double')


def _made(kind: Any, values: Any) -> Any:
    made = getattr(importlib.import_module('.'.join(kind.namespaces)), kind.name)()
    fill(made, values)
    return made


def fill_from_yaml(message: Any, text: str) -> str | None:
    """Set a message's fields from YAML text; return in one sentence why it can't be."""
    import yaml

    values = yaml.safe_load(text)
    if not isinstance(values, dict):
        return 'The passed value needs to be a dictionary in YAML format'
    try:
        fill(message, values)
    except (AttributeError, AssertionError, TypeError, ValueError) as error:
        return f'Failed to populate field: {error}'
    return None
