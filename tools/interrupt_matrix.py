# SPDX-License-Identifier: Apache-2.0
"""SIGINT to the launch of either side, and to single nodes, at each stage: a safe end each time.

A line each: who got it, when, after how many s it had ended, its own side and the other were safe
(pilot B, contactors open; charger: output off), how both sessions ended, and the verdict. A time
like +0.4 is that many s after the start, while nodes still import.
"""

import argparse
from dataclasses import dataclass
import itertools
import os
from pathlib import Path
import signal
import sys
import time

from kill_matrix import MESSAGE_TIMER, STAGES, at_rest, ends
from two_sides import Sides, two_sides

from plc_msgs.msg import ChargingState

WHEN = ('+0.2', '+0.6', '+1.2', *STAGES)
WHO = (
    *('pev/launcher', 'evse/launcher', 'pev/session', 'evse/session', 'pev/transport'),
    *('pev/vehicle', 'evse/supply', 'line'),
)
PATIENCE = 9.5  # s in which a node leaves (R7: 8 s, and its goodbye)
SAFE = 6.0  # s in which its side is safe: a normal stop lasts 5 s


@dataclass(frozen=True)
class Cell:
    """One SIGINT, and what came of it; s."""

    who: str
    when: str
    took: tuple[float | None, ...]  # to end, own side safe, other side safe
    ends: str
    objections: tuple[str, ...]

    def __str__(self) -> str:
        times = ''.join(f'{"never" if t is None else f"{t:.2f} s":>9}' for t in self.took)
        verdict = '; '.join(self.objections) or 'ok'
        return f'{self.who:16}{self.when:19}{times}  {verdict:6}  {self.ends}'


def interrupt(who: str, when: str, *arguments: str) -> Cell:
    """Start both sides, send SIGINT to one process at a time, and see what comes of it."""
    side, _, name = who.rpartition('/')
    with two_sides(*arguments) as sides:
        if not come(sides, side or 'pev', when):
            return Cell(who, when, (None,) * 3, ends(sides), ('the stage was not reached',))
        pid = sides.groups[side or 'line'].pid_of(name)
        os.kill(pid, signal.SIGINT)
        since = time.monotonic()
        gone = sides.wait(lambda: over(sides, side, name, pid), PATIENCE)
        took = time.monotonic() - since if gone else None
        sides.wait(lambda: at_rest(sides, since), 10)
        return judge(sides, who, when, since, took)


def come(sides: Sides, side: str, when: str) -> bool:
    """Wait for a stage, or for a time after the start."""
    if not when.startswith('+'):
        return sides.reach(side, when)
    time.sleep(float(when))
    return True


def over(sides: Sides, side: str, name: str, pid: int) -> bool:
    """Tell whether the process has ended; a launcher with all its nodes."""
    if name == 'launcher':
        return sides.groups[side].process.poll() is not None and not sides.groups[side].members()
    return not Path(f'/proc/{pid}').exists()


def judge(sides: Sides, who: str, when: str, since: float, took: float | None) -> Cell:
    """Hold what was seen against R1 and R7."""
    side, _, name = who.rpartition('/')
    own, other = (side or 'pev'), ('pev' if side == 'evse' else 'evse')
    times = (took, *(sides.truth[one].safe_after(since) for one in (own, other)))
    limits = (PATIENCE, SAFE + 8 * (name != 'session'), MESSAGE_TIMER + 8)
    objections = [
        f'{what} not within {limit:.0f} s'
        for what, took, limit in zip(('ended', own, other), times, limits, strict=True)
        if took is None or took > limit
    ]
    ended_well = (0, -signal.SIGINT) if when.startswith('+') else (0,)  # it may not be up yet
    status = sides.groups[side].process.returncode if name == 'launcher' else 0
    if status not in ended_well:
        objections.append(f'status {status}')
    if name in ('launcher', 'session') and failed(sides, own):
        objections.append(f'{own}: {sides.truth[own].state.error}')
    output = sides.output
    objections += [word for word in ('referee:', 'Traceback', 'escalating') if word in output]
    return Cell(who, when, times, ends(sides), tuple(objections))


def failed(sides: Sides, side: str) -> bool:
    """Tell whether the session that was told to end has ended as a failure."""
    return sides.truth[side].state.stage in (ChargingState.SAFE_END, ChargingState.FAILED)


def main() -> int:
    """Print the matrix; 1: a cell is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--who', default=','.join(WHO), help='default: %(default)s')
    parser.add_argument('--when', default=','.join(WHEN), help='default: %(default)s')
    parser.add_argument('arguments', nargs='*', help='launch arguments')
    options = parser.parse_args()
    head = f'{"SIGINT to":16}{"in":19}{"ended":>9}{"own side":>9}{"other":>9}'
    print(f'{head}  verdict (pev | evse)', flush=True)
    cells = []
    for who, when in itertools.product(options.who.split(','), options.when.split(',')):
        if when.startswith('+') and not who.endswith('launcher'):
            continue  # its process is not told from its launcher's yet
        cells.append(interrupt(who, when, *options.arguments))
        print(cells[-1], flush=True)
    bad = sum(bool(cell.objections) for cell in cells)
    print(f'{len(cells)} interrupts, {bad} not as they must be', flush=True)
    return int(bad > 0)


if __name__ == '__main__':
    sys.exit(main())
