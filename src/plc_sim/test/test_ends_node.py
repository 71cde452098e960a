# SPDX-License-Identifier: Apache-2.0
"""Both simulated ends as nodes on real DDS: rates, reactions, leases of real processes."""

import os
import subprocess
import sys
import time

from diagnostic_msgs.msg import DiagnosticArray
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from std_srvs.srv import SetBool

from plc_kit.clock import age, stamp
from plc_kit.qos import NEWEST
from plc_msgs.msg import (
    ControlPilot,
    Lease,
    PilotCommand,
    PilotStatus,
    SupplyCommand,
    SupplyStatus,
    VehicleCommand,
    VehicleStatus,
)
from plc_sim.supply_node import SupplyNode
from plc_sim.vehicle_node import VehicleNode

DOMAIN = 100 + os.getpid() % 100  # the domains of other tests on this machine stay apart
PATIENCE = 10.0  # s, for a machine that is busy
SUPPLY = {
    'voltage_ramp': 0.0,
    'current_ramp': 0.0,
    'bleed_time': 0.0,
    'contactor_delay': 0.0,
}

# Closes the contactors of /pev by a lease, and says so, until it is killed.
COMMANDER = """
import time, rclpy
from plc_kit.clock import stamp
from plc_kit.qos import NEWEST
from plc_msgs.msg import Lease, VehicleCommand
rclpy.init()
node = rclpy.create_node('commander')
publisher = node.create_publisher(VehicleCommand, '/pev/vehicle/command', NEWEST)
while not publisher.get_subscription_count():
    time.sleep(0.01)
sequence = 0
while True:
    sequence += 1
    close = sequence > 5
    lease = Lease(stamp=stamp(), session_id=77, sequence=sequence, valid_for=0.5)
    publisher.publish(
        VehicleCommand(
            lease=lease, contactor_plus=close, contactor_minus=close, lock=True, pilot_state=2
        )
    )
    time.sleep(0.05)
"""


class Probe(Node):
    """Commands both sides every 0.1 s, and notes what they tell and when."""

    def __init__(self, **options):
        super().__init__('probe', **options)
        self.vehicle, self.supply, self.pilot = [], [], []
        self.findings = {}
        self.session_id, self.sequence = 5, 0
        self.vehicle_command = VehicleCommand(pilot_state=ControlPilot.B)
        self.supply_command = SupplyCommand()
        self.pilot_command = PilotCommand(duty=1.0)
        self.to_vehicle = self.create_publisher(VehicleCommand, '/pev/vehicle/command', NEWEST)
        self.to_supply = self.create_publisher(SupplyCommand, '/evse/supply/command', NEWEST)
        self.to_pilot = self.create_publisher(PilotCommand, '/evse/pilot/command', NEWEST)
        self.create_subscription(VehicleStatus, '/pev/vehicle/status', self.vehicle.append, NEWEST)
        self.create_subscription(SupplyStatus, '/evse/supply/status', self.supply.append, NEWEST)
        self.create_subscription(PilotStatus, '/evse/pilot/status', self.pilot.append, NEWEST)
        self.create_subscription(DiagnosticArray, '/diagnostics', self._found, 10)
        self.pulling = self.create_client(SetBool, '/pev/vehicle/plug')
        self.commanding = self.create_timer(0.1, self.command)

    def command(self):
        self.sequence += 1
        lease = Lease(
            stamp=stamp(), session_id=self.session_id, sequence=self.sequence, valid_for=0.5
        )
        for publisher, message in (
            (self.to_vehicle, self.vehicle_command),
            (self.to_supply, self.supply_command),
            (self.to_pilot, self.pilot_command),
        ):
            message.lease = lease
            publisher.publish(message)

    def _found(self, message):
        self.findings |= {status.name: status for status in message.status}


@pytest.fixture
def graph(monkeypatch):
    monkeypatch.setenv('ROS_DOMAIN_ID', str(DOMAIN))
    context = rclpy.Context()
    context.init(domain_id=DOMAIN)
    executor = SingleThreadedExecutor(context=context)
    overrides = [Parameter(name, value=value) for name, value in SUPPLY.items()]
    nodes = [
        VehicleNode(namespace='pev', context=context),
        SupplyNode(namespace='evse', context=context, parameter_overrides=overrides),
        Probe(context=context),
    ]
    for node in nodes:
        executor.add_node(node)
    yield Graph(executor, nodes[-1])
    executor.shutdown()
    for node in nodes:
        node.destroy_node()
    context.try_shutdown()


class Graph:
    def __init__(self, executor, probe):
        self.executor, self.probe = executor, probe

    def until(self, holds, patience=PATIENCE):
        """Spin until something holds; return how long that took."""
        start = time.monotonic()
        while not holds():
            assert time.monotonic() - start < patience, 'it never came'
            self.executor.spin_once(0.02)
        return time.monotonic() - start

    def plugged(self):
        probe = self.probe
        self.until(lambda: probe.pilot and probe.pilot[-1].pilot.state == ControlPilot.B)
        probe.pilot_command.duty = 0.05
        self.until(lambda: abs(probe.vehicle[-1].pilot.duty - 0.05) < 1e-6)

    def ready(self):
        self.plugged()
        command, probe = self.probe.vehicle_command, self.probe
        command.lock = True
        self.until(lambda: probe.vehicle[-1].lock == VehicleStatus.CLOSED)
        command.pilot_state = ControlPilot.C
        self.until(lambda: probe.pilot[-1].pilot.state == ControlPilot.C)


