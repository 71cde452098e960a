# SPDX-License-Identifier: Apache-2.0
"""How a process hears that it must end: signals of a person or a launcher, the launcher's death.

rclpy's own handler ends the context at once, and a node that may no longer publish cannot end a
charge. So the first SIGINT or SIGTERM is a wish, a second one or the launcher's death a fault
(R7).
"""

from collections.abc import Callable
import ctypes
import os
import queue
import signal
import socket
import threading

from plc_kit.entry import leave_at_once

WISHES = (signal.SIGINT, signal.SIGTERM)
ORPHANED = signal.SIGHUP  # also what a closing terminal sends
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have the kernel send SIGHUP when the process that started this one ends."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, ORPHANED)
    if os.getppid() != parent:
        os.kill(os.getpid(), ORPHANED)


class Signals:
    """Hears signals in a thread of its own, whatever the main thread does.

    One that comes before somebody listens ends the process: it has not begun its work.
    """

    def __init__(self) -> None:
        self._heard: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._passing, self._ignores = threading.Lock(), False
        self._read_end, self._write_end = socket.socketpair()
        self._write_end.setblocking(False)
        signal.set_wakeup_fd(self._write_end.fileno(), warn_on_full_buffer=False)
        for number in (*WISHES, ORPHANED):
            signal.signal(number, leave_at_once)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WISHES)
        threading.Thread(target=self._read, daemon=True, name='signals').start()

    def listen(self, heard: Callable[[int], object]) -> None:
        """Call `heard` with each signal's number, from another thread."""
        for number in (*WISHES, ORPHANED):
            signal.signal(number, lambda *_: None)  # the wake-up socket carries the number
        threading.Thread(target=self._pass_on, args=(heard,), daemon=True).start()

    def ignore(self) -> None:
        """Pass on no more: what `heard` rings is about to go."""
        with self._passing:
            self._ignores = True

    def _read(self) -> None:
        while octets := self._read_end.recv(16):
            for number in octets:
                self._heard.put(number)

    def _pass_on(self, heard: Callable[[int], object]) -> None:
        while True:
            number = self._heard.get()
            with self._passing:
                if not self._ignores:
                    heard(number)
