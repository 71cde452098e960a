# SPDX-License-Identifier: Apache-2.0
"""Both session nodes on a real graph; transport, SLAC, battery and supply are played here."""

from array import array
from itertools import pairwise
import os
import socket
import threading
import time

import pytest
from rcl_interfaces.srv import SetParametersAtomically
import rclpy
from rclpy.parameter import Parameter
from sensor_msgs.msg import BatteryState
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from plc_kit.clock import STEADY, stamp
from plc_kit.executor import make_executor
from plc_kit.near import NearPublisher
from plc_kit.qos import LATCHED, NEWEST, READINGS, STATES, STREAM
from plc_msgs.msg import (
    ChargingLink,
    ChargingState,
    ControlPilot,
    DataLink,
    ModemStatus,
    PilotCommand,
    PilotStatus,
    SlacStatus,
    SupplyCommand,
    SupplyStatus,
    TransportStatus,
    V2gMessage,
    V2gtpMessage,
    VehicleCommand,
    VehicleStatus,
)
from v2g.session_node import SessionNode
from v2g.transport.connection import BURST, SPELL, Connection
from v2g.transport.loop import Loop
from v2g.transport.streams import PlainStream
from v2g.v2gtp import pack

DOMAIN = 100 + os.getpid() % 100  # the domains of other tests on this machine stay apart
PERIOD = 0.02  # s between two readings
OPEN, CLOSED = VehicleStatus.OPEN, VehicleStatus.CLOSED


