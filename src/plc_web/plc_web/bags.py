# SPDX-License-Identifier: Apache-2.0
"""The recorded sessions: bags in a folder, each with its size."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
import re
import tarfile
from typing import Any

from plc_web.reports import Reports

_NAME = re.compile(r'[0-9A-Za-z][0-9A-Za-z._-]{0,99}')
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Recorded:
    """A bag."""

    name: str
    time: float  # of its last change, s
    octets: int


class Bags:
    """What is in the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self, reports: Reports) -> list[dict[str, Any]]:
        """Return the bags, the newest first, and whether each has a report."""
        if not self._folder.is_dir():
            return []
        bags = [one for one in self._folder.iterdir() if self._is_bag(one)]
        rows = [row for one in bags if (row := _row(one, reports))]
        return sorted(rows, key=lambda row: row['time'], reverse=True)

    def find(self, name: str) -> Path | None:
        """Return the folder of a bag; None: there is no such one."""
        if not _NAME.fullmatch(name):
            return None
        path = self._folder / name
        return path if self._is_bag(path) else None

    def _is_bag(self, path: Path) -> bool:
        return path.is_dir() and not path.is_symlink() and bool(_NAME.fullmatch(path.name))


def _files(bag: Path) -> list[Path]:
    return sorted(one for one in bag.iterdir() if one.is_file() and not one.is_symlink())


def _row(bag: Path, reports: Reports) -> dict[str, Any] | None:
    try:
        return asdict(_recorded(bag)) | {'report': reports.offered(bag)}
    except FileNotFoundError:
        return None  # the recorder has given it its name, or removed what is too old


def _recorded(bag: Path) -> Recorded:
    files = _files(bag)
    octets = sum(one.stat().st_size for one in files)
    return Recorded(bag.name, bag.stat().st_mtime, octets)


def as_tar(bag: Path) -> Iterator[bytes]:
    """Yield a bag as a tar archive, in little memory; a file that grows meanwhile is cut."""
    for path in _files(bag):
        info = tarfile.TarInfo(f'{bag.name}/{path.name}')
        info.size, info.mtime = path.stat().st_size, int(path.stat().st_mtime)
        yield info.tobuf(format=tarfile.PAX_FORMAT)
        yield from _blocks(path, info.size)
        yield bytes(-info.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    with path.open('rb') as file:
        while size > 0:
            block = file.read(min(_BLOCK, size)) or bytes(min(_BLOCK, size))
            size -= len(block)
            yield block
