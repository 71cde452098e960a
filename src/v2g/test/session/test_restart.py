# SPDX-License-Identifier: Apache-2.0
"""A side that is started anew, with SLAC started anew too, begins nothing by itself (R5, R6)."""

from math import nan

import pytest

from v2g.session.evcc.machine import Evcc
from v2g.session.evcc.settings import EvccSettings
from v2g.session.kept import Kept
from v2g.session.readings import (
    DataLinkReading,
    ModemReading,
    ModemState,
    PilotState,
    SlacReading,
)
from v2g.session.secc.machine import Secc
from v2g.session.secc.settings import SeccSettings
from v2g.session.stage import Stage

SIDES = ('pev', 'evse')
LONG = 30.0  # s in which a session would begin


def restart(charge, kept):
    """Start all of both sides anew; what they are told of SLAC is as at the very first start."""
    charge.disconnect()
    reading = charge.vehicle.reading(charge)
    charge.evcc = Evcc(EvccSettings(), bytes(6))
    charge.secc = Secc(SeccSettings(), lambda n: bytes([7] * n))
    charge._matched = charge.link_id = 0
    for side, machine in zip(SIDES, (charge.evcc, charge.secc), strict=True):
        machine.recall(Kept.of_text(kept[side].to_text()), charge.now)
        charge.tell(machine.modem, ModemReading(state=ModemState.READY))
        charge.tell(machine.slac, SlacReading())
        charge.tell(machine.data_link, DataLinkReading())
    charge.tell(charge.evcc.vehicle, reading)  # before, the node asks nothing of its outputs
    return charge


def kept_of(charge):
    return {'pev': charge.evcc.kept, 'evse': charge.secc.kept}


def becomes_active(charge, seconds=LONG):
    """Let time pass; tell which sides had a session."""
    seen = set()

    def watch(play):
        for machine in (play.evcc, play.secc):
            seen.update({machine.state.role} if machine.active else set())

    charge.watch = watch
    charge.run(charge.now + seconds)
    return seen


@pytest.mark.parametrize('stage', [Stage.CABLE_CHECK, Stage.CHARGE_LOOP, Stage.FINISHED])
def test_nothing_begins_by_itself_behind_a_restart(play, stage):
    charge = play().reach(stage)
    restart(charge, kept_of(charge))
    assert becomes_active(charge) == set()
    assert {charge.ends(side)[-1].error for side in SIDES} == {'RESTARTED'}
    assert 'charging/reset' in charge.evcc.state.reason
    assert not charge.evcc.command.lock and charge.violations == []


@pytest.mark.parametrize('side', SIDES)
def test_one_side_that_knows_of_the_restart_is_enough(play, side):
    charge = play().reach(Stage.CHARGE_LOOP)
    restart(charge, {**dict.fromkeys(SIDES, Kept()), side: kept_of(charge)[side]})
    assert becomes_active(charge) == set()


def test_without_a_memory_a_restart_is_a_first_start(play):
    charge = play().reach(Stage.CABLE_CHECK)
    restart(charge, dict.fromkeys(SIDES, Kept()))
    assert becomes_active(charge) == set(SIDES)


def test_an_unplug_makes_the_next_plug_in_a_new_one(play):
    charge = play().reach(Stage.CHARGE_LOOP)
    restart(charge, kept_of(charge)).run(charge.now + 10)
    charge.plugged = False
    charge.run(charge.now + 3.1)
    assert kept_of(charge) == dict.fromkeys(SIDES, Kept())
    charge.plugged = True
    assert becomes_active(charge) == set(SIDES)


@pytest.mark.parametrize('pilot', [PilotState.UNKNOWN, PilotState.F])
def test_a_vehicle_that_measures_nothing_yet_was_not_unplugged(play, pilot):
    """Its node was started anew, and for some seconds fills in nothing (R5, R6)."""
    charge = play().reach(Stage.CHARGE_LOOP)
    charge.vehicle.override = {'proximity': False, 'pilot': pilot, 'duty': nan}
    charge.run(charge.now + 20.0)
    charge.vehicle.override = {}
    charge.run(charge.now + 20.0)
    assert charge.evcc.state.attempt == 1 and charge.evcc.kept.served


def test_a_reset_lets_it_begin_again_for_whoever_wants_it(play):
    charge = play().reach(Stage.CHARGE_LOOP)
    restart(charge, kept_of(charge)).run(charge.now + 10)
    for machine in (charge.evcc, charge.secc):
        assert charge.tell(machine.reset)[0]
    assert becomes_active(charge) == set()
    charge.tell(charge.evcc.start)
    assert becomes_active(charge) == set(SIDES)


@pytest.mark.parametrize('wait', [0.0, 30.0])
def test_an_emergency_stop_stays_latched_over_restart_and_unplug(play, wait):
    charge = play().reach(Stage.CHARGE_LOOP)
    charge.tell(charge.evcc.emergency_stop)
    charge.run(charge.now + wait)  # at once: the node dies before its safe end is over
    restart(charge, kept_of(charge)).run(charge.now + 10)
    assert 'emergency stop' in charge.evcc.state.reason
    charge.plugged = False
    charge.run(charge.now + 5)
    charge.plugged = True
    assert 'pev' not in becomes_active(charge)
    assert 'emergency stop' in charge.evcc.kept.latched
    charge.tell(charge.evcc.reset)
    assert charge.evcc.kept.latched == ''
    assert 'pev' not in becomes_active(charge)
    charge.tell(charge.evcc.start)
    assert becomes_active(charge) >= {'pev'}


@pytest.mark.parametrize('text', ['', '[]', '{"served": true}', 'null', '\0'])
def test_what_cannot_be_read_counts_as_served(text):
    assert Kept.of_text(text) == Kept(served=True)
    assert Kept.of_text(None) == Kept()
