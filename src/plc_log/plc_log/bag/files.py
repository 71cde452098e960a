# SPDX-License-Identifier: Apache-2.0
"""The files of a bag: which they are, in which order, and what they should be."""

from pathlib import Path
import re

from plc_log.bag import compressed
from plc_log.bag.records import MAGIC

SQLITE = '.db3'
_KINDS = {
    '.mcap': ('MCAP', MAGIC),
    SQLITE: ('SQLite', b'SQLite format 3\0'),
    compressed.ENDING: ('zstd', compressed.MAGIC),
}


def is_named(path: Path) -> bool:
    """Tell whether a file is called as those of a bag are."""
    return _plain(path.name).endswith(('.mcap', SQLITE))


def is_one(path: Path) -> bool:
    """Tell whether a file is one of a bag, by its name or its beginning; raises OSError."""
    with open(path, 'rb') as file:
        return is_named(path) or file.read(len(MAGIC)) == MAGIC


def _plain(name: str) -> str:
    return name.removesuffix(compressed.ENDING)


def names(folder: Path) -> list[str]:
    """Return the files of a bag in the order they were recorded: NAME_2 before NAME_10.

    What a player has unfolded beside a compressed file is that file once more, and left out.
    """
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    files = {_plain(name): name for name in there if is_named(folder / name)}
    return sorted(files.values(), key=_number)


def _number(name: str) -> list[int | str]:
    return [int(part) if part.isdecimal() else part for part in re.split(r'(\d+)', name)]


def is_sqlite(name: str) -> bool:
    """Tell whether a file is one of the storage sqlite3; all others are MCAP's."""
    return _plain(name).endswith(SQLITE)


def stranger(path: Path) -> str:
    """Return what the beginning of a file should have been and is not; '': it is that."""
    kind, magic = _KINDS.get(path.suffix, _KINDS['.mcap'])
    with open(path, 'rb') as file:
        return '' if magic.startswith(file.read(len(magic))) else kind
