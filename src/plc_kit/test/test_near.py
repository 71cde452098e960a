# SPDX-License-Identifier: Apache-2.0
"""A stream between two nodes of one process, and who listens or speaks from outside."""

import threading
import time

import pytest
import rclpy
from rclpy.node import Node

from plc_kit.clock import stamp
from plc_kit.executor.lean import LeanExecutor
from plc_kit.near import NearPublisher, NearSubscription
from plc_kit.qos import STREAM
from plc_msgs.msg import V2gtpMessage

PATIENCE = 20.0  # s
DOMAIN = 103
ROOM = STREAM.depth


class Stream:
    """A node that publishes and one that listens, and a third that stands for another process."""

    def __init__(self):
        self.contexts = [rclpy.Context() for _ in range(3)]
        for context in self.contexts:
            rclpy.init(context=context, domain_id=DOMAIN)
        self.speaker, self.listener, self.outsider = (
            Node(name, context=context, use_global_arguments=False)
            for name, context in zip(
                ('speaker', 'listener', 'outsider'), self.contexts, strict=True
            )
        )
        self.executor = LeanExecutor(context=self.contexts[0])
        for node in (self.speaker, self.listener, self.outsider):
            self.executor.add_node(node)
        self.heard, self.threads, self.outside = [], set(), []
        self.publisher = NearPublisher(self.speaker, V2gtpMessage, 'near', STREAM)
        self.near = NearSubscription(self.listener, V2gtpMessage, 'near', self._hear, STREAM)
        self.spin(lambda: self.speaker.count_subscribers('/near') == 1)

    def _hear(self, message):
        self.heard.append(message.connection_id)
        self.threads.add(threading.get_ident())

    def listen_outside(self):
        self.outsider.create_subscription(
            V2gtpMessage, 'near', lambda m: self.outside.append(m.connection_id), STREAM
        )
        self.spin(lambda: self.publisher.listeners == 2)

    def say(self, number):
        return self.publisher.publish(message(number))

    def spin(self, until):
        end = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < end, (self.heard, self.outside)
            self.executor.spin_once(0.1)

    def close(self):
        self.near.close()
        self.executor.shutdown()
        for node in (self.speaker, self.listener, self.outsider):
            node.destroy_node()
        for context in self.contexts:
            rclpy.try_shutdown(context=context)


def message(number):
    return V2gtpMessage(stamp=stamp(), connection_id=number)


@pytest.fixture
def stream():
    made = Stream()
    yield made
    made.close()


def test_messages_are_heard_in_order_in_the_executor_from_whatever_thread(stream):
    speaker = threading.Thread(target=lambda: [stream.say(n) for n in range(ROOM)])
    speaker.start()
    speaker.join()
    stream.spin(lambda: len(stream.heard) == ROOM)
    assert stream.heard == list(range(ROOM))
    assert stream.threads == {threading.get_ident()}


def test_safety_7_and_abuse_52_a_listener_without_room_is_not_told_and_its_publisher_knows(stream):
    taken = []
    speaker = threading.Thread(target=lambda: taken.extend(map(stream.say, range(3000))))
    speaker.start()
    speaker.join()
    assert taken == [True] * ROOM + [False] * (3000 - ROOM)
    stream.spin(lambda: len(stream.heard) == ROOM)
    assert stream.say(ROOM)
    stream.spin(lambda: stream.heard == list(range(ROOM + 1)))


def test_what_is_handed_over_is_the_message_itself(stream):
    heard = []
    stream.near.close()
    stream.near = NearSubscription(stream.listener, V2gtpMessage, 'near', heard.append, STREAM)
    sent = message(1)
    stream.publisher.publish(sent)
    stream.spin(lambda: heard)
    assert heard[0] is sent


def test_what_the_executor_publishes_is_heard_at_once_but_in_order(stream):
    stream.say(0)
    stream.spin(lambda: stream.heard)
    stream.say(1)
    assert stream.heard == [0, 1]
    elsewhere = threading.Thread(target=lambda: stream.say(2))
    elsewhere.start()
    elsewhere.join()
    stream.say(3)
    assert stream.heard == [0, 1]
    stream.spin(lambda: len(stream.heard) == 4)
    assert stream.heard == [0, 1, 2, 3]


def test_who_listens_outside_hears_all_and_near_nothing_is_heard_twice(stream):
    stream.listen_outside()
    for n in range(100):
        stream.say(n)
        stream.spin(lambda n=n: n in stream.outside)
    stream.publisher.publish(message(100))
    stream.spin(lambda: 100 in stream.outside and 100 in stream.heard)
    assert stream.heard == stream.outside == list(range(101))


def test_who_speaks_outside_is_heard(stream):
    outsider = stream.outsider.create_publisher(V2gtpMessage, 'near', STREAM)
    stream.spin(lambda: outsider.get_subscription_count() == 1)
    outsider.publish(message(7))
    stream.spin(lambda: stream.heard)
    stream.say(8)
    stream.spin(lambda: len(stream.heard) == 2)
    assert stream.heard == [7, 8]


def test_who_has_closed_hears_nothing_of_this_process_any_more(stream):
    stream.near.close()
    stream.listener.destroy_node()
    stream.outsider.create_subscription(
        V2gtpMessage, 'near', lambda m: stream.outside.append(m.connection_id), STREAM
    )
    stream.spin(lambda: stream.publisher.listeners == 1)
    stream.say(9)
    stream.spin(lambda: stream.outside)
    assert not stream.heard
    assert stream.outside == [9]
