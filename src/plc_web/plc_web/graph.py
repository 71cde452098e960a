# SPDX-License-Identifier: Apache-2.0
"""The graph as a child: `ros2 launch` in a process group of its own.

It outlives the page: one that is started anew finds the launch of the last one by a file, and
stops it as its own. A stop is a SIGINT to the launcher, which lets a session end safely (R7).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
import json
import os
from pathlib import Path
import shutil
import signal
import subprocess
import time

from plc_kit.private import write_private
from plc_web.parameter_file import Nodes, ParameterFile

_PATIENCE = 25.0  # s: 8 for the session, then what the launch file allows its nodes
_LOOK = 0.1  # s
_LARGEST_LOG = 8 * 1024 * 1024


@dataclass(frozen=True)
class Process:
    """A launcher that was started: a number is used again, with its start it is unique."""

    pid: int
    start: int  # clock ticks since boot
    since: float  # system time, s


def _start_of(pid: int) -> int | None:
    """Return when a process was started; None: it is gone, or a zombie."""
    try:
        fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    except OSError:
        return None
    return None if fields[0] == 'Z' else int(fields[19])


class Graph:
    """Starts and stops the launch."""

    def __init__(self, command: Sequence[str], folder: Path, parameters: Path) -> None:
        self._command, self._parameters = tuple(command), parameters
        self._file = folder / 'graph.json'
        self._log = folder / 'graph.log'
        self._used = ParameterFile(folder / 'graph.parameters.yaml')
        self._child: subprocess.Popen[bytes] | None = None
        self._process = self._found()
        self.stopping = False

    def _found(self) -> Process | None:
        try:
            process = Process(**json.loads(self._file.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return process if _start_of(process.pid) == process.start else None

    @property
    def running(self) -> bool:
        if self._child is not None:
            self._child.poll()  # a child that has ended is a zombie until it was asked for
        process = self._process
        return process is not None and _start_of(process.pid) == process.start

    @property
    def since(self) -> float | None:
        """When it was started, system time in s."""
        return self._process.since if self._process and self.running else None

    @property
    def ended(self) -> str:
        """How the last launch ended by itself, as a sentence; empty: it runs, or was told to."""
        if self._child is None or not self._child.returncode or self.running:
            return ''
        caught = [line for line in self.log_lines() if 'Caught exception in launch' in line]
        return caught[-1].split(': ', 1)[-1] if caught else f'status {self._child.returncode}'

    def log_lines(self, most: int = 200) -> list[str]:
        """Return the last lines that the launch and its nodes have printed."""
        try:
            return self._log.read_text(errors='replace').splitlines()[-most:]
        except OSError:
            return []

    def start(self, *arguments: str) -> None:
        """Start it, with a copy of the parameter file.

        What is saved later for the next start reaches no node that is started anew in a session.
        """
        if self.running:
            return
        command = [*self._command, *arguments]
        self._used.path.unlink(missing_ok=True)
        if self._parameters.exists():
            shutil.copyfile(self._parameters, self._used.path)
            command.append(f'params_file:={self._used.path}')
        self._log.unlink(missing_ok=True)
        with self._log.open('ab') as out:
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        start = _start_of(self._child.pid)
        self._process = Process(self._child.pid, start or 0, time.time())
        write_private(self._file, json.dumps(asdict(self._process)))

    def keep(self, nodes: Nodes) -> None:
        """Have a node that is started anew begin with what was set while it ran.

        Only where the graph was started with a parameter file: a launch takes none later.
        """
        if nodes and self._used.path.exists():
            self._used.change(nodes)

    async def stop(self) -> bool:
        """Have it end, sessions first; tell whether it had to be killed."""
        process = self._process
        if process is None or not self.running:
            return False
        self.stopping = True
        try:
            os.kill(process.pid, signal.SIGINT)
            if await self._gone():
                return False
            os.killpg(process.pid, signal.SIGKILL)
            await self._gone()
            return True
        finally:
            self.stopping = False
            self._file.unlink(missing_ok=True)

    async def _gone(self) -> bool:
        end = time.monotonic() + _PATIENCE
        while self.running:
            if time.monotonic() > end:
                return False
            await asyncio.sleep(_LOOK)
        return True

    def shorten_log(self) -> None:
        """Begin the log anew where it is long; the last one is kept."""
        if self._log.exists() and self._log.stat().st_size > _LARGEST_LOG:
            shutil.copyfile(self._log, self._log.with_suffix('.log.1'))
            os.truncate(self._log, 0)
