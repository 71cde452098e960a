# SPDX-License-Identifier: Apache-2.0
"""A whole charge over each modem while something goes wrong at both ends: how it ends, and why.

A line each: what was done, whether the session recovered or ended safely, the stage in which the
modem nodes had told of it, what they told (log and /diagnostics), and the session's reason.
"""

from dataclasses import dataclass, field
import os
import sys

from diagnostic_msgs.msg import DiagnosticArray
from two_sides import Sides, Truth, two_sides

from plc_msgs.msg import ChargingState

FOUND, LOOP, ENDED = 60.0, 90.0, 30.0  # s in which a charge begins, flows, is over
NOTICED = 25.0  # s in which a modem node tells of a fault
COUNTED = ('resets', 'wrong signatures', 'strange lengths', 'octets of garbage', 'frames lost')


@dataclass(frozen=True)
class Row:
    """What is played; `fault` empty: nothing goes wrong."""

    name: str
    fault: str = ''  # FAULT@FRAME, as spi:=sim,… takes it
    modem: str = 'qca7005'
    line: tuple[str, ...] = ()


ROWS = (
    Row('AR7420', modem='ar7420'),
    Row('QCA7005'),
    Row('first signature read wrong', 'signature@0'),
    Row('short burst in SLAC', 'short@30'),
    Row('short burst in the energy loop', 'short@ip200'),
    Row('garbage start of frame in SLAC', 'garbage@30'),
    Row('garbage start of frame in the energy loop', 'garbage@ip200'),
    Row('reset in SLAC', 'reset@30'),
    Row('reset in the energy loop, away 0.3 s', 'reset@ip200'),
    Row('reset in the energy loop, away 7 s', 'reset@ip200', line=('restart_time:=7.0',)),
    Row('restart without being away (CPU_ON)', 'cpu-on@ip200'),
    Row('no write space until it is reset', 'stuck@ip200'),
)


@dataclass
class Outcome:
    """How it ended."""

    row: Row
    charged: bool = False
    stage: str = ''  # of the vehicle's session when the fault was told of
    safe: bool = False
    error: str = ''
    reason: str = ''
    told: set[str] = field(default_factory=set)  # by the modem nodes

    @property
    def verdict(self) -> str:
        """Recovered, ended safely, or what must not be."""
        if not self.safe:
            return 'NOT SAFE'
        if self.row.fault and not self.told:
            return 'NOT NOTICED'
        if self.error:
            return 'ended safely'
        if not self.charged:
            return 'NO CHARGE'
        return 'recovered' if self.row.fault else 'charged'

    @property
    def good(self) -> bool:
        """Whether it is one of those that may be."""
        return self.verdict in ('recovered', 'ended safely', 'charged')

    def __str__(self) -> str:
        told = '; '.join(sorted(self.told))
        seen = f'{self.row.name:43}{self.verdict:14}{self.stage:13}{told}'
        return seen + (f'\n{"":43}session: {self.error}: {self.reason}' if self.error else '')


class Notices:
    """What the modem nodes tell: warnings in their logs, and counters in /diagnostics."""

    def __init__(self, sides: Sides) -> None:
        self._sides, self._counted = sides, {}
        sides.node.create_subscription(DiagnosticArray, '/diagnostics', self._hear, 10)

    def _hear(self, message: DiagnosticArray) -> None:
        for status in message.status:
            for value in status.values:
                if value.key in COUNTED and value.value != '0':
                    self._counted[value.key] = value.value

    def told(self) -> set[str]:
        """Return all that was told so far, each thing once."""
        lines = self._sides.output.splitlines()
        logged = {line.partition('QCA7005: ')[2] for line in lines if ': QCA7005: ' in line}
        return logged | {f'{key}: {number}' for key, number in self._counted.items()}


def play(row: Row) -> Outcome:
    """Play one charge, and stop it once it has outlived what went wrong."""
    spi = f'spi:=sim,{row.fault}' if row.fault else 'spi:=sim'
    given = (f'modem:={row.modem}', *((spi,) if row.modem == 'qca7005' else ()))
    with two_sides(*given, line=row.line) as sides:
        notices, outcome = Notices(sides), Outcome(row)
        vehicle = sides.truth['pev']
        flows = lambda: vehicle.state.present_current > 5  # noqa: E731
        over = lambda: began(vehicle) and not vehicle.state.active  # noqa: E731
        sides.wait(lambda: flows() or final(vehicle.state), FOUND + LOOP)
        outcome.charged = flows()
        if row.fault:
            sides.wait(lambda: notices.told(), NOTICED)
            outcome.stage = vehicle.state.stage_name
            sides.wait(over, 8.0)  # what does not end it by then has been outlived
        if vehicle.state.active:
            sides.call('/pev/charging/stop')
        sides.wait(lambda: over() and safe(sides), ENDED)
        outcome.safe, outcome.told = safe(sides), notices.told()
        outcome.error, outcome.reason = vehicle.state.error, vehicle.state.reason
        return outcome


def began(truth: Truth) -> bool:
    """Tell whether its session was ever active."""
    return any(state.active for _, state in truth.states)


def final(state: ChargingState) -> bool:
    """Tell whether it has failed for good."""
    return bool(state.stage == ChargingState.FAILED and not state.active and state.attempt > 2)


def safe(sides: Sides) -> bool:
    """Tell whether pilot, contactors and output are at rest, and stay so for their lease."""
    return all(truth.changes and truth.changes[-1][1] for truth in sides.truth.values())


def main() -> None:
    """Print the table."""
    os.environ.setdefault('ROS_DOMAIN_ID', str(2 + os.getpid() % 99))
    wanted = sys.argv[1:]
    outcomes = []
    for row in ROWS:
        if not wanted or any(word in f'{row.name} {row.fault}' for word in wanted):
            outcomes.append(play(row))
            print(outcomes[-1], flush=True)
    bad = [one for one in outcomes if not one.good]
    print(f'{len(outcomes)} charges, {len(bad)} that are neither recovered nor safe')
    sys.exit(bool(bad))


if __name__ == '__main__':
    main()
