# SPDX-License-Identifier: Apache-2.0
"""A connection as a stream of octets; TLS wraps in here, nothing above will know (R29)."""

import socket
from typing import Protocol

_SEND_BUFFER = 1 << 18  # octets: a message of any size fits, so one send takes all of it
_USER_TIMEOUT = 10_000  # ms without acknowledgement; cars stayed silent for 2 s and came back
# A partner that was restarted answers a probe with RST, and is known to be gone.
_KEEPALIVE = {socket.TCP_KEEPIDLE: 10, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3}


class ByteStream(Protocol):
    """What a connection is made of; never blocks."""

    def fileno(self) -> int:
        """The descriptor to wait on."""

    def receive(self) -> bytes | None:
        """What has come; None: nothing now, empty: the partner has ended. Raises OSError."""

    def send(self, octets: bytes) -> int:
        """Send in one piece and tell how much was taken. Raises OSError."""

    def end(self) -> None:
        """Say that nothing more will be sent."""

    def close(self) -> None:
        """Let go."""


class PlainStream:
    """A TCP socket as it is."""

    def __init__(self, tcp: socket.socket) -> None:
        self._tcp = tcp
        tcp.setblocking(False)
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE.items():
            tcp.setsockopt(socket.IPPROTO_TCP, option, value)

    def fileno(self) -> int:
        return self._tcp.fileno()

    def receive(self) -> bytes | None:
        try:
            return self._tcp.recv(65536)
        except BlockingIOError:
            return None

    def send(self, octets: bytes) -> int:
        try:
            return self._tcp.send(octets)
        except BlockingIOError:
            return 0

    def end(self) -> None:
        self._tcp.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._tcp.close()
