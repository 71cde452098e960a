# SPDX-License-Identifier: Apache-2.0
"""The action charging/charge, as a robot's stack uses it: a simulated charge in real processes."""

from action_msgs.msg import GoalStatus
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from plc_bringup.side import STORY
import pytest
import rclpy
from rclpy.action import ActionClient
from sensor_msgs.msg import BatteryState
from std_srvs.srv import SetBool

from plc_kit.qos import NEWEST, READINGS, STREAM
from plc_msgs.action import Charge
from plc_msgs.msg import (
    ChargingLink,
    ChargingState,
    ChargingVehicle,
    DataLink,
    JournalEntry,
    MmeFrame,
    ModemStatus,
    PilotCommand,
    PilotStatus,
    SdpDatagram,
    SetKey,
    SlacStatus,
    SupplyCommand,
    SupplyStatus,
    TransportStatus,
    V2gMessage,
    VehicleCommand,
    VehicleStatus,
)

NODES = ('modem', 'slac', 'transport', 'session')
LEVELS = (DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR)
KINDS = {
    'modem/status': ModemStatus,
    'slac/status': SlacStatus,
    'data_link': DataLink,
    'transport/status': TransportStatus,
    'charging/link': ChargingLink,
    'charging/state': ChargingState,
    'charging/vehicle': ChargingVehicle,
    'charging/battery_state': BatteryState,
    'mme_log': MmeFrame,
    'sdp_log': SdpDatagram,
    'v2g_log': V2gMessage,
    'session/journal': JournalEntry,
    'slac/journal': JournalEntry,
    'transport/journal': JournalEntry,
    'modem/journal': JournalEntry,
    'vehicle/status': VehicleStatus,
    'vehicle/command': VehicleCommand,
    'supply/status': SupplyStatus,
    'supply/command': SupplyCommand,
    'pilot/status': PilotStatus,
    'pilot/command': PilotCommand,
}
PARAMETERS = """
/pev/vehicle: {ros__parameters: {soc: 0.5, target_soc: 0.9, bulk_soc: 0.8}}
"""


class Dock:
    """Nav2's opennav_docking as far as a charge concerns it: SimpleChargingDock::isCharging."""

    def __init__(self, watch):
        remap = ['--ros-args', '-r', 'battery_state:=/pev/charging/battery_state']
        node = rclpy.create_node('dock', context=watch.node.context, cli_args=remap)
        self.seen = []  # each change of mind
        node.create_subscription(BatteryState, 'battery_state', self._heard, 1)
        watch.executor.add_node(node)

    def _heard(self, state):
        charging = state.current > 0.5
        if [charging] != self.seen[-1:]:
            self.seen.append(charging)


class Auditor:
    """Reads what both sides diagnose and what a bag would hold, and knows the keys (R27)."""

    def __init__(self, watch):
        self.diagnostics = watch.follow('/diagnostics', DiagnosticArray, 10)
        self.keys, self.recorded = [], []
        assert set(KINDS) == set(STORY)
        for side in ('pev', 'evse'):
            self.keys.append(watch.follow(f'/{side}/modem/set_key', SetKey, STREAM))
            for topic, kind in KINDS.items():
                watch.node.create_subscription(
                    kind, f'/{side}/{topic}', self.recorded.append, READINGS, raw=True
                )

    def finds_diagnostics_in_order(self):
        """REP-107: a name of node and part, a level, a sentence, a stamp."""
        parts = {one.name: one for told in self.diagnostics for one in told.status}
        nodes = {name.partition(': ')[0] for name in parts}
        assert nodes >= {f'{side}/{node}' for side in ('pev', 'evse') for node in NODES}
        assert all(one.message and one.level in LEVELS for one in parts.values())
        assert all(told.header.stamp.sec for told in self.diagnostics)
        assert parts['pev/transport: Link'].hardware_id.startswith('pev@')

    def finds_no_key(self, log):
        """No key that a modem was given is in the log or in what is recorded."""
        keys = {bytes(one.nmk) for told in self.keys for one in told}
        assert len(keys) > 1 and len(self.recorded) > 100
        for key in keys:
            words = (key.hex(), key.hex(':'), key.hex(' '))
            secrets = (key, *map(str.encode, words))
            assert not any(one in octets for octets in self.recorded for one in secrets)
            assert not any(word in log.lower() for word in words)


