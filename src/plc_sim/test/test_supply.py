# SPDX-License-Identifier: Apache-2.0
"""The simulated supply obeys its lease and the pilot, and takes its time for it (R6, R13, R14)."""

from dataclasses import replace
import math

import pytest

from plc_kit.lease import Terms
from plc_sim.cable import Pilot
from plc_sim.pilot import PilotOrder
from plc_sim.supply import Isolation, SupplyOrder

FULL = SupplyOrder(
    output=True, voltage=400.0, current=100.0, contactors=True, isolation_test=False
)
TEST = replace(FULL, voltage=500.0, current=2.0, isolation_test=True)
AT_ONCE = {
    'voltage_ramp': 0.0,
    'current_ramp': 0.0,
    'current_fall': 0.0,
    'bleed_time': 0.0,
    'contactor_delay': 0.0,
    'isolation_time': 0.0,
}


def test_isolation_is_valid_after_the_test_and_invalid_before(play):
    p = play()
    p.ready()
    p.orders.supply = TEST
    p.go(2.9)
    assert p.supply.reading.isolation is Isolation.INVALID
    p.go(0.3)
    assert p.supply.reading.isolation is Isolation.VALID
    p.delivers(0.0, 0.0)
    p.go(0.4)
    assert p.supply.reading.output.voltage < 60.0
    assert p.supply.reading.isolation is Isolation.VALID


def test_a_second_test_begins_invalid(play):
    p = play(supply=AT_ONCE)
    p.ready()
    p.orders.supply = TEST
    p.go(0.1)
    assert p.supply.reading.isolation is Isolation.VALID
    p.delivers(0.0, 0.0)
    p.go(0.1)
    p.supply.settings = replace(p.supply.settings, isolation_time=1.0)
    p.orders.supply = TEST
    p.go(0.1)
    assert p.supply.reading.isolation is Isolation.INVALID


@pytest.mark.parametrize('result', ['warning', 'fault'])
def test_isolation_ends_as_the_parameter_says(play, result):
    p = play(supply={**AT_ONCE, 'isolation': result})
    p.ready()
    p.orders.supply = TEST
    p.go(0.1)
    assert p.supply.reading.isolation.name.lower() == result


def test_without_ramps_it_answers_a_command_at_once(play):
    p = play(supply=AT_ONCE)
    p.ready()
    p.delivers(355.0, 2.0)
    p.command()
    assert p.vehicle.reading.inlet.voltage == 355.0
    p.delivers(0.0, 0.0)
    p.command()
    assert p.vehicle.reading.inlet.voltage == 0.0


def test_a_setpoint_above_its_limits_is_held_at_them(play):
    p = play(supply={**AT_ONCE, 'max_voltage': 390.0, 'max_current': 50.0})
    p.ready()
    p.delivers(355.0, 2.0)
    p.go(0.1)
    p.asks(plus=True, minus=True)
    p.go(0.2)
    p.delivers(900.0, 900.0)
    p.go(0.2)
    assert p.supply.source.regulated == 390.0
    assert p.supply.reading.output.current == pytest.approx(50.0)


def test_power_is_limited(play):
    p = play(supply={**AT_ONCE, 'max_power': 10000.0})
    p.ready()
    p.delivers(355.0, 2.0)
    p.go(0.1)
    p.asks(plus=True, minus=True)
    p.go(0.2)
    p.delivers(403.0, 200.0)
    p.go(0.5)
    voltage, current = p.supply.reading.output
    assert voltage * current == pytest.approx(10000.0, rel=0.01)


def test_current_is_under_5_a_100_ms_after_the_pilot_leaves_c(play):
    p = play()
    p.charge(current=200.0)
    assert p.supply.reading.output.current == pytest.approx(200.0)
    p.asks(pilot=Pilot.B)
    p.go(0.1)
    assert p.supply.reading.output.current < 5.0


def test_it_stays_off_when_c_returns_until_it_was_told_to_be_off(play):
    p = play()
    p.charge()
    p.asks(pilot=Pilot.B)
    p.go(0.2)
    p.asks(pilot=Pilot.C)
    p.go(0.5)
    assert not p.supply.reading.on
    p.delivers(0.0, 0.0)
    p.go(0.1)
    p.delivers(403.0, 10.0)
    p.go(0.5)
    assert p.supply.reading.output.current == pytest.approx(10.0)


