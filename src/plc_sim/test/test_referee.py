# SPDX-License-Identifier: Apache-2.0
"""The referee calls each thing that must not be, once, and the side that did it."""

from dataclasses import replace
import math

import pytest

from plc_sim.cable import Pilot
from plc_sim.referee import TOGGLE, VOLTAGE_GONE, Referee, Rule, Sight

REST = Sight(
    pilot=Pilot.B,
    locked=False,
    vehicle_connected=False,
    charger_connected=False,
    pack_voltage=355.0,
    inlet_voltage=0.0,
    supply_voltage=0.0,
    output_voltage=0.0,
    inlet_current=0.0,
    output_current=0.0,
    broken_current=0.0,
)
CHARGING = Sight(
    pilot=Pilot.C,
    locked=True,
    vehicle_connected=True,
    charger_connected=True,
    pack_voltage=365.0,
    inlet_voltage=365.0,
    supply_voltage=403.0,
    output_voltage=365.0,
    inlet_current=100.0,
    output_current=100.0,
    broken_current=0.0,
)
PRECHARGED = replace(
    CHARGING,
    vehicle_connected=False,
    pack_voltage=355.0,
    inlet_voltage=350.0,
    output_voltage=350.0,
    supply_voltage=350.0,
    inlet_current=0.0,
    output_current=0.0,
)


def called(*sights):
    """Show sights to a new referee; each is (seconds since the one before, sight)."""
    referee, now = Referee(), 0.0
    for pause, seen in sights:
        now += pause
        referee.see(seen, now)
    return [(call.rule, call.side) for call in referee.violations]


def test_a_whole_charge_calls_nothing(play):
    p = play()
    p.charge(current=150.0)
    p.asks(pilot=Pilot.B)
    p.go(0.3)
    p.asks(plus=False, minus=False)
    p.delivers(0.0, 0.0)
    p.go(0.5)
    p.asks(lock=False)
    p.go(0.5)
    assert p.vehicle.reading.inlet.voltage < 60.0
    assert p.calls() == []


def test_opening_above_the_limit_is_the_vehicles():
    opened = replace(CHARGING, vehicle_connected=False, inlet_current=0.0, output_current=0.0)
    assert called((0, CHARGING), (0.1, opened)) == [(Rule.OPENED_UNDER_LOAD, 'pev')]


def test_opening_at_five_amperes_is_allowed():
    low = replace(CHARGING, inlet_current=5.0, output_current=5.0)
    opened = replace(CHARGING, vehicle_connected=False, inlet_current=0.0, output_current=0.0)
    assert called((0, low), (0.1, opened)) == []


def test_opening_one_second_after_b_is_allowed_at_any_current():
    stopping = replace(CHARGING, pilot=Pilot.B)
    opened = replace(stopping, vehicle_connected=False, inlet_current=0.0, output_current=0.0)
    assert called((0, CHARGING), (0.1, stopping), (1.0, opened)) == []
    early = called((0, CHARGING), (0.1, stopping), (0.5, opened))
    assert early == [(Rule.OPENED_UNDER_LOAD, 'pev')]


def test_a_charger_that_opens_under_load_is_called():
    opened = replace(CHARGING, charger_connected=False, inlet_current=0.0, output_current=0.0)
    broke = replace(opened, broken_current=100.0)
    assert called((0, CHARGING), (0.1, broke)) == [(Rule.OPENED_UNDER_LOAD, 'evse')]
    assert called((0, CHARGING), (0.1, replace(opened, broken_current=5.0))) == []


def test_a_charger_that_vanishes_is_not_called():
    gone = replace(CHARGING, charger_connected=None, inlet_current=0.0, output_current=0.0)
    assert called((0, CHARGING), (0.1, gone)) == []


@pytest.mark.parametrize(('inlet', 'calls'), [(340.0, 0), (334.0, 1), (376.0, 1), (374.0, 0)])
def test_closing_at_more_than_20_volts_is_called(inlet, calls):
    before = replace(PRECHARGED, inlet_voltage=inlet)
    closed = replace(before, vehicle_connected=True, inlet_voltage=355.0, pack_voltage=355.0)
    expected = [(Rule.CLOSED_ON_DIFFERENCE, 'pev')] * calls
    assert called((0, before), (0.1, closed)) == expected


def test_a_charger_that_closes_on_a_lower_pack_is_called():
    before = replace(CHARGING, charger_connected=False, inlet_current=0.0, output_current=0.0)
    assert called((0, before), (0.1, CHARGING)) == [(Rule.CLOSED_ON_DIFFERENCE, 'evse')]


