# SPDX-License-Identifier: Apache-2.0
"""What the loop of a charge takes: time, processor and memory, beside the floor of this machine.

Prints what it measured beside the goal and what peers need; run in a shell that sourced env.sh.
"""

from collections.abc import Callable
from dataclasses import dataclass
import os
import statistics
import sys
import time

from bench_floor import floor
from bench_processes import nodes_of, of_side, processor_time, started, use_of
from bench_wire import Wire, answers, cycles
import rclpy
from rclpy.node import Node

from plc_kit.executor import make_executor
from plc_kit.interface import Interface
from plc_kit.network import NetworkUnavailable
from plc_kit.qos import STATES
from plc_msgs.msg import ChargingState

NETWORK = f'bench{os.getpid()}'
SIDES = ('/pev', '/evse')
NODES = ('modem', 'slac', 'transport', 'session')
SETTLED = 0.5  # s of a loop that are left out
UNHURRIED = 10.0  # s at ten cycles a second
WAY = 60.0  # s that a way to the loop, or a start, may take


@dataclass(frozen=True)
class Loop:
    """What was seen of one."""

    cycles: list[float]  # s
    answers: list[float]  # s
    duration: float  # s
    processor: dict[str, float]  # s of a side's stack, by namespace


class Probe(Node):
    """Knows the stage of the vehicle's session, and which nodes have told a state."""

    def __init__(self) -> None:
        super().__init__('bench')
        self.forget()
        self._executor = make_executor()
        self._executor.add_node(self)
        self.create_subscription(ChargingState, '/pev/charging/state', self._on_state, STATES)

    def forget(self) -> None:
        """Know of no stage, and believe none that was told before now."""
        self.stage, self._since = -1, time.time()

    def _on_state(self, state: ChargingState) -> None:
        if state.stamp.sec + state.stamp.nanosec * 1e-9 >= self._since:
            self.stage = state.stage

    def nodes(self) -> set[str]:
        """Return the names of the vehicle's nodes."""
        return {name for name, space in self.get_node_names_and_namespaces() if space == SIDES[0]}

    def wait(self, until: Callable[[], bool], patience: float, what: str) -> None:
        """Spin until something holds; end the bench where it does not."""
        end = time.monotonic() + patience
        while not until():
            if time.monotonic() > end:
                sys.exit(f'bench: {what} not within {patience:.0f} s (stage {self.stage})')
            self._executor.spin_once(0.05)

    def rest(self, seconds: float) -> None:
        """Spin so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._executor.spin_once(left)


def loop(probe: Probe, scene: str, seconds: float, composed: str) -> Loop:
    """Charge in a scene, and watch `seconds` of its loop."""
    given = (f'network:={NETWORK}', f'scene:={scene}', f'composed:={composed}')
    probe.forget()
    with started('ros2', 'launch', 'plc_bringup', 'sim.launch.py', *given) as launch:
        probe.wait(lambda: probe.stage == ChargingState.CHARGE_LOOP, WAY, 'the loop of a charge')
        wire = Wire(Interface('evse', NETWORK))
        probe.rest(SETTLED)
        stacks = {side: of_side(nodes_of(launch.pid), side) for side in SIDES}
        before = {side: processor_time(pids) for side, pids in stacks.items()}
        begin = time.time()
        probe.rest(seconds)
        end = time.time()
        used = {side: processor_time(pids) - before[side] for side, pids in stacks.items()}
        if probe.stage != ChargingState.CHARGE_LOOP:
            sys.exit(f'bench: the loop has ended in stage {probe.stage}')
        wire.close()
        seen = wire.between(begin, end)
    return Loop(cycles(seen), list(answers(seen)), end - begin, used)


def memory(probe: Probe, composed: str) -> tuple[float, float]:
    """Return what the stack of a vehicle that waits for its plug holds (MB, PSS and RSS)."""
    line = ('ros2', 'run', 'plc_sim', 'line', '--ros-args', '-p', f'network:={NETWORK}')
    side = (f'interface:=pev@{NETWORK}', 'vehicle:=external', f'composed:={composed}')
    with started(*line):
        probe.wait(_line_is_up, WAY, 'the power line')
        with started('ros2', 'launch', 'plc_bringup', 'pev.launch.py', *side) as launch:
            probe.wait(lambda: set(NODES) <= probe.nodes(), WAY, 'the nodes of a vehicle')
            probe.rest(3.0)
            uses = [use_of(pid) for pid in of_side(nodes_of(launch.pid), SIDES[0])]
    return sum(use.proportional for use in uses), sum(use.resident for use in uses)


def _line_is_up() -> bool:
    try:
        return bool(Interface('pev', NETWORK).index)
    except (NetworkUnavailable, ValueError):
        return False


def _per_side(values: dict[str, float], unit: str) -> str:
    return ', '.join(f'{side[1:]} {value:.1f} {unit}' for side, value in values.items())


def _middle_and_p99(durations: list[float]) -> tuple[float, float]:
    return statistics.median(durations) * 1e3, statistics.quantiles(durations, n=100)[98] * 1e3


def tell_loop(seen: Loop, least: float) -> None:
    """Print a line for each figure of a loop without pauses."""
    count = len(seen.cycles)
    middle, slow = _middle_and_p99(seen.cycles)
    _, slow_answer = _middle_and_p99(seen.answers)
    each = {side: used / count * 1e3 for side, used in seen.processor.items()}
    print(
        f'  CurrentDemand: {count / seen.duration:.0f} cycles a second over {count} (goal 300; '
        f'best Python peer 12)\n'
        f'  round trip: median {middle:.2f} ms, p99 {slow:.2f} ms; {middle / least:.1f} times the '
        f'floor (goal 3)\n'
        f"  charger's answer: p99 {slow_answer:.2f} ms (goal 10; DIN 70121 allows 25)\n"
        f'  processor time a cycle: {_per_side(each, "ms")} (goal 3; peer 48)'
    )


def tell(probe: Probe, composed: str, least: float) -> None:
    """Measure and print everything of one way to run a side."""
    print('all nodes of a side in one process:' if composed == 'true' else 'a process a node:')
    tell_loop(loop(probe, 'instant', 5.0, composed), least)
    calm = loop(probe, 'default', UNHURRIED, composed)
    rate = len(calm.cycles) / calm.duration
    shares = {side: used / calm.duration * 100 for side, used in calm.processor.items()}
    print(f'  share of a core at {rate:.1f} cycles a second: {_per_side(shares, "%")} (goal 10)')
    proportional, resident = memory(probe, composed)
    goal = 'goal 120; ' if composed == 'true' else ''
    print(
        f'  memory of a side alone: {proportional:.0f} MB PSS, {resident:.0f} MB RSS '
        f'({goal}peers 400 to 1300)'
    )


def main() -> None:
    """Measure, and print."""
    rclpy.init()
    middle, slow = _middle_and_p99(floor())
    print(f'floor, two DDS hops and a TCP round trip: median {middle:.2f} ms, p99 {slow:.2f} ms')
    probe = Probe()
    for composed in ('false', 'true'):
        tell(probe, composed, middle)
    print(f'load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores')


if __name__ == '__main__':
    main()
