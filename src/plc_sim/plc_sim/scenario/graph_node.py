# SPDX-License-Identifier: Apache-2.0
"""A scenario for real: launched, watched by its topics and its log, and ended."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import re
import signal
import subprocess
import tempfile
import time

from builtin_interfaces.msg import Time
import rclpy
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.task import Future

from plc_kit.qos import NEWEST, STATES
from plc_kit.run import join
from plc_msgs.action import Charge
from plc_msgs.msg import CableChargerEnd, CableVehicleEnd, ChargingState
from plc_sim.cable import NO_CHARGER, NO_VEHICLE, Pilot, VehicleEnd
from plc_sim.inlet_node import charger_end
from plc_sim.referee import Rule as Foul, sight
from plc_sim.scenario.record import Record
from plc_sim.scenario.scenario import Scenario
from v2g.session.stage import Stage

START = 30.0  # s for a launch, SLAC and the way up
SETTLE = 8.0  # s after an end from which another attempt may follow (R5)
STILL = 1.2  # s after one that is the last
LEAVE = 15.0  # s
_SAID = re.compile(r'\[(\d+\.\d+)\] \[[^]]*\]: (scenario: a person|scenario|fault begins|referee)')
_ANSWER = re.compile(r'a person is answered: (\w+) (granted|refused)')
_CALL = re.compile(r'referee: (pev|evse): ([^:]+): ')


class Watcher:
    """Hears both ends of the cable and the session under test, and sends the vehicle a goal."""

    def __init__(self, scenario: Scenario, executor: SingleThreadedExecutor) -> None:
        self.record = Record(scenario.tests, scenario.end.since)
        self.final = False  # nothing may follow
        self._vehicle, self._charger = NO_VEHICLE, NO_CHARGER
        node = rclpy.create_node('scenarios', context=executor.context)
        executor.add_node(node)
        node.create_subscription(CableVehicleEnd, '/cable/vehicle_end', self._on_vehicle, NEWEST)
        node.create_subscription(CableChargerEnd, '/cable/charger_end', self._on_charger, NEWEST)
        state = f'/{scenario.tests}/charging/state'
        node.create_subscription(ChargingState, state, self._on_state, STATES)
        self._charge = ActionClient(node, Charge, '/pev/charging/charge')
        self._asked = False

    def ask(self) -> None:
        """Send the vehicle a goal without targets, as soon as it can be sent."""
        if not self._asked and self._charge.server_is_ready():
            self._asked = True
            accepted = self._charge.send_goal_async(Charge.Goal())
            accepted.add_done_callback(
                lambda done: done.result().get_result_async().add_done_callback(self._on_result)
            )

    def _on_result(self, done: Future) -> None:
        result = done.result().result
        self.record.resulted(result.error_code, result)

    def _on_vehicle(self, msg: CableVehicleEnd) -> None:
        self._vehicle = VehicleEnd(
            msg.plugged,
            Pilot(msg.pilot_state),
            msg.locked,
            msg.connected,
            msg.pack_voltage,
            msg.pack_resistance,
        )
        self._look(msg.stamp)

    def _on_charger(self, msg: CableChargerEnd) -> None:
        self._charger = charger_end(msg)
        self._look(msg.stamp)

    def _look(self, stamp: Time) -> None:
        self.record.look(sight(self._vehicle, self._charger), _seconds(stamp))

    def _on_state(self, msg: ChargingState) -> None:
        self.record.state(msg, _seconds(msg.stamp))
        self.final = msg.stage in (Stage.FINISHED, Stage.FAILED, Stage.IDLE)

    @property
    def settled(self) -> bool:
        """The first session is over, and what follows was seen."""
        after = time.time() - self.record.ended_at
        return self.record.again or after >= (STILL if self.final else SETTLE)


def play(scenario: Scenario) -> Record:
    """Launch a scenario in the present DDS domain, and return what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / 'launch.log'
        with _launched(scenario, log, folder), _listening() as executor:
            watcher = Watcher(scenario, executor)
            until = time.monotonic() + START + scenario.until
            while time.monotonic() < until and not watcher.settled:
                watcher.ask()
                executor.spin_once(0.1)
        _read(log.read_text(errors='replace'), scenario, watcher.record)
    return watcher.record


@contextmanager
def _launched(scenario: Scenario, log: Path, state_home: str) -> Iterator[None]:
    network = f'network:=scenario{os.getpid()}'
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', network)
    with log.open('wb') as out:
        launch = subprocess.Popen(
            (*command, f'scenario:={scenario.name}', 'record:=false'),
            stdout=out,
            stderr=out,
            start_new_session=True,
            env={**os.environ, 'XDG_STATE_HOME': state_home},  # what one latches is no other's
        )
    try:
        yield
    finally:
        launch.send_signal(signal.SIGINT)
        try:
            launch.wait(LEAVE)
        except subprocess.TimeoutExpired:
            os.killpg(launch.pid, signal.SIGKILL)
            launch.wait()


@contextmanager
def _listening() -> Iterator[SingleThreadedExecutor]:
    context = rclpy.Context()
    join(context)
    try:
        yield SingleThreadedExecutor(context=context)
    finally:
        rclpy.shutdown(context=context)


def _read(log: str, scenario: Scenario, record: Record) -> None:
    """Take from the log when it was misbehaved, and what the referee called."""
    for when, what in _SAID.findall(log):
        if what == 'scenario: a person':
            record.done(float(when))
        elif what != 'referee':
            record.acted(float(when), counts=not scenario.deeds)
    for what, told in _ANSWER.findall(log):
        record.answered(what, granted=told == 'granted')
    record.fouls |= {(side, Foul(rule)) for side, rule in _CALL.findall(log)}


def _seconds(stamp: Time) -> float:
    return float(stamp.sec + stamp.nanosec * 1e-9)
