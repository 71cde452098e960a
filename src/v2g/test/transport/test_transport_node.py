# SPDX-License-Identifier: Apache-2.0
"""Two transport nodes that talk, and what each tells the graph."""

import os
import time

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter

from plc_kit.clock import age, stamp
from plc_kit.diagnostics import OK, WARN
from plc_kit.qos import LATCHED, STATES, STREAM
from plc_msgs.msg import ChargingState, DataLink, SdpDatagram, TransportStatus, V2gtpMessage
from v2g.link.values import State
from v2g.sdp import SdpRequest, SdpResponse
from v2g.transport_node import TransportNode

PARTNER = {'pev': 'evse', 'evse': 'pev'}


class Graph:
    """Both nodes and a probe at every topic around them, in one executor."""

    def __init__(self, wire):
        self.network, self.macs = wire.network, wire.macs
        self.executor = SingleThreadedExecutor()
        self.probe = Node('probe')
        self.links = {role: [] for role in PARTNER}
        self.messages = {role: [] for role in PARTNER}
        self.datagrams = {role: [] for role in PARTNER}
        self.data_link = {r: self.publisher(DataLink, r, 'data_link', LATCHED) for r in PARTNER}
        self.v2g_tx = {r: self.publisher(V2gtpMessage, r, 'v2g_tx', STREAM) for r in PARTNER}
        for role in PARTNER:
            self.listen(TransportStatus, role, 'transport/status', STATES, self.links)
            self.listen(V2gtpMessage, role, 'v2g_rx', STREAM, self.messages)
            self.listen(SdpDatagram, role, 'sdp_log', STREAM, self.datagrams)
        self.nodes = {role: self.start(role) for role in PARTNER}
        self.executor.add_node(self.probe)

    def start(self, role):
        overrides = [Parameter('role', value=role)]
        node = TransportNode(namespace=role, parameter_overrides=overrides)
        self.executor.add_node(node)
        return node

    def publisher(self, kind, role, topic, qos):
        return self.probe.create_publisher(kind, f'/{role}/{topic}', qos)

    def listen(self, kind, role, topic, qos, into):
        self.probe.create_subscription(kind, f'/{role}/{topic}', into[role].append, qos)

    def spin(self, until, within=15.0):
        end = time.monotonic() + within
        while not until():
            assert time.monotonic() < end, self.links
            self.executor.spin_once(0.05)

    def raise_link(self, role, **fields):
        fields = {'interface': f'{role}@{self.network.name}', 'link_id': 1, **fields}
        self.data_link[role].publish(DataLink(ready=True, **{'stamp': stamp(), **fields}))

    def state(self, role):
        return State(self.links[role][-1].state) if self.links[role] else None

    def connect(self):
        for role, partner in PARTNER.items():
            self.raise_link(role, peer_mac=self.macs[partner])
        self.spin(lambda: self.state('pev') is State.CONNECTED)
        self.say('pev', b'first')
        self.spin(lambda: self.messages['evse'] and self.state('evse') is State.CONNECTED)

    def say(self, role, payload, **fields):
        number = self.links[role][-1].connection_id
        fields = {'stamp': stamp(), 'connection_id': number, 'payload_type': 0x8001, **fields}
        self.v2g_tx[role].publish(V2gtpMessage(payload=payload, **fields))

    def close(self):
        for node in (*self.nodes.values(), self.probe):
            node.destroy_node()
        self.executor.shutdown()


@pytest.fixture(scope='module')
def ros():
    rclpy.init(domain_id=os.getpid() % 100)
    yield
    rclpy.try_shutdown()


@pytest.fixture
def graph(ros, wire):
    made = Graph(wire)
    made.spin(lambda: all(made.links.values()))
    made.spin(lambda: all(p.get_subscription_count() for p in made.data_link.values()))
    made.spin(lambda: all(p.get_subscription_count() for p in made.v2g_tx.values()))
    yield made
    made.close()


def test_states_have_the_numbers_of_the_message():
    assert {s.name: s.value for s in State} == {
        s.name: getattr(TransportStatus, s.name) for s in State
    }


def test_is_down_from_the_start(graph):
    assert [graph.links[role][0].state for role in PARTNER] == [TransportStatus.DOWN] * 2
    assert not any(graph.links[role][0].carrier for role in PARTNER)


def test_both_tell_the_datagrams_of_sdp(graph):
    graph.connect()
    to_all = '[ff02::1]:15118'  # which is told more often where an answer is slow
    both = lambda told: len({one.destination == to_all for one in told}) == 2  # noqa: E731
    graph.spin(lambda: all(map(both, graph.datagrams.values())))
    where = [str(graph.links[role][-1].local_address) for role in ('pev', 'evse')]
    for told in graph.datagrams.values():
        request = next(one for one in told if one.destination == to_all)
        response = next(one for one in told if one.destination != to_all)
        assert response.destination == request.source
        addresses = [one.source.rpartition(':')[0] for one in (request, response)]
        assert addresses == [one.rpartition(':')[0] for one in where]
        assert SdpRequest.parse(bytes(request.octets)) == SdpRequest()
        assert f'[{SdpResponse.parse(bytes(response.octets)).address}]' == addresses[1]
        assert age(request.stamp) > age(response.stamp) > 0


