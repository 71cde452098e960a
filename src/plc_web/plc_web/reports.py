# SPDX-License-Identifier: Apache-2.0
"""The report of a recorded session: the one in its folder, or one that plc_log makes."""

import asyncio
from importlib.util import find_spec
from pathlib import Path

from plc_web.computer import Failed, GivenUp, told_by

_NAME = 'report.html'
_PATIENCE = 120.0  # s


class Reports:
    """Makes one at a time, with the lowest priority: a charge may be running."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._making = asyncio.Lock()

    def offered(self, bag: Path) -> bool:
        return (bag / _NAME).is_file() or _plc_log_makes_them()

    async def of(self, bag: Path) -> Path | None:
        """Return the file of a bag's report; None: there is none. Raises Failed."""
        if (own := bag / _NAME).is_file() and not own.is_symlink():
            return own
        if not _plc_log_makes_them():
            return None
        made = self._folder / f'{bag.name}.html'
        async with self._making:
            if not made.exists() or made.stat().st_mtime < bag.stat().st_mtime:
                await self._make(bag, made)
        return made

    async def _make(self, bag: Path, made: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        command = ('nice', '-n', '19', 'ros2', 'run', 'plc_log', 'report', str(bag))
        draft = made.with_suffix('.draft')  # a page that is given up is none
        draft.unlink(missing_ok=True)
        try:
            await told_by(*command, '-o', str(draft), patience=_PATIENCE)
        except GivenUp:
            raise
        except Failed:
            if not draft.exists():  # of a bag with a flaw there is one all the same
                raise
        draft.replace(made)


def _plc_log_makes_them() -> bool:
    return find_spec('plc_log.report') is not None
