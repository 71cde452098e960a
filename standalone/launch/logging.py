# SPDX-License-Identifier: Apache-2.0
"""What `ros2 launch` writes: to the screen, and to a file below ~/.ros/log."""

from __future__ import annotations

import os
import sys
import time
from typing import TextIO

_FILE: TextIO | None = None
_LEVEL = {'DEBUG': False}


def log_dir() -> str:
    """Return this launch's log folder, made when first asked for, with the link `latest`."""
    global _FILE
    if _FILE is None:
        home = os.environ.get('ROS_HOME') or os.path.join('~', '.ros')
        base = os.path.expanduser(os.environ.get('ROS_LOG_DIR') or os.path.join(home, 'log'))
        now = time.time()
        stamp = time.strftime('%Y-%m-%d-%H-%M-%S', time.localtime(now))
        name = f'{stamp}-{int(now % 1 * 1e6):06d}-{os.uname().nodename}-{os.getpid()}'
        path = os.path.join(os.path.normpath(base), name)
        os.makedirs(path)
        _FILE = open(os.path.join(path, 'launch.log'), 'a', encoding='utf-8')  # noqa: SIM115  for the process's life
        latest = os.path.join(base, 'latest')
        if os.path.islink(latest):
            os.unlink(latest)
        if not os.path.lexists(latest):
            os.symlink(path, latest)
    return os.path.dirname(_FILE.name)


def write(line: str, *, screen: bool = True, log: bool = True, prefix: str = '') -> None:
    """Write one line to the screen and, with the time, to the log file."""
    if log:
        log_dir()
        print(f'{time.time():.7f} {prefix}{line}', file=_FILE, flush=True)
    if screen:
        try:
            print(f'{prefix}{line}', flush=True)
        except BrokenPipeError:
            sys.stdout = open(os.devnull, 'w')  # noqa: SIM115  who read us has gone


class Logger:
    """A named source of lines."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _log(self, level: str, message: object) -> None:
        write(str(message), prefix=f'[{level}] [{self.name}]: ')

    def info(self, message: object) -> None:
        self._log('INFO', message)

    def warning(self, message: object) -> None:
        self._log('WARNING', message)

    def error(self, message: object) -> None:
        self._log('ERROR', message)

    def debug(self, message: object) -> None:
        if _LEVEL['DEBUG']:
            self._log('DEBUG', message)


def get_logger(name: str = 'root') -> Logger:
    """Return the logger of that name."""
    return Logger(name)


def show_debug() -> None:
    """Let debug lines through, tracebacks among them."""
    _LEVEL['DEBUG'] = True
