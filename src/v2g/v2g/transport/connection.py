# SPDX-License-Identifier: Apache-2.0
"""One TCP connection: octets in, V2GTP messages out, and its end told once."""

from collections import deque
from collections.abc import Callable
import os
import threading
import time

from v2g.link.values import CLOSED_THERE, Happening, Lost, Spoke
from v2g.transport.loop import READ, Loop
from v2g.transport.streams import ByteStream
from v2g.v2gtp import SESSION_TYPES, BrokenStream, Reassembly, V2gtp

LINGER = 1.0  # s in which a partner may end after we have
# A partner asks or answers once and waits. Who sends more at a time waits in its own TCP (R30).
BURST, SPELL = 10, 0.02  # messages that are read in so many s: 500 a second

Deliver = Callable[[int, V2gtp], bool]  # False: there is no room now, it is tried again
Report = Callable[[Happening], object]


class Connection:
    """Reads in the loop's thread; sends from any other.

    Until it is admitted its messages wait here, and after the first nothing more is read: who says
    nothing, or too much, costs nothing. Nor is anything read while messages wait for their turn,
    or for room. `skipped` counts messages of types that nobody knows, `closed` tells that it is
    over.
    """

    def __init__(
        self, number: int, stream: ByteStream, loop: Loop, *, deliver: Deliver, report: Report
    ) -> None:
        self.number = number
        self.skipped = 0
        self._stream, self._loop = stream, loop
        self._deliver, self._report = deliver, report
        self._reassembly = Reassembly()
        self._waiting: deque[V2gtp] = deque()
        self.admitted = False  # it is, or was, the session's
        self._left, self._since = BURST, 0.0  # of the spell that began then
        self._broken = ''  # why it ends, once all that waits is delivered
        self._ended = False  # nothing more is reported
        self._reads = False
        self.closed = False
        self._sending = threading.Lock()  # so that no octet goes into a descriptor reused

    def start(self) -> None:
        """Read on; in the loop's thread."""
        self._watch(True)

    def admit(self) -> None:
        """Deliver what waits, and from now on what comes; in the loop's thread."""
        self.admitted = True
        if self._waiting:
            self._go_on()

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
        self._watch(True)
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
        self._begin_spell()
        try:
            messages = self._reassembly.feed(octets)
        except BrokenStream as error:
            messages, self._broken = error.before, f'no V2GTP: {error}'
        known = [message for message in messages if message.payload_type in SESSION_TYPES]
        self._waiting.extend(known)
        self._left -= len(messages) - len(known)
        self.skipped += len(messages) - len(known)
        if self.admitted or not (known or self._broken):
            self._go_on()
        elif self._broken:
            self._lose(self._broken)
        else:
            self._watch(False)
            self._report(Spoke(self.number))

    def _go_on(self) -> None:
        """Deliver what may be now; read on once nothing waits, and not before the next spell."""
        if self._ended:
            return
        self._begin_spell()
        while self._waiting and self._left > 0 and self._deliver(self.number, self._waiting[0]):
            self._waiting.popleft()
            self._left -= 1
        if self._waiting or self._left <= 0:
            self._watch(False)
            self._loop.call_later(SPELL, self._go_on)
        elif self._broken:
            self._lose(self._broken)
        else:
            self._watch(True)

    def _begin_spell(self) -> None:
        """What was skipped beyond the last spells is made up for in the next."""
        at = time.monotonic()
        over = int((at - self._since) / SPELL)
        if over:
            self._since, self._left = at, min(BURST, self._left + over * BURST)

    def _watch(self, reads: bool) -> None:
        if reads == self._reads or self.closed:
            return
        self._reads = reads
        if reads:
            self._loop.watch(self._stream, READ, self._readable)
        else:
            self._loop.forget(self._stream)

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
