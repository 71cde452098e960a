# SPDX-License-Identifier: Apache-2.0
"""Where current flows: what a vehicle must know, compare and refuse (R1, R3 to R5, R9, R10)."""

from math import inf, nan

import pytest

from v2g.session.stage import Stage

LOOP = Stage.CHARGE_LOOP
NEEDED = ['soc', 'pack_voltage', 'max_voltage', 'max_current', 'max_power', 'max_inlet_current']


def until_end(charge, until=60.0):
    charge.run(until, lambda play: play.ended('pev'))
    return charge.evcc.state.error


# 1: what R10 needs is there


@pytest.mark.parametrize('value', [nan, inf, -inf, -1.0])
@pytest.mark.parametrize('name', NEEDED)
def test_safety_1_nothing_begins_without_a_value_that_r10_needs(play, name, value):
    charge = play()
    charge.vehicle.override = {name: value}
    charge.run(10.0)
    assert charge.evcc.state.attempt == 0
    assert name in charge.evcc.state.reason
    charge.vehicle.override = {}
    charge.reach(LOOP)


def test_safety_1_all_that_is_missing_is_named_and_a_voltage_of_0_is_none(play):
    charge = play()
    charge.vehicle.override = dict.fromkeys(NEEDED, nan) | {'pack_voltage': 0.0}
    charge.run(1.0)
    assert all(name in charge.evcc.state.reason for name in NEEDED)


@pytest.mark.parametrize('value', [nan, inf, -1.0])
@pytest.mark.parametrize('name', NEEDED)
def test_safety_1_what_goes_missing_on_the_way_up_ends_the_session_as_it_begins(play, name, value):
    charge = play()
    charge.match = lambda: None  # no link yet
    charge.at_once = 1  # readings come between messages
    charge.run(2.0)
    assert charge.evcc.state.attempt == 1
    del charge.match
    charge.vehicle.override = {name: value}
    charge.run(5.0, lambda play: play.ends('pev'))
    assert charge.ends('pev')[0].error in ('VALUE_MISSING', 'OVERVOLTAGE')
    assert 'CABLE_CHECK' not in charge.stages('pev')


@pytest.mark.parametrize('value', [inf, -1.0])
@pytest.mark.parametrize('name', ['soc', 'max_current', 'max_power', 'max_inlet_current'])
def test_safety_1_a_limit_that_turns_to_nonsense_is_lost(play, name, value):
    charge = play().reach(LOOP)
    charge.vehicle.override = {name: value}
    charge.run(charge.now + 0.1)
    assert charge.evcc.state.error in ('VALUE_MISSING', '')
    assert charge.evcc.state.stage is not LOOP
