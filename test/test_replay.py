# SPDX-License-Identifier: Apache-2.0
"""What sessions were told, told again: they decide the same, and a changed one is caught."""

import pytest

from plc_log.replay import main
from plc_log.replaying import played
from plc_sim.scenario.bag import recorded
from plc_sim.scenario.table import SCENARIOS
from plc_sim.scenario.virtual import Play
from v2g.session.evcc.demand import Demand

FIFTY = list(SCENARIOS)[:: len(SCENARIOS) // 50][:50]  # of both sides: a hundred sessions


def journals(name):
    """Return the journals of both sides of a scenario, by side."""
    told = {'pev': [], 'evse': []}
    Play(SCENARIOS[name], lambda side, _, entry: told[side].append(entry)).run()
    return told


@pytest.mark.parametrize('name', FIFTY)
def test_a_session_that_is_told_the_same_decides_the_same(name):
    for side, entries in journals(name).items():
        replay = played(entries)
        assert replay.difference is None, f'{side}: {replay.difference}'
        assert replay.played > 50 and not replay.skipped and not replay.gaps


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    """The bag of a whole charge in virtual time."""
    folder = tmp_path_factory.mktemp('bags')
    recorded(SCENARIOS['good_case'], folder)
    return folder / 'good_case'


def test_a_bag_is_replayed_from_the_command_line(bag, capsys):
    assert main([str(bag), str(bag)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and all(line.endswith('identical') for line in lines)


def test_a_vehicle_that_asks_for_another_current_is_caught_at_its_first_request(
    bag, capsys, monkeypatch
):
    real = Demand._current
    monkeypatch.setattr(Demand, '_current', lambda self, *args: real(self, *args) + 1)
    assert main([str(bag)]) == 1
    pev, evse = capsys.readouterr().out.splitlines()
    assert 'Evcc' in pev and 'DIFFERENT: entry ' in pev and 'the decision Send.payload' in pev
    assert evse.endswith('identical')


def test_a_bag_that_was_cut_is_replayed_up_to_there(bag, tmp_path, capsys):
    octets = next(bag.glob('*.mcap')).read_bytes()
    (tmp_path / 'cut.mcap').write_bytes(octets[: len(octets) // 2])
    assert main([str(tmp_path / 'cut.mcap')]) == 0
    told = capsys.readouterr()
    assert 'identical' in told.out and 'not closed by its recorder' in told.err


def test_a_bag_without_a_journal_is_a_sentence(tmp_path, capsys):
    (tmp_path / 'empty.mcap').write_bytes(b'\x89MCAP0\r\n')
    assert main([str(tmp_path / 'empty.mcap')]) == 2
    assert 'holds no journal that can be played' in capsys.readouterr().err
