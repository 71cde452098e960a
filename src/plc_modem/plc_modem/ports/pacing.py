# SPDX-License-Identifier: Apache-2.0
"""Batches on the wire: each frame a fixed time after the one before (R23).

With CAP_SYS_NICE the pacer is a real-time thread, and four busy loops on two processors cost it at
most 2 ms. An ordinary thread is late by 10 ms then, at times by more than the 25 ms R23 allows.
"""

from collections.abc import Callable, Sequence
import contextlib
import os
import queue
import threading
import time

SHORTEST, LONGEST = 0.020, 0.050  # s, TP_EV_batch_msg_interval
_CAUGHT_UP = 0.001  # s of delay between two frames: each is late by some tenths of a millisecond
_URGENT = 1  # priority among real-time threads, where this user may have one

Batch = tuple[Sequence[bytes], float]


class Pacer:
    """Sends batches one after the other from a thread that does nothing else."""

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._send = send
        self._batches: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True, name='pacer')
        self._thread.start()

    def put(self, frames: Sequence[bytes], spacing: float) -> None:
        """Send frames `spacing` s apart, the first at once; the spacing is kept within bounds."""
        self._batches.put((frames, min(max(spacing, SHORTEST), LONGEST)))

    def close(self) -> None:
        """Send what is queued, then end."""
        self._batches.put(None)
        self._thread.join()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_URGENT))
        due = 0.0
        while (batch := self._batches.get()) is not None:
            frames, spacing = batch
            due = max(due, time.monotonic())
            for frame in frames:
                time.sleep(max(0.0, due - time.monotonic()))
                self._send(frame)
                sent = time.monotonic()
                due = max(due + spacing, sent + max(spacing - _CAUGHT_UP, SHORTEST))
