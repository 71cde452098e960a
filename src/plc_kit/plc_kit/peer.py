# SPDX-License-Identifier: Apache-2.0
"""Who is at the other end of a Unix socket, as the kernel tells it."""

import socket
import struct

_CREDENTIALS = struct.Struct('=iII')  # pid, uid, gid


def process_and_user(connected: socket.socket) -> tuple[int, int]:
    """Return pid and uid; pid 0: a process that is not seen from here, as of another container."""
    told = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _ = _CREDENTIALS.unpack(told)
    return pid, uid