class Robot:
    """What calls the action, and watches what the vehicle's outputs are asked to do."""

    def __init__(self, watch):
        self.watch, self.feedback = watch, []
        self.client = ActionClient(watch.node, Charge, '/pev/charging/charge')
        self.plug = watch.node.create_client(SetBool, '/pev/vehicle/plug')
        self.commands = watch.follow('/pev/vehicle/command', VehicleCommand, NEWEST)
        self.statuses = watch.follow('/pev/vehicle/status', VehicleStatus, NEWEST)
        self.states = watch.follow('/pev/charging/state')
        watch.wait(self.client.server_is_ready, 90)

    def send(self, **goal):
        """Send a goal, and return its handle once it is accepted."""
        sent = self.client.send_goal_async(Charge.Goal(**goal), self._heard)
        self.watch.wait(sent.done, 10)
        assert sent.result().accepted
        return sent.result()

    def _heard(self, message):
        self.feedback.append(message.feedback)

    def result(self, handle, patience=30):
        """Wait for how a goal ended: its status and its result."""
        asked = handle.get_result_async()
        self.watch.wait(asked.done, patience)
        return asked.result().status, asked.result().result

    def replug(self):
        """Pull the simulated plug once it is unlocked, and put it in again."""
        self.watch.wait(lambda: self.statuses[-1].lock == VehicleStatus.OPEN, 10)
        for plugged in (False, True):
            done = self.plug.call_async(SetBool.Request(data=plugged))
            self.watch.wait(done.done, 10)
            assert done.result().success, done.result().message
            self.await_stage('IDLE')

    def await_stage(self, name):
        self.watch.wait(lambda: self.states and self.states[-1].stage_name == name, 30)


@pytest.fixture
def robot_at_dock(start, watch, network, tmp_path):
    dock, auditor = Dock(watch), Auditor(watch)
    parameters = tmp_path / 'parameters.yaml'
    parameters.write_text(PARAMETERS)
    launch = start(
        *('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}'),
        *('speed:=60', 'autostart:=false', f'params_file:={parameters}'),
    )
    return Robot(watch), dock, auditor, launch


def test_a_robots_stack_charges_by_action(robot_at_dock):
    robot, dock, auditor, launch = robot_at_dock
    waits_for_a_goal(robot)
    serves_a_goal_and_refuses_a_second(robot)
    takes_none_before_the_plug_was_out(robot)
    robot.watch.wait(lambda: dock.seen == [False, True, False], 10)
    robot.replug()
    cancels_with_the_contactors_open(robot)
    auditor.finds_diagnostics_in_order()
    auditor.finds_no_key(launch.output)


def waits_for_a_goal(robot):
    robot.await_stage('IDLE')
    robot.watch.wait(lambda: 'charging/charge' in robot.states[-1].reason, 10)


def serves_a_goal_and_refuses_a_second(robot):
    charge = robot.send(target_soc=0.55, max_current=100.0)
    robot.await_stage('CHARGE_LOOP')
    status, busy = robot.result(robot.send(target_soc=0.9))
    assert status == GoalStatus.STATUS_ABORTED
    assert (busy.error_code, busy.error) == (Charge.Result.BUSY, 'BUSY')
    assert 'another goal is running' in busy.reason

    status, result = robot.result(charge)
    assert status == GoalStatus.STATUS_SUCCEEDED
    assert (result.error_code, result.error) == (Charge.Result.NONE, '')
    assert 0.55 <= result.soc < 0.6 and result.energy > 0
    assert result.reason == f'the pack has reached {result.soc:.0%}'
    told = [one.stage_name for one in robot.feedback]
    assert {'SLAC', 'CABLE_CHECK', 'CHARGE_LOOP'} <= set(told)
    flowing = [one for one in robot.feedback if one.present_current > 50]
    assert flowing and all(one.present_current <= 101 for one in flowing)
    assert any(0 < one.remaining_time < 3600 for one in flowing), flowing
    assert not robot.commands[-1].contactor_plus and not robot.commands[-1].contactor_minus


def takes_none_before_the_plug_was_out(robot):
    robot.await_stage('FINISHED')
    status, again = robot.result(robot.send())
    assert (status, again.error_code) == (GoalStatus.STATUS_ABORTED, Charge.Result.NOT_READY)
    assert again.reason.endswith('unplug, or call charging/reset')


def cancels_with_the_contactors_open(robot):
    charge = robot.send()
    robot.await_stage('CHARGE_LOOP')
    robot.watch.wait(lambda: robot.states[-1].present_current > 50, 10)
    canceling = charge.cancel_goal_async()
    robot.watch.wait(canceling.done, 10)
    assert canceling.result().goals_canceling
    status, result = robot.result(charge)
    assert status == GoalStatus.STATUS_CANCELED
    assert (result.error_code, result.error) == (Charge.Result.CANCELED, '')
    robot.await_stage('FINISHED')
    last = robot.commands[-1]
    assert not (last.contactor_plus or last.contactor_minus)
