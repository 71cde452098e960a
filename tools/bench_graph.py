# SPDX-License-Identifier: Apache-2.0
"""How fast the graph is: from launch to latched statuses, to the first current, and in the loop.

Prints what it measured beside what it is measured against; run in a shell that sourced env.sh.
"""

from collections.abc import Callable
import itertools
import os
import statistics
import sys
import time

from bench_processes import started
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from plc_kit.clock import age
from plc_kit.qos import STATES, STREAM
from plc_msgs.msg import (
    ChargingState,
    DataLink,
    ModemStatus,
    SlacStatus,
    TransportStatus,
    V2gMessage,
)

NETWORK = f'bench{os.getpid()}'
STATUSES = {
    'modem': ('modem/status', ModemStatus),
    'slac': ('slac/status', SlacStatus),
    'slac ': ('data_link', DataLink),
    'transport': ('transport/status', TransportStatus),
    'session': ('charging/state', ChargingState),
}


class Probe(Node):
    """Notes when something first came, and every V2G message of the vehicle."""

    def __init__(self) -> None:
        super().__init__('bench')
        self.first: dict[str, float] = {}
        self.responses: list[tuple[float, str]] = []
        self.sdp_asked: float | None = None
        self.stage = ''
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self)
        for name, (topic, kind) in STATUSES.items():
            self.create_subscription(kind, f'/pev/{topic}', self._noting(name), STATES)
        self.create_subscription(V2gMessage, '/pev/v2g_log', self._on_v2g, STREAM)

    def _noting(self, name: str) -> Callable[[object], None]:
        def note(message: object) -> None:
            self.first.setdefault(name, time.monotonic())
            if isinstance(message, TransportStatus) and message.state == TransportStatus.SDP:
                self.sdp_asked = self.sdp_asked or time.time() - age(message.stamp)
            if isinstance(message, ChargingState):
                self.stage = message.stage_name

        return note

    def _on_v2g(self, message: V2gMessage) -> None:
        if message.direction == V2gMessage.RECEIVED:
            self.responses.append((time.time() - age(message.stamp), message.name))

    def wait(self, until: Callable[[], bool], patience: float) -> bool:
        """Spin until something holds; tell whether it did."""
        end = time.monotonic() + patience
        while not until() and time.monotonic() < end:
            self._executor.spin_once(0.05)
        return until()


def start_up(probe: Probe) -> None:
    """From `ros2 launch` to each node's latched status."""
    with started('ros2', 'run', 'plc_sim', 'line', '--ros-args', '-p', f'network:={NETWORK}'):
        probe.wait(lambda: False, 2.0)
        probe.first.clear()
        begin = time.monotonic()
        launch = ('ros2', 'launch', 'plc_bringup', 'pev.launch.py', f'interface:=pev@{NETWORK}')
        with started(*launch):
            if not probe.wait(lambda: len(probe.first) == len(STATUSES), 20):
                missing = sorted(set(STATUSES) - set(probe.first))
                sys.exit(f'bench: no latched status from {", ".join(missing)} within 20 s')
    worst = max(probe.first.values()) - begin
    each = ', '.join(f'{name.strip()} {at - begin:.2f}' for name, at in probe.first.items())
    print(f'ros2 launch pev.launch.py to every latched status: {worst:.2f} s (goal 2 s; {each})')


def loop(probe: Probe) -> None:
    """A charger that answers at once and a supply without ramps: SDP to current, and the loop."""
    probe.responses.clear()
    probe.sdp_asked = None
    arguments = (f'network:={NETWORK}', 'scene:=instant', 'exit_when_done:=true', 'speed:=60.0')
    with started('ros2', 'launch', 'plc_bringup', 'sim.launch.py', *arguments) as launch:
        probe.wait(lambda: launch.poll() is not None, 60)
    times = [at for at, name in probe.responses if name == 'CurrentDemandRes']
    if launch.returncode or not times or probe.sdp_asked is None:
        sys.exit(f'bench: the charge ended in {probe.stage}, status {launch.returncode}')
    first = times[0] - probe.sdp_asked
    gaps = [b - a for a, b in itertools.pairwise(times)]
    rate = (len(times) - 1) / (times[-1] - times[0])
    print(
        f'SDP request to first CurrentDemandRes: {first:.2f} s (goal 0.5 s; 3.2 s: the best '
        'Python peer, 16 s: pyPLC)'
    )
    print(
        f'CurrentDemand exchanges: {rate:.0f} a second over {len(times)} (goal 200; peers 12 and '
        f'30), median {statistics.median(gaps) * 1e3:.1f} ms'
    )


def main() -> None:
    """Measure, and print a line each."""
    rclpy.init()
    probe = Probe()
    start_up(probe)
    loop(probe)


if __name__ == '__main__':
    main()
