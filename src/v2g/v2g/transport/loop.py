# SPDX-License-Identifier: Apache-2.0
"""One thread that waits for all sockets of a transport."""

from collections import deque
from collections.abc import Callable
import heapq
import itertools
import logging
import os
import selectors
import threading
import time
from typing import Protocol

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class HasFileno(Protocol):
    """A socket, or what wraps one."""

    def fileno(self) -> int:
        """The descriptor to wait on."""


class Loop:
    """Calls what belongs to a socket when it is ready, and what was asked for at its time.

    Everything is called in the one thread; call() brings something there from any other.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._calls: deque[Callable[[], None]] = deque()
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector.register(self._bell, READ, self._answer_bell)
        self._running = True
        self._thread = threading.Thread(target=self._run, name='transport', daemon=True)
        self._thread.start()

    def call(self, action: Callable[[], None]) -> None:
        """Do it soon, in the loop's thread; in order."""
        self._calls.append(action)
        os.eventfd_write(self._bell, 1)

    def call_later(self, delay: float, action: Callable[[], None]) -> None:
        """Do it in `delay` s; only from the loop's thread."""
        heapq.heappush(self._later, (time.monotonic() + delay, next(self._order), action))

    def watch(self, it: HasFileno, events: int, ready: Callable[[], None]) -> None:
        """Call `ready` whenever it can be read or written; only from the loop's thread."""
        self._selector.register(it, events, ready)

    def forget(self, it: HasFileno) -> None:
        """Watch it no more; only from the loop's thread."""
        if it.fileno() in self._selector.get_map():
            self._selector.unregister(it)

    def stop(self) -> None:
        """Do what was asked for until now, then end the thread."""
        self.call(self._stop)
        self._thread.join()
        self._selector.close()
        os.close(self._bell)

    def _stop(self) -> None:
        self._running = False

    def _run(self) -> None:
        while self._running:
            for key, _ in self._selector.select(self._patience()):
                self._guarded(key.data)
            while self._later and self._later[0][0] <= time.monotonic():
                self._guarded(heapq.heappop(self._later)[2])

    def _patience(self) -> float | None:
        return max(0.0, self._later[0][0] - time.monotonic()) if self._later else None

    def _answer_bell(self) -> None:
        os.eventfd_read(self._bell)
        while self._calls:
            self._guarded(self._calls.popleft())

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:
            logging.getLogger(__name__).exception('transport')
