# SPDX-License-Identifier: Apache-2.0
"""What sessions were told, told again: they decide the same, and a changed one is caught."""

from ipaddress import IPv6Address
import random

import pytest

from plc_kit.journal import REST, Journal
from plc_log.replay import main
from plc_log.replaying import played
from plc_modem.homeplug import Mme
from plc_modem.homeplug.keys import Pseudonyms, nid_of
from plc_modem.homeplug.station import CM_GET_KEY_CNF, CM_SET_KEY_CNF, VS_SW_VER_CNF
from plc_modem.journal import RECIPES as MODEM
from plc_modem.modem import ModemMachine
from plc_sim.line import Line
from plc_sim.line_scene import load, mac
from plc_sim.scenario.bag import recorded
from plc_sim.scenario.table import SCENARIOS
from plc_sim.scenario.virtual import Play
from plc_sim.virtual import Station, VirtualLine
from slac.ev.matching import EvMatching, Settings as EvSettings
from slac.evse.matching import EvseMatching
from slac.evse.session import Settings as EvseSettings
from slac.journal import RECIPES as SLAC
from v2g.link.charger import ChargerLink
from v2g.link.journal import RECIPES as LINK
from v2g.link.security import Policy
from v2g.link.values import (
    Accepted,
    AddressFound,
    DatagramCame,
    LinkDown,
    LinkUp,
    Listening,
    Lost,
    Opened,
    Peer,
    Spoke,
)
from v2g.link.vehicle import VehicleLink
from v2g.sdp import SdpRequest, SdpResponse, Security
from v2g.session.evcc.demand import Demand

AHEAD = 20  # entries that are played from each rest
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
        assert replay.played > 50 and not replay.skipped and not replay.missing


@pytest.fixture
def rests(monkeypatch):
    """Write the whole machine behind each input: a bag may begin anywhere."""
    monkeypatch.setattr('plc_kit.journal.REST_PERIOD', 0.0)


class Kept(Journal):
    """A journal that keeps its entries, and writes each down at once."""

    def __init__(self, recipes, wanted=lambda: True, hide=lambda value: value):
        super().__init__(recipes, wanted, hide)
        self.kept = []

    def tell(self, *what):
        result = super().tell(*what)
        self.kept += self.entries(0.0)
        return result


def assert_decides_the_same_from_each_rest(entries):
    starts = [at for at, entry in enumerate(entries) if entry.told == REST]
    assert len(starts) > 3
    for at in starts:
        replay = played(entries[at : at + AHEAD])
        assert replay.difference is None, f'from entry {at}: {replay.difference}'
        assert not replay.skipped and not replay.missing


@pytest.mark.parametrize('name', FIFTY[::10])
def test_a_session_that_is_told_of_from_anywhere_decides_the_same(name, rests):
    for entries in journals(name).values():
        assert_decides_the_same_from_each_rest(entries)


def test_matchings_and_modems_that_are_told_of_from_anywhere_decide_the_same(rests):
    entropy, scene, stations, kept = random.Random(1).randbytes, load('single'), [], []
    for role, matching in (('pev', EvMatching), ('evse', EvseMatching)):
        mine, modems = Kept(SLAC, hide=Pseudonyms()), Kept(MODEM, hide=Pseudonyms())
        settings = {'pev': EvSettings(), 'evse': EvseSettings()}[role]
        address = mac(0, charger=role == 'evse', modem=False)
        machine = mine.told(matching(settings, mine.entropy(entropy)))
        modem = modems.told(ModemMachine(address, 0.0))
        stations.append(Station(role, address, machine, modem))
        kept += [mine, modems]
    line = VirtualLine(Line(scene.outlets(), scene.settings, entropy), stations)
    line.run(2.0)
    line.plug('evse')
    line.plug('pev')
    line.run(12.0)
    assert all(station.linked.ready for station in stations)
    for journal in kept:
        assert_decides_the_same_from_each_rest(journal.kept)


