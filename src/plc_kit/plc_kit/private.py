# SPDX-License-Identifier: Apache-2.0
"""Files that are one user's alone, also where others may write beside them."""

import fcntl
import os
from pathlib import Path
import stat


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read: a reader finds all of it, or the last one.

    What somebody has laid in its way is not followed. Raises OSError.
    """
    draft = path.with_name(path.name + '.draft')
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w') as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())  # who loses his power must not forget a latch
    draft.replace(path)


def read_private(path: Path) -> str:
    """Return the text of a file; raises OSError, also for a link, no file, or another user's."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
            raise PermissionError(f'{path} is no file of this user')
        with os.fdopen(number, errors='replace', closefd=False) as file:
            return file.read()
    finally:
        os.close(number)


def lock(path: Path, *, wait: bool = False) -> int | None:
    """Lock a file until its descriptor is closed, which no child inherits; None: another has it.

    Raises OSError.
    """
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(number)
        return None
    return number
