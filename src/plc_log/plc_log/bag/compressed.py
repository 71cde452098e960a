# SPDX-License-Identifier: Apache-2.0
"""What rosbag2 has compressed with zstd: whole files, or each message in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

import zstandard

from plc_log.bag.bounds import Budget, TooLarge

MAGIC = b'\x28\xb5\x2f\xfd'
ENDING = '.zstd'
_AT_ONCE = 1 << 11  # octets that are unfolded at once; each may unfold to 32 000


@contextmanager
def unfolded(path: Path) -> Iterator[tuple[Path, list[str]]]:
    """Give where a file can be read, itself or a copy while it lasts, and what of it is lost."""
    if path.suffix != ENDING:
        yield path, []
        return
    with NamedTemporaryFile(prefix='plc_log_', suffix=Path(path.stem).suffix) as copy:
        lost: list[str] = []
        with open(path, 'rb') as file:
            try:
                copy.writelines(_unfolded(file, Budget(path.stat().st_size)))
            except TooLarge as error:
                lost.append(str(error))
            except zstandard.ZstdError:
                lost.append(f'from octet {file.tell()} on at the latest it cannot be unfolded')
        copy.flush()
        yield Path(copy.name), lost


def _unfolded(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Give all that can be unfolded; of a file without its end, zstandard's streams keep some."""
    one = zstandard.ZstdDecompressor().decompressobj(read_across_frames=True)
    while octets := file.read(_AT_ONCE):
        block = one.decompress(octets)
        budget.take(len(block))
        yield block


def cdr_of(message: bytes, budget: Budget) -> bytes | None:
    """Return a message's CDR, which begins with a zero, of a compressed one too; None: damaged."""
    if not message.startswith(MAGIC):
        return message
    try:
        size = budget.take(max(0, zstandard.frame_content_size(message)))
        return zstandard.ZstdDecompressor().decompress(message, max_output_size=size)
    except (zstandard.ZstdError, TooLarge):
        return None
