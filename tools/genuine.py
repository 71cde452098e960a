# SPDX-License-Identifier: Apache-2.0
"""Runs what the README says under the ROS 2 that is sourced, and prints what became of it.

A line each: ok or not, how long it took, what was run; then why it is not as it must be. Parts:
shows, commands, ends, tools, bags, range, tests.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import itertools
import os
from pathlib import Path
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from genuine_rows import BAGS, COMMANDS, ENDS, OVER, PARAMETERS, SHOWS, SIM, TOOLS
from two_sides import Group

PATIENCE = 120.0  # s for one command
SAFE = 2.0  # s in which a charge that is interrupted is over
CHARGES = 'pev.session]: CHARGE_LOOP'
BAD = ('Traceback', 'process has died', 'escalating', 'invalid node')
_NUMBERS = itertools.count(1)


@dataclass
class Row:
    """What was run, and what is not as it must be."""

    name: str
    wrong: str = ''
    took: float = 0.0

    def __str__(self) -> str:
        why = f'\n{"":14}{self.wrong}' if self.wrong else ''
        return f'{"NOT OK" if self.wrong else "ok":8}{self.took:5.1f} s  {self.name}{why}'


class Runner:
    """Types commands in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bag = folder, folder / 'bag'
        for name, text in PARAMETERS.items():
            (folder / name).write_text(text.replace('{folder}', str(folder)))

    def words(self, typed: str) -> tuple[str, ...]:
        """Return a command line as its words."""
        filled = typed.replace('{folder}', str(self.folder)).replace('{bag}', str(self.bag))
        return ('ros2', *shlex.split(filled))

    def row(self, typed: str, status: int | None, part: str) -> Row:
        """Run a command to its end; status None: whatever it is."""
        since = time.monotonic()
        with self.launched(typed) as group:
            try:
                ended = group.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                return Row(typed, f'no end in {PATIENCE:.0f} s', PATIENCE)
            took = time.monotonic() - since
            return Row(typed, judged(group.log.read_text(), ended, status, part), took)

    @contextmanager
    def launched(self, typed: str, *before: str) -> Iterator[Group]:
        """Have a launch run on; `before` stands before the command."""
        group = Group((*before, *self.words(typed)), self.folder / f'{next(_NUMBERS)}.log')
        try:
            yield group
        finally:
            group.end()


def judged(told: str, status: int, wanted: int | None, part: str) -> str:
    """Return what is wrong with what a command printed and ended with."""
    last = told.strip().splitlines()[-1:] or ['nothing']
    if wanted is not None and status != wanted:
        return f'status {status} in place of {wanted}: {last[0]}'
    if part not in told:
        speaker = part.partition(']')[0]
        said = [line for line in told.splitlines() if speaker in line][-1:] or last
        return f'{part!r} is not there: {said[0]}'
    if wanted == 1 and part not in last[0] and part.startswith('plc_bringup'):
        return f'the reason is not the last line: {last[0]}'
    return ', '.join(word for word in BAD if word in told) if wanted == 0 else ''


def until(group: Group, word: str, patience: float = PATIENCE) -> bool:
    """Wait until a launch has printed something."""
    end = time.monotonic() + patience
    while word not in group.log.read_text(errors='replace'):
        if time.monotonic() > end or group.process.poll() is not None:
            return False
        time.sleep(0.05)
    return True


def shows(run: Runner) -> Iterator[Row]:
    """What needs nothing that runs."""
    yield from (run.row(*one) for one in SHOWS)


def commands(run: Runner) -> Iterator[Row]:
    """What is typed while a vehicle waits for its goal."""
    with run.launched('launch plc_bringup sim.launch.py autostart:=false speed:=600') as group:
        if not until(group, 'pev.modem]: modem found'):
            yield Row('a launch to ask', group.log.read_text()[-200:])
            return
        end = time.monotonic() + PATIENCE
        while '/pev/session' not in told_by('ros2', 'node', 'list') and time.monotonic() < end:
            time.sleep(0.5)  # a daemon that has just begun knows little
        yield from (run.row(*one) for one in COMMANDS)


def ends(run: Runner) -> Iterator[Row]:
    """How launches end by themselves, and by signals."""
    yield from (run.row(*one) for one in ENDS)
    yield interrupted(run, signal.SIGINT)
    yield interrupted(run, signal.SIGTERM)
    yield interrupted(run, signal.SIGINT, 'env', '--ignore-signal=INT')
    yield reads(run)


def reads(run: Runner) -> Row:
    """Have a wallbox read a vehicle's state of charge."""
    name = f'{SIM} mode:=soc_reader'
    with run.launched(name) as group:
        since = time.monotonic()
        wrong = '' if until(group, 'evse.session]: FINISHED') else 'the reader did not finish'
        return Row(name, wrong, time.monotonic() - since)


