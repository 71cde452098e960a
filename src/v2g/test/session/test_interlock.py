# SPDX-License-Identifier: Apache-2.0
"""What counts as the two readings that permit contactors to close (R9, lesson 71)."""

from dataclasses import replace
from math import nan

import pytest

from v2g.session.evcc.interlock import Interlock
from v2g.session.exchange import Answer, Health, Step
from v2g.session.readings import Isolation, Switch, VehicleReading

READING = VehicleReading(pack_voltage=350.0, inlet_voltage=352.0, lock=Switch.CLOSED)
READY = Answer(step=Step.PRECHARGE, health=Health.READY, present_voltage=352.0)


def prepared(source='inlet', told=READY):
    interlock = Interlock(source, 20.0)
    interlock.checked(Answer(step=Step.CABLE_CHECK, isolation=Isolation.VALID), 0.0)
    interlock.told(told, READING, 350.0, 1.0)
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
    assert not permitted(prepared(), (2.0, -0.4), (2.51, -0.4))  # by a clock that is ahead


def told(interlock, *answers):
    """Have the charger tell volts at some times; return whether it is believed by then."""
    for now, volts in answers:
        interlock.told(replace(READY, present_voltage=volts), READING, 350.0, now)
    return interlock.permits(READING, answers[-1][0])


def test_an_answer_that_comes_twice_at_once_is_one():
    assert not told(prepared('evse'), (1.0, 352.0), (1.01, 352.0))
    assert told(prepared('evse'), (1.0, 352.0), (1.25, 352.0))


RISE = [(0.1, 20.0), (0.35, 180.0), (0.6, 352.0), (0.85, 352.0)]


@pytest.mark.parametrize(
    ('answers', 'believed'),
    [
        ([(0.1, 352.0), (0.35, 352.0), (1.1, 352.0), (1.35, 352.0), (5.0, 352.0)], False),
        (RISE, False),  # so early
        ([*RISE, (1.1, 352.0), (1.35, 352.0)], True),
        ([(0.1, 500.0), (0.35, 500.0), (1.1, 352.0), (1.35, 352.0)], True),  # of the cable check
        ([(0.29, 352.0), (1.1, 352.0), (1.35, 352.0)], False),
        ([(0.9, 352.0), (1.1, 352.0), (1.35, 352.0)], True),  # held until the output was there
        ([(0.1, 352.0), (0.35, 380.0), (1.1, 352.0), (1.35, 352.0)], True),
    ],
)
def test_line_7_a_charger_that_says_back_what_it_is_asked_for_is_not_believed(answers, believed):
    interlock = Interlock('evse', 20.0)
    interlock.checked(Answer(step=Step.CABLE_CHECK, isolation=Isolation.VALID), 0.0)
    assert told(interlock, *answers) is believed


def test_line_7_where_the_inlet_is_measured_nobody_has_to_be_believed():
    assert permitted(prepared(), (2.0, 0.1), (2.05, 0.1))
    assert not prepared().doubt and 'at once' in mirrored().doubt


def mirrored():
    interlock = Interlock('evse', 20.0)
    interlock.checked(Answer(step=Step.CABLE_CHECK, isolation=Isolation.VALID), 0.0)
    told(interlock, (0.1, 352.0), (0.35, 352.0))
    return interlock


@pytest.mark.parametrize(('volts', 'permits'), [(331.0, True), (330.0, False), (370.0, False)])
def test_a_charger_that_tells_another_voltage_contradicts_the_inlet(volts, permits):
    interlock = prepared(told=replace(READY, present_voltage=volts))
    assert permitted(interlock, (2.0, 0.0), (2.1, 0.0)) is permits


@pytest.mark.parametrize(('inlet', 'permits'), [(0.0, False), (331.0, True), (nan, True)])
def test_line_7_a_measured_inlet_contradicts_a_charger_that_is_believed(inlet, permits):
    interlock = Interlock('evse', 20.0)
    interlock.checked(Answer(step=Step.CABLE_CHECK, isolation=Isolation.VALID), 0.0)
    for now, volts in ((0.5, 100.0), (1.25, 350.0), (1.5, 350.0)):
        interlock.told(replace(READY, present_voltage=volts), READING, 350.0, now)
    reading = replace(READING, inlet_voltage=inlet)
    assert interlock.permits(reading, 1.5) is permits
    assert ('at the inlet: 0 V' in interlock.lacks(reading)) is not permits
    assert interlock.drifted(reading) is not permits


def test_line_7_a_pack_that_tells_another_voltage_for_a_moment_makes_no_mirror_a_ramp():
    interlock = Interlock('evse', 20.0)
    interlock.checked(Answer(step=Step.CABLE_CHECK, isolation=Isolation.VALID), 0.0)
    mirror = replace(READY, present_voltage=350.0)
    interlock.told(mirror, READING, 350.0, 0.05)
    interlock.told(mirror, replace(READING, pack_voltage=362.0), 350.0, 0.3)
    assert not told(interlock, (1.25, 350.0), (1.5, 350.0)) and interlock.doubt
