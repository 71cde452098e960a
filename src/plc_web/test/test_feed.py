# SPDX-License-Identifier: Apache-2.0
"""What the page's node hears of a graph."""

import os
import time

import pytest
import rclpy

from plc_kit.clock import stamp
from plc_kit.executor import make_executor
from plc_kit.qos import LATCHED, STATES
from plc_msgs.msg import ChargingState
from plc_web.feed_node import FeedNode


@pytest.fixture
def feed():
    rclpy.init(domain_id=40 + os.getpid() % 50)
    made = FeedNode()
    yield made
    made.destroy_node()
    rclpy.shutdown()


def test_r6_what_a_bag_plays_back_ends_no_session_for_the_page(feed):
    executor = make_executor()
    executor.add_node(feed)
    states = feed.create_publisher(ChargingState, '/pev/charging/state', LATCHED)
    busy, heard = [], []
    feed.create_subscription(ChargingState, '/pev/charging/state', heard.append, STATES)

    def tell(stage, active, how_old=0.0):
        before = len(heard)
        told = ChargingState(stamp=stamp(how_old), active=active, stage_name=stage)
        states.publish(told)
        end = time.monotonic() + 20
        while len(heard) == before or (active and stage not in feed.busy):
            assert time.monotonic() < end
            executor.spin_once(0.1)
            busy.append(feed.busy)

    tell('CHARGE_LOOP', True)
    busy.clear()
    tell('FINISHED', False, how_old=3600.0)
    tell('WELDING_DETECTION', True)
    executor.shutdown()
    assert all(busy)