def test_two_nodes_connect_and_pass_messages(graph):
    graph.connect()
    [message] = graph.messages['evse']
    assert (bytes(message.payload), message.payload_type) == (b'first', 0x8001)
    assert message.connection_id == graph.links['evse'][-1].connection_id
    graph.say('evse', b'answer')
    graph.spin(lambda: graph.messages['pev'])
    assert bytes(graph.messages['pev'][0].payload) == b'answer'
    vehicle = graph.links['pev'][-1]
    assert vehicle.link_id == 1
    assert (vehicle.security_chosen, vehicle.security_policy) == ('none', 'none')


def test_the_connection_is_told_before_its_first_message(graph):
    """By their stamps: two topics have no common order on their way to a listener."""
    for into in graph.links['evse'], graph.messages['evse']:
        into.clear()
    graph.connect()
    graph.spin(lambda: graph.messages['evse'] and graph.state('evse') is State.CONNECTED)
    connected = next(one for one in graph.links['evse'] if one.state == State.CONNECTED)
    assert moment(connected) <= moment(graph.messages['evse'][0])


def moment(message):
    return message.stamp.sec, message.stamp.nanosec


def test_close_is_told_on_both_sides(graph):
    graph.connect()
    graph.say('pev', b'last', close=True)
    graph.spin(lambda: graph.state('evse') is State.CLOSED)
    assert bytes(graph.messages['evse'][-1].payload) == b'last'
    assert graph.links['evse'][-1].reason == 'the partner closed the connection'
    assert graph.links['pev'][-1].reason == 'closed by this side'


def test_robot_7_an_ordinary_close_is_no_warning_and_a_lost_connection_is(graph):
    graph.connect()
    pev, evse = graph.nodes['pev'], graph.nodes['evse']
    graph.say('pev', b'last', close=True)
    graph.spin(lambda: graph.state('evse') is State.CLOSED)
    assert [node.findings()[0].level for node in (pev, evse)] == [OK, OK]
    evse._machine._reason = 'the partner reset the connection'
    assert evse.findings()[0].level == WARN


def test_what_a_bag_plays_back_is_dropped(graph):
    graph.connect()
    old = stamp()
    old.sec -= 5
    graph.say('pev', b'old', stamp=old)
    graph.say('pev', b'foreign', connection_id=4711)
    graph.say('pev', b'good')
    graph.spin(lambda: len(graph.messages['evse']) == 2)
    assert bytes(graph.messages['evse'][-1].payload) == b'good'


def test_r6_a_data_link_that_a_bag_plays_back_opens_nothing(graph):
    heard = {'pev': []}
    graph.listen(DataLink, 'pev', 'data_link', LATCHED, heard)
    graph.raise_link('pev', peer_mac=graph.macs['evse'], link_id=7, stamp=stamp(5.0))
    graph.spin(lambda: heard['pev'])
    for _ in range(5):  # the node's turn: it was given the same
        graph.executor.spin_once(0.05)
    graph.connect()
    assert {one.link_id for one in graph.links['pev']} <= {0, 1}


def test_data_link_that_goes_takes_the_connection_along(graph):
    graph.connect()
    graph.data_link['pev'].publish(DataLink(stamp=stamp(), ready=False))
    graph.spin(lambda: graph.state('evse') is State.CLOSED)
    graph.spin(lambda: graph.state('pev') is State.DOWN)


@pytest.mark.parametrize(
    ('interface', 'reason'),
    [
        ('nobody0', 'there is no interface nobody0'),
        ('pev@nowhere', 'no simulated network'),
        ('a b c', 'NAME@NETWORK'),
        ('lo', 'has an IPv4 address'),
    ],
)
def test_interface_that_cannot_be_used_is_told_with_its_reason(graph, interface, reason):
    graph.raise_link('pev', interface=interface)
    graph.spin(lambda: reason in graph.links['pev'][-1].reason)
    assert graph.state('pev') is State.SDP


def test_malformed_mac_address_is_down_with_its_reason(graph):
    graph.raise_link('pev', peer_mac='12:34')
    graph.spin(lambda: 'no MAC address' in graph.links['pev'][-1].reason)
    assert graph.state('pev') is State.DOWN


def test_death_of_the_session_node_closes_the_connection(graph):
    session = Node('session', namespace='pev')
    told = session.create_publisher(ChargingState, 'charging/state', LATCHED)
    graph.spin(lambda: told.get_subscription_count() == 1)
    told.publish(ChargingState(stamp=stamp()))
    assert told.wait_for_all_acked()
    graph.connect()
    session.destroy_node()
    graph.spin(lambda: graph.state('evse') is State.CLOSED)
    assert graph.links['pev'][-1].reason == 'the session node has died'


def test_carrier_that_goes_is_told_at_once(graph, wire):
    graph.connect()
    assert graph.links['pev'][-1].carrier
    wire.ip('link set dev pev-modem down')
    try:
        graph.spin(lambda: not graph.links['pev'][-1].carrier, within=2.0)
        assert graph.state('pev') is State.CONNECTED
    finally:
        wire.ip('link set dev pev-modem up')
    graph.spin(lambda: graph.links['pev'][-1].carrier, within=2.0)


def test_findings_count_what_was_refused(graph):
    graph.connect()
    graph.say('pev', b'foreign', connection_id=4711)
    node = graph.nodes['pev']
    graph.spin(lambda: node.findings()[0].values.get('foreign_v2g_tx') == 1)
    assert node.findings()[0].values['sent'] == 1
