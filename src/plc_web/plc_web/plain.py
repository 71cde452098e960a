# SPDX-License-Identifier: Apache-2.0
"""ROS messages as what JSON can carry."""

from collections.abc import Iterable
from math import isfinite
from typing import Any

_TIMES = ('builtin_interfaces/Time', 'builtin_interfaces/Duration')


def plain(message: Any, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Return fields of a message, all or the named; what is not finite is None, times are s."""
    kinds = message.get_fields_and_field_types()
    chosen = kinds if names is None else names
    return {name: _value(getattr(message, name), kinds[name]) for name in chosen}


def _value(value: Any, kind: str) -> Any:
    if kind in _TIMES:
        return value.sec + value.nanosec * 1e-9
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, bytes):
        return value[0]
    if isinstance(value, str | bool | int):
        return value
    if hasattr(value, 'get_fields_and_field_types'):
        return plain(value)
    return [_value(_python(one), '') for one in value]


def _python(value: Any) -> Any:
    return value.item() if hasattr(value, 'item') else value
