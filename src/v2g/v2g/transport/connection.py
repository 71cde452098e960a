# SPDX-License-Identifier: Apache-2.0
"""One TCP connection: octets in, V2GTP messages out, and its end told once."""

from collections import deque
from collections.abc import Callable
import os
import threading

from v2g.link.values import CLOSED_THERE, Happening, Lost, Spoke
from v2g.transport.loop import READ, Loop
from v2g.transport.streams import ByteStream
from v2g.v2gtp import SESSION_TYPES, BrokenStream, Reassembly, V2gtp

LINGER = 1.0  # s in which a partner may end after we have

Deliver = Callable[[int, V2gtp], None]
Report = Callable[[Happening], None]


class Connection:
    """Reads in the loop's thread; sends from any other.

    Until it is admitted its messages wait here, and after the first nothing more is read: who says
    nothing, or too much, costs nothing. `skipped` counts messages of types that nobody knows,
    `closed` tells that it is over.
    """

    def __init__(
        self, number: int, stream: ByteStream, loop: Loop, *, deliver: Deliver, report: Report
    ) -> None:
        self.number = number
        self.skipped = 0
        self._stream, self._loop = stream, loop
        self._deliver, self._report = deliver, report
        self._reassembly = Reassembly()
        self._held: deque[V2gtp] | None = deque()  # None once it is admitted
        self._ended = False  # nothing more is reported
        self.closed = False
        self._sending = threading.Lock()  # so that no octet goes into a descriptor reused

    @property
    def admitted(self) -> bool:
        """Tell whether it is, or was, the session's."""
        return self._held is None

    def start(self) -> None:
        """Read on; in the loop's thread."""
        if not self.closed:
            self._loop.watch(self._stream, READ, self._readable)

    def admit(self) -> None:
        """Deliver what waits, and from now on what comes; in the loop's thread."""
        held, self._held = self._held or (), None
        for message in held:
            self._deliver(self.number, message)
        if held:
            self.start()

    def send(self, octets: bytes) -> None:
        """Send a message in one piece, from any thread; what fails is reported as lost."""
        with self._sending:
            if self.closed:
                return None
            try:
                taken = self._stream.send(octets)
            except OSError as error:
                return self._fail(_sentence(error))
        if taken < len(octets):
            self._fail('the partner does not take what is sent')
        return None

    def finish(self) -> None:
        """End it from this side: what was sent still goes out; in the loop's thread."""
        if self.closed:
            return None
        if not self.admitted:
            return self.close()
        self._ended = True
        try:
            self._stream.end()
        except OSError:  # the partner was faster
            return self.close()
        self._loop.forget(self._stream)
        self._loop.watch(self._stream, READ, self._readable)
        return self._loop.call_later(LINGER, self.close)

    def displace(self) -> None:
        """Give the place to another one; in the loop's thread."""
        self._lose('displaced by a newer connection')

    def close(self) -> None:
        """Let go at once; in the loop's thread."""
        if self.closed:
            return
        self._loop.forget(self._stream)
        with self._sending:
            self.closed = self._ended = True
            self._stream.close()

    def _readable(self) -> None:
        try:
            octets = self._stream.receive()
        except OSError as error:
            return self._lose(_sentence(error))
        if octets is None:
            return None
        if not octets:
            return self._lose(CLOSED_THERE)
        return None if self._ended else self._read(octets)

    def _read(self, octets: bytes) -> None:
        try:
            self._pass_on(self._reassembly.feed(octets))
        except BrokenStream as error:
            self._pass_on(error.before)
            self._lose(f'no V2GTP: {error}')

    def _pass_on(self, messages: list[V2gtp]) -> None:
        known = [message for message in messages if message.payload_type in SESSION_TYPES]
        self.skipped += len(messages) - len(known)
        if self._held is None:
            for message in known:
                self._deliver(self.number, message)
        elif known:
            self._held.extend(known)
            self._loop.forget(self._stream)
            self._report(Spoke(self.number))

    def _fail(self, reason: str) -> None:
        self._loop.call(lambda: self._lose(reason))

    def _lose(self, reason: str) -> None:
        if not self._ended:
            self._ended = True
            self._report(Lost(self.number, reason))
        self.close()


def _sentence(error: OSError) -> str:
    match error:
        case ConnectionResetError() | BrokenPipeError():
            return 'the partner reset the connection'
        case TimeoutError():
            return 'the partner did not acknowledge in time'
    return os.strerror(error.errno).lower() if error.errno else str(error)
