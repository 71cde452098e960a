# SPDX-License-Identifier: Apache-2.0
"""A state that is sent later than it was stamped is a bag's, however old the genuine one is."""

import time

import pytest
import rclpy

from plc_kit.clock import stamp
from plc_kit.executor.lean import LeanExecutor
from plc_kit.one_publisher import hear_one
from plc_kit.qos import LATCHED
from plc_msgs.msg import DataLink

LATE = 1.2  # s, more than what tells a bag from a node


@pytest.fixture
def node():
    context = rclpy.Context()
    rclpy.init(context=context)
    made = rclpy.create_node('live', context=context)
    yield made
    made.destroy_node()
    context.shutdown()


@pytest.fixture
def executor(node):
    made = LeanExecutor(context=node.context)
    made.add_node(node)
    yield made
    made.shutdown()


def spin(executor, until):
    end = time.monotonic() + 20
    while not until():
        assert time.monotonic() < end
        executor.spin_once(0.1)


def test_a_latched_state_is_heard_however_late(node, executor):
    teller = node.create_publisher(DataLink, 'link', LATCHED)
    teller.publish(DataLink(stamp=stamp(), link_id=7))
    end = time.monotonic() + LATE
    spin(executor, lambda: time.monotonic() > end)
    heard = []
    hear_one(node, DataLink, 'link', heard.append, LATCHED)
    spin(executor, lambda: heard)
    assert [one.link_id for one in heard] == [7]


@pytest.mark.parametrize('seconds', [LATE, -LATE])
def test_one_that_was_stamped_at_another_time_than_it_is_sent_is_not(node, executor, seconds):
    teller = node.create_publisher(DataLink, 'link', LATCHED)
    heard, all_heard = [], []
    hear_one(node, DataLink, 'link', heard.append, LATCHED)
    node.create_subscription(DataLink, 'link', all_heard.append, LATCHED)
    teller.publish(DataLink(stamp=stamp(seconds), link_id=7))
    spin(executor, lambda: all_heard)
    teller.publish(DataLink(stamp=stamp(), link_id=8))
    spin(executor, lambda: heard)
    assert [one.link_id for one in heard] == [8]