def test_one_that_ignores_b_delivers_on(play):
    p = play(supply={'heeds_pilot': False})
    p.charge(current=100.0)
    p.asks(pilot=Pilot.B)
    p.go(0.5)
    assert p.supply.reading.output.current == pytest.approx(100.0)


def test_a_lapse_switches_off_opens_and_bleeds(play):
    p = play()
    p.charge(current=200.0)
    p.orders.supply = None
    p.go(0.65)
    reading = p.supply.reading
    assert reading.lease_lapsed
    assert (reading.on, reading.contactors, reading.output.current) == (False, False, 0.0)
    p.asks(pilot=Pilot.B, plus=False, minus=False)
    p.go(0.5)
    assert p.supply.reading.output.voltage < 60.0
    assert p.calls() == []


def test_a_lapse_of_the_pilots_lease_ends_its_oscillation(play):
    p = play()
    p.plug_in()
    p.orders.pilot = None
    p.go(0.6)
    assert p.supply.pilot.lease_lapsed
    assert p.vehicle.reading.pilot == (Pilot.B, 1.0)


def test_a_voltage_that_never_falls_stays(play):
    p = play(supply={'bleed_time': 1e9})
    p.charge()
    p.asks(pilot=Pilot.B)
    p.delivers(0.0, 0.0)
    p.go(0.2)
    p.asks(plus=False, minus=False)
    p.go(3.0)
    assert p.vehicle.reading.inlet.voltage > 300.0


def test_a_vehicle_that_is_gone_is_state_a_and_the_output_goes_off(play):
    p = play()
    p.charge()
    p.scene.cut = True
    p.go(0.6)
    assert p.supply.line.state is Pilot.A
    assert not p.supply.reading.on
    p.go(0.5)
    assert p.supply.reading.output.voltage < 60.0


def test_bc_toggles_are_counted_until_the_plug_is_out(play):
    p = play()
    p.plug_in()
    p.asks(lock=True)
    p.go(0.3)
    for state in (Pilot.C, Pilot.B, Pilot.C, Pilot.B):
        p.asks(pilot=state)
        p.go(0.2)
    assert p.supply.pilot.toggles == 4
    p.asks(lock=False)
    p.go(0.3)
    p.vehicle.plug(False, p.scene.now)
    p.go(0.1)
    assert p.supply.pilot.toggles == 0


def test_out_of_order_is_state_f_on_both_sides(play):
    p = play()
    p.plug_in()
    p.orders.pilot = PilotOrder(1.0, True)
    p.go(0.1)
    assert p.vehicle.reading.pilot.state is p.supply.line.state is Pilot.F


@pytest.mark.parametrize(
    ('order', 'terms', 'why'),
    [
        (FULL, Terms(1, 10_000, 0.5, age=3600.0), 'stamp'),
        (FULL, Terms(9, 10_000, 0.5, age=0.0), 'another session'),
        (FULL, Terms(1, 1, 0.5, age=0.0), 'sequence'),
        (replace(FULL, voltage=math.nan), Terms(1, 10_000, 0.5, 0.0), 'finite'),
        (replace(FULL, current=math.inf), Terms(1, 10_000, 0.5, 0.0), 'finite'),
        (replace(FULL, current=-1.0), Terms(1, 10_000, 0.5, 0.0), 'cannot be set'),
    ],
)
def test_abuse_45_a_bad_command_moves_nothing_and_is_counted(play, order, terms, why):
    p = play()
    p.ready()
    p.supply.command(order, terms, p.scene.now)
    p.scene.run(0.2)
    assert p.supply.reading.output == (0.0, 0.0)
    assert p.supply.obedience.refused == 1
    assert why in p.supply.obedience.why_refused


@pytest.mark.parametrize('duty', [math.nan, -0.1, 1.5])
def test_abuse_45_a_duty_that_cannot_be_is_refused(play, duty):
    p = play()
    p.plug_in()
    p.supply.command_pilot(PilotOrder(duty, False), Terms(1, 10_000, 0.5, 0.0), p.scene.now)
    assert p.supply.pilot.duty == 0.05
    assert p.supply.pilot.obedience.refused == 1
