# SPDX-License-Identifier: Apache-2.0
"""charging/battery_state as other ROS packages read it, over whole charges in virtual time."""

from itertools import groupby
from math import inf, isnan, nan

import pytest

from v2g.session.battery import Battery, SupplyStatus, measured
from v2g.session.readings import STALE
from v2g.session.stage import Stage

DOCKING_THRESHOLD = 0.5  # A; charging_threshold of opennav_docking's SimpleChargingDock


def is_charging(battery):
    """The rule of SimpleChargingDock: nothing but the current."""
    return battery.current > DOCKING_THRESHOLD


def watched(charge):
    """Play a charge, and note at each step what a dock would think."""
    seen = []

    def look(play):
        battery = play.evcc.battery(play.now)
        seen.append((is_charging(battery), play.evcc.state.stage, play.vehicle.closed, battery))

    charge.watch = look
    charge.finish()
    return seen


def assert_charging_only_with_contactors(seen):
    phases = [key for key, _ in groupby(charging for charging, *_ in seen)]
    assert phases == [False, True, False]
    while_true = {stage for charging, stage, *_ in seen if charging}
    assert Stage.CHARGE_LOOP in while_true
    assert while_true <= {Stage.START, Stage.CHARGE_LOOP, Stage.STOP, Stage.SAFE_END}
    assert all(closed for charging, _, closed, _ in seen if charging)


def test_a_dock_sees_charging_from_precharge_done_until_the_stop(play):
    assert_charging_only_with_contactors(watched(play()))


def test_a_dock_sees_no_charging_after_a_fault(play):
    charge = play()
    charge.reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 1.0)
    charge.vehicle.override = {'fault': 'the coolant pump stands still'}
    charge.finish()
    assert not is_charging(charge.evcc.battery(charge.now))


def test_status_follows_the_current(play):
    for charging, stage, _, battery in watched(play()):
        assert (battery.status is SupplyStatus.CHARGING) == charging
        assert battery.present and battery.voltage > 300 and 0.5 <= battery.percentage < 0.9
        assert stage is not Stage.PRECHARGE or battery.status is SupplyStatus.NOT_CHARGING


@pytest.mark.parametrize(
    ('current', 'soc', 'status'),
    [
        (80.0, 0.5, SupplyStatus.CHARGING),
        (80.0, 1.0, SupplyStatus.CHARGING),
        (0.2, 0.5, SupplyStatus.NOT_CHARGING),
        (0.0, 1.0, SupplyStatus.FULL),
        (-3.0, 1.0, SupplyStatus.DISCHARGING),
        (0.0, nan, SupplyStatus.NOT_CHARGING),
        (nan, 0.5, SupplyStatus.UNKNOWN),
    ],
)
def test_status_of_a_current(current, soc, status):
    assert Battery(True, 360.0, current, soc).status is status


def test_a_vehicle_that_falls_silent_is_not_charging_for_ever(play):
    charge = play()
    charge.reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 1.0)
    assert is_charging(charge.evcc.battery(charge.now))
    charge.silent.add('vehicle')
    charge.run(charge.now + STALE + 0.1)
    battery = charge.evcc.battery(charge.now)
    assert isnan(battery.current) and not battery.present
    assert battery.status is SupplyStatus.UNKNOWN


def test_the_chargers_view_has_the_state_of_charge_it_was_told(play):
    charge = play()
    charge.reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 1.0)
    battery = charge.secc.battery(charge.now)
    assert battery.present and is_charging(battery)
    assert battery.percentage == pytest.approx(charge.vehicle.soc, abs=0.02)


@pytest.mark.parametrize('nobody_measures', [{'pack_current': nan}, {'pack_current': 0.0}])
def test_robot_2_a_charge_is_one_where_the_pack_s_current_is_not_measured(play, nobody_measures):
    charge = play()
    charge.vehicle.override = nobody_measures
    seen = watched(charge)
    assert_charging_only_with_contactors(seen)
    loop = [battery for _, stage, _, battery in seen if stage is Stage.CHARGE_LOOP]
    assert max(battery.current for battery in loop) > 50.0


@pytest.mark.parametrize(
    ('amperes', 'shown'),
    [
        ((80.0, 81.0, 82.0), 80.0),
        ((nan, 81.0, 82.0), 81.0),
        ((nan, nan, 82.0), 82.0),
        ((0.0, nan, 82.0), 82.0),
        ((0.0, 0.0, nan), 0.0),
        ((-3.0, 81.0, 82.0), -3.0),
        ((inf, 81.0, nan), 81.0),
    ],
)
def test_robot_2_the_current_is_the_first_that_somebody_measured(amperes, shown):
    assert measured(*amperes) == shown


def test_robot_2_the_stage_says_it_where_nobody_measures():
    assert isnan(measured(nan, nan, nan))
    status = {stage: Battery(True, 360.0, nan, 0.5, stage).status for stage in Stage}
    assert status[Stage.CHARGE_LOOP] is SupplyStatus.CHARGING
    assert status[Stage.IDLE] is SupplyStatus.UNKNOWN
    assert status[Stage.PRECHARGE] is status[Stage.FINISHED] is SupplyStatus.NOT_CHARGING