class World:
    """What stands around two session nodes."""

    def __init__(self, context, executor):
        self.node = rclpy.create_node('world', context=context)
        self.pev, self.evse = VehicleCommand(), SupplyCommand()
        self.pilot = PilotCommand(duty=1.0)
        self.states, self.log, self.battery = {'pev': [], 'evse': []}, [], []
        self.link_told = []
        self.attempt = {'pev': 0, 'evse': 0}
        self.voltage, self.soc, self.plugged = 0.0, 0.5, True
        self.link_id, self.connection, self.served = 0, 0, 0
        self.publishers = {}
        for side in ('pev', 'evse'):
            self._join(side)
        self._subscribe(VehicleCommand, '/pev/vehicle/command', NEWEST, 'pev')
        self._subscribe(SupplyCommand, '/evse/supply/command', NEWEST, 'evse')
        self._subscribe(PilotCommand, '/evse/pilot/command', NEWEST, 'pilot')
        self._subscribe_list(BatteryState, '/pev/charging/battery_state', READINGS, self.battery)
        self._subscribe_list(V2gMessage, '/pev/v2g_log', STREAM, self.log)
        self._subscribe_list(ChargingLink, '/pev/charging/link', STATES, self.link_told)
        self.node.create_timer(PERIOD, self._tell)
        executor.add_node(self.node)

    def _subscribe(self, kind, topic, qos, name):
        self.node.create_subscription(kind, topic, lambda msg: setattr(self, name, msg), qos)

    def _subscribe_list(self, kind, topic, qos, seen):
        self.node.create_subscription(kind, topic, seen.append, qos)

    def _publisher(self, kind, topic, qos):
        self.publishers[topic] = self.node.create_publisher(kind, topic, qos)

    def _join(self, side):
        other = 'evse' if side == 'pev' else 'pev'
        for kind, topic, qos in (
            (ModemStatus, 'modem/status', LATCHED),
            (SlacStatus, 'slac/status', LATCHED),
            (DataLink, 'data_link', LATCHED),
            (TransportStatus, 'transport/status', LATCHED),
            (V2gtpMessage, 'v2g_rx', STREAM),
        ):
            self._publisher(kind, f'/{side}/{topic}', qos)
        self._publisher(VehicleStatus, '/pev/vehicle/status', NEWEST)
        self._publisher(SupplyStatus, '/evse/supply/status', NEWEST)
        self._publisher(PilotStatus, '/evse/pilot/status', NEWEST)
        self._subscribe_list(ChargingState, f'/{side}/charging/state', STATES, self.states[side])
        carry = lambda msg: self.carry(other, msg)  # noqa: E731
        self.node.create_subscription(V2gtpMessage, f'/{side}/v2g_tx', carry, STREAM)
        self.publishers[f'/{side}/modem/status'].publish(
            ModemStatus(stamp=stamp(), state=ModemStatus.NONE)
        )
        self.publishers[f'/{side}/slac/status'].publish(
            SlacStatus(stamp=stamp(), state=SlacStatus.SKIPPED)
        )
        self.publishers[f'/{side}/data_link'].publish(DataLink(stamp=stamp()))

    def carry(self, to, msg):
        if msg.connection_id == self.connection:
            if len(msg.payload):
                self.publishers[f'/{to}/v2g_rx'].publish(msg)
            if msg.close:
                self.link(TransportStatus.CLOSED)

    def link(self, state):
        for side in ('pev', 'evse'):
            self.publishers[f'/{side}/transport/status'].publish(
                TransportStatus(
                    stamp=stamp(),
                    state=state,
                    carrier=state != TransportStatus.DOWN,
                    link_id=self.link_id,
                    connection_id=self.connection,
                )
            )
        if state == TransportStatus.CLOSED:
            self.connection = 0

    def _match(self):
        attempts = [self.states[side][-1].attempt for side in ('pev', 'evse') if self.states[side]]
        if len(attempts) < 2 or not all(attempts) or attempts[0] == self.served:
            return
        self.served, self.link_id = attempts[0], self.link_id + 1
        self.connection = 77 + self.link_id
        for side in ('pev', 'evse'):
            link = DataLink(stamp=stamp(), ready=True, link_id=self.link_id)
            self.publishers[f'/{side}/data_link'].publish(link)
        self.link(TransportStatus.CONNECTED)

    def _tell(self):
        self._match()
        state = self.pev.pilot_state or ControlPilot.B
        pilot = ControlPilot(
            state=state if self.plugged else ControlPilot.A, duty=float(self.pilot.duty)
        )
        closed = self.pev.contactor_plus
        current = self.evse.current if closed and self.evse.output else 0.0
        self.voltage = 350.0 if closed else (self.evse.voltage if self.evse.output else 0.0)
        self.soc += 0.002 if current > 5 else 0.0
        self.publishers['/pev/vehicle/status'].publish(
            VehicleStatus(
                stamp=stamp(),
                pack_voltage=350.0,
                pack_current=current,
                soc=self.soc,
                energy_capacity=10_000.0,
                max_voltage=410.0,
                max_current=100.0,
                max_power=40_000.0,
                max_inlet_current=200.0,
                target_soc=0.6,
                bulk_soc=0.8,
                charge_wanted=True,
                inlet_voltage=self.voltage,
                inlet_current=current,
                proximity=self.plugged,
                pilot=pilot,
                contactor_plus=CLOSED if closed else OPEN,
                contactor_minus=CLOSED if closed else OPEN,
                lock=CLOSED if self.pev.lock else OPEN,
            )
        )
        self.publishers['/evse/supply/status'].publish(
            SupplyStatus(
                stamp=stamp(),
                voltage=self.voltage,
                current=current,
                max_voltage=500.0,
                min_voltage=150.0,
                max_current=125.0,
                max_power=50_000.0,
                output=self.evse.output,
                contactors=CLOSED if self.evse.contactors else OPEN,
                isolation=SupplyStatus.ISOLATION_VALID,
            )
        )
        self.publishers['/evse/pilot/status'].publish(PilotStatus(stamp=stamp(), pilot=pilot))

    def stages(self, side):
        seen = [state.stage_name for state in self.states[side]]
        return [name for index, name in enumerate(seen) if index == 0 or seen[index - 1] != name]


@pytest.fixture
def graph():
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=DOMAIN)
    executor = make_executor(context)
    world = World(context, executor)
    nodes = []
    for side in ('pev', 'evse'):
        role = [Parameter('role', value=side)]
        node = SessionNode(namespace=f'/{side}', context=context, parameter_overrides=role)
        executor.add_node(node)
        nodes.append(node)

    def spin(until, patience=30.0):
        end = time.monotonic() + patience
        while not until() and time.monotonic() < end:
            executor.spin_once(0.05)
        assert until(), {side: world.stages(side) for side in ('pev', 'evse')}

    def start_anew(side, **given):
        index = ('pev', 'evse').index(side)
        executor.remove_node(nodes[index])
        nodes[index].destroy_node()
        own = [Parameter(name, value=value) for name, value in {'role': side, **given}.items()]
        nodes[index] = SessionNode(namespace=f'/{side}', context=context, parameter_overrides=own)
        executor.add_node(nodes[index])

    world.spin, world.nodes, world.start_anew = spin, nodes, start_anew
    world.executor = executor
    yield world
    executor.shutdown()
    for node in (*nodes, world.node):
        node.destroy_node()
    rclpy.shutdown(context=context)