def test_every_status_and_each_end_comes_twenty_times_a_second(graph):
    graph.plugged()
    told = (graph.probe.vehicle, graph.probe.supply, graph.probe.pilot)
    for messages in told:
        messages.clear()
    start = time.monotonic()
    graph.until(lambda: time.monotonic() - start > 2.0)
    for messages in told:
        assert len(messages) >= 0.9 * 20 * 2


def test_the_pilot_crosses_both_ways(graph):
    graph.ready()
    assert graph.probe.vehicle[-1].pilot.state == ControlPilot.C
    assert graph.probe.pilot[-1].toggles == 1


def test_a_new_voltage_is_measured_at_the_inlet_twice_within_a_tenth_of_a_second(graph):
    graph.ready()
    probe = graph.probe
    probe.supply_command = SupplyCommand(output=True, voltage=355.0, current=2.0, contactors=True)
    probe.vehicle.clear()
    probe.command()
    waited = graph.until(lambda: [m.inlet_voltage for m in probe.vehicle].count(355.0) >= 2)
    first, second = [m for m in probe.vehicle if m.inlet_voltage == 355.0][:2]
    assert age(first.stamp) - age(second.stamp) < 0.05
    assert waited < 0.5


def test_r6_contactors_open_within_the_lease_of_a_commander_that_was_killed(graph):
    probe = graph.probe
    graph.until(lambda: probe.vehicle)
    probe.commanding.cancel()
    graph.until(lambda: probe.vehicle[-1].lease_lapsed)
    commander = subprocess.Popen([sys.executable, '-c', COMMANDER])
    closed, opened = VehicleStatus.CLOSED, VehicleStatus.OPEN
    graph.until(lambda: probe.vehicle[-1].contactor_plus == closed)
    graph.until(lambda: probe.vehicle[-1].lock == closed)
    commander.kill()
    commander.wait()
    waited = graph.until(lambda: probe.vehicle[-1].contactor_plus == opened)
    last = probe.vehicle[-1]
    assert last.lease_lapsed
    assert last.lock == closed
    assert waited < 0.5 + 0.05 + 0.2  # lease, contactor delay, and a busy machine


def test_r6_a_commander_that_falls_silent_leaves_output_and_pilot_safe(graph):
    graph.ready()
    probe = graph.probe
    probe.supply_command = SupplyCommand(output=True, voltage=355.0, current=2.0, contactors=True)
    graph.until(lambda: probe.supply[-1].voltage > 354.0)
    probe.commanding.cancel()
    waited = graph.until(lambda: probe.supply[-1].lease_lapsed)
    graph.until(lambda: probe.supply[-1].voltage < 60.0)
    graph.until(lambda: probe.pilot[-1].lease_lapsed)
    assert waited < 0.5 + 0.2
    assert probe.supply[-1].contactors == SupplyStatus.OPEN
    assert probe.pilot[-1].pilot.duty == 1.0
    graph.until(lambda: probe.vehicle[-1].pilot.duty == 1.0)


def test_abuse_45_a_second_commander_moves_nothing_and_is_told_of(graph):
    graph.plugged()
    probe = graph.probe
    foreign = Lease(stamp=stamp(), session_id=6, sequence=1, valid_for=0.5)
    close = VehicleCommand(
        lease=foreign, contactor_plus=True, contactor_minus=True, pilot_state=ControlPilot.B
    )
    probe.to_vehicle.publish(close)
    name = 'pev/vehicle: Commands'
    graph.until(lambda: name in probe.findings and probe.findings[name].level != b'\0')
    assert 'another session' in probe.findings[name].message
    assert all(m.contactor_plus == VehicleStatus.OPEN for m in probe.vehicle)


def test_the_referee_tells_of_c_without_lock(graph):
    graph.plugged()
    graph.probe.vehicle_command.pilot_state = ControlPilot.C
    name = 'pev/vehicle: Referee'
    findings = graph.probe.findings
    graph.until(lambda: name in findings and findings[name].values)
    assert findings[name].values[0].value == 'C without lock'


def test_the_plug_is_pulled_by_a_service_unless_it_is_locked(graph):
    graph.ready()
    probe = graph.probe
    refused = probe.pulling.call_async(SetBool.Request(data=False))
    graph.until(refused.done)
    assert not refused.result().success
    assert 'lock' in refused.result().message
    probe.vehicle_command = VehicleCommand(pilot_state=ControlPilot.B)
    graph.until(lambda: probe.vehicle[-1].lock == VehicleStatus.OPEN)
    pulled = probe.pulling.call_async(SetBool.Request(data=False))
    graph.until(pulled.done)
    assert pulled.result().success
    graph.until(lambda: probe.pilot[-1].pilot.state == ControlPilot.A)
