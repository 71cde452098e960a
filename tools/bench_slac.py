# SPDX-License-Identifier: Apache-2.0
"""How long it takes from a plug to a data link: whole graphs, frames seen on the simulated line.

Prints what of it the standard and the modem demand and what is ours, and how START_ATTEN_CHAR and
sounds are spaced while every processor is busy. Run in a shell that sourced env.sh.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import itertools
import os
from pathlib import Path
import statistics
import subprocess
import sys
import tempfile
import time

from bench_processes import started
from bench_wire import Frames
from builtin_interfaces.msg import Time
import rclpy
from rclpy.node import Node
from std_srvs.srv import SetBool

from plc_kit.executor import make_executor
from plc_kit.interface import Interface
from plc_kit.qos import LATCHED, NEWEST, STATES
from plc_modem.homeplug import dissect, is_homeplug
from plc_modem.homeplug.matching import (
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
)
from plc_modem.ports.pacing import LONGEST, SHORTEST
from plc_msgs.msg import DataLink, ModemStatus, VehicleStatus
from slac.timing import (
    C_EV_MATCH_MNBC,
    C_EV_START_ATTEN_CHAR_INDS,
    TP_EV_BATCH_MSG_INTERVAL,
)

DEMANDED = (C_EV_START_ATTEN_CHAR_INDS + C_EV_MATCH_MNBC - 1) * TP_EV_BATCH_MSG_INTERVAL  # s, R23
RESTART = 0.3  # s a simulated modem is away after a key
GOAL_MATCH, GOAL_LINK = 0.030, 0.100  # s of ours
WAY = 90.0  # s for a launch, and for a match
UNPLUGGED = '{/pev/vehicle: {ros__parameters: {plugged: false}}}\n'
BURN = 'while True: pass'


@dataclass(frozen=True)
class Match:
    """One plug-in, in s."""

    match: float  # from the first CM_SLAC_PARM.REQ to CM_SLAC_MATCH.CNF
    link: float  # from the pilot at 5 % to the data link being ready
    gaps: tuple[float, ...]  # between START_ATTEN_CHARs and sounds


class Probe(Node):
    """Plugs in, and knows when pilot and data link came."""

    def __init__(self, network: str) -> None:
        super().__init__(f'bench_{network}')  # rclpy keeps the logger of a destroyed node's name
        self._network = network
        self._executor = make_executor()
        self._executor.add_node(self)
        self._modems: dict[str, int] = {}
        self.digital = self.ready = 0.0  # s, Unix; 0: not yet
        for side in ('pev', 'evse'):
            self.create_subscription(
                ModemStatus,
                f'/{side}/modem/status',
                lambda told, side=side: self._modems.update({side: told.state}),
                STATES,
            )
        self.create_subscription(VehicleStatus, '/pev/vehicle/status', self._on_pilot, NEWEST)
        self.create_subscription(DataLink, '/pev/data_link', self._on_link, LATCHED)
        self._plug = self.create_client(SetBool, '/pev/vehicle/plug')

    def _on_pilot(self, told: VehicleStatus) -> None:
        if not self.digital and told.pilot.duty < 0.1:
            self.digital = _seconds(told.stamp)

    def _on_link(self, told: DataLink) -> None:
        if told.ready and not self.ready:
            self.ready = _seconds(told.stamp)

    def plug_in(self) -> Match:
        """Wait for the modems, plug in, and watch until the link stands."""
        found = {'pev': ModemStatus.FOUND, 'evse': ModemStatus.READY}
        self._wait(lambda: self._modems == found and self._plug.service_is_ready(), 'the modems')
        frames = Frames(Interface('pev-modem', self._network))
        self._plug.call_async(SetBool.Request(data=True))
        self._wait(lambda: self.ready > 0, 'the data link')
        frames.close()
        return measured(frames.seen, self.ready - self.digital)

    def _wait(self, until: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + WAY
        while not until():
            if time.monotonic() > end:
                sys.exit(f'bench: {what} not within {WAY:.0f} s')
            self._executor.spin_once(0.05)


def _seconds(stamp: Time) -> float:
    return float(stamp.sec + stamp.nanosec * 1e-9)


def measured(seen: list[tuple[float, bytes]], link: float) -> Match:
    """Read times off the frames of one plug-in, as the kernel saw them."""
    told = [(when, type(dissect(octets).message)) for when, octets in seen if is_homeplug(octets)]
    asked = next(when for when, kind in told if kind is CM_SLAC_PARM_REQ)
    confirmed = next(when for when, kind in told if kind is CM_SLAC_MATCH_CNF)
    batch = [w for w, kind in told if kind in (CM_START_ATTEN_CHAR_IND, CM_MNBC_SOUND_IND)]
    gaps = tuple(later - earlier for earlier, later in itertools.pairwise(batch))
    return Match(confirmed - asked, link, gaps)


def play(number: int) -> Match:
    """Launch both sides unplugged, and plug in once all is there."""
    network = f'slac{os.getpid()}x{number}'
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / 'unplugged.yaml'
        own.write_text(UNPLUGGED)
        given = (f'network:={network}', f'params_file:={own}')
        with started('ros2', 'launch', 'plc_bringup', 'sim.launch.py', *given):
            probe = Probe(network)
            try:
                return probe.plug_in()
            finally:
                probe.destroy_node()


@contextmanager
def busy() -> Iterator[None]:
    """Keep every processor busy, twice over."""
    burners = [
        subprocess.Popen([sys.executable, '-c', BURN]) for _ in range(2 * (os.cpu_count() or 1))
    ]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def tell(name: str, times: list[float], demanded: float, goal: float) -> None:
    """Print one way: all of it, what is demanded, and what is left for us."""
    ours = [(t - demanded) * 1e3 for t in times]
    middle = statistics.median(ours)
    print(
        f'  {name}: {demanded * 1e3:.0f} ms are demanded; ours: least {min(ours):.0f}, '
        f'median {middle:.0f}, most {max(ours):.0f} ms (goal {goal * 1e3:.0f})'
    )


def tell_spacing(name: str, gaps: list[float]) -> None:
    """Print how START_ATTEN_CHAR and sounds followed each other."""
    least, most = min(gaps) * 1e3, max(gaps) * 1e3
    verdict = 'kept' if least >= SHORTEST * 1e3 and most <= LONGEST * 1e3 else 'NOT kept'
    print(
        f'  spacing of START and sounds, {name}: {least:.1f} to {most:.1f} ms over {len(gaps)} '
        f'(R23: {SHORTEST * 1e3:.0f} to {LONGEST * 1e3:.0f} ms, {verdict})'
    )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--times', type=int, default=3, help='plug-ins of each kind')
    times = parser.parse_args().times
    rclpy.init()
    calm = [play(number) for number in range(times)]
    with busy():
        pressed = [play(times + number) for number in range(times)]
    print('SLAC, from a plug to a data link:')
    tell('SLAC_PARM.REQ to SLAC_MATCH.CNF', [m.match for m in calm], DEMANDED, GOAL_MATCH)
    link = DEMANDED + RESTART
    tell('pilot 5 % to data link ready', [m.link for m in calm], link, GOAL_LINK)
    tell_spacing('as the machine is', [gap for m in calm for gap in m.gaps])
    tell_spacing('processors kept busy', [gap for m in pressed for gap in m.gaps])
    print(f'load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores')


if __name__ == '__main__':
    main()
