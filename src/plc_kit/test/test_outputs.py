# SPDX-License-Identifier: Apache-2.0
"""Outputs whose lease has lapsed go safe as a fault does (R1, R3, R6)."""

from math import nan

import pytest

from plc_kit.outputs import PILOT_B, PILOT_C, VehicleOutputs, lapsed
from plc_kit.vehicle_adapter import _amperes
from plc_msgs.msg import VehicleStatus

CHARGING = VehicleOutputs(plus=True, minus=True, lock=True, pilot=PILOT_C)


@pytest.mark.parametrize(
    ('since', 'current', 'closed'),
    [(0.0, 5.0, False), (0.0, 5.1, True), (0.99, 200.0, True), (1.0, 200.0, False)],
)
def test_contactors_open_at_five_amperes_or_after_a_second(since, current, closed):
    now = lapsed(CHARGING, since, current)
    assert (now.plus, now.minus) == (closed, closed)


def test_a_current_that_is_not_measured_is_waited_for():
    assert lapsed(CHARGING, 0.5, nan).plus
    assert not lapsed(CHARGING, 1.0, nan).plus


@pytest.mark.parametrize(
    ('inlet', 'pack', 'flows'),
    [(0.0, 80.0, 80.0), (-7.0, 3.0, 7.0), (nan, -9.0, 9.0), (2.0, nan, 2.0), (0.0, -9.0, 0.0)],
)
def test_what_flows_is_the_most_that_is_told(inlet, pack, flows):
    """An exact 0 may be a current that nobody filled in."""
    assert _amperes(VehicleStatus(inlet_current=inlet, pack_current=pack)) == flows


def test_the_pilot_is_b_at_once_and_the_lock_stays():
    now = lapsed(CHARGING, 0.0, 200.0)
    assert now.pilot == PILOT_B
    assert now.lock


def test_nothing_closes_by_a_lapse():
    assert lapsed(VehicleOutputs(), 0.0, 200.0) == VehicleOutputs()


@pytest.mark.parametrize(
    ('outputs', 'safe'),
    [
        (VehicleOutputs(), True),
        (VehicleOutputs(lock=True), True),
        (VehicleOutputs(plus=True), False),
        (VehicleOutputs(minus=True), False),
        (VehicleOutputs(pilot=PILOT_C), False),
    ],
)
def test_safe_is_what_lets_no_current_flow(outputs, safe):
    assert outputs.safe is safe


@pytest.mark.parametrize('pilot', [0, 1, 4, 5, 6, 255])
def test_a_pilot_state_that_no_resistor_shows_is_objected_to(pilot):
    assert VehicleOutputs(pilot=pilot).objection
    assert not CHARGING.objection
