# SPDX-License-Identifier: Apache-2.0
"""A simulated vehicle whose node is started anew is plugged in and locked as it was."""

import pytest

from plc_kit.outputs import VehicleOutputs
from plc_sim.ports.memory import Memory
from plc_sim.remains import Remains
from plc_sim.vehicle import Vehicle, VehicleSettings


def test_plug_lock_and_charge_stay_where_they_were_and_contactors_fall_open():
    anew = Vehicle(VehicleSettings(), 10.0, Remains(plugged=True, locked=True, soc=0.61))
    assert anew.plugged and anew.lock.closed and anew.outputs == VehicleOutputs(lock=True)
    assert anew.pack.soc == 0.61
    anew.tick(20.0)
    assert anew.lock.closed and not anew.end.connected


def test_a_plug_that_was_pulled_does_not_go_in_by_itself():
    anew = Vehicle(VehicleSettings(plug_in_after=0.5), 10.0, Remains(soc=0.61))
    anew.tick(20.0)
    assert not anew.plugged


def test_the_file_holds_what_was_kept_last(tmp_path):
    memory = Memory(str(tmp_path / 'vehicle.memory'))
    assert memory.recall() is None
    memory.keep(Remains(plugged=True, locked=False, soc=0.5))
    memory.keep(Remains(plugged=True, locked=True, soc=0.5004))
    memory.keep(Remains(plugged=True, locked=True, soc=0.5009))
    assert memory.recall() == Remains(plugged=True, locked=True, soc=0.5004)
    memory.forget()
    assert memory.recall() is None and list(tmp_path.iterdir()) == []


def test_before_the_first_plug_in_nothing_is_kept(tmp_path):
    memory = Memory(str(tmp_path / 'vehicle.memory'))
    memory.keep(Remains(soc=0.5))
    assert memory.recall() is None


@pytest.mark.parametrize('text', ['', 'null', '[]', '{"plugged": true}', '{"soc": "x"}', '\0'])
def test_a_file_that_holds_nonsense_counts_as_none(tmp_path, text):
    file = tmp_path / 'vehicle.memory'
    file.write_text(text)
    assert Memory(str(file)).recall() is None
