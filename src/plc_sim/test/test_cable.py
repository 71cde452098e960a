# SPDX-License-Identifier: Apache-2.0
"""The physics of the cable: what may be said of it for any two ends, and of any charge."""

import math

from hypothesis import given, settings, strategies as st
import pytest

from plc_kit.outputs import VehicleOutputs
from plc_sim.cable import (
    NO_CHARGER,
    NO_VEHICLE,
    SILENCE,
    ChargerEnd,
    FarEnd,
    Pilot,
    VehicleEnd,
    at_inlet,
    at_output,
    pilot_at_charger,
    pilot_at_inlet,
)
from plc_sim.pack import Pack
from plc_sim.pilot import PilotOrder
from plc_sim.supply import SupplyOrder

VOLTS = st.floats(0.0, 1000.0)
AMPERES = st.floats(0.0, 500.0)
BOOLEANS = st.booleans()
VEHICLES = st.builds(
    VehicleEnd,
    BOOLEANS,
    st.sampled_from([Pilot.B, Pilot.C]),
    BOOLEANS,
    BOOLEANS,
    VOLTS,
    st.floats(0.001, 1.0),
)
CHARGERS = st.builds(ChargerEnd, st.floats(0.0, 1.0), BOOLEANS, BOOLEANS, VOLTS, AMPERES, VOLTS)


@given(VEHICLES, CHARGERS)
def test_no_current_flows_with_any_contactor_open_nor_without_a_plug(vehicle, charger):
    joined = vehicle.plugged and vehicle.connected and charger.connected
    assert joined or at_inlet(vehicle, charger).current == 0.0
    assert joined or at_output(vehicle, charger).current == 0.0


@given(VEHICLES, CHARGERS)
def test_both_ends_of_a_plugged_cable_measure_the_same(vehicle, charger):
    if vehicle.plugged:
        assert at_inlet(vehicle, charger) == at_output(vehicle, charger)


@given(VEHICLES, CHARGERS)
def test_current_never_exceeds_its_limit_nor_flows_back_nor_lifts_above_the_setpoint(
    vehicle, charger
):
    voltage, current = at_inlet(vehicle, charger)
    assert 0.0 <= current <= charger.current_limit
    if current > 0.0:
        assert voltage <= charger.voltage + 1e-9


def test_an_unplugged_end_is_on_its_own():
    vehicle = VehicleEnd(False, Pilot.B, False, True, 355.0, 0.1)
    charger = ChargerEnd(1.0, False, True, 400.0, 10.0, 400.0)
    assert at_inlet(vehicle, charger) == (355.0, 0.0)
    assert at_output(vehicle, charger) == (400.0, 0.0)
    assert pilot_at_charger(vehicle, charger).state is Pilot.A
    assert pilot_at_inlet(vehicle, charger).state is Pilot.A


def test_an_end_counts_as_gone_after_half_a_second():
    vehicle = VehicleEnd(True, Pilot.C, True, True, 355.0, 0.1)
    far = FarEnd(NO_VEHICLE)
    far.hear(vehicle, 0.0, 10.0)
    assert far.at(10.0 + SILENCE - 0.001) == vehicle
    assert far.at(10.0 + SILENCE) is NO_VEHICLE


@pytest.mark.parametrize('age', [3600.0, -3600.0])
def test_a_played_back_end_is_not_heard(age):
    far = FarEnd(NO_CHARGER)
    far.hear(ChargerEnd(0.05, False, True, 400.0, 10.0, 400.0), age, 0.0)
    assert far.at(0.0) is NO_CHARGER


@pytest.mark.parametrize('nonsense', [math.nan, math.inf])
def test_an_end_with_no_number_is_not_heard(nonsense):
    far = FarEnd(NO_CHARGER)
    far.hear(ChargerEnd(0.05, False, True, nonsense, 10.0, 400.0), 0.0, 0.0)
    assert far.at(0.0) is NO_CHARGER


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_fuller_pack_has_more_voltage(one, other):
    low, high = sorted((one, other))
    pack = [Pack(355.0, 60000.0, 0.1, soc).voltage for soc in (low, high)]
    assert pack[0] <= pack[1]
    assert Pack(355.0, 60000.0, 0.1, 0.5).voltage == pytest.approx(355.0)


