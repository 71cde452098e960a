# SPDX-License-Identifier: Apache-2.0
"""Every scenario ends as docs/rules.md demands; and the table is what the issue asks for."""

from dataclasses import replace
from itertools import pairwise
from math import inf
from pathlib import Path

import pytest

from plc_kit.lease import Lease
from plc_sim.scenario import cli
from plc_sim.scenario.record import complaints
from plc_sim.scenario.rows.words import FAST
from plc_sim.scenario.scenario import End
from plc_sim.scenario.script import ALWAYS, Acted, Drop, Hold, Let, Out, Rule, Script, Twice
from plc_sim.scenario.table import SCENARIOS, UnknownScenario, scenario
from plc_sim.scenario.virtual import Play
from v2g.exi import decode_document, encode
from v2g.schema import din
from v2g.session.evcc.machine import Evcc
from v2g.session.stage import Stage

PAGE = Path(__file__).parents[3] / 'docs/scenarios.md'


@pytest.mark.parametrize('name', SCENARIOS)
def test_a_scenario_ends_as_expected(name):
    row = SCENARIOS[name]
    assert complaints(row, Play(row).run()) == []


def test_every_scenario_stands_on_the_page_with_each_of_its_sources():
    page = dict(line.split(' | ', 1) for line in PAGE.read_text().splitlines() if '| `' in line)
    for row in SCENARIOS.values():
        for source in row.source.split(', '):
            assert f'`{row.name}`' in page[f'| {source.replace("_", " ")}']


def test_all_sixteen_cases_of_the_field_are_there():
    told = ' '.join(row.source for row in SCENARIOS.values()).replace(',', ' ').split()
    cases = {int(number) for word, number in pairwise(told) if word == 'case'}
    assert cases == set(range(1, 17))


@pytest.mark.parametrize(
    'change',
    [
        {'stage': Stage.PRECHARGE},
        {'error': 'OVERVOLTAGE'},
        {'reason': 'EVSE_Shutdown'},
        {'retry': True},
        {'locked': True},
        {'notice': -0.2},
        {'fouls': [('pev', 'unlocked above 60 V')]},
    ],
)
def test_a_scenario_that_ends_otherwise_is_not_ok(change):
    row = SCENARIOS['malfunction_in_current_demand']
    record = Play(row).run()
    assert complaints(replace(row, end=replace(row.end, **change)), record)


@pytest.mark.parametrize('name', [row.name for row in SCENARIOS.values() if row.end.since])
def test_a_fault_that_is_noticed_a_second_late_is_not_ok(name):
    row = SCENARIOS[name]
    due = replace(row.end, notice=row.end.notice - 1.0)
    assert any('not noticed' in one for one in complaints(replace(row, end=due), Play(row).run()))


def test_no_fault_may_be_noticed_at_any_time():
    for row in SCENARIOS.values():
        assert row.end.notice < inf or not row.end.fault, row.name


def test_a_session_that_does_not_end_and_a_script_that_does_nothing_are_not_ok():
    row = SCENARIOS['malfunction_in_current_demand']
    assert complaints(row, Play(replace(row, until=1.0)).run()) == ['the session does not end']
    idle = replace(
        SCENARIOS['good_case'], script=[Rule('NoSuchMessage', [Drop()])], end=End(notice=inf)
    )
    assert 'nothing was done' in complaints(idle, Play(idle).run())


@pytest.mark.parametrize(
    'name', ['unlock_under_current_is_refused', 'unlock_after_the_end_under_current_is_refused']
)
def test_a_lock_that_is_released_under_current_is_not_ok(name, monkeypatch):
    monkeypatch.setattr(Evcc, 'release_lock', lambda self, now: (True, '', self.tick(now)))
    wrong = complaints(SCENARIOS[name], Play(SCENARIOS[name]).run())
    assert any('release_lock granted' in one for one in wrong)


