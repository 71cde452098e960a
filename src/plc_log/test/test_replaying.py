# SPDX-License-Identifier: Apache-2.0
"""A machine of another mind is caught, with the first thing it decides otherwise."""

from dataclasses import replace
import json

from hypothesis import given, strategies as st
import pytest

from plc_kit.journal import REST, Entry, Journal
from plc_kit.written import Unreadable
from plc_log.replaying import RECIPES, played
from v2g.session.evcc.machine import Evcc
from v2g.session.evcc.settings import EvccSettings
from v2g.session.journal import GOALS
from v2g.session.readings import (
    DataLinkReading,
    LinkReading,
    ModemReading,
    ModemState,
    PilotState,
    SlacReading,
    Switch,
    VehicleReading,
)
from v2g.session.secc.machine import Secc
from v2g.session.side import Phase, Side

QUERIES = {'battery', 'check', 'measures', 'drive_lock'}  # tell something, and change nothing
BY_GOALS = {'start', 'take_back'}  # done by what the goals are told, which is an input
PLUGGED = VehicleReading(
    pack_voltage=350.0,
    soc=0.5,
    max_voltage=400.0,
    max_current=100.0,
    max_power=40_000.0,
    max_inlet_current=200.0,
    inlet_voltage=0.0,
    proximity=True,
    pilot=PilotState.B,
    contactor_plus=Switch.OPEN,
    contactor_minus=Switch.OPEN,
    lock=Switch.OPEN,
)


def session():
    """Return the journal of a vehicle that waits, is plugged in, and is told to stop."""
    journal = Journal(RECIPES, lambda: True)
    machine = journal.told(Evcc(EvccSettings(), bytes(6)))
    told = journal.entries(0.0)
    machine.modem(ModemReading(state=ModemState.READY), 1.0)
    machine.slac(SlacReading(), 1.0)
    machine.data_link(DataLinkReading(), 1.0)
    machine.vehicle(PLUGGED, 1.1)
    machine.vehicle(replace(PLUGGED, soc=0.51), 1.2)
    machine.stop(1.3)
    return told + journal.entries(1.3)


def test_the_same_inputs_lead_to_the_same_decisions():
    replay = played(session())
    assert (replay.machine, replay.played, replay.difference) == ('Evcc', 6, None)


def test_limits_that_were_lowered_meanwhile_are_lowered_in_the_replay():
    journal = Journal(RECIPES, lambda: True)
    machine = journal.told(Evcc(EvccSettings(), bytes(6)))
    told = journal.entries(0.0)
    lower = EvccSettings(target_soc=0.4)
    machine.check(lower)
    machine.adjust(lower, 1.0)
    machine.vehicle(PLUGGED, 1.1)
    told += journal.entries(1.1)
    assert played(told).difference is None
    rest = journal.entries(9.0)  # the whole machine, and it goes on from there
    machine.vehicle(PLUGGED, 9.1)
    assert '0.4' in rest[0].text
    replay = played(rest + journal.entries(9.1))
    assert (replay.played, replay.difference) == (1, None)


def test_a_journal_that_begins_on_the_way_up_is_played_from_there():
    listened = []
    journal = Journal(RECIPES, lambda: bool(listened))
    machine = journal.told(Evcc(EvccSettings(), bytes(6)))
    machine.modem(ModemReading(state=ModemState.READY), 1.0)
    machine.slac(SlacReading(), 1.0)
    machine.data_link(DataLinkReading(), 1.0)
    machine.vehicle(PLUGGED, 1.1)
    assert machine.phase is Phase.CLIMBING
    listened.append('now')
    told = journal.entries(1.1)
    machine.link(LinkReading(carrier=False), 1.2)
    replay = played(told + journal.entries(1.2))
    assert (replay.played, replay.difference) == (1, None)
    assert Phase.IDLE.name == 'IDLE', 'the class of a value was changed'


