# SPDX-License-Identifier: Apache-2.0
"""Parameters from a dataclass: at the start, and set while a node runs."""

from dataclasses import dataclass
import os

import pytest
import rclpy
from rclpy.node import Node
from rclpy.parameter import Parameter

from plc_kit.parameters import BadParameter, Changes, declare
from plc_kit.setting import Change, raised, setting


@dataclass(frozen=True)
class Lamp:
    """Of a lamp."""

    name: str = setting('lamp', 'what it is called')
    colour: str = setting('red', 'of light', choices=('red', 'green'), change=Change.ANY_TIME)
    power: float = setting(5.0, 'W', 0.0, 10.0, change=Change.LOWER)


class Running:
    """A node with those, and what it was told."""

    def __init__(self, context, **given):
        overrides = [Parameter(name, value=value) for name, value in given.items()]
        self.node = Node('lamp', context=context, parameter_overrides=overrides)
        self.taken = []
        changes = Changes(self.check, self.taken.append)
        self.lamp = declare(self.node, Lamp, changes)

    def check(self, lamp):
        if lamp.colour == 'green' and lamp.power > 8:
            raise ValueError('green is too bright')

    def set(self, **values):
        given = [Parameter(name, value=value) for name, value in values.items()]
        return self.node.set_parameters_atomically(given)


@pytest.fixture
def context():
    one = rclpy.Context()
    rclpy.init(context=one, domain_id=40 + os.getpid() % 50)
    yield one
    rclpy.shutdown(context=one)


@pytest.fixture
def running(context):
    one = Running(context, name='desk', power=6.0)
    yield one
    one.node.destroy_node()


def test_what_is_set_at_the_start_is_told_to_nobody(running):
    assert running.lamp == Lamp('desk', 'red', 6.0)
    assert running.taken == []


def test_a_change_is_checked_and_then_taken_with_all_that_stays(running):
    assert running.set(colour='green', power=7.0).successful
    assert running.taken == [Lamp('desk', 'green', 7.0)]
    assert running.set(colour='green').successful
    assert len(running.taken) == 1  # nothing is new


@pytest.mark.parametrize(
    ('values', 'words'),
    [
        ({'colour': 'blue'}, "parameter colour is 'blue'; it may be 'red', 'green'"),
        ({'colour': 'green', 'power': 9.0}, 'green is too bright'),
        ({'power': 11.0}, 'out of range'),
        ({'power': float('nan')}, 'out of range'),
        ({'colour': 'green', 'name': 'other'}, 'read-only parameter: name'),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_of_it_is_taken(
    running, values, words
):
    before = [running.node.get_parameter(name).value for name in values]
    told = running.set(**values)
    assert not told.successful and words in told.reason
    assert running.taken == []
    assert [running.node.get_parameter(name).value for name in values] == before


def test_a_choice_is_checked_at_the_start_too(context):
    with pytest.raises(BadParameter, match='blue'):
        Running(context, colour='blue')


def test_a_descriptor_tells_what_a_value_may_be_and_when_it_may_change(running):
    told = running.node.describe_parameters(['name', 'colour', 'power'])
    assert [one.read_only for one in told] == [True, False, False]
    assert [one.additional_constraints for one in told] == [
        '',
        'one of red, green; may change at any time',
        'may change at any time, in a session only downwards',
    ]


def test_settings_that_may_change_need_somebody_who_takes_them(context):
    node = Node('lamp', context=context)
    with pytest.raises(AssertionError, match='who takes'):
        declare(node, Lamp)
    node.destroy_node()


def test_only_a_limit_that_is_higher_is_raised():
    assert raised(Lamp(), Lamp(power=6.0)) == ['power']
    assert raised(Lamp(), Lamp(power=4.0)) == raised(Lamp(), Lamp(colour='green')) == []
    assert raised(Lamp(), Lamp(power=float('nan'))) == ['power']