def test_links_that_are_told_of_from_anywhere_decide_the_same(rests):
    mac_of, own, other = bytes(5) + b'\2', *(IPv6Address(f'fe80::{n}') for n in (1, 2))
    there = Peer(other, 15118, mac_of)
    stories = {
        VehicleLink: (
            DatagramCame(bytes(SdpResponse(other, 51110, Security.NONE)), there),
            Opened(1, there, '[fe80::1]:50000'),
        ),
        ChargerLink: (
            Listening(51110),
            DatagramCame(bytes(SdpRequest(Security.NONE)), there),
            Accepted(1, there, '[fe80::1]:51110'),
            Spoke(1),
        ),
    }
    for machine, story in stories.items():
        journal = Kept(LINK)
        link = journal.told(
            machine(Policy.NONE, journal.entropy(lambda size: bytes(size - 1) + b'\1'))
        )
        begun = (LinkUp(7, 'pev', mac_of), AddressFound(own))
        for number, happening in enumerate((*begun, *story, Lost(1, 'closed'), LinkDown())):
            link.receive(happening, number / 10)
            link.tick(number / 10)
        assert_decides_the_same_from_each_rest(journal.kept)


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


def test_a_bag_that_lacks_entries_is_called_not_whole(bag, monkeypatch, capsys):
    entries = journals('good_case')['pev']
    lacking = [entry for number, entry in enumerate(entries) if number not in (50, 51)]
    monkeypatch.setattr('plc_log.replay.replays_of', lambda *_: {'/journal': played(lacking)})
    assert main([str(bag)]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.endswith('not whole: 2 entries are missing; all else is identical')


def test_a_bag_without_a_journal_is_a_sentence(tmp_path, capsys):
    (tmp_path / 'empty.mcap').write_bytes(b'\x89MCAP0\r\n')
    assert main([str(tmp_path / 'empty.mcap')]) == 2
    assert 'holds no journal that can be played' in capsys.readouterr().err


HOST, LOCAL = '02:00:00:00:00:e1', '02:00:00:00:00:aa'
NMK = bytes(range(16))


def modem_told(listens_from=0.0):
    """Return the journal of a modem that is found, given its key, and restarts by itself."""
    now = [0.0]
    journal = Journal(MODEM, lambda: now[0] >= listens_from, Pseudonyms())
    machine = journal.told(ModemMachine(HOST, 0.0))
    told = journal.entries(0.0)
    version = VS_SW_VER_CNF(Version=b'MAC-QCA7420')
    confirmed, own = CM_SET_KEY_CNF(Result=0), CM_GET_KEY_CNF(NetworkID=nid_of(NMK), Key=NMK)
    answers = iter((version, None, confirmed, own, *[version] * 5, own, *[version] * 9))
    for step in range(1, 40):
        now[0] += 0.25
        if step == 2:
            machine.set_key(NMK, nid_of(NMK), now[0])
        elif step == 20:
            machine.restarted(now[0])
        if message := next(answers, None):
            machine.receive(Mme(HOST, LOCAL, message), now[0])
        machine.tick(now[0])
        told += journal.entries(now[0])
    return told


@pytest.mark.parametrize('listens_from', [0.0, 3.0, 6.0])
def test_a_modem_that_is_told_the_same_under_pseudonyms_decides_the_same(listens_from):
    entries = modem_told(listens_from)
    assert NMK.hex() not in ''.join(entry.text for entry in entries)
    replay = played(entries)
    assert replay.difference is None, str(replay.difference)
    assert replay.machine == 'ModemMachine'
    assert replay.played > 10 and replay.skipped <= 2 and not replay.missing


def test_a_modem_that_believes_any_answer_about_its_key_is_caught_there(monkeypatch):
    entries = modem_told()
    real = ModemMachine._key_answered
    monkeypatch.setattr(ModemMachine, '_key_answered', lambda self, _, now: real(self, 1, now))
    difference = played(entries).difference
    assert difference.told == 'receive Mme' and 'Changed' in str(difference)


def test_a_modem_node_that_is_activated_again_is_another_machine():
    replay = played([*modem_told(), *modem_told()])
    assert (replay.difference, replay.missing, replay.skipped) == (None, 0, 0)
