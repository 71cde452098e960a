# SPDX-License-Identifier: Apache-2.0
"""Whatever QoS a publisher chooses: a session node hears it, or tells that it does not (R5)."""

from itertools import product
import os
import time

from diagnostic_msgs.msg import DiagnosticArray
import pytest
import rclpy
from rclpy.duration import Duration
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, LivelinessPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Bool, String

from plc_kit import qos
from plc_kit.clock import stamp
from plc_kit.diagnostics import ERROR
from plc_kit.executor import make_executor
from plc_msgs.msg import (
    ChargingState,
    ControlPilot,
    DataLink,
    ModemStatus,
    PilotStatus,
    SlacStatus,
    SupplyStatus,
    VehicleCommand,
    VehicleStatus,
)
from v2g.session_node import SessionNode

DOMAIN = 100 + os.getpid() % 100  # the domains of other tests on this machine stay apart
RELIABLE, BEST_EFFORT = ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT
LATCHED, VOLATILE = DurabilityPolicy.TRANSIENT_LOCAL, DurabilityPolicy.VOLATILE
OFFERS = {
    f'{reliability.name} {durability.name}'.lower(): QoSProfile(
        depth=1, reliability=reliability, durability=durability
    )
    for reliability, durability in product((RELIABLE, BEST_EFFORT), (LATCHED, VOLATILE))
} | {
    'short-lived': QoSProfile(depth=1, lifespan=Duration(seconds=0.5)),
    'with a deadline': QoSProfile(depth=1, deadline=Duration(seconds=0.1)),
    'by hand, with a short lease': QoSProfile(
        depth=1,
        liveliness=LivelinessPolicy.MANUAL_BY_TOPIC,
        liveliness_lease_duration=Duration(seconds=0.1),
    ),
}
SIDES = [
    {'role': 'pev'},
    {'role': 'evse'},
    {'role': 'evse', 'mode': 'soc_reader'},
]


class Graph:
    """A publisher of somebody else's, and a session node that comes when it is told to."""

    def __init__(self):
        self.context, self.far = rclpy.Context(), rclpy.Context()
        for context in (self.context, self.far):
            rclpy.init(context=context, domain_id=DOMAIN)
        self.executor, self.elsewhere = make_executor(self.context), make_executor(self.far)
        self.other = rclpy.create_node('foreign', context=self.far)
        self.elsewhere.add_node(self.other)
        self.states, self.diagnostics, self.session = [], [], None
        self.other.create_subscription(
            ChargingState, 'charging/state', self.states.append, qos.STATES
        )
        self.other.create_subscription(DiagnosticArray, '/diagnostics', self._found, 10)

    def _found(self, told):
        self.diagnostics += [one for one in told.status if one.name == 'session: Inputs']

    def start(self, **parameters):
        told = [Parameter(name, value=value) for name, value in parameters.items()]
        self.session = SessionNode(context=self.context, parameter_overrides=told)
        self.executor.add_node(self.session)

    def wait(self, until, patience=20.0):
        end = time.monotonic() + patience
        while not until() and time.monotonic() < end:
            self.executor.spin_once(0.02)
            self.elsewhere.spin_once(0)
        assert until(), (self.states and self.states[-1].reason, self.diagnostics[-1:])

    def stopped(self):
        return bool(self.states) and self.states[-1].error == 'EMERGENCY_STOP'

    def unheard(self):
        """What is told of inputs now; None: nothing yet."""
        last = self.diagnostics[-1] if self.diagnostics else None
        return None if last is None else (last.message if last.level == ERROR else '')

    def close(self):
        for executor, node in ((self.executor, self.session), (self.elsewhere, self.other)):
            executor.shutdown()
            node.destroy_node()
        for context in (self.context, self.far):
            rclpy.shutdown(context=context)


@pytest.fixture
def graph():
    made = Graph()
    yield made
    made.close()


@pytest.mark.parametrize('side', SIDES, ids=lambda side: ' '.join(side.values()))
def test_safety_9_an_emergency_stop_that_stands_latched_before_our_start_is_heard(graph, side):
    topic = graph.other.create_publisher(
        Bool, 'emergency_stop', OFFERS['reliable transient_local']
    )
    topic.publish(Bool(data=True))
    graph.start(**side)
    graph.wait(graph.stopped)


