# SPDX-License-Identifier: Apache-2.0
"""Whom a node believes of those who publish to a topic (R6)."""

from dataclasses import dataclass, field
from itertools import count
import os
from types import SimpleNamespace

import pytest
import rclpy
from rclpy.node import Node
from rclpy.qos import QoSProfile

from plc_kit.clock import now, stamp
from plc_kit.executor.identified import GID
from plc_kit.executor.lean import LeanExecutor
from plc_kit.hearing import Hearing
from plc_kit.one_publisher import _SOON, SILENCE, OnePublisher, hear_one
from plc_kit.qos import LATCHED
from plc_msgs.msg import ModemStatus

HOST, ELSEWHERE = b'\1\x0f\x7f\1', b'\1\x0f\x7f\2'


def gid(number, host=HOST):
    return host + bytes([number]) * 12


FIRST, SECOND, THIRD = gid(1), gid(2), gid(3)
MODEM, SHELL = '/pev/modem', '/shell'


@dataclass
class Reader:
    """One that is believed and told of, in a time and a graph of the test's."""

    latched: bool = True
    silence: float | None = None
    time: float = 100.0
    graph: dict = field(default_factory=lambda: {FIRST: MODEM, SECOND: SHELL})
    heard: list = field(default_factory=list)
    deaths: int = 0

    def __post_init__(self):
        def lost():
            self.deaths += 1

        publishers = lambda: dict(self.graph)  # noqa: E731
        self.one = OnePublisher(self.heard.append, publishers, self.latched, self.silence, lost)

    def say(self, who, text, after=1.0, age=0.0):
        """Send a state `age` s after it was stamped."""
        self.time += after
        stamped = SimpleNamespace(sec=1000, nanosec=0)
        info = {'source_timestamp': int((1000 + age) * 1e9), GID: who}
        self.one(SimpleNamespace(stamp=stamped, text=text), info)

    @property
    def texts(self):
        return [message.text for message in self.heard]


@pytest.fixture
def reader(monkeypatch):
    """Make a reader when asked to."""
    made = []
    monkeypatch.setattr('plc_kit.one_publisher.now', lambda: made[-1].time)

    def make(**options):
        made.append(Reader(**options))
        return made[-1]

    return make


def test_safety_3_a_stranger_beside_a_living_publisher_is_counted_and_not_believed(reader):
    one = reader()
    one.say(FIRST, 'linked')
    for _ in range(3):
        one.say(SECOND, 'failed')
    one.say(FIRST, 'linked still')
    assert one.texts == ['linked', 'linked still']
    assert (one.one.strangers, one.deaths) == (3, 0)
    assert one.one.look() == '3 of /shell not believed beside /pev/modem'


def test_safety_3_a_stranger_that_comes_right_behind_the_first_is_none_the_more_believed(reader):
    one = reader(graph={})
    one.one.look()
    one.graph |= {FIRST: MODEM, SECOND: SHELL}
    one.say(FIRST, 'linked', after=0.01)
    one.say(SECOND, 'failed', after=0.01)
    assert one.texts == ['linked']


def test_safety_3_a_bag_that_is_played_is_never_the_one(reader):
    one = reader()
    one.say(SECOND, 'of a bag', age=3600)
    one.say(FIRST, 'linked')
    one.say(SECOND, 'of a bag', age=3600)
    assert one.texts == ['linked'] and one.one.strangers == 1


@pytest.mark.parametrize('looks', [1, 2, 3, 4, 5])
def test_safety_3_who_leaves_the_graph_while_it_is_looked_at_ends_nothing(
    reader, monkeypatch, looks
):
    one = reader()
    one.say(FIRST, 'linked')
    one.say(SECOND, 'failed')
    graphs = iter([dict(one.graph)] * looks)
    one.one._publishers = lambda: next(graphs, {})
    clock = count(one.time + 1.0)  # each look at it is a second later, so that it is old
    monkeypatch.setattr('plc_kit.one_publisher.now', lambda: next(clock))
    one.one.look()
    one.say(SECOND, 'failed')
    assert one.texts[0] == 'linked' and one.deaths <= 1


def test_who_comes_after_one_that_has_left_is_believed_and_the_loss_is_told(reader):
    one = reader()
    one.say(FIRST, 'linked')
    del one.graph[FIRST]
    one.say(SECOND, 'searching')
    assert (one.texts, one.deaths) == (['linked', 'searching'], 1)