def test_a_machine_that_was_changed_is_caught_at_its_first_other_decision(monkeypatch):
    entries = session()
    monkeypatch.setattr(Side, 'stop', lambda self, now, reason='': self._settle(now))
    difference = played(entries).difference
    assert str(difference) == (
        'entry 7, told stop: the decision was StageChanged, StageChanged, Ended, and is nothing'
    )


def test_an_other_value_is_named_by_its_field(monkeypatch):
    entries = session()
    stop = Side.stop
    monkeypatch.setattr(Side, 'stop', lambda self, now: stop(self, now, 'enough'))
    difference = played(entries).difference
    assert difference.what == 'the decision StageChanged.state.reason'
    assert (difference.then, difference.now) == ("'stop was asked for'", "'enough'")


def test_a_machine_that_fails_now_is_a_difference(monkeypatch):
    entries = session()
    monkeypatch.setattr(Evcc, 'vehicle', lambda self, reading, now: 1 // 0)
    assert 'ZeroDivisionError' in str(played(entries).difference)


def test_other_outputs_are_a_difference_though_nothing_is_told(monkeypatch):
    entries = session()
    monkeypatch.setattr(Evcc, 'command', property(lambda self: None))
    assert played(entries).difference.what == 'the outputs'


@pytest.mark.parametrize('name', ['Evcc', 'Secc'])
def test_whatever_a_session_may_be_told_is_an_input(name):
    machine = {'Evcc': Evcc, 'Secc': Secc}[name]
    public = {word for word in dir(machine) if not word.startswith('_')}
    methods = {word for word in public if callable(getattr(machine, word))}
    methods -= QUERIES | BY_GOALS
    assert {word for word in RECIPES[name].inputs if not word.startswith(GOALS)} == methods


def test_what_is_missing_is_a_gap_and_no_difference():
    entries = session()
    replay = played(entries[:3] + entries[4:])
    assert (replay.missing, replay.played, replay.skipped, replay.difference) == (1, 2, 3, None)


@pytest.mark.parametrize('told_at_once', [True, False])
def test_what_was_told_while_nobody_listened_is_a_gap_and_no_difference(told_at_once):
    listened = ['at first']
    journal = Journal(RECIPES, lambda: bool(listened))
    machine = journal.told(Evcc(EvccSettings(), bytes(6)))
    told = journal.entries(0.0)
    machine.modem(ModemReading(state=ModemState.READY), 1.0)
    told += journal.entries(1.0)
    if told_at_once:
        listened.clear()
    machine.vehicle(PLUGGED, 1.1)
    listened.clear()
    told += journal.entries(1.1)
    listened.append('again')
    machine.stop(1.2)
    told += journal.entries(1.2)
    machine.link(LinkReading(carrier=False), 1.3)
    replay = played(told + journal.entries(1.3))
    assert (replay.missing, replay.played, replay.difference) == (1, 2, None)


def test_a_journal_that_begins_in_the_middle_plays_nothing():
    replay = played(session()[1:])
    assert (replay.played, replay.skipped) == (0, 6)


WORDS = st.text(max_size=8) | st.sampled_from(['is', 'of', 'name', 'hex', 'args', 'state'])
NONSENSE = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=10,
)


@given(what=NONSENSE, at=st.integers(0, 6))
def test_nonsense_in_a_journal_is_a_sentence(what, at):
    entries = session()
    entries[at] = replace(entries[at], text=json.dumps(what))
    try:
        played(entries)
    except Unreadable as error:
        assert str(error)


@given(text=st.text(), told=st.sampled_from([REST, 'tick', 'goals.accept', 'mac=', '__init__']))
def test_text_that_is_no_json_is_a_sentence(text, told):
    try:
        played([*session(), Entry('Evcc', 8, told, text)])
    except Unreadable as error:
        assert str(error)


def test_a_machine_that_nobody_knows_is_a_sentence():
    with pytest.raises(Unreadable, match='is no machine of this version'):
        played([Entry('Toaster', 1, REST, '{}')])