@given(st.lists(st.tuples(AMPERES, st.floats(0.0, 600.0)), max_size=20))
def test_a_pack_stores_what_it_takes_and_is_never_more_than_full(steps):
    pack = Pack(355.0, 5000.0, 0.1, 0.5)
    for current, seconds in steps:
        pack.charge(current, seconds)
    assert pack.soc <= 1.0
    assert pack.soc - 0.5 == pytest.approx(pack.stored / 5000.0, abs=1e-9)


CURRENTS = st.lists(st.floats(0.0, 200.0), min_size=1, max_size=4)


@settings(max_examples=15, deadline=None)
@given(CURRENTS)
def test_what_the_supply_delivers_is_stored_or_warms_the_pack(play, currents):
    p = play()
    p.charge(current=0.0)
    lost = 0.0
    for current in currents:
        p.delivers(403.0, current)
        for _ in range(10):
            before = p.scene.now
            flowing = p.supply.reading.output.current
            p.go(0.1)
            lost += flowing**2 * p.vehicle.pack.resistance * (p.scene.now - before) / 3600.0
    delivered = p.supply.delivered
    assert delivered == pytest.approx(p.vehicle.pack.stored + lost, abs=0.01, rel=0.02)


@settings(max_examples=15, deadline=None)
@given(st.floats(10.0, 200.0), st.floats(5.0, 400.0))
def test_a_rising_setpoint_is_followed_without_ever_falling_nor_faster_than_the_ramp(
    play, goal, ramp
):
    p = play(supply={'current_ramp': ramp})
    p.charge(current=0.0)
    p.delivers(403.0, goal)
    p.command()
    before = p.supply.reading.output.current
    for _ in range(100):
        p.scene.run(0.02)
        now = p.supply.reading.output.current
        assert before - 1e-9 <= now <= min(goal, before + ramp * 0.02) + 1e-6
        before = now
        p.command()


def order(p, kind):
    match kind:
        case VehicleOutputs():
            p.orders.vehicle = kind
        case SupplyOrder():
            p.orders.supply = kind
        case PilotOrder():
            p.orders.pilot = kind


ORDERS = st.one_of(
    st.builds(VehicleOutputs, BOOLEANS, BOOLEANS, BOOLEANS, st.sampled_from([Pilot.B, Pilot.C])),
    st.builds(SupplyOrder, BOOLEANS, VOLTS, AMPERES, BOOLEANS, BOOLEANS),
    st.builds(PilotOrder, st.sampled_from([0.05, 1.0]), BOOLEANS),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ORDERS, max_size=12), st.sampled_from(['vehicle', 'supply', 'pilot']))
def test_whatever_was_ordered_a_session_that_falls_silent_leaves_its_side_safe(
    play, orders, silent
):
    p = play()
    p.plug_in()
    for one in orders:
        order(p, one)
        p.go(0.2)
    setattr(p.orders, silent, None)
    p.go(2.0)
    if silent == 'vehicle':
        assert not p.vehicle.end.connected
        assert p.vehicle.outputs.pilot == Pilot.B
    elif silent == 'supply':
        assert not p.supply.reading.on
        assert not p.supply.end.connected
        assert p.supply.source.current_limit == 0.0
    else:
        assert p.supply.end.duty == 1.0


@pytest.mark.parametrize('speed', [1.0, 60.0])
def test_speed_scales_the_pack_and_nothing_else(play, speed):
    p = play({'speed': speed})
    p.charge(current=100.0)
    assert p.vehicle.reading.lock
    started, soc = p.scene.now, p.vehicle.pack.soc
    p.go(1.0)
    gained = (p.vehicle.pack.soc - soc) * 60000.0
    assert gained == pytest.approx(355.0 * 100.0 / 3600.0 * speed, rel=0.05)
    p.orders.vehicle = None
    p.go(0.4)
    assert p.vehicle.reading.plus
    p.go(0.3)
    assert not p.vehicle.reading.plus
    assert p.scene.now == pytest.approx(started + 1.7)