def test_a_death_that_was_noticed_is_told_once(reader):
    one = reader()
    one.say(FIRST, 'linked')
    one.one.mourn()
    one.one.mourn()
    del one.graph[FIRST]
    one.say(SECOND, 'searching')
    assert one.deaths == 1
    one.one.mourn()
    assert one.deaths == 2


def test_one_that_stood_still_for_a_second_can_die_again(reader):
    one = reader()
    one.one.revive()
    assert one.one.lives is None
    one.say(FIRST, 'linked')
    one.one.mourn()
    assert one.one.lives is False
    one.one.revive()
    one.one.mourn()
    assert one.deaths == 2


def test_safety_3_one_that_leaves_beside_a_silent_stranger_is_missed(reader):
    one = reader()
    one.say(FIRST, 'linked')
    del one.graph[FIRST]
    one.time += 1
    assert (one.one.look(), one.deaths) == ('', 1)


def test_a_state_of_before_counts_once_the_first_has_left(reader):
    one = reader()
    one.say(FIRST, 'linked')
    one.say(SECOND, 'searching')
    one.say(SECOND, 'ready')
    assert one.one.look() and one.texts == ['linked']
    del one.graph[FIRST]
    one.time += 1
    assert one.one.look() == ''
    assert one.texts == ['linked', 'ready']


def test_a_node_that_is_started_anew_is_believed_while_dds_still_knows_of_the_dead_one(reader):
    one = reader(graph={FIRST: MODEM, SECOND: MODEM})
    one.say(FIRST, 'linked')
    one.say(SECOND, 'searching')
    assert (one.texts, one.deaths, one.one.look()) == (['linked', 'searching'], 1, '')


@pytest.mark.parametrize(
    ('second', 'names'),
    [
        (gid(2, ELSEWHERE), (MODEM, MODEM)),  # a claim does not reach another computer
        (SECOND, ('/_NODE_NAME_UNKNOWN_', '/_NODE_NAME_UNKNOWN_')),
        (SECOND, (MODEM, '/_NODE_NAME_UNKNOWN_')),
    ],
)
def test_safety_3_who_is_not_surely_the_same_node_anew_is_a_stranger(reader, second, names):
    one = reader(graph=dict(zip((FIRST, second), names, strict=True)))
    one.say(FIRST, 'linked')
    one.say(second, 'failed')
    assert one.texts == ['linked']


def test_a_node_whose_name_comes_late_is_believed_then(reader):
    one = reader(graph={FIRST: MODEM, SECOND: '/_NODE_NAME_UNKNOWN_'})
    one.say(FIRST, 'linked')
    one.say(SECOND, 'searching')
    one.graph[SECOND] = MODEM
    one.time += 1
    assert one.one.look() == ''
    assert one.texts == ['linked', 'searching']


def test_safety_3_readings_of_another_count_only_when_the_first_is_silent(reader):
    one = reader(latched=False, silence=SILENCE, graph={FIRST: MODEM, SECOND: MODEM})
    one.say(FIRST, '400 V')
    one.say(SECOND, '0 V', after=SILENCE)
    assert one.texts == ['400 V'], 'whoever tells readings has no claim: its name says nothing'
    one.say(SECOND, '0 V', after=0.1)
    one.say(FIRST, '400 V', after=0.1)
    assert one.texts == ['400 V', '0 V']


def test_safety_3_readings_without_a_stamp_are_of_one_publisher_too(reader):
    one = reader(latched=False, silence=SILENCE)
    for who, volts in ((FIRST, 0.0), (SECOND, 400.0), (FIRST, 1.0)):
        one.time += 0.2
        one.one(SimpleNamespace(volts=volts), {'source_timestamp': 0, GID: who})
    assert [message.volts for message in one.heard] == [0.0, 1.0]


def test_where_nobody_tells_who_it_was_all_are_believed(reader):
    one = reader()
    for who in (FIRST, SECOND):
        one.say(who, 'x')
    one.one(
        SimpleNamespace(stamp=SimpleNamespace(sec=0, nanosec=0), text='y'), {'source_timestamp': 0}
    )
    assert one.texts == ['x', 'y']


def test_where_nobody_tells_who_it_was_a_death_is_that_of_all(reader):
    one = reader()
    one.one(
        SimpleNamespace(stamp=SimpleNamespace(sec=0, nanosec=0), text='x'), {'source_timestamp': 0}
    )
    del one.graph[FIRST]
    one.one.look()
    assert one.deaths == 0
    one.time += 1
    one.graph.clear()
    one.one.look()
    assert one.deaths == 1


