# SPDX-License-Identifier: Apache-2.0
"""What `ros2 launch` writes: to the screen, and to a file below ~/.ros/log."""

import functools
import os
import sys
import time
from typing import TextIO


@functools.cache
def log_file() -> TextIO:
    """Return this launch's log file, in a folder of its own."""
    home = os.environ.get('ROS_HOME') or os.path.join('~', '.ros')
    base = os.path.expanduser(os.environ.get('ROS_LOG_DIR') or os.path.join(home, 'log'))
    now = time.time()
    stamp = time.strftime('%Y-%m-%d-%H-%M-%S', time.localtime(now))
    name = f'{stamp}-{int(now % 1 * 1e6):06d}-{os.uname().nodename}-{os.getpid()}'
    path = os.path.join(os.path.normpath(base), name)
    os.makedirs(path)
    return open(os.path.join(path, 'launch.log'), 'a', encoding='utf-8')


def write(line: str, *, screen: bool = True, log: bool = True) -> None:
    """Write one line to the screen and, with the time, to the log file."""
    if log:
        print(f'{time.time():.7f} {line}', file=log_file(), flush=True)
    if screen:
        try:
            print(line, flush=True)
        except BrokenPipeError:
            sys.stdout = open(os.devnull, 'w')  # noqa: SIM115  who read us has gone


def say(name: str, message: object, level: str = 'INFO') -> None:
    """Write a line of the launch system's own."""
    write(f'[{level}] [{name}]: {message}')