def press(graph, service):
    asked = graph.node.create_client(Trigger, service).call_async(Trigger.Request())
    graph.spin(asked.done)
    return asked.result()


def reached(world, stage):
    return lambda: all(stage in world.stages(side) for side in ('pev', 'evse'))


def reached_by(world, side, stage):
    return lambda: stage in world.stages(side)


def test_a_charge_goes_through_the_graph_to_its_end(graph):
    graph.spin(reached(graph, 'FINISHED'))
    for side in ('pev', 'evse'):
        stages = graph.stages(side)
        assert stages[stages.index('SDP') :][:4] == ['SDP', 'TCP', 'APP_PROTOCOL', 'SESSION_SETUP']
        assert stages[-4:] == ['STOP', 'WELDING_DETECTION', 'SESSION_STOP', 'FINISHED']
    names = [message.name for message in graph.log]
    assert names[0] == 'supportedAppProtocolReq'
    assert names[-1] == 'SessionStopRes'
    assert graph.log[2].json.startswith('{"V2G_Message"')
    assert any(b.current > 5 and b.power_supply_status == 1 for b in graph.battery)
    graph.spin(lambda: not graph.pev.lock)
    assert max(told.reached for told in graph.link_told) == ChargingLink.APPLICATION
    graph.spin(lambda: graph.link_told[-1].reached == ChargingLink.SDP)
    assert [one.name for one in graph.link_told[-1].layers][-2:] == ['tcp', 'application']


def test_commands_come_at_ten_hertz_with_a_lease(graph):
    seen = []
    graph.node.create_subscription(VehicleCommand, '/pev/vehicle/command', seen.append, NEWEST)
    graph.spin(lambda: len(seen) > 12)
    leases = [command.lease for command in seen]
    assert {lease.session_id for lease in leases} == {leases[0].session_id}
    assert [l.sequence for l in leases] == sorted({l.sequence for l in leases})  # noqa: E741
    first, last = leases[0].stamp, leases[-1].stamp
    seconds = last.sec - first.sec + (last.nanosec - first.nanosec) * 1e-9
    assert (len(leases) - 1) / seconds >= 10


def test_the_stop_service_ends_a_charge(graph):
    graph.spin(reached(graph, 'CHARGE_LOOP'))
    client = graph.node.create_client(Trigger, '/pev/charging/stop')
    asked = client.call_async(Trigger.Request())
    graph.spin(asked.done)
    assert asked.result().success
    graph.spin(reached(graph, 'FINISHED'))


def test_the_emergency_stop_topic_latches_and_false_takes_nothing_back(graph):
    graph.spin(reached(graph, 'CHARGE_LOOP'))
    topic = graph.node.create_publisher(Bool, '/pev/emergency_stop', 10)
    graph.spin(lambda: topic.get_subscription_count())
    topic.publish(Bool(data=False))
    told = len(graph.log)
    graph.spin(lambda: len(graph.log) > told + 4)
    assert graph.states['pev'][-1].stage_name == 'CHARGE_LOOP'
    topic.publish(Bool(data=True))
    topic.publish(Bool(data=False))
    graph.spin(reached_by(graph, 'pev', 'FAILED'))
    assert graph.states['pev'][-1].error == 'EMERGENCY_STOP'
    assert not graph.pev.contactor_plus


def test_safety_2_a_latch_outlives_its_node_without_any_memory_parameter(graph):
    graph.spin(reached(graph, 'CHARGE_LOOP'))
    press(graph, '/pev/charging/emergency_stop')
    graph.spin(lambda: graph.states['pev'][-1].stage_name == 'FAILED')
    graph.start_anew('pev')
    graph.spin(lambda: graph.states['pev'][-1].error == 'RESTARTED')
    assert 'emergency stop' in graph.states['pev'][-1].reason
    assert press(graph, '/pev/charging/reset').success
    graph.start_anew('pev')
    told = len(graph.battery)
    graph.spin(lambda: len(graph.battery) > told + 5)
    assert 'emergency stop' not in graph.states['pev'][-1].reason


