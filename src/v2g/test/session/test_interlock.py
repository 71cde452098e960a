# SPDX-License-Identifier: Apache-2.0
"""What counts as the two readings that permit contactors to close (R9, lesson 71)."""

from dataclasses import replace

import pytest

from v2g.session.evcc.interlock import Interlock
from v2g.session.exchange import Answer, Health, Step
from v2g.session.readings import Isolation, Switch, VehicleReading

READING = VehicleReading(pack_voltage=350.0, inlet_voltage=352.0, lock=Switch.CLOSED)
READY = Answer(step=Step.PRECHARGE, health=Health.READY, present_voltage=352.0)


def prepared(source='inlet', told=READY):
    interlock = Interlock(source, 20.0)
    interlock.checked(Answer(step=Step.CABLE_CHECK, isolation=Isolation.VALID))
    interlock.told(told, READING, 1.0)
    return interlock


def permitted(interlock, *when):
    """Tell the same voltages; `when`: (now, s since they were measured) of each status."""
    for now, age in when:
        interlock.read(replace(READING, age=age), now)
    return interlock.permits(READING, when[-1][0])


@pytest.mark.parametrize('lag', [0.001, 0.05, 0.4])
def test_one_measurement_that_is_told_again_permits_nothing(lag):
    interlock = prepared()
    assert not permitted(interlock, (2.0, 0.0), (2.0 + lag, lag))
    assert not permitted(interlock, (2.002 + lag, lag))
    assert permitted(interlock, (2.1 + lag, lag))


def test_a_second_measurement_permits_and_one_in_between_that_is_apart_does_not():
    assert permitted(prepared(), (2.0, 0.1), (2.05, 0.1))
    interlock = prepared()
    interlock.read(READING, 2.0)
    interlock.read(replace(READING, inlet_voltage=361.0), 2.05)
    assert not permitted(interlock, (2.1, 0.0))


def test_a_measurement_that_is_too_old_permits_nothing():
    assert not permitted(prepared(), (2.0, 0.0), (2.51, 0.0))


def test_an_answer_that_comes_twice_at_once_is_one():
    interlock = prepared('evse')
    interlock.told(READY, READING, 1.01)
    assert not interlock.permits(READING, 1.01)
    interlock.told(READY, READING, 1.25)
    assert interlock.permits(READING, 1.25)


@pytest.mark.parametrize(('volts', 'permits'), [(331.0, True), (330.0, False), (370.0, False)])
def test_a_charger_that_tells_another_voltage_contradicts_the_inlet(volts, permits):
    interlock = prepared(told=replace(READY, present_voltage=volts))
    assert permitted(interlock, (2.0, 0.0), (2.1, 0.0)) is permits
