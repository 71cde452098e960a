# SPDX-License-Identifier: Apache-2.0
"""Messages as CDR out of plain values, where nothing of ROS runs."""

from typing import Any

from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from plc_log.bag.interfaces import definition


class Encoder:
    """Encodes messages of one type, each given as its fields by name."""

    def __init__(self, kind: str, text: str = '') -> None:
        """`text`: the definition of its type; empty: that of the installed package."""
        self._kind = kind
        self._store = get_typestore(Stores.ROS2_JAZZY)
        self._store.register(get_types_from_msg(text or definition(kind), kind))

    def __call__(self, fields: dict[str, Any]) -> bytes:
        """Return the octets of a message; every field is given."""
        message = self._store.types[self._kind](**_nested(self._store, fields))
        return bytes(self._store.serialize_cdr(message, self._kind))


def _nested(store: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """Make the stamps in it, the only messages that stand in those written here."""
    time = store.types['builtin_interfaces/msg/Time']
    made = {name: time(**value) for name, value in fields.items() if isinstance(value, dict)}
    return fields | made