def test_safety_2_a_simulation_neither_has_nor_lets_go_of_the_latch_of_the_real_one(graph):
    graph.spin(reached(graph, 'CHARGE_LOOP'))
    press(graph, '/pev/charging/emergency_stop')
    graph.spin(lambda: graph.states['pev'][-1].stage_name == 'FAILED')
    graph.start_anew('pev', network='sim')
    told = len(graph.battery)
    graph.spin(lambda: len(graph.battery) > told + 5)
    assert 'emergency stop' not in graph.states['pev'][-1].reason
    assert press(graph, '/pev/charging/reset').success
    graph.start_anew('pev')
    graph.spin(lambda: 'emergency stop' in graph.states['pev'][-1].reason)


def test_safety_2_autostart_given_anew_is_what_starts_behind_a_reset(graph):
    graph.spin(reached(graph, 'CHARGE_LOOP'))
    press(graph, '/pev/charging/emergency_stop')
    graph.spin(lambda: graph.states['pev'][-1].stage_name == 'FAILED')
    assert press(graph, '/pev/charging/reset').success
    attempt, told = graph.states['pev'][-1].attempt, len(graph.battery)
    graph.spin(lambda: len(graph.battery) > told + 30)  # 6 s: longer than R5's 5 s in state B
    assert graph.states['pev'][-1].attempt == attempt
    for value in (False, True):
        assert asked_to_set(graph, autostart=value).successful
    graph.spin(lambda: graph.states['pev'][-1].attempt == attempt + 1)


def test_a_pulled_plug_is_a_fault_at_once(graph):
    graph.spin(reached(graph, 'CHARGE_LOOP'))
    graph.plugged = False
    graph.spin(lambda: not graph.pev.contactor_plus and not graph.evse.output)
    assert graph.pev.pilot_state == ControlPilot.B
    graph.spin(lambda: graph.states['pev'][-1].error == 'PROXIMITY_LOST')


def test_messages_of_a_foreign_connection_change_nothing(graph):
    graph.spin(reached(graph, 'CHARGE_LOOP'))
    junk = V2gtpMessage(connection_id=5, payload_type=0x8001, payload=[1, 2, 3])
    for side in ('pev', 'evse'):
        graph.publishers[f'/{side}/v2g_rx'].publish(junk)
    graph.spin(reached(graph, 'FINISHED'))


def test_numbers_that_no_state_has_end_a_session_and_no_node(graph):
    graph.spin(reached(graph, 'CHARGE_LOOP'))
    for kind, topic in (
        (ModemStatus, 'modem/status'),
        (SlacStatus, 'slac/status'),
        (TransportStatus, 'transport/status'),
    ):
        graph.publishers[f'/pev/{topic}'].publish(kind(stamp=stamp(), state=99))
    graph.spin(lambda: graph.states['pev'][-1].error and not graph.pev.contactor_plus)
    told = len(graph.battery)
    graph.spin(lambda: len(graph.battery) > told + 2)


def test_malformed_messages_end_the_session_and_no_node(graph):
    graph.spin(reached(graph, 'CHARGE_LOOP'))
    junk = V2gtpMessage(connection_id=graph.connection, payload_type=0x8001, payload=[1, 2, 3])
    graph.publishers['/evse/v2g_rx'].publish(junk)
    graph.spin(lambda: any(s.error == 'MALFORMED_MESSAGE' for s in graph.states['evse']))
    graph.spin(lambda: not graph.pev.contactor_plus and not graph.evse.output)


def asked_to_set(graph, **values):
    """What the vehicle's session says to new values of its parameters."""
    kind, service = SetParametersAtomically, '/pev/session/set_parameters_atomically'
    client = graph.node.create_client(kind, service)
    told = [Parameter(name, value=value).to_parameter_msg() for name, value in values.items()]
    asked = client.call_async(kind.Request(parameters=told))
    graph.spin(asked.done)
    return asked.result().result


