# SPDX-License-Identifier: Apache-2.0
"""Sessions back to back, or one that lasts: what fails, and whether anything grows.

Real processes on a simulated line; only the plug is pulled and put in again. Run in a shell that
sourced env.sh; status 1 where a session failed or something grew.
"""

import argparse
from collections import Counter
from collections.abc import Callable
import os
from pathlib import Path
import statistics
import sys
import tempfile
import time

from bench_processes import Use, nodes_of, started, use_of
import rclpy
from rclpy.node import Node
from std_srvs.srv import SetBool, Trigger

from plc_kit.executor import make_executor
from plc_kit.qos import STATES, STREAM
from plc_msgs.msg import ChargingState, V2gtpMessage

SCENE = """\
/**:
  ros__parameters:
    loss: {loss}
    restart_time: {restart_time}
    energy_capacity: 1000000.0
    soc: 0.1
    bulk_soc: 0.9
    target_soc: 0.95
    unplug_time: 0.0
"""
PATIENCE = 60.0  # s that a session may take to its loop, and to its end
LOOPING = 0.5  # s of CurrentDemand in each session
SAMPLE = 10.0  # s between two looks at the memory in a session that lasts
WARM_UP = 0.3  # share of the samples that do not count
FLAT = 3.0  # MB of PSS that a process may grow over the rest
OVER = (ChargingState.FINISHED, ChargingState.FAILED)
SIDES = ('pev', 'evse')


class Failed(Exception):
    """A session did not go as it should; the text says how."""


class Driver(Node):
    """Plugs in, stops, pulls out, and follows both sides' states."""

    def __init__(self) -> None:
        super().__init__('soak')
        self._executor = make_executor()
        self._executor.add_node(self)
        self.states = {side: ChargingState() for side in SIDES}
        self.messages = 0
        for side in SIDES:
            topic = f'/{side}/charging/state'
            self.create_subscription(ChargingState, topic, self._noting(side), STATES)
        self.create_subscription(V2gtpMessage, '/pev/v2g_rx', self._count, STREAM)
        self._plug = self.create_client(SetBool, '/pev/vehicle/plug')
        self._stop = {
            side: self.create_client(Trigger, f'/{side}/charging/stop') for side in SIDES
        }

    def _noting(self, side: str) -> Callable[[ChargingState], None]:
        def note(state: ChargingState) -> None:
            self.states[side] = state

        return note

    def _count(self, _: V2gtpMessage) -> None:
        self.messages += 1

    def stage(self, side: str) -> int:
        """Return the stage that a side told last."""
        return int(self.states[side].stage)

    def rest(self, seconds: float) -> None:
        """Spin so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._executor.spin_once(left)

    def wait(self, until: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
        """Spin until something holds; raises Failed where it does not."""
        end = time.monotonic() + patience
        while not until():
            if time.monotonic() > end:
                told = (f'{side} {s.stage_name} {s.reason}' for side, s in self.states.items())
                raise Failed(f'{what} not within {patience:.0f} s: {"; ".join(told)}')
            self._executor.spin_once(1.0)

    def _ask(self, client: object, request: object) -> bool:
        answer = client.call_async(request)
        self.wait(answer.done, f'an answer of {client.srv_name}')
        return bool(answer.result().success)

    def plug(self, plugged: bool) -> None:
        """Put the plug in or pull it out, as soon as the lock lets go of it."""
        self.wait(self._plug.service_is_ready, 'the service vehicle/plug')
        asked = lambda: self._ask(self._plug, SetBool.Request(data=plugged))  # noqa: E731
        self.wait(asked, 'a plug that the lock lets go of')

    def close(self) -> None:
        """Leave the graph."""
        self._executor.shutdown()
        self.destroy_node()

    def stop(self, side: str) -> None:
        """Ask a side for a normal stop."""
        self._ask(self._stop[side], Trigger.Request())


def session(driver: Driver, stopper: str, seconds: float) -> None:
    """Charge once, from plugging in to pulling out; raises Failed."""
    looping = lambda: driver.stage('pev') in (ChargingState.CHARGE_LOOP, *OVER)  # noqa: E731
    driver.wait(looping, 'the loop')
    _expect(driver, 'pev', ChargingState.CHARGE_LOOP)
    driver.rest(seconds)
    driver.stop(stopper)
    for side in SIDES:
        driver.wait(lambda side=side: driver.stage(side) in OVER, 'the end')
        _expect(driver, side, ChargingState.FINISHED)


def _expect(driver: Driver, side: str, stage: int) -> None:
    state = driver.states[side]
    if state.stage != stage or state.error:
        raise Failed(f'{side} {state.stage_name}: error {state.error}, {state.reason}')


def replug(driver: Driver) -> None:
    """Pull the plug out and put it in again."""
    driver.wait(lambda: not driver.states['pev'].active, 'a vehicle that is done')
    driver.plug(False)
    for side in SIDES:
        driver.wait(lambda side=side: driver.stage(side) not in OVER, f'{side} that forgets')
    driver.plug(True)


Samples = dict[str, list[Use]]


def look(launch: int, samples: Samples) -> None:
    """Note what each node's process uses now."""
    for name, pid in nodes_of(launch).items():
        samples.setdefault(name, []).append(use_of(pid))


