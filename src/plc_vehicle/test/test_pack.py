# SPDX-License-Identifier: Apache-2.0
"""What a vehicle is made of, and what a pack tells."""

from dataclasses import replace
from math import isnan, nan

from hypothesis import given, strategies as st
import pytest

from plc_vehicle.battery_state import NotTaken, reading_of
from plc_vehicle.composition import (
    BATTERIES,
    MAPS,
    OUTPUTS,
    Composition,
    CompositionSettings,
    Contradiction,
    composed,
)
from plc_vehicle.gear import Sensed
from plc_vehicle.pack import (
    FixedPack,
    HeardPack,
    PackReading,
    PackSettings,
    Unlimited,
    limited,
    or_simulated,
    require_limits,
)
from plc_vehicle.status import status_of

PACK = PackReading(voltage=355.0, soc=0.5, max_current=100.0)


@pytest.mark.parametrize(
    ('wish', 'made_of'),
    [
        ({'vehicle': 'gpio'}, Composition('gpio', 'topic', '')),
        ({'vehicle': 'gpio', 'battery': 'parameters'}, Composition('gpio', 'parameters', '')),
        ({'vehicle': 'gpio', 'battery': 'can'}, Composition('gpio', 'can', 'clara')),
        ({'vehicle': 'battery', 'outputs': 'sim'}, Composition('sim', 'topic', '')),
        ({'vehicle': 'can'}, Composition('gpio', 'can', 'clara')),
        ({'vehicle': 'can', 'can_map': 'foccci'}, Composition('gpio', 'topic', 'foccci')),
        ({'vehicle': 'can', 'outputs': 'none'}, Composition('none', 'can', 'clara')),
    ],
)
def test_two_choices_make_a_vehicle(wish, made_of):
    assert composed(CompositionSettings(**wish)) == made_of


@pytest.mark.parametrize(
    ('wish', 'word'),
    [
        ({'vehicle': 'gpio', 'outputs': 'sim'}, 'outputs:=sim'),
        ({'vehicle': 'battery', 'battery': 'can'}, 'battery:=can'),
        ({'vehicle': 'can', 'battery': 'can', 'can_map': 'foccci'}, 'can_map:=foccci'),
    ],
)
def test_what_does_not_go_together_is_said(wish, word):
    with pytest.raises(Contradiction, match=word):
        composed(CompositionSettings(**wish))


@given(
    st.sampled_from(('gpio', 'battery', 'can')),
    st.sampled_from(OUTPUTS),
    st.sampled_from(BATTERIES),
    st.sampled_from(MAPS),
)
def test_a_battery_on_can_always_has_a_map_that_carries_one(vehicle, outputs, battery, can_map):
    try:
        made_of = composed(CompositionSettings(vehicle, outputs, battery, can_map))
    except Contradiction:
        return
    assert made_of.battery != 'can' or made_of.tells == 'clara'
    assert made_of.on_can or vehicle != 'can'


def test_a_pack_that_falls_silent_takes_no_current_and_is_a_fault():
    pack = HeardPack('battery_state', timeout=0.5)
    assert 'battery_state' in pack.reading(0.0).fault
    pack.hear(PACK, 10.0)
    assert pack.reading(10.5) == PACK
    silent = pack.reading(10.51)
    assert silent.max_current == 0.0 and 'battery_state' in silent.fault
    assert silent.voltage == 355.0


def test_what_is_not_taken_says_why_until_something_is():
    pack = HeardPack('battery_state', timeout=0.5)
    pack.reject('it tells no voltage')
    assert pack.reading(0.0).fault.endswith('it tells no voltage')
    pack.hear(PACK, 0.0)
    assert pack.reading(0.0).fault == ''


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_no_limit_of_the_user_is_ever_exceeded(told, own):
    reading = replace(PACK, max_voltage=told, max_current=told, max_power=nan)
    settings = PackSettings(max_voltage=own, max_current=own, max_power=own)
    capped = limited(reading, settings)
    assert capped.max_voltage <= told and capped.max_current <= told
    if own:
        assert capped.max_voltage <= own and capped.max_current <= own
        assert capped.max_power == own
    else:
        assert isnan(capped.max_power)


def test_a_real_vehicle_does_not_start_without_its_limits():
    with pytest.raises(Unlimited, match='max_current and max_power must be set'):
        require_limits(PackSettings(max_voltage=400.0), 'max_voltage', 'max_current', 'max_power')
    assert or_simulated(PackSettings(max_voltage=300.0)).max_voltage == 300.0
    assert or_simulated(PackSettings()).max_voltage == 403.0


def test_a_pack_of_parameters_needs_its_voltage():
    with pytest.raises(Unlimited, match='pack_voltage'):
        FixedPack(PackSettings())
    assert FixedPack(PackSettings(pack_voltage=360.0)).reading(0.0).voltage == 360.0


def test_a_battery_state_is_a_reading():
    reading = reading_of(355.0, 12.0, 0.5, 1, 0.1)
    assert reading == PackReading(voltage=355.0, current=12.0, soc=0.5)
    assert reading_of(355.0, nan, 0.5, 0, None).fault == ''
    assert reading_of(355.0, 0.0, 0.5, 2, None).fault == 'the battery is overheated'


@pytest.mark.parametrize(
    ('told', 'why'),
    [
        ((nan, 0.0, 0.5, 0, None), 'no voltage'),
        ((355.0, 0.0, 55.0, 0, None), '0 to 1'),
        ((355.0, 0.0, nan, 0, None), '0 to 1'),
        ((355.0, 0.0, 0.5, 0, 60.0), 'stamp'),
        ((355.0, 0.0, 0.5, 0, nan), 'stamp'),
    ],
)
def test_what_says_nothing_of_the_pack_is_not_taken(told, why):
    with pytest.raises(NotTaken, match=why):
        reading_of(*told)


def test_safety_1_an_inlet_without_a_limit_of_its_own_tells_the_packs():
    settings = PackSettings(max_voltage=400.0, max_current=80.0, max_power=20_000.0)
    told = status_of(limited(PackReading(voltage=350.0), settings), Sensed(), settings)
    assert told['max_inlet_current'] == 80.0
    own = replace(settings, max_inlet_current=32.0)
    assert status_of(PackReading(), Sensed(), own)['max_inlet_current'] == 32.0
