# SPDX-License-Identifier: Apache-2.0
"""What is to be seen on an interface, and when: frames; requests and responses of a session."""

from collections.abc import Iterator
import itertools
import select
import socket
import struct
import threading

from plc_kit.interface import Interface

_ALL = 0x0003
_SO_TIMESTAMPNS = 35
_ETHERNET, _IPV6, _TCP = 14, 40, 6


class Frames:
    """Notes each frame, as the kernel saw it; in a thread of its own."""

    def __init__(self, interface: Interface) -> None:
        self.seen: list[tuple[float, bytes]] = []  # time (s, Unix), octets
        self._socket = interface.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.bind((interface.name, _ALL))
        self._open = True
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._open = False
        self._thread.join()
        self._socket.close()

    def note(self, frame: bytes, when: float, outgoing: bool) -> None:
        """Take one frame."""
        self.seen.append((when, frame))

    def _listen(self) -> None:
        while self._open:
            if not select.select([self._socket], [], [], 0.2)[0]:
                continue
            try:
                frame, ancillary, _, address = self._socket.recvmsg(2048, 64)
            except OSError:  # the line is gone
                return
            seconds, nanoseconds = struct.unpack('qq', ancillary[0][2])
            outgoing = address[2] == socket.PACKET_OUTGOING
            self.note(frame, seconds + nanoseconds / 1e9, outgoing)


class Wire(Frames):
    """Notes each TCP segment with octets in it, and whether it goes out."""

    def __init__(self, interface: Interface) -> None:
        self.segments: list[tuple[float, bool]] = []  # time (s, Unix), and whether it goes out
        super().__init__(interface)

    def note(self, frame: bytes, when: float, outgoing: bool) -> None:
        """Take one frame, and keep what is known of a segment."""
        if _carries_octets(frame):
            self.segments.append((when, outgoing))

    def between(self, begin: float, end: float) -> list[tuple[float, bool]]:
        """Return the segments of a span of time, from its first request on."""
        inside = (one for one in self.segments if begin <= one[0] <= end)
        return list(itertools.dropwhile(lambda one: one[1], inside))


def _carries_octets(frame: bytes) -> bool:
    if frame[12:14] != b'\x86\xdd' or frame[_ETHERNET + 6] != _TCP:
        return False
    length = int.from_bytes(frame[_ETHERNET + 4 : _ETHERNET + 6], 'big')
    return length > (frame[_ETHERNET + _IPV6 + 12] >> 4) * 4


def cycles(segments: list[tuple[float, bool]]) -> list[float]:
    """Return the time from each request to the next one (s)."""
    return [b - a for a, b in itertools.pairwise(when for when, out in segments if not out)]


def answers(segments: list[tuple[float, bool]]) -> Iterator[float]:
    """Yield the time from each request to its response (s)."""
    for (asked, out), (answered, back) in itertools.pairwise(segments):
        if not out and back:
            yield answered - asked
