# SPDX-License-Identifier: Apache-2.0
"""The first SIGINT is a wish, a second one or the launcher's death a fault (R7)."""

import signal

import pytest
import rclpy
from rclpy.node import Node

from plc_kit import departure
from plc_kit.departure import PATIENCE, Departure
from plc_kit.signals import ORPHANED


class Session(Node):
    def __init__(self, context):
        super().__init__('session', context=context)
        self.active, self.ends = True, []

    def end_session(self, *, fault, reason):
        self.ends.append(fault)

    def session_active(self):
        return self.active


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