def test_a_limit_is_lowered_while_current_flows_and_not_raised(graph):
    graph.spin(reached(graph, 'CHARGE_LOOP'))
    graph.spin(lambda: graph.evse.current > 50)
    assert asked_to_set(graph, max_current=10.0).successful
    graph.spin(lambda: 0 < graph.evse.current <= 10.0)
    refused = asked_to_set(graph, max_current=20.0, target_soc=0.9)
    assert not refused.successful
    assert refused.reason == 'while a session runs max_current may only be lowered'
    assert graph.nodes[0].get_parameter('target_soc').value == 1.0  # none of both, then
    assert graph.states['pev'][-1].stage_name == 'CHARGE_LOOP'
    soc = graph.soc
    assert asked_to_set(graph, target_soc=soc).successful
    graph.spin(reached(graph, 'FINISHED'))
    assert graph.states['pev'][-1].reason.startswith('the pack has reached')
    assert asked_to_set(graph, max_current=20.0).successful


@pytest.mark.parametrize(
    ('name', 'value', 'words'),
    [
        ('max_current', -1.0, 'out of range'),
        ('max_current', float('nan'), 'out of range'),
        ('target_soc', 1, 'Wrong parameter type'),
        ('unplug_time', 0.0, 'read-only'),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_in_a_sentence(graph, name, value, words):
    refused = asked_to_set(graph, **{name: value})
    assert not refused.successful and words in refused.reason


FLOOD = 3000  # times that a valid message is repeated at once


class Flood:
    """A vehicle's last CurrentDemandReq again and again, by TCP to the charger of one process."""

    def __init__(self, graph):
        self.graph, self.charger = graph, graph.nodes[1]
        self.last = self._last_request()
        graph.executor.remove_node(graph.nodes[0])  # the vehicle shows C, and says nothing more
        graph.carry = lambda to, msg: None
        self.rx = NearPublisher(graph.node, V2gtpMessage, '/evse/v2g_rx', STREAM)
        self.tcp, taken = _joined()
        self.loop = Loop()
        self.connection = Connection(
            1, PlainStream(taken), self.loop, deliver=self._deliver, report=lambda _: None
        )
        self.heard_at = []  # how many messages were heard, at each ring of a timer
        graph.node.create_timer(0.001, self._ring, clock=STEADY)

    def _last_request(self):
        heard, carry = [], self.graph.carry
        self.graph.carry = lambda to, msg: (heard.append((to, msg)), carry(to, msg))
        self.graph.spin(lambda: [msg for to, msg in heard if to == 'evse'])
        return heard[-1][1] if heard[-1][0] == 'evse' else heard[-2][1]

    def _deliver(self, _, message):
        return self.rx.publish(
            V2gtpMessage(
                stamp=stamp(),
                connection_id=self.last.connection_id,
                payload_type=message.payload_type,
                payload=array('B', message.payload),
            )
        )

    @property
    def heard(self):
        return self.charger._counts['received']

    def _ring(self):
        self.heard_at.append(self.heard)

    def begin(self):
        octets = pack(self.last.payload_type, self.last.payload.tobytes()) * FLOOD
        threading.Thread(target=self.tcp.sendall, args=(octets,), daemon=True).start()
        self.loop.call(self.connection.admit)
        self.loop.call(self.connection.start)

    def close(self):
        self.loop.call(self.connection.close)
        self.loop.stop()
        self.tcp.close()


def _joined():
    with socket.create_server(('127.0.0.1', 0)) as server:
        return socket.create_connection(server.getsockname()), server.accept()[0]


def _memory():
    """MB that this process holds."""
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 1e6


def test_safety_7_and_abuse_52_a_valid_message_repeated_3000_times_blinds_no_composed_side(graph):
    graph.spin(reached(graph, 'CHARGE_LOOP'))
    flood = Flood(graph)
    before, memory, began = flood.heard, _memory(), time.monotonic()
    flood.begin()
    try:
        graph.spin(lambda: flood.heard >= before + FLOOD)
    finally:
        flood.close()
    took, grown = time.monotonic() - began, _memory() - memory
    most = max(after - before for before, after in pairwise(flood.heard_at))
    print(f'{most} messages between two rings of a timer, {took:.1f} s, {grown:.1f} MB')
    assert most <= STREAM.depth  # of which a spell of reading is the lesser part; 3000 before
    assert took >= (FLOOD / BURST - 1) * SPELL  # its partner waits in TCP
    assert grown < 10.0
    assert graph.states['evse'][-1].stage_name == 'CHARGE_LOOP'  # fed with readings all the while
