# SPDX-License-Identifier: Apache-2.0
"""The file in which a simulated vehicle leaves how it is, for the node that is started anew."""

from pathlib import Path

from plc_sim.remains import Remains


class Memory:
    """Keeps what it is told in a file; without a path it keeps nothing."""

    def __init__(self, path: str) -> None:
        self._path = Path(path) if path else None
        self._kept = Remains()

    def recall(self) -> Remains | None:
        """Return what a node before this one has left."""
        try:
            return Remains.of_text(self._path.read_text()) if self._path else None
        except OSError:
            return None

    def keep(self, remains: Remains) -> None:
        """Write it down where it has changed, so that a reader finds all of it or the last one."""
        if self._path is None or not remains.worth_keeping(self._kept):
            return
        self._kept = remains
        draft = self._path.with_suffix('.draft')
        draft.write_text(remains.to_text())
        draft.replace(self._path)

    def forget(self) -> None:
        """Leave nothing: this node ends as it should."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
