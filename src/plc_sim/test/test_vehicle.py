# SPDX-License-Identifier: Apache-2.0
"""The simulated vehicle obeys its lease, and only good commands (R6)."""

from dataclasses import replace
import math

import pytest

from plc_kit.lease import Terms
from plc_kit.outputs import VehicleOutputs
from plc_sim.cable import Pilot

CLOSE = VehicleOutputs(plus=True, minus=True, lock=True, pilot=Pilot.C)


def outputs(vehicle):
    return vehicle.plus.wanted, vehicle.minus.wanted, vehicle.lock.wanted, vehicle.outputs.pilot


def test_is_plugged_in_half_a_second_after_its_start(play):
    scene = play().scene
    scene.run(0.49)
    assert scene.vehicle.reading.pilot.state is Pilot.A
    scene.run(0.02)
    assert scene.vehicle.reading.pilot == (Pilot.B, 1.0)
    assert scene.supply.line == (Pilot.B, 1.0)


def test_stays_unplugged_where_it_is_told_so(play):
    p = play({'plugged': False})
    p.go(5.0)
    assert p.supply.line.state is Pilot.A


def test_the_lock_holds_the_plug(play):
    p = play()
    p.plug_in()
    p.asks(lock=True)
    p.go(0.3)
    assert not p.vehicle.plug(False, p.scene.now)
    p.asks(lock=False)
    p.go(0.3)
    assert p.vehicle.plug(False, p.scene.now)
    p.go(0.1)
    assert p.supply.line.state is Pilot.A


def test_contactors_and_lock_need_their_time(play):
    p = play({'contactor_delay': 0.3, 'lock_time': 0.6})
    p.plug_in()
    p.asks(lock=True, plus=True)
    p.command()
    p.scene.run(0.29)
    assert not p.vehicle.reading.plus
    p.scene.run(0.02)
    assert p.vehicle.reading.plus
    assert not p.vehicle.reading.minus
    assert not p.vehicle.reading.lock
    p.command()
    p.scene.run(0.31)
    assert p.vehicle.reading.lock


def test_a_lapse_opens_the_contactors_shows_b_and_leaves_the_lock(play):
    p = play()
    p.ready()
    p.asks(plus=True, minus=True)
    p.go(0.3)
    p.orders.vehicle = None
    p.go(0.5)
    reading = p.vehicle.reading
    assert reading.lease_lapsed
    assert not p.vehicle.plus.wanted
    assert reading.pilot.state is Pilot.B
    p.go(0.1)
    assert (reading := p.vehicle.reading).lock
    assert not reading.plus
    assert not reading.minus


def test_a_lapse_under_current_waits_for_the_charger_to_take_it_down(play):
    p = play(supply={'current_fall': 200.0})
    p.charge(current=100.0)
    p.orders.vehicle = None
    p.go(2.0)
    assert not p.vehicle.reading.plus
    assert p.calls() == []


def test_a_lapse_under_a_current_that_stays_opens_after_one_second(play):
    p = play(supply={'heeds_pilot': False})
    p.charge(current=100.0)
    p.orders.vehicle = None
    lapse = p.vehicle.obedience.deadline
    p.go(lapse + 0.99 - p.scene.now)
    assert p.vehicle.reading.plus
    assert p.vehicle.reading.pilot.state is Pilot.B
    p.go(0.07)
    assert not p.vehicle.reading.plus
    assert p.calls() == []


@pytest.mark.parametrize(
    ('terms', 'why'),
    [
        (Terms(1, 10_000, 0.5, age=3600.0), 'stamp'),
        (Terms(9, 10_000, 0.5, age=0.0), 'another session'),
        (Terms(1, 1, 0.5, age=0.0), 'sequence'),
        (Terms(1, 10_000, math.nan, age=0.0), 'finite'),
        (Terms(1, 10_000, 60.0, age=0.0), 'valid_for'),
    ],
)
def test_abuse_45_a_bad_command_moves_nothing_and_is_counted(play, terms, why):
    p = play()
    p.plug_in()
    before = outputs(p.vehicle)
    p.vehicle.command(CLOSE, terms, p.scene.now)
    assert outputs(p.vehicle) == before
    assert p.vehicle.obedience.refused == 1
    assert why in p.vehicle.obedience.why_refused


@pytest.mark.parametrize('pilot', [Pilot.UNKNOWN, Pilot.A, Pilot.D, Pilot.E, Pilot.F])
def test_a_pilot_state_that_no_resistor_shows_is_refused(play, pilot):
    p = play()
    p.plug_in()
    p.vehicle.command(replace(CLOSE, pilot=pilot), Terms(1, 10_000, 0.5, 0.0), p.scene.now)
    assert p.vehicle.outputs.pilot == Pilot.B
    assert 'pilot' in p.vehicle.obedience.why_refused


def test_a_restarted_vehicle_does_not_obey_a_command_to_close(play):
    p = play()
    p.orders.vehicle = CLOSE
    p.go(1.0)
    assert outputs(p.vehicle) == (False, False, False, Pilot.B)


def test_a_silent_charger_is_pilot_e_without_current(play):
    p = play()
    p.charge()
    p.scene.cut = True
    p.go(0.6)
    reading = p.vehicle.reading
    assert reading.pilot.state is Pilot.E
    assert math.isnan(reading.pilot.duty)
    assert reading.inlet.current == 0.0


def test_a_weld_is_suspected_and_keeps_the_pack_at_the_plug(play):
    p = play({'weld': 'plus'})
    p.charge()
    p.delivers(0.0, 0.0)
    p.go(0.2)
    p.asks(plus=False, minus=False)
    p.go(0.4)
    assert not p.vehicle.reading.weld_suspected
    p.go(0.3)
    assert p.vehicle.reading.weld_suspected
    assert p.vehicle.reading.plus
    assert not p.vehicle.end.connected


def test_without_inlet_sensors_nothing_is_measured(play):
    p = play({'inlet_sensors': False})
    p.charge()
    assert math.isnan(p.vehicle.reading.inlet.voltage)
    assert p.vehicle.reading.pack.current == pytest.approx(100.0)
