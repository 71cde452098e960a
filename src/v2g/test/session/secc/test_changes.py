# SPDX-License-Identifier: Apache-2.0
"""What changes while current flows: limits, the plug, the wall clock (abuse 36, 38, 42)."""

from dataclasses import replace
from math import isnan

import pytest

from v2g.session.exchange import Limits, Step
from v2g.session.readings import PilotReading, PilotState


@pytest.fixture
def loop(charger):
    """A charger in its loop, 40 A at 390 V."""
    client = charger().reach(Step.CHARGE_LOOP)
    client.ask(Step.CHARGE_LOOP, target_voltage=390.0, target_current=40.0)
    return client


def demand(client, **more):
    asked = {'target_voltage': 390.0, 'target_current': 40.0, **more}
    return client.ask(Step.CHARGE_LOOP, **asked).Body


@pytest.mark.parametrize(
    ('can', 'volts', 'amperes'),
    [
        ({'max_current': 20.0}, 390.0, 20.0),
        ({'max_voltage': 360.0}, 360.0, 40.0),
        ({'max_power': 3900.0}, 390.0, 10.0),
        ({'max_current': 0.0}, 390.0, 0.0),
        ({'max_current': -5.0}, 390.0, 0.0),
        ({'max_current': 1e9, 'max_power': 1e9, 'max_voltage': 1e9}, 390.0, 40.0),
    ],
)
def test_abuse_36_a_limit_of_the_supply_counts_from_the_next_answer_on(loop, can, volts, amperes):
    loop.bench.override = can
    loop.wait()
    body = demand(loop)
    assert loop.command.voltage == volts
    assert loop.command.current == pytest.approx(amperes)
    for name, element in [('current', 'Current'), ('voltage', 'Voltage'), ('power', 'Power')]:
        told = getattr(body, f'EVSEMaximum{element}Limit')
        expected = can.get(f'max_{name}', told)
        assert told is None if isnan(expected) else told == pytest.approx(min(expected, 32_767e3))
    assert loop.error == ''
    assert loop.violations == []


def test_abuse_36_a_vehicles_limit_that_falls_is_kept_at_once(loop):
    less = Limits(max_voltage=380.0, max_current=15.0, max_power=20_000.0)
    demand(loop, limits=less)
    assert (loop.command.voltage, loop.command.current) == (380.0, 15.0)
    assert loop.error == ''


def test_abuse_36_a_voltage_that_stands_still_is_no_fault(loop):
    loop.bench.override = {'voltage': 350.0, 'current': 40.0}
    loop.wait()
    for _ in range(50):
        assert demand(loop).EVSEPresentVoltage == pytest.approx(350.0)
    assert loop.error == ''


@pytest.mark.parametrize('state', [PilotState.A, PilotState.B, PilotState.E, PilotState.F])
def test_abuse_38_one_reading_without_c_is_enough(loop, state):
    loop.pilot = state
    loop.measure()
    assert not loop.command.output
    loop.pilot = PilotState.C
    loop.wait(3)
    assert not loop.command.output  # coming back helps nobody
    assert loop.ends() or loop.secc.state.active


@pytest.mark.parametrize('hours', [1, -1])
def test_abuse_42_a_wall_clock_that_jumps_costs_one_reading(loop, hours):
    """Ages come of two wall clocks, timers of the monotonic one."""
    before = loop.command
    supply = loop.bench.reading(loop.command)
    loop.take(loop.secc.supply(replace(supply, voltage=999.0, age=3600.0 * hours), loop.now))
    pilot = PilotReading(pilot=PilotState.A, age=3600.0 * hours)
    loop.take(loop.secc.pilot(pilot, loop.now))
    assert loop.command == before
    assert loop.error == ''
    for _ in range(20):
        demand(loop)
        loop.wait(0.1)
    assert loop.error == ''


def test_abuse_42_readings_that_stay_old_are_no_readings(loop):
    loop.silent = {'supply'}
    for _ in range(60):
        loop.wait(0.01)
        supply = loop.bench.reading(loop.command)
        loop.take(loop.secc.supply(replace(supply, age=0.6), loop.now))
    assert loop.error == 'STALE_INPUT'
