# SPDX-License-Identifier: Apache-2.0
"""charging/drive_lock over whole charges in virtual time (R31)."""

from math import nan

import pytest

from v2g.session.readings import STALE, PilotState, Switch
from v2g.session.stage import Stage

AWAY = {'proximity': False, 'pilot': PilotState.A, 'lock': Switch.OPEN}
PARKED = {**AWAY, 'inlet_voltage': 0.0, 'inlet_current': 0.0}


def locked(charge):
    return charge.evcc.drive_lock(charge.now)


def test_robot_1_the_vehicle_stands_from_the_plug_to_the_unplug(play):
    charge = play()
    assert locked(charge)  # nothing is known yet
    seen = []
    charge.watch = lambda play: seen.append((play.evcc.state.stage, locked(play)))
    charge.finish()
    assert {Stage.CHARGE_LOOP, Stage.FINISHED} <= {stage for stage, _ in seen}
    assert all(lock for _, lock in seen)
    charge.vehicle.override = PARKED
    charge.run(charge.now + 1.0)
    assert not locked(charge)
    charge.silent.add('vehicle')
    charge.run(charge.now + STALE + 0.1)
    assert locked(charge)


@pytest.mark.parametrize(
    'doubt',
    [
        {'proximity': True},
        {'pilot': PilotState.B},
        {'pilot': PilotState.E},  # a charger without power
        {'pilot': PilotState.F},  # or one out of order, with the release button pressed
        {'pilot': PilotState.UNKNOWN},  # as in a message that nobody filled in
        {'lock': Switch.CLOSED},
        {'contactor_plus': Switch.CLOSED},
        {'inlet_voltage': 350.0},
    ],
)
def test_robot_1_any_sign_of_a_plug_or_of_volts_locks(play, doubt):
    charge = play()
    charge.vehicle.override = PARKED
    charge.run(charge.now + 1.0)
    assert not locked(charge)
    charge.vehicle.override = {**PARKED, **doubt}
    charge.run(charge.now + 0.5)
    assert locked(charge)


def test_robot_1_a_vehicle_without_sensors_at_its_inlet_may_drive_unplugged(play):
    charge = play()
    charge.vehicle.override = {**PARKED, 'inlet_voltage': nan, 'lock': Switch.UNKNOWN}
    charge.run(charge.now + 1.0)
    assert not locked(charge)