def back_to_back(driver: Driver, launch: int, count: int, samples: Samples) -> Counter[str]:
    """Play `count` sessions; return how often each failure was met."""
    failures: Counter[str] = Counter()
    for number in range(1, count + 1):
        for step in (lambda: session(driver, SIDES[number % 2], LOOPING), lambda: replug(driver)):  # noqa: B023
            try:
                step()
            except Failed as failure:
                failures[str(failure)] += 1
                print(f'session {number}: {failure}', flush=True)
        look(launch, samples)
        if number % 50 == 0:
            print(f'{number} sessions, {failures.total()} failed', flush=True)
    return failures


def long_one(driver: Driver, launch: int, minutes: float, samples: Samples) -> Counter[str]:
    """Play one session that lasts; return its failure, if there is one."""
    try:
        driver.wait(lambda: driver.stage('pev') == ChargingState.CHARGE_LOOP, 'the loop')
        before, end = driver.messages, time.monotonic() + minutes * 60
        while time.monotonic() < end:
            driver.rest(min(SAMPLE, end - time.monotonic()))
            _expect(driver, 'pev', ChargingState.CHARGE_LOOP)
            look(launch, samples)
        told = driver.messages - before
        print(f'{told} CurrentDemand cycles, {told / minutes / 60:.2f} a second')
        session(driver, 'pev', 0.0)
    except Failed as failure:
        print(failure)
        return Counter([str(failure)])
    return Counter()


def tell_growth(samples: Samples) -> bool:
    """Print what each process used after its warm-up and at the end; tell whether all is flat."""
    flat = True
    print(f'{"after warm-up, to the end":26}{"PSS, MB":>18}{"files":>12}{"threads":>12}')
    for name, uses in sorted(samples.items()):
        rest = uses[int(len(uses) * WARM_UP) :]
        tenth = max(len(rest) // 10, 1)
        first, last = rest[:tenth], rest[-tenth:]
        sizes = [statistics.median(u.proportional for u in some) for some in (first, last)]
        files = [min(u.files for u in some) for some in (first, last)]
        threads = [min(u.threads for u in some) for some in (first, last)]
        grown = sizes[1] - sizes[0] > FLAT or files[1] > files[0] or threads[1] > threads[0]
        flat &= not grown
        columns = f'{sizes[0]:8.1f} to {sizes[1]:6.1f}{files[0]:6} to {files[1]:2}'
        print(f'{name:26}{columns}{threads[0]:6} to {threads[1]:2}{"  grows" if grown else ""}')
    print(f'flat after warm-up: {"yes" if flat else "no"}')
    return flat


def asked() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('sessions', type=int, nargs='?', default=1000)
    parser.add_argument('--minutes', type=float, default=0.0, help='one session that lasts')
    parser.add_argument('--loss', type=float, default=0.0, help='share of frames the line loses')
    parser.add_argument('--restart-time', type=float, default=0.1, help='s a modem is away')
    parser.add_argument('--composed', action='store_true', help='a side in one process')
    return parser.parse_args()


def main() -> None:
    """Play, and tell."""
    arguments = asked()
    rclpy.init(args=[])
    driver, samples = Driver(), Samples()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / 'soak.yaml'
        file.write_text(SCENE.format(loss=arguments.loss, restart_time=arguments.restart_time))
        given = [f'network:=soak{os.getpid()}', f'params_file:={file}', 'log_level:=warn']
        given += [f'composed:={str(arguments.composed).lower()}', 'speed:=1.0']
        given += [] if arguments.minutes else ['scene:=instant']
        with started('ros2', 'launch', 'plc_bringup', 'sim.launch.py', *given) as launch:
            begin = time.monotonic()
            if arguments.minutes:
                failures = long_one(driver, launch.pid, arguments.minutes, samples)
            else:
                failures = back_to_back(driver, launch.pid, arguments.sessions, samples)
    hours = (time.monotonic() - begin) / 3600
    count = 1 if arguments.minutes else arguments.sessions
    print(f'{count} sessions, {failures.total()} failed; {count / hours:.0f} an hour')
    for failure, number in failures.most_common():
        print(f'{number:5} times: {failure}')
    sys.exit(0 if tell_growth(samples) and not failures else 1)


if __name__ == '__main__':
    main()