def interrupted(run: Runner, number: signal.Signals, *before: str) -> Row:
    """Tell a launch to end while current flows."""
    name = ' '.join((number.name, 'in a charge to', *before, 'ros2', SIM))
    with run.launched(SIM, *before) as group:
        if not until(group, CHARGES):
            return Row(name, 'no charge began')
        group.process.send_signal(number)
        since = time.monotonic()
        over = until(group, OVER, 20)
        safe = time.monotonic() - since
        try:
            status = group.process.wait(20)
        except subprocess.TimeoutExpired:
            return Row(name, 'it goes on', safe)
        wrong = judged(group.log.read_text(), status, 0, OVER)
        late = f'over after {safe:.1f} s' if over and safe > SAFE else ''
        return Row(name, wrong or late, safe)


def tools(run: Runner) -> Iterator[Row]:
    """What reads a recorded charge, and what needs none."""
    yield run.row(f'{SIM} exit_when_done:=true record:=true bag:={{bag}}', 0, OVER)
    yield from (run.row(*one) for one in TOOLS)
    since = time.monotonic()
    done = subprocess.run('tools/run.sh', capture_output=True, text=True, check=False)
    wrong = judged(done.stdout + done.stderr, done.returncode, 0, 'outcome  FINISHED')
    yield Row('make run', wrong, time.monotonic() - since)


def bags(run: Runner) -> Iterator[Row]:
    """What rosbag2 does with a bag of ours."""
    if 'bag' not in told_by('ros2', '--help').split():
        yield Row('ros2 bag: there is no rosbag2 here, so nothing of it was tried')
        return
    if not run.bag.exists():
        yield run.row(f'{SIM} exit_when_done:=true record:=true bag:={{bag}}', 0, OVER)
    yield from (run.row(*one) for one in BAGS)


def discovery(run: Runner) -> Iterator[Row]:
    """Who on a second host, a network namespace at a veth pair, sees a node (R27)."""
    name = 'a second host sees no node'
    if os.geteuid() != 0:
        yield Row(f'{name}: only root can try')
        return
    with run.launched('launch plc_bringup sim.launch.py') as group, second_host() as host:
        until(group, CHARGES)
        since = time.monotonic()
        seen = told_by(*host, 'ros2', 'node', 'list', '--no-daemon', '--spin-time', '5')
        nodes = re.findall('^/.*', seen, re.MULTILINE)
        yield Row(name, f'it sees {", ".join(nodes)}' if nodes else '', time.monotonic() - since)


@contextmanager
def second_host() -> Iterator[tuple[str, ...]]:
    """Make a network namespace that is joined to this one, and give what is typed to be in it."""
    with subprocess.Popen(('unshare', '-n', 'sleep', '3600')) as holder:
        host = ('nsenter', '-t', str(holder.pid), '-n')
        try:
            while os.readlink(f'/proc/{holder.pid}/ns/net') == os.readlink('/proc/self/ns/net'):
                time.sleep(0.01)
            for line in (
                f'ip link add ccs-here type veth peer name ccs-there netns {holder.pid}',
                'ip addr add 10.213.0.1/24 dev ccs-here',
                'ip link set ccs-here up',
            ):
                subprocess.run(line.split(), check=True)
            for line in (
                'ip addr add 10.213.0.2/24 dev ccs-there',
                'ip link set ccs-there up',
                'ip link set lo up',
                'ip route add default dev ccs-there',
            ):
                subprocess.run((*host, *line.split()), check=True)
            yield host
        finally:
            holder.kill()  # the pair goes with its namespace


def tests(run: Runner) -> Iterator[Row]:
    """The tests of standalone/ that a genuine ROS takes, and those of the graph."""
    for folder in ('standalone', 'test'):
        since = time.monotonic()
        pytest = (sys.executable, '-m', 'pytest', '-q', folder)
        done = subprocess.run(pytest, capture_output=True, text=True, check=False)
        failed = re.findall('^(?:FAILED|ERROR) .*', done.stdout, re.MULTILINE)
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        wrong = '\n'.join([*failed, *last]) if done.returncode else ''
        yield Row(f'pytest {folder}', wrong, time.monotonic() - since)


def told_by(*words: str) -> str:
    """Return what a command prints."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.stdout


PARTS: dict[str, Callable[[Runner], Iterator[Row]]] = {
    'shows': shows, 'commands': commands, 'ends': ends, 'tools': tools, 'bags': bags,
    'range': discovery, 'tests': tests,
}  # fmt: skip


def main() -> int:
    """Print the table; 1: something is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('parts', nargs='*', choices=[*PARTS, []], help='default: all of them')
    parts = parser.parse_args().parts or list(PARTS)
    os.environ['CCS_RECORD'] = 'false'
    print(f'ROS 2 {os.environ["ROS_DISTRO"]}, {shutil.which("ros2")}', flush=True)
    rows = []
    with tempfile.TemporaryDirectory(prefix='ros2_ccs_') as folder:
        run = Runner(Path(folder))
        told_by('ros2', 'daemon', 'start')  # one that a row began would end with it
        for row in itertools.chain.from_iterable(PARTS[part](run) for part in parts):
            rows.append(row)
            print(row, flush=True)
        told_by('ros2', 'daemon', 'stop')
    bad = sum(bool(row.wrong) for row in rows)
    print(f'{len(rows)} rows, {bad} not as they must be', flush=True)
    return int(bad > 0)


if __name__ == '__main__':
    sys.exit(main())