def test_safety_9_one_that_is_latched_is_not_pushed_out_by_others_that_say_no(graph):
    latched = OFFERS['reliable transient_local']
    stands = graph.other.create_publisher(Bool, 'emergency_stop', latched)
    stands.publish(Bool(data=True))
    calm = [graph.other.create_publisher(Bool, 'emergency_stop', latched) for _ in range(12)]
    for one in calm:
        one.publish(Bool(data=False))
    graph.start(role='pev')
    graph.wait(graph.stopped)


@pytest.mark.parametrize('offer', OFFERS)
def test_safety_9_an_emergency_stop_is_heard_however_it_is_offered(graph, offer):
    topic = graph.other.create_publisher(Bool, 'emergency_stop', OFFERS[offer])
    graph.start(role='pev')
    listeners = 3 if offer == 'reliable transient_local' else 1
    graph.wait(lambda: topic.get_subscription_count() >= listeners and graph.states)
    assert not graph.stopped()
    topic.publish(Bool(data=True))
    graph.wait(graph.stopped)


def full_supply():
    return SupplyStatus(
        stamp=stamp(),
        max_voltage=500.0,
        min_voltage=150.0,
        max_current=125.0,
        max_power=50_000.0,
        contactors=SupplyStatus.OPEN,
    )


def plugged():
    return ControlPilot(state=ControlPilot.B, duty=0.05)


READINGS = {
    'vehicle/status': lambda: VehicleStatus(stamp=stamp(), pilot=plugged()),
    'supply/status': full_supply,
    'pilot/status': lambda: PilotStatus(stamp=stamp(), pilot=plugged()),
}


@pytest.mark.parametrize('side', SIDES, ids=lambda side: ' '.join(side.values()))
@pytest.mark.parametrize('offer', OFFERS)
def test_safety_9_readings_are_heard_however_they_are_offered(graph, side, offer):
    commands = []
    graph.other.create_subscription(VehicleCommand, 'vehicle/command', commands.append, qos.NEWEST)
    for topic, reading in READINGS.items():
        said = graph.other.create_publisher(type(reading()), topic, OFFERS[offer])
        graph.other.create_timer(0.05, lambda said=said, reading=reading: said.publish(reading()))
    for topic, state in (
        ('slac/status', SlacStatus(stamp=stamp(), state=SlacStatus.SKIPPED)),
        ('data_link', DataLink(stamp=stamp())),
    ):
        graph.other.create_publisher(type(state), topic, qos.LATCHED).publish(state)
    graph.start(**side)
    if side['role'] == 'pev':
        graph.wait(lambda: commands)  # none is given before something is known (R3)
    else:
        graph.wait(lambda: graph.states and graph.states[-1].attempt)
    graph.wait(lambda: graph.unheard() == '')


@pytest.mark.parametrize('side', SIDES, ids=lambda side: ' '.join(side.values()))
def test_safety_9_an_emergency_stop_of_another_type_is_told(graph, side):
    topic = graph.other.create_publisher(String, 'emergency_stop', 10)
    graph.start(**side)
    graph.wait(lambda: graph.unheard())
    assert graph.unheard() == (
        '/emergency_stop: /foreign is not heard: '
        'it publishes std_msgs/msg/String, and this is a topic of std_msgs/msg/Bool'
    )
    graph.other.destroy_publisher(topic)
    graph.wait(lambda: graph.unheard() == '')


def test_safety_9_a_latch_by_best_effort_is_told_since_it_gives_no_past(graph, capfd):
    latched = OFFERS['best_effort transient_local']
    graph.other.create_publisher(Bool, 'emergency_stop', latched).publish(Bool(data=True))
    graph.start(role='pev')
    graph.wait(lambda: graph.unheard())
    told = len(graph.diagnostics)
    graph.wait(lambda: len(graph.diagnostics) > told + 1)
    assert '/emergency_stop: /foreign is not heard: what it latched before' in graph.unheard()
    assert capfd.readouterr().err.count(graph.unheard()) == 1


def test_safety_9_a_node_state_that_offers_too_little_is_told(graph):
    graph.other.create_publisher(ModemStatus, 'modem/status', 10)
    graph.start(role='pev')
    graph.wait(lambda: graph.unheard())
    assert '/modem/status: /foreign is not heard: its QoS offers too little' in graph.unheard()
