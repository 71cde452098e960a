# SPDX-License-Identifier: Apache-2.0
"""SLAC's validation may show C on the pilot: dead, on the way up, and never for long (R8, R19)."""

import pytest

from v2g.session.evcc.machine import MOST_TOGGLES, TOGGLE, Evcc
from v2g.session.evcc.settings import EvccSettings
from v2g.session.outputs import VehicleOutputs
from v2g.session.readings import (
    DataLinkReading,
    PilotState,
    SlacReading,
    SlacState,
    Switch,
    VehicleReading,
)

C = VehicleOutputs(pilot=PilotState.C)


def reading(**about):
    known = {'pilot': PilotState.B, 'duty': 0.05, 'proximity': True, 'lock': Switch.OPEN}
    poles = {'contactor_plus': Switch.OPEN, 'contactor_minus': Switch.OPEN}
    pack = {'soc': 0.5, 'pack_voltage': 350.0, 'max_voltage': 400.0, 'max_power': 40_000.0}
    limits = {'max_current': 100.0, 'max_inlet_current': 200.0}
    return VehicleReading(**known | poles | pack | limits | about)


@pytest.fixture
def evcc():
    """A vehicle on its way up, at 0 s."""
    machine = Evcc(EvccSettings(), bytes(6))
    machine.slac(SlacReading(), 0.0)
    machine.data_link(DataLinkReading(), 0.0)
    machine.vehicle(reading(), 0.0)
    assert machine.state.attempt == 1
    return machine


def show_c(evcc, now, **about):
    told = {'state': SlacState.MATCHING, 'attempt': 1, 'show_c': True} | about
    evcc.slac(SlacReading(**told), now)


def test_c_is_shown_while_validation_wants_it_and_nothing_else_changes(evcc):
    show_c(evcc, 0.1)
    assert evcc.command == C
    show_c(evcc, 0.4, show_c=False)
    assert evcc.command == VehicleOutputs()


def test_a_slac_node_that_dies_leaves_c_for_no_longer_than_a_toggle_may_last(evcc):
    show_c(evcc, 0.1)
    assert evcc.deadline == pytest.approx(0.1 + TOGGLE)
    evcc.tick(evcc.deadline)
    assert evcc.command == VehicleOutputs()
    show_c(evcc, 0.6)
    assert evcc.command == VehicleOutputs()  # the same toggle again


def test_a_slac_node_that_never_stops_gets_nine_toggles_and_b_between_them(evcc):
    shown = ''
    for step in range(2000):
        now = 0.1 + step / 100
        evcc.vehicle(reading(), now)
        show_c(evcc, now, show_c=step % 38 > 0)
        shown += evcc.command.pilot.name
    runs = [len(run) / 100 for run in shown.split('B') if run]
    assert max(runs) <= TOGGLE
    assert TOGGLE < sum(runs) <= MOST_TOGGLES * TOGGLE


@pytest.mark.parametrize(
    'about', [{'attempt': 2}, {'state': SlacState.MATCHED}, {'state': SlacState.JOINING}]
)
def test_no_c_for_another_attempt_or_when_matching_is_over(evcc, about):
    show_c(evcc, 0.1, **about)
    assert evcc.command == VehicleOutputs()


@pytest.mark.parametrize(
    'do',
    [
        lambda evcc: evcc.emergency_stop(0.2),
        lambda evcc: evcc.stop(0.2),
        lambda evcc: evcc.data_link(DataLinkReading(ready=True, link_id=1), 0.2),
        lambda evcc: evcc.vehicle(reading(contactor_plus=Switch.CLOSED), 0.2),
        lambda evcc: evcc.vehicle(reading(pilot=PilotState.A), 0.2),
    ],
    ids=['emergency stop', 'stop', 'a link', 'a closed contactor', 'unplugged'],
)
def test_c_ends_at_once_with(evcc, do):
    show_c(evcc, 0.1)
    do(evcc)
    assert evcc.command.pilot is PilotState.B


def test_no_c_on_a_reading_that_is_stale(evcc):
    show_c(evcc, 0.6)
    assert evcc.command == VehicleOutputs()


def test_no_c_before_the_plug_is_in():
    machine = Evcc(EvccSettings(), bytes(6))
    show_c(machine, 0.1, attempt=0)
    assert machine.command == VehicleOutputs()
