# SPDX-License-Identifier: Apache-2.0
"""Where a verb writes: to one file, or into a folder, under the name of each recording."""

from pathlib import Path

from plc_log.capture import Unreadable


class Targets:
    """Names a file for each recording; no two get the same, and none is written over itself."""

    def __init__(self, output: Path | None, kind: str) -> None:
        """`output`: a file with the ending `.kind`, else a folder; by default the present one."""
        self._output, self._kind = output or Path(), kind
        self._given: set[Path] = set()

    @property
    def is_file(self) -> bool:
        """Whether there is room for one recording only."""
        return self._output.suffix == f'.{self._kind}' and not self._output.is_dir()

    def of(self, path: Path) -> Path:
        """Return the file for a recording, in a folder that is there.

        Raises Unreadable where it is the recording itself, OSError where there can be no folder.
        """
        target = self._output if self.is_file else self._in_folder(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.resolve() == path.resolve():
            raise Unreadable(f'{path} would be written over itself; choose another with -o')
        return target

    def _in_folder(self, path: Path) -> Path:
        whole = path.resolve().name
        name = whole if path.is_dir() else whole.removesuffix(path.suffix)
        target, number = self._output / f'{name}.{self._kind}', 2
        while target in self._given:
            target, number = self._output / f'{name}-{number}.{self._kind}', number + 1
        self._given.add(target)
        return target
