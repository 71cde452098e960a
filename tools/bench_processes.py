# SPDX-License-Identifier: Apache-2.0
"""The processes of a launch: what they use of processor, memory, files and threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import os
from pathlib import Path
import re
import signal
import subprocess
import tempfile

_TICK = os.sysconf('SC_CLK_TCK')
_NODE = re.compile(r'/lib/\w+/(\w+) .*__ns:=(\S+)')
OWNERS = ('vehicle', 'supply')  # simulated hardware: no part of a side's stack


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command beside this one, and have it end by SIGINT.

    `ros2 launch` passes it on, `ros2 run` counts on the terminal that signals the whole group.
    """
    with (
        Path(os.environ.get('BENCH_LOG', os.devnull)).open('ab') as log,
        tempfile.TemporaryDirectory() as state_home,  # what is latched in it is nobody else's
    ):
        environment = {**os.environ, 'CCS_RECORD': 'false', 'XDG_STATE_HOME': state_home}
        child = subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True, env=environment
        )
        try:
            yield child
        finally:
            if command[1] == 'run':
                os.killpg(child.pid, signal.SIGINT)
            else:
                child.send_signal(signal.SIGINT)
            child.wait(30)


def nodes_of(leader: int) -> dict[str, int]:
    """Return the process of each node, or composed side, of a launch, by name as /pev/session."""
    found = {}
    for stat in Path('/proc').glob('[0-9]*/stat'):
        try:
            group = int(_fields(stat)[2])
            words = (stat.parent / 'cmdline').read_bytes().replace(b'\0', b' ').decode()
        except OSError:
            continue  # it has just ended
        if group == leader and (node := _NODE.search(words)):
            found[f'{node[2]}/{node[1]}'] = int(stat.parent.name)
    return found


def of_side(nodes: dict[str, int], namespace: str) -> list[int]:
    """Return the processes of a side's stack."""
    return [
        pid
        for name, pid in nodes.items()
        if name.startswith(f'{namespace}/') and not name.endswith(OWNERS)
    ]


@dataclass(frozen=True)
class Use:
    """What a process holds, and has used since it began."""

    processor: float  # s
    resident: float  # MB
    proportional: float  # MB: what it shares counts in parts
    files: int
    threads: int


def use_of(pid: int) -> Use:
    """Look at a process; raises OSError when it is gone."""
    folder = Path('/proc') / str(pid)
    fields = _fields(folder / 'stat')
    memory = dict(_sizes(folder / 'smaps_rollup'))
    return Use(
        processor=(int(fields[11]) + int(fields[12])) / _TICK,
        resident=memory['Rss'],
        proportional=memory['Pss'],
        files=len(os.listdir(folder / 'fd')),
        threads=int(fields[17]),
    )


def processor_time(pids: list[int]) -> float:
    """Return the processor time that processes have used (s)."""
    fields = [_fields(Path('/proc') / str(pid) / 'stat') for pid in pids]
    return sum(int(some[11]) + int(some[12]) for some in fields) / _TICK


def _fields(stat: Path) -> list[str]:
    return stat.read_text().rpartition(')')[2].split()


def _sizes(rollup: Path) -> Iterator[tuple[str, float]]:
    for line in rollup.read_text().splitlines()[1:]:
        name, size, *_ = line.split()
        yield name.rstrip(':'), int(size) / 1000
