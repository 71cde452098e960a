# SPDX-License-Identifier: Apache-2.0
"""A file in which a node leaves a text for the one that is started anew in its place.

It is written in a thread of its own: a disk, an SD card above all, may stand still for longer than
a reading stays fresh, and neither outputs nor readings wait for it.
"""

from collections.abc import Callable
from pathlib import Path
import queue
import threading

from plc_kit.private import read_private, write_private

PATIENCE = 2.0  # s that a node which leaves waits for its last text to be written


class Memory:
    """Keeps the text it was told last; without a path it keeps nothing."""

    def __init__(
        self, path: str, complain: Callable[[OSError], None], nothing: str | None = None
    ) -> None:
        """`complain` is called, from the thread that writes, for each text that cannot be kept.

        nothing: the text that needs no file.
        """
        self._path = Path(path) if path else None
        self._complain = complain
        self._kept = nothing
        self._texts: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None

    def recall(self) -> str | None:
        """Return what was left; None: nothing; empty: what cannot be read, or is another's."""
        if self._path is None:
            return None
        try:
            self._kept = read_private(self._path)
        except FileNotFoundError:
            return None
        except OSError:
            return ''
        return self._kept

    def keep(self, text: str) -> None:
        """Have it written if it has changed: a reader finds all of it, or the last one."""
        if self._path is None or text == self._kept:
            return
        self._kept = text
        self._texts.put(text)
        if self._writer is None:
            self._writer = threading.Thread(
                target=self._write, args=(self._path,), daemon=True, name='memory'
            )
            self._writer.start()

    def close(self) -> None:
        """Wait until all is written, but not for a disk that stands still."""
        if self._writer is not None:
            self._texts.put(None)
            self._writer.join(PATIENCE)
            self._writer = None

    def forget(self) -> None:
        """Leave nothing behind."""
        self.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _write(self, path: Path) -> None:
        while (text := self._texts.get()) is not None:
            try:
                write_private(path, text)
            except OSError as error:
                self._complain(error)