def test_unlocking_above_60_volts_is_called_once():
    unlocked = replace(PRECHARGED, pilot=Pilot.B, locked=False, inlet_voltage=61.0)
    locked = replace(unlocked, locked=True)
    assert called((0, locked), (0.1, unlocked), (0.1, unlocked)) == [(Rule.UNLOCKED_LIVE, 'pev')]
    below = replace(unlocked, inlet_voltage=59.0)
    assert called((0, replace(below, locked=True)), (0.1, below)) == []


def test_a_charger_that_makes_an_unlocked_plug_live_is_called_for_both():
    live = replace(REST, inlet_voltage=400.0, output_voltage=400.0, charger_connected=True)
    assert called((0, REST), (0.1, live), (0.1, live)) == [
        (Rule.UNLOCKED_LIVE, 'evse'),
        (Rule.LIVE_WITHOUT_C, 'evse'),
    ]


C_UNLOCKED = replace(REST, pilot=Pilot.C)
UNLOCKED = [(Rule.ENERGY_UNLOCKED, 'pev')]


def test_c_without_lock_is_called():
    assert called((0, REST), (0.1, C_UNLOCKED), (TOGGLE, C_UNLOCKED)) == UNLOCKED
    opened = replace(PRECHARGED, locked=False, inlet_voltage=0.0, output_voltage=0.0)
    assert called((0, PRECHARGED), (0.1, opened)) == UNLOCKED


def test_r8_a_toggle_of_validation_at_a_dead_plug_is_not():
    assert called((0, REST), *[(0.3, C_UNLOCKED), (0.3, REST)] * 3) == []


@pytest.mark.parametrize(
    'more', [{'charger_connected': True}, {'vehicle_connected': True}, {'locked': True}]
)
def test_r8_c_that_begins_without_lock_and_is_meant_is_called_at_once(more):
    calls = called((0, REST), (0.1, C_UNLOCKED), (0.1, replace(C_UNLOCKED, **more)))
    assert UNLOCKED[0] in calls


def test_a_voltage_that_stays_after_c_is_the_chargers():
    left = replace(PRECHARGED, pilot=Pilot.B)
    sights = [(0, PRECHARGED), (0.1, left), (VOLTAGE_GONE - 0.1, left)]
    assert called(*sights) == []
    assert called(*sights, (0.2, left)) == [(Rule.LIVE_WITHOUT_C, 'evse')]


def test_r14_a_supply_has_a_moment_to_see_that_c_is_left_and_no_more():
    in_c = replace(PRECHARGED, output_voltage=20.0)
    left = replace(in_c, pilot=Pilot.B)
    risen, higher = replace(left, output_voltage=65.0), replace(left, output_voltage=110.0)
    sights = [(0, in_c), (0.01, left), (0.15, risen)]
    assert called(*sights, (0.3, risen), (0.1, risen)) == []
    assert called(*sights, (0.1, risen), (0.1, higher)) == [(Rule.LIVE_WITHOUT_C, 'evse')]
    slow = [replace(risen, output_voltage=70.0 + 3 * step) for step in range(5)]
    rises = [(0.05, one) for one in slow]
    assert called(*sights, (0.1, slow[0]), *rises) == [(Rule.LIVE_WITHOUT_C, 'evse')]
    late = [(0, in_c), (0.01, left), (0.21, left), (0.01, risen)]
    assert called(*late) == [(Rule.LIVE_WITHOUT_C, 'evse')]


def test_a_pack_that_stays_at_the_plug_after_c_is_the_vehicles():
    left = replace(CHARGING, pilot=Pilot.B, inlet_current=0.0, output_current=0.0)
    sights = [(0, CHARGING), (0.1, left), (VOLTAGE_GONE - 0.1, left)]
    assert called(*sights) == []
    assert called(*sights, (0.2, left)) == [(Rule.LIVE_WITHOUT_C, 'pev')]


@pytest.mark.parametrize(
    ('open_one', 'side'), [('vehicle_connected', 'pev'), ('charger_connected', 'evse')]
)
def test_current_without_contactors_is_called(open_one, side):
    flowing = replace(PRECHARGED, inlet_current=2.0, vehicle_connected=True)
    assert called((0, replace(flowing, **{open_one: False}))) == [
        (Rule.CURRENT_FROM_NOWHERE, side)
    ]


def test_what_is_not_measured_calls_nothing():
    blind = Sight(Pilot.UNKNOWN, None, None, None, *[math.nan] * 7)
    assert called((0, blind), (10, blind)) == []


def test_what_ended_and_begins_again_is_called_again():
    bad = replace(C_UNLOCKED, charger_connected=True)
    assert len(called((0, REST), (0.1, bad), (0.1, REST), (0.1, bad))) == 2
