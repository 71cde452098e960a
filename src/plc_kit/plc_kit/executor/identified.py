# SPDX-License-Identifier: Apache-2.0
"""Who has published a message, which rclpy leaves out of what it tells of one.

rcl tells it, so the message is taken from rcl itself, as octets, by the C functions and structs of
its public headers (rcl/subscription.h, rmw/types.h, rcutils/types/uint8_array.h). A `gid` is 16
octets, the same as `endpoint_gid` of Node.get_publishers_info_by_topic.
"""

import ctypes
from functools import cache
import threading
from typing import Any, cast

from rclpy import get_rmw_implementation_identifier
from rclpy.logging import get_logger
from rclpy.serialization import deserialize_message
from rclpy.subscription import Subscription

GID = 'publisher_gid'  # in the info of a message, beside what rclpy tells
_TOLD = ('source_timestamp', 'received_timestamp', 'publication_sequence_number')
_OK, _NOTHING = 0, 401  # RCL_RET_OK, RCL_RET_SUBSCRIPTION_TAKE_FAILED


class _Gid(ctypes.Structure):
    _fields_ = (('implementation', ctypes.c_void_p), ('octets', ctypes.c_uint8 * 16))


class _Info(ctypes.Structure):
    _fields_ = (
        ('source_timestamp', ctypes.c_int64),
        ('received_timestamp', ctypes.c_int64),
        ('publication_sequence_number', ctypes.c_uint64),
        ('reception_sequence_number', ctypes.c_uint64),
        ('publisher', _Gid),
        ('from_intra_process', ctypes.c_bool),
        ('spare', ctypes.c_uint8 * 64),  # whatever a newer one has behind it
    )


class _Allocator(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_void_p)
        for name in ('allocate', 'deallocate', 'reallocate', 'zero_allocate', 'state')
    )


class _Octets(ctypes.Structure):
    _fields_ = (
        ('buffer', ctypes.c_void_p),
        ('length', ctypes.c_size_t),
        ('capacity', ctypes.c_size_t),
        ('allocator', _Allocator),
    )


class _Room(threading.local):
    """Where the messages of a thread are taken to, one after the other."""

    def __init__(self) -> None:
        rcutils = ctypes.CDLL('librcutils.so')
        rcutils.rcutils_get_default_allocator.restype = _Allocator
        self.octets = _Octets(allocator=rcutils.rcutils_get_default_allocator())
        self.info = _Info()


@cache
def _rcl() -> tuple[Any, int, _Room] | None:
    """Return rcl's function, what marks a GID of the middleware that is loaded, and the room."""
    middleware = get_rmw_implementation_identifier()
    try:
        take_message = ctypes.CDLL('librcl.so').rcl_take_serialized_message
        name = ctypes.CDLL(f'lib{middleware}.so').rmw_get_implementation_identifier
        room = _Room()
    except (OSError, AttributeError) as error:
        _cannot_tell(str(error))
        return None
    take_message.argtypes = (ctypes.c_void_p,) * 4
    name.restype = ctypes.c_void_p
    return take_message, name(), room


def _cannot_tell(why: str) -> None:
    get_logger('executor').warning(f'publishers are not told apart: {why}', once=True)


def take(subscription: Subscription) -> tuple[Any, dict[str, Any]] | None:
    """Take a message with its info, as a handle's take_message does, and with its GID.

    The caller holds the handle. Without GID where rcl, or its structs, are others than those here.
    """
    rcl = _rcl()
    if rcl is None:
        return cast(Any, subscription.handle.take_message(subscription.msg_type, subscription.raw))
    take_message, mark, room = rcl
    octets, info = room.octets, room.info
    told = take_message(
        subscription.handle.pointer, ctypes.addressof(octets), ctypes.addressof(info), None
    )
    if told == _NOTHING:
        return None
    if told != _OK:
        raise RuntimeError(f'rcl_take_serialized_message: {told}')
    raw = ctypes.string_at(octets.buffer, octets.length)
    message = raw if subscription.raw else deserialize_message(raw, subscription.msg_type)
    known: dict[str, Any] = {name: getattr(info, name) for name in _TOLD}
    if info.publisher.implementation == mark:
        known[GID] = bytes(info.publisher.octets)
    else:
        _cannot_tell('their identity is not where it was in the structs of this rcl')
    return message, known
