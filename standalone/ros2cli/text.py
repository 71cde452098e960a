# SPDX-License-Identifier: Apache-2.0
"""Messages as the YAML text that `ros2 topic echo` prints, and back."""

import array
import importlib
import sys
from typing import Any

import numpy as np
import yaml

LIMIT = 128  # elements of an array, or characters, that are shown unless all are asked for


def plain(value: Any, limit: int | None) -> Any:
    """Return a message, or a field of one, as dicts, lists, text and numbers."""
    if hasattr(value, 'SLOT_TYPES'):
        names = value.get_fields_and_field_types()
        return {name: plain(getattr(value, name), limit) for name in names}
    if isinstance(value, bytes):
        value = ''.join(map(chr, value))
    if isinstance(value, str):
        return value if limit is None or len(value) <= limit else value[:limit] + '...'
    if isinstance(value, list | tuple | array.array | np.ndarray):
        shown = [plain(item, limit) for item in value[:limit]]
        return [*shown, '...'] if len(shown) < len(value) else shown
    return value.item() if isinstance(value, np.generic) else value


def to_yaml(message: Any, full_length: bool) -> str:
    """Return a message as block YAML, fields in the order of their declaration."""
    values = plain(message, None if full_length else LIMIT)
    return yaml.dump(values, sort_keys=False, allow_unicode=True, width=sys.maxsize)


def fill(message: Any, values: dict[str, Any]) -> None:
    """Set a message's fields from a dict such as YAML gives; an unknown name raises."""
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
            is_float = getattr(element, 'typename', '') in ('float', 'double')
            value = [float(item) if is_float else item for item in value]
        elif type(value) is not type(present):
            value = type(present)(value)
        setattr(message, name, value)


def _made(kind: Any, values: dict[str, Any]) -> Any:
    made = getattr(importlib.import_module('.'.join(kind.namespaces)), kind.name)()
    fill(made, values)
    return made


def fill_from_yaml(message: Any, text: str) -> None:
    """Set a message's fields from YAML text; raises RuntimeError with a sentence if it can't."""
    values = yaml.safe_load(text)
    if not isinstance(values, dict):
        raise RuntimeError('The passed value needs to be a dictionary in YAML format')
    try:
        fill(message, values)
    except (AttributeError, AssertionError, TypeError, ValueError) as error:
        raise RuntimeError(f'Failed to populate field: {error}') from None
