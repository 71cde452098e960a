# SPDX-License-Identifier: Apache-2.0
"""The first SIGINT is a wish, a second one or the launcher's death a fault (R7)."""

import signal
import time

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from plc_kit import departure
from plc_kit.clock import stamp
from plc_kit.departure import PATIENCE, TURN, Departure
from plc_kit.qos import LATCHED
from plc_kit.signals import ORPHANED
from plc_msgs.msg import ChargingState


class Session(Node):
    def __init__(self, context):
        super().__init__('session', context=context)
        self.active, self.ends = True, []

    def end_session(self, *, fault, reason):
        self.ends.append(fault)

    def session_active(self):
        return self.active


class Outputs(Node):
    def __init__(self, context):
        super().__init__('vehicle', context=context)
        self.asked = []

    def ask_for_end(self, *, fault):
        self.asked.append(fault)


class Scene:
    """A session that is told to end, at times of our choice."""

    def __init__(self, context):
        self.now, self.left = 100.0, False
        self.session = Session(context)
        self.departure = Departure(self.session, self.leave)

    def leave(self):
        self.left = True

    def told(self, number, at):
        self.now = 100.0 + at
        self.departure.told(number)


@pytest.fixture
def scene(monkeypatch):
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=101)
    made = Scene(context)
    monkeypatch.setattr(departure, 'now', lambda: made.now)
    yield made
    made.session.destroy_node()
    rclpy.shutdown(context=context)


def test_it_stays_while_its_session_is_active(scene):
    scene.told(signal.SIGINT, 0)
    assert scene.session.ends == [False] and not scene.left
    scene.session.active = False
    scene.departure._look()
    assert scene.left


def test_it_leaves_when_patience_is_over(scene):
    scene.told(signal.SIGTERM, 0)
    scene.now += PATIENCE
    scene.departure._look()
    assert scene.left


def test_what_a_launcher_repeats_at_once_is_the_same_wish(scene):
    scene.told(signal.SIGINT, 0)
    scene.told(signal.SIGINT, 0.1)
    assert scene.session.ends == [False]


def test_a_second_wish_is_a_fault(scene):
    scene.told(signal.SIGINT, 0)
    scene.told(signal.SIGINT, 1.0)
    assert scene.session.ends == [False, True]


def test_the_death_of_the_launcher_is_a_fault_at_any_time(scene):
    scene.told(signal.SIGINT, 0)
    scene.told(ORPHANED, 0.1)
    assert scene.session.ends == [False, True]


class Alone:
    """A node that drives outputs is told to end; a session says how far it is."""

    def __init__(self, context):
        self.now, self.left, self.context = 100.0, False, context
        self.node = Outputs(context)
        self.departure = Departure(self.node, self.leave)
        self.publisher = self.node.create_publisher(ChargingState, 'charging/state', LATCHED)
        self.executor = SingleThreadedExecutor(context=context)
        self.executor.add_node(self.node)

    def leave(self):
        self.left = True

    def session_says(self, stage, *, active=True):
        self.publisher.publish(ChargingState(stamp=stamp(), stage=stage, active=active))
        told = (active, not active or stage >= ChargingState.STOP)
        end = time.monotonic() + 10
        while (*self.departure._active.values(), *self.departure._ends.values()) != told:
            assert time.monotonic() < end, 'it never came'
            self.executor.spin_once(0.02)

    def look(self, after):
        self.now = 100.0 + after
        self.departure._look()


@pytest.fixture
def alone(monkeypatch):
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=101)
    made = Alone(context)
    monkeypatch.setattr(departure, 'now', lambda: made.now)
    yield made
    made.executor.shutdown()
    made.node.destroy_node()
    rclpy.shutdown(context=context)


def test_who_drives_outputs_asks_for_a_normal_end_and_for_a_fault_if_none_begins(alone):
    alone.session_says(ChargingState.CHARGE_LOOP)
    alone.departure.told(signal.SIGINT)
    alone.look(TURN - 0.01)
    assert alone.node.asked == [False]
    alone.look(TURN)
    assert alone.node.asked == [False, True] and not alone.left
    alone.session_says(ChargingState.FAILED, active=False)
    alone.look(TURN + 0.1)
    assert alone.left


def test_an_end_that_has_begun_is_not_made_a_fault(alone):
    alone.session_says(ChargingState.CHARGE_LOOP)
    alone.departure.told(signal.SIGINT)
    alone.session_says(ChargingState.STOP)
    alone.look(PATIENCE - 0.01)
    assert alone.node.asked == [False] and not alone.left


def test_a_second_wish_asks_for_a_fault_at_once(alone):
    alone.session_says(ChargingState.CHARGE_LOOP)
    alone.departure.told(signal.SIGINT)
    alone.now += 1.0
    alone.departure.told(signal.SIGINT)
    assert alone.node.asked == [False, True]
