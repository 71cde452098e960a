# SPDX-License-Identifier: Apache-2.0
"""Every node of either side killed by SIGKILL at each stage: who is safe, and after how long.

A line each: the node, the stage it was killed in, after how many s its own side was safe (pilot B,
contactors open; charger: output off) and the other one, how both sessions ended, and the verdict.
"""

import argparse
from dataclasses import dataclass
import itertools
import os
import signal
import sys
import time

from two_sides import Sides, two_sides

from plc_msgs.msg import ChargingState

NODES = tuple(
    f'{side}/{name}'
    for side, owner in (('pev', 'vehicle'), ('evse', 'supply'))
    for name in ('modem', 'slac', 'transport', 'session', owner, 'launcher')
)
STAGES = (
    'MODEM_SEARCH', 'SLAC', 'AVLN', 'TCP', 'SESSION_SETUP', 'CABLE_CHECK', 'PRECHARGE',
    'CHARGE_LOOP', 'STOP', 'WELDING_DETECTION',
)  # fmt: skip
ENERGISED = ('CHARGE_LOOP', 'STOP', 'WELDING_DETECTION')  # contactors closed: no retry (R5)
COMPOSED = ('pev/side', 'pev/vehicle', 'evse/side', 'evse/supply')  # with composed:=true
COMMANDS = ('session', 'side', 'launcher')  # their side hears by its command's lease
COMMAND_LEASE, LIVELINESS_LEASE = 0.5, 1.0  # s (R6; plc_kit.qos)
AFTER = 1.0  # s after a lease in which a side is safe
MESSAGE_TIMER = 6.0  # s, the longest answer of the charge loop or of PowerDelivery (R26, field)
LOOK = 4.0  # s after the kill in which a node restarts, and something could wake up
PATIENCE = 30.0  # s until both sessions must have told their end


@dataclass(frozen=True)
class Cell:
    """One kill, and what came of it; s."""

    node: str
    stage: str
    own: float | None
    other: float | None
    ends: str
    objections: tuple[str, ...]

    def __str__(self) -> str:
        times = ''.join(f'{"never" if t is None else f"{t:.2f} s":>9}' for t in self._times())
        verdict = '; '.join(self.objections) or 'ok'
        return f'{self.node:16}{self.stage:19}{times}  {verdict:6}  {self.ends}'

    def _times(self) -> tuple[float | None, float | None]:
        return self.own, self.other


def kill(node: str, stage: str, *arguments: str) -> Cell:
    """Start both sides, kill a node in a stage, and see what comes of it."""
    side, _, name = node.rpartition('/')
    own = side or 'pev'
    with two_sides(*arguments) as sides:
        if not sides.reach(own, stage):
            return Cell(node, stage, None, None, ends(sides), ('the stage was not reached',))
        group = sides.groups[side or 'line']
        in_session = any(truth.state.active for truth in sides.truth.values())
        os.kill(group.pid_of(name), signal.SIGKILL)
        since = time.monotonic()
        sides.wait(lambda: False, LOOK)
        if in_session:
            sides.wait(lambda: at_rest(sides, since), PATIENCE)
        return judge(sides, node, stage, since)


def at_rest(sides: Sides, since: float) -> bool:
    """No session is active and all outputs are safe, or something began again."""
    truths = sides.truth.values()
    quiet = all(t.changes and t.changes[-1][1] and not t.state.active for t in truths)
    return quiet or any(truth.began_again(since) for truth in truths)


def judge(sides: Sides, node: str, stage: str, since: float) -> Cell:
    """Hold what was seen against R5, R6 and R7."""
    side, _, name = node.rpartition('/')
    own, other = (side or 'pev'), ('pev' if side == 'evse' else 'evse')
    times = [sides.truth[one].safe_after(since) for one in (own, other)]
    lease = COMMAND_LEASE if name in COMMANDS else LIVELINESS_LEASE
    objections = [
        f'{one} not safe within {limit:.1f} s'
        for one, took, limit in zip(
            (own, other), times, (lease + AFTER, MESSAGE_TIMER), strict=True
        )
        if took is None or took > limit
    ]
    again = [one for one, truth in sides.truth.items() if truth.began_again(since)]
    if stage in ENERGISED or name in COMMANDS:
        objections += [f'{one} began again' for one in again]
    output = sides.output
    objections += [word for word in ('referee:', 'Traceback') if word in output]
    return Cell(node, stage, *times, ends(sides), tuple(objections))


def ends(sides: Sides) -> str:
    """Tell in a few words how both sessions ended."""
    return ' | '.join(f'{s.stage_name} {s.error}'.strip() for s in _last(sides))


def _last(sides: Sides) -> list[ChargingState]:
    return [truth.state for truth in sides.truth.values()]


def main() -> int:
    """Print the matrix; 1: a cell is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--nodes', default='', help=f'default: {",".join((*NODES, "line"))}')
    parser.add_argument('--composed', action='store_true', help='sides in one process each')
    parser.add_argument('--stages', default=','.join(STAGES), help='default: %(default)s')
    parser.add_argument('arguments', nargs='*', help='launch arguments, e.g. respawn:=false')
    options = parser.parse_args()
    given = [*options.arguments, f'composed:={str(options.composed).lower()}']
    usual = COMPOSED if options.composed else (*NODES, 'line')
    nodes = options.nodes.split(',') if options.nodes else usual
    print(f'{"killed":16}{"in":19}{"own side":>9}{"other":>9}  verdict (pev | evse)', flush=True)
    begin, cells = time.monotonic(), []
    for node, stage in itertools.product(nodes, options.stages.split(',')):
        cells.append(kill(node, stage, *given))
        print(cells[-1], flush=True)
    bad = sum(bool(cell.objections) for cell in cells)
    took = (time.monotonic() - begin) / 60
    print(f'{len(cells)} kills, {bad} not as they must be, {took:.0f} min', flush=True)
    return int(bad > 0)


if __name__ == '__main__':
    sys.exit(main())
