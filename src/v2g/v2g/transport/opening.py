# SPDX-License-Identifier: Apache-2.0
"""The sockets of one interface, opened as SDP and TCP need them."""

from contextlib import suppress
import errno
from ipaddress import IPv6Address
import os
import socket

from plc_kit.interface import Interface

DYNAMIC_PORTS = range(49152, 65536)  # ISO 15118-2, table 15
_HOP_LIMIT = 64  # cars send 10, 64 and 255 (lesson 33)
_TRIES = 16


def datagram_socket(interface: Interface, port: int) -> socket.socket:
    """Open SDP's socket; port 0: any of the dynamic ones, as for a vehicle.

    All three raise OSError, or what Interface raises once it is gone.
    """
    opened = interface.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        index = interface.index
        opened.setblocking(False)
        with suppress(PermissionError):  # Linux before 5.7; then the scope alone tells
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.name.encode())
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, _HOP_LIMIT)
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
        if port:  # several outlets of one charger may share a machine
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bind(opened, '::', port, 0)
    except BaseException:  # NoSuchInterface among them
        opened.close()
        raise
    return opened


def server_socket(interface: Interface, address: IPv6Address, port: int) -> socket.socket:
    """Open the TCP server at a link-local address; port 0: any of the dynamic ones."""
    opened = interface.socket(socket.AF_INET6, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bind(opened, str(address), port, interface.index)
        opened.listen(128)  # who finds no room here tries again after 1 s
    except BaseException:  # NoSuchInterface among them
        opened.close()
        raise
    return opened


def begin_connecting(interface: Interface, address: IPv6Address, port: int) -> socket.socket:
    """Send SYN from a new dynamic port; the socket is writable once it is decided."""
    opened = interface.socket(socket.AF_INET6, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        bind(opened, '::', 0, 0)
        failure = opened.connect_ex((str(address), port, 0, interface.index))
        if failure not in (0, errno.EINPROGRESS):
            raise OSError(failure, os.strerror(failure))
    except BaseException:  # NoSuchInterface among them
        opened.close()
        raise
    return opened


def bind(opened: socket.socket, address: str, port: int, scope: int) -> None:
    """Bind; with port 0 to a dynamic one that nobody has. Raises OSError."""
    for _ in range(_TRIES):
        # Not the kernel's choice: its range is another one, and it likes to give the same again.
        chosen = port or DYNAMIC_PORTS[int.from_bytes(os.urandom(2), 'big') % len(DYNAMIC_PORTS)]
        try:
            opened.bind((address, chosen, 0, scope))
        except OSError as error:
            if port or error.errno != errno.EADDRINUSE:
                raise
        else:
            return
    raise OSError(errno.EADDRINUSE, 'no free port was found')