@pytest.mark.parametrize('amperes', [(0.0, 90.0), (110.0, 200.0)])
def test_a_warm_inlet_that_takes_another_current_is_not_ok(amperes):
    row = SCENARIOS['warm_inlet_takes_half']
    wrong = complaints(replace(row, end=replace(row.end, amperes=amperes)), Play(row).run())
    assert any('A flow' in one for one in wrong)


@pytest.mark.parametrize('name', [row.name for row in SCENARIOS.values() if row.incidents])
def test_an_incident_that_does_not_happen_is_not_ok(name):
    row = SCENARIOS[name]
    calm = replace(row, incidents=[], vehicle=FAST, deeds=())
    assert complaints(row, Play(calm).run())


def test_a_command_of_another_session_that_is_obeyed_is_not_ok(monkeypatch):
    monkeypatch.setattr(Lease, '_check', lambda *_: None)
    for name in ('foreign_commands_to_the_vehicle', 'foreign_commands_to_the_charger'):
        assert complaints(SCENARIOS[name], Play(SCENARIOS[name]).run())


def test_what_only_virtual_time_can_do_is_not_launched(capsys):
    assert cli.run(['--graph', 'foreign_commands_to_the_vehicle']) == 2
    assert 'virtual time only' in capsys.readouterr().err


def test_an_unknown_scenario_is_one_sentence_with_those_like_it(capsys):
    with pytest.raises(UnknownScenario, match="no scenario 'god_case'; names like it: good_case"):
        scenario('god_case')
    with pytest.raises(
        UnknownScenario, match=r"^no scenario 'zzzz'; all \d+: ros2 run \S+ \S+ --list$"
    ):
        scenario('zzzz')
    assert cli.run(['nonsense']) == 2
    assert capsys.readouterr().err.count('\n') == 1


def test_the_command_prints_one_table_and_its_status_tells(capsys, monkeypatch):
    assert cli.run(['malfunction_in_current_demand']) == 0
    assert 'CHARGER_FAULT' in capsys.readouterr().out
    wrong = replace(SCENARIOS['good_case'], end=End(error='OVERVOLTAGE'))
    monkeypatch.setitem(SCENARIOS, 'good_case', wrong)
    assert cli.run(['good_case']) == 1
    assert 'NOT' in capsys.readouterr().out


def message(body):
    header = din.MessageHeader(SessionID=bytes(8))
    return encode(din, din.V2G_Message(Header=header, Body=body))


def sent(script, body, now=0.0):
    """What a script makes of a message of a session that has agreed on DIN."""
    return script.pass_on(Out(False, 1, 0x8001, message(body)), now)


def stopped(code=din.ResponseCode.OK):
    return din.SessionStopRes(ResponseCode=code)


def begun(*rules):
    script = Script(rules)
    script.pass_on(Out(False, 1, 0x8001, b'\x00'), 0.0)  # supportedAppProtocol
    return script


def test_a_script_without_rules_changes_nothing():
    script = begun()
    assert sent(script, stopped()) == [Out(False, 1, 0x8001, message(stopped()))]


def test_a_rule_begins_at_its_message_and_ends_after_its_times():
    script = begun(Rule('SessionStopRes', [Drop()], nth=2, times=2))
    kept = [any(isinstance(e, Out) for e in sent(script, stopped())) for _ in range(4)]
    assert kept == [True, False, False, True]


def test_a_value_is_changed_in_every_message():
    failed = din.ResponseCode.FAILED
    script = begun(Rule('*Res', [Let({'ResponseCode': failed})], times=ALWAYS))
    acted, out = sent(script, stopped())
    assert isinstance(acted, Acted)
    assert decode_document(din, out.payload).message.Body == stopped(failed)


def test_a_message_is_held_and_sent_twice_when_its_time_has_come():
    script = begun(Rule('SessionStopRes', [Hold(2.0), Twice()]))
    assert [type(event) for event in sent(script, stopped(), now=1.0)] == [Acted]
    assert script.deadline == 3.0
    assert script.tick(2.9) == []
    assert len(script.tick(3.0)) == 2
