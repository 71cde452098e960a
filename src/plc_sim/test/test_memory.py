# SPDX-License-Identifier: Apache-2.0
"""A simulated vehicle whose node is started anew is plugged in and locked as it was."""

import pytest

from plc_kit.outputs import VehicleOutputs
from plc_sim.remains import Remains
from plc_sim.vehicle import Vehicle, VehicleSettings


def test_plug_lock_and_charge_stay_where_they_were_and_contactors_fall_open():
    anew = Vehicle(VehicleSettings(), 10.0, Remains(plugged=True, locked=True, soc=0.61))
    assert anew.plugged and anew.lock.closed and anew.outputs == VehicleOutputs(lock=True)
    assert anew.pack.soc == 0.61
    anew.tick(20.0)
    assert anew.lock.closed and not anew.end.connected


def test_a_plug_that_was_pulled_does_not_go_in_by_itself():
    anew = Vehicle(
        VehicleSettings(plug_in_after=0.5), 10.0, Remains(plugged=False, locked=False, soc=0.61)
    )
    anew.tick(20.0)
    assert not anew.plugged


def test_a_vehicle_whose_plug_is_still_to_go_in_leaves_nothing():
    vehicle = Vehicle(VehicleSettings(plug_in_after=0.5), 10.0)
    assert vehicle.remains is None
    vehicle.tick(10.6)
    assert vehicle.remains == Remains(plugged=True, locked=False, soc=0.5)


def test_what_is_left_is_read_back_to_a_tenth_of_a_per_cent():
    left = Remains(plugged=True, locked=True, soc=0.61234).to_text()
    assert Remains.of_text(left) == Remains(plugged=True, locked=True, soc=0.612)


@pytest.mark.parametrize(
    'text', [None, '', 'null', '[]', '{"plugged": true}', '{"soc": "x"}', '\0']
)
def test_a_file_that_is_not_there_or_holds_nonsense_counts_as_none(text):
    assert Remains.of_text(text) is None