def test_a_flood_of_many_strangers_keeps_few_states(reader):
    one = reader()
    one.say(FIRST, 'linked')
    for number in range(1000):
        one.say(gid(7) + number.to_bytes(2, 'big'), 'failed', after=0.0)
    assert len(one.one._kept) <= 8
    assert one.texts == ['linked'] and one.one.strangers == 1000
    one.time += 1
    one.one.look()
    assert not one.one._refused


class Graph:
    """A node that listens, with its executor, in a context of its own."""

    def __init__(self):
        self.context = rclpy.Context()
        rclpy.init(context=self.context, domain_id=100 + os.getpid() % 100)
        self.executor = LeanExecutor(context=self.context)
        self.nodes = [self.node('listener')]
        self.executor.add_node(self.nodes[0])

    def node(self, name):
        node = Node(name, context=self.context)
        if name != 'listener':
            self.nodes.append(node)
        return node

    def spin(self, until, within=10.0):
        end = now() + within
        while not until():
            assert now() < end
            self.executor.spin_once(0.05)

    def close(self):
        for node in self.nodes:
            node.destroy_node()
        self.executor.shutdown()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def graph():
    made = Graph()
    yield made
    made.close()


def test_safety_3_whose_message_it_is_comes_with_each_message(graph):
    heard, listener = [], graph.nodes[0]

    def hear(message, info):
        heard.append((message.reason, info[GID]))

    listener.create_subscription(ModemStatus, 'modem/status', hear, QoSProfile(depth=9))
    told = {name: graph.node(name) for name in ('one', 'two')}
    told = {k: v.create_publisher(ModemStatus, 'modem/status', 9) for k, v in told.items()}
    graph.spin(lambda: all(one.get_subscription_count() for one in told.values()))
    for name, publisher in told.items():
        publisher.publish(ModemStatus(reason=name))
    graph.spin(lambda: len(heard) == 2)
    offers = listener.get_publishers_info_by_topic('/modem/status')
    assert dict(heard) == {one.node_name: bytes(one.endpoint_gid) for one in offers}


def test_safety_3_a_listener_tells_of_a_stranger_in_the_graph(graph):
    heard, listener = [], graph.nodes[0]
    hear_one(listener, ModemStatus, 'modem/status', heard.append, LATCHED)
    hearing = Hearing(listener)
    for name in ('modem', 'shell'):
        publisher = graph.node(name).create_publisher(ModemStatus, 'modem/status', LATCHED)
        graph.spin(publisher.get_subscription_count)
        publisher.publish(ModemStatus(stamp=stamp(), reason=name))
        graph.spin(lambda name=name: heard if name == 'modem' else hearing.strangers())
    assert [message.reason for message in heard] == ['modem']
    assert hearing.strangers() == ['/modem/status: 1 of /shell not believed beside /modem']


def test_safety_3_a_stranger_that_leaves_is_no_death_and_the_one_that_leaves_is(graph):
    heard, deaths, listener = [], [], graph.nodes[0]
    hear_one(
        listener, ModemStatus, 'modem/status', heard.append, LATCHED, lost=lambda: deaths.append(1)
    )
    nodes, publishers = {}, {}
    for name in ('modem', 'shell'):
        nodes[name] = graph.node(name)
        publisher = nodes[name].create_publisher(ModemStatus, 'modem/status', LATCHED)
        graph.spin(publisher.get_subscription_count)
        publisher.publish(ModemStatus(stamp=stamp(), reason=name))
        publishers[name] = publisher
        graph.spin(lambda: heard)
    nodes['shell'].destroy_node()
    publishers['modem'].publish(ModemStatus(stamp=stamp(), reason='still'))
    graph.spin(lambda: len(heard) == 2)
    end = now() + 3 * _SOON
    graph.spin(lambda: now() > end)
    assert not deaths
    nodes['modem'].destroy_node()
    graph.spin(lambda: deaths, within=1.0)
    assert len(deaths) == 1


def test_safety_3_a_gid_as_rclpy_9_tells_it_is_the_same_publisher():
    as_ours = {'source_timestamp': 0, GID: b'one'}
    as_rclpys = {'source_timestamp': 0, GID: {'implementation_identifier': '', 'data': b'one'}}
    heard = []
    one = OnePublisher(heard.append, lambda: {b'one': '/a', b'two': '/b'})
    one('first', as_rclpys)
    one('second', as_ours)
    one('stranger', {**as_rclpys, GID: {'implementation_identifier': '', 'data': b'two'}})
    assert heard == ['first', 'second'] and one.strangers == 1
    assert '/b not believed beside /a' in one.look()
