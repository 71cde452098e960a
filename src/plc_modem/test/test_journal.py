# SPDX-License-Identifier: Apache-2.0
"""The journal of the modem's machine: all it was told, and no key in it (R27)."""

import struct

from hypothesis import given, strategies as st
import pytest

from plc_kit.journal import REST, Journal
from plc_modem.homeplug import MalformedMme, Mme, dissect
from plc_modem.homeplug.frame import HOMEPLUG
from plc_modem.homeplug.keys import Pseudonyms, nid_of, pseudonym
from plc_modem.homeplug.layer import BY_MMTYPE
from plc_modem.homeplug.matching import CM_SLAC_MATCH_CNF, MatchCnfField
from plc_modem.homeplug.station import (
    CM_GET_KEY_CNF,
    CM_NW_INFO_CNF,
    CM_SET_KEY_CNF,
    VS_SW_VER_CNF,
)
from plc_modem.journal import _INPUTS, _OF_STATION, RECIPES
from plc_modem.modem import KEY_ANSWER_TIME, ModemMachine
from plc_modem.state import ModemState

HOST, LOCAL = '02:00:00:00:00:e1', '02:00:00:00:00:aa'
NMK = b'sixteen secrets!'
NID = nid_of(NMK)
SECRET = b'the DAK of a modem'
VERSION = VS_SW_VER_CNF(Version=b'MAC-QCA7420')


def frame(version, kind, octets):
    way = bytes.fromhex((HOST + LOCAL).replace(':', ''))
    head = struct.pack('!H', HOMEPLUG) + struct.pack('<BH', version, kind)
    return (way + head + octets).ljust(60, b'\0')


def life(journal):
    """Tell a machine all that may come around a key: asked for twice, read back, doubted, read."""
    machine = journal.told(ModemMachine(HOST, 0.0))

    def hear(message, now):
        machine.receive(Mme(HOST, LOCAL, message), now)

    machine.tick(0.0)
    hear(VERSION, 0.1)
    machine.set_key(NMK, NID, 0.2)
    machine.tick(0.2 + KEY_ANSWER_TIME)
    hear(CM_GET_KEY_CNF(NetworkID=bytes(7), Key=NMK[::-1]), 0.8)
    hear(CM_SET_KEY_CNF(Result=0), 0.9)
    hear(CM_GET_KEY_CNF(NetworkID=NID, Key=NMK), 1.0)
    machine.tick(1.5)
    hear(VERSION, 2.0)
    networks = [nid + bytes(2) + b'\0' + bytes.fromhex('020000000bbb') for nid in (NID[::-1], NID)]
    hear(CM_NW_INFO_CNF(Networks=b''.join(one + bytes(2) for one in networks)), 2.1)
    assert machine.modem.state is ModemState.LINKED
    machine.restarted(3.0)
    return machine


def entries_of(story):
    journal = Journal(RECIPES, lambda: True, Pseudonyms())
    story(journal)
    return journal.entries(3.0)


def test_no_key_is_in_it():
    text = ' '.join(entry.text for entry in entries_of(life))
    assert text.count('"frame"') > 10
    for secret in (NMK.hex(), NID.hex(), NMK[::-1].hex(), NID[::-1].hex()):
        assert secret not in text
    assert '"network"' in text and f'"{pseudonym(NMK)}"' not in text


def test_no_key_is_in_it_where_somebody_begins_to_listen_behind_the_key():
    listened = []
    journal = Journal(RECIPES, lambda: bool(listened), Pseudonyms())
    life(journal)
    listened.append('now')
    [rest] = journal.entries(4.0)
    assert rest.told == REST
    for secret in (NMK.hex(), NID.hex(), f'"{pseudonym(NMK)}"'):
        assert secret not in rest.text


@given(st.sampled_from(range(2)), st.sampled_from(sorted(BY_MMTYPE)), st.binary(max_size=80))
def test_any_frame_that_can_be_read_can_be_written_down(version, kind, octets):
    try:
        mme = dissect(frame(version, kind, octets))
    except MalformedMme:
        return
    assert [entry.told for entry in entries_of(lambda journal: told(journal, mme))] == [
        'receive',
        REST,
    ]


def told(journal, mme):
    journal.told(ModemMachine(HOST, 0.0)).receive(mme, 1.0)


@pytest.mark.parametrize('kind', [0xA00C, 0xA011, 0xA025, 0xA039, 0xA062, 0xA0B1])
def test_what_the_machine_does_not_read_is_written_without_what_it_holds(kind):
    mme = dissect(frame(0, kind, bytes(200) + SECRET))
    entries = entries_of(lambda journal: told(journal, mme))
    assert SECRET.hex() not in ''.join(entry.text for entry in entries)


def test_what_slac_brings_is_written_without_its_key():
    field = MatchCnfField(NetworkID=NID, NMK=NMK)
    message = CM_SLAC_MATCH_CNF(MatchVariableFieldLen=0x56, VariableField=field)
    entries = entries_of(lambda journal: told(journal, Mme(HOST, LOCAL, message)))
    assert len(entries) == 2 and '"frame"' not in entries[0].text


def test_whatever_the_machine_may_be_told_is_an_input():
    public = {word for word in dir(ModemMachine) if not word.startswith('_')}
    assert public == _INPUTS


def test_every_message_between_host_and_modem_is_written_whole():
    names = {kind.__name__ for kind in _OF_STATION}
    assert {'CM_SET_KEY_REQ', 'CM_SET_KEY_CNF', 'CM_GET_KEY_CNF', 'CM_NW_INFO_CNF'} <= names
    assert {'VS_SW_VER_CNF', 'VS_LNK_STATUS_CNF'} <= names
    assert not any('MODULE' in name or 'MATCH' in name for name in names)


def test_another_machine_is_told_of_from_its_beginning():
    journal = Journal(RECIPES, lambda: True, Pseudonyms())
    first = [entry.sequence for entry in (life(journal), journal.entries(3.0))[1]]
    assert first == list(range(1, len(first) + 1))
    journal.forget()
    assert journal.entries(4.0) == []
    journal.told(ModemMachine(HOST, 5.0))
    [rest] = journal.entries(5.0)
    assert (rest.told, rest.sequence) == (REST, 1)
