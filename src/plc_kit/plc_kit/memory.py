# SPDX-License-Identifier: Apache-2.0
"""A file in which a node leaves a text for the one that is started anew in its place."""

from pathlib import Path


class Memory:
    """Keeps the text it was told last; without a path it keeps nothing."""

    def __init__(self, path: str) -> None:
        self._path = Path(path) if path else None
        self._kept: str | None = None

    def recall(self) -> str | None:
        """Return what was left; None: nothing; empty: something that cannot be read."""
        if self._path is None:
            return None
        try:
            self._kept = self._path.read_text(errors='replace')
        except FileNotFoundError:
            return None
        except OSError:
            return ''
        return self._kept

    def keep(self, text: str) -> None:
        """Write it down if it has changed: a reader finds all of it, or the last one; OSError."""
        if self._path is None or text == self._kept:
            return
        self._kept = text
        draft = self._path.with_suffix('.draft')
        draft.write_text(text)
        draft.replace(self._path)

    def forget(self) -> None:
        """Leave nothing behind."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
