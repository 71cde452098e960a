# SPDX-License-Identifier: Apache-2.0
"""The user's own folder for what must outlive every program of ours, whoever starts the next."""

import os
from pathlib import Path

from plc_kit.domain import domain

OTHERS = 0o077  # what nobody else may do there


def own_folder() -> Path:
    """Return $XDG_STATE_HOME/ros2_ccs, else ~/.local/state/ros2_ccs; made where it is missing.

    OSError where there can be none, or where it is another user's; others are shut out of it.
    """
    told = Path(os.environ.get('XDG_STATE_HOME', ''))
    base = told if told.is_absolute() else _home() / '.local' / 'state'
    folder = base / 'ros2_ccs'
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.getuid():
        raise PermissionError(f'{folder} belongs to another user')
    if found.st_mode & OTHERS:
        folder.chmod(0o700)
    return folder


def file_of(node: str, kind: str) -> Path:
    """Return the file of a node, by its full name, in the present DDS domain; OSError."""
    return own_folder() / f'{domain()}{node.replace("/", ".")}.{kind}'


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        raise OSError(str(error)) from error
