# SPDX-License-Identifier: Apache-2.0
"""The folder of releases: one folder each, and the link `current` to the one that runs.

    releases/0.1.0/    releases/0.2.0/    releases/current -> 0.2.0    releases/trial.json

While trial.json is there, the keeper (plc_web/keeper.py) watches whether the new one is healthy.
"""

from collections.abc import Iterator
import json
import os
from pathlib import Path
import shutil

CURRENT, TRIAL = 'current', 'trial.json'
_DRAFT = '.partial'
_KEPT = 3  # releases, the running one included
_PATHS = ('PATH', 'PYTHONPATH', 'AMENT_PREFIX_PATH', 'CMAKE_PREFIX_PATH', 'COLCON_PREFIX_PATH',
          'LD_LIBRARY_PATH')  # fmt: skip


class Releases:
    """What is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def there(self) -> bool:
        """Whether this computer was installed so that it can be updated."""
        return (self.folder / CURRENT).is_symlink()

    @property
    def running(self) -> str:
        """The version that `current` points to."""
        return os.readlink(self.folder / CURRENT)

    @property
    def on_trial(self) -> bool:
        return (self.folder / TRIAL).exists()

    def versions(self) -> list[str]:
        return sorted(one.name for one in self._installed())

    def draft(self) -> Path:
        """Return a new empty folder beside the releases; what an interrupted update left goes."""
        path = self.folder / _DRAFT
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        return path

    def adopt(self, draft: Path, version: str) -> Path:
        """Give a draft its name, and the libraries of the running release."""
        path = self.folder / version
        shutil.rmtree(path, ignore_errors=True)
        libraries = (self.folder / CURRENT / '.venv').resolve()
        (draft / '.venv').symlink_to(libraries)
        draft.rename(path)
        return path

    def try_out(self, version: str) -> None:
        """Point `current` to another release, and have the keeper watch it."""
        trial = {'from': self.running, 'to': version, 'tries': 0}
        draft = self.folder / (TRIAL + '.draft')
        draft.write_text(json.dumps(trial))
        draft.replace(self.folder / TRIAL)
        link = self.folder / (CURRENT + '.draft')
        link.unlink(missing_ok=True)
        link.symlink_to(version)
        link.replace(self.folder / CURRENT)
        os.sync()

    def tidy(self, failed: str = '') -> None:
        """Remove one that failed, and the oldest beyond those that are kept; never the running."""
        others = [one for one in self._installed() if one.name != self.running]
        for bad in [one for one in others if one.name == failed]:
            shutil.rmtree(bad, ignore_errors=True)
            others.remove(bad)
        others.sort(key=lambda one: one.stat().st_mtime, reverse=True)
        for old in others[_KEPT - 1 :]:
            shutil.rmtree(old, ignore_errors=True)

    def _installed(self) -> Iterator[Path]:
        if self.folder.is_dir():
            for one in self.folder.iterdir():
                if one.is_dir() and not one.is_symlink() and not one.name.startswith('.'):
                    yield one

    def environment(self) -> dict[str, str]:
        """Return the environment without anything of a release."""
        ours = f'{self.folder.resolve()}/'
        found = dict(os.environ)
        for name in _PATHS:
            if name in found:
                parts = found[name].split(os.pathsep)
                found[name] = os.pathsep.join(one for one in parts if not one.startswith(ours))
        return found
