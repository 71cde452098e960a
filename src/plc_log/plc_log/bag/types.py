# SPDX-License-Identifier: Apache-2.0
"""Our messages' types and those of ROS, from the files that came with us: where no ROS is."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from rosbags.typesys import Stores, get_types_from_msg, get_typestore

PACKAGE = 'plc_msgs/msg/'


@cache
def typestore() -> Any:
    """Return them all, as rosbags has types."""
    store = get_typestore(Stores.ROS2_JAZZY)
    store.register(dict(_definitions()))
    return store


def _definitions() -> Iterator[tuple[str, Any]]:
    for file in (files('plc_log') / 'definitions').iterdir():
        name = PACKAGE + file.name.removesuffix('.msg')
        yield from get_types_from_msg(file.read_text(encoding='utf-8'), name).items()


def definition(kind: str) -> str:
    """Return the text of a type, as MCAP's `ros2msg` wants it; '': it is unknown."""
    store = typestore()
    return str(store.generate_msgdef(kind, ros_version=2)[0]) if kind in store.types else ''
