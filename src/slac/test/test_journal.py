# SPDX-License-Identifier: Apache-2.0
"""Whatever comes from the line can be written down, and no key with it (R27)."""

import struct

from hypothesis import given, strategies as st
import pytest

from plc_kit.journal import Journal
from plc_modem.homeplug import MalformedMme, dissect
from plc_modem.homeplug.frame import HOMEPLUG
from plc_modem.homeplug.keys import Pseudonyms
from slac.ev.matching import EvMatching, Settings
from slac.journal import _OF_SLAC, RECIPES

VERSIONS, KINDS = range(2), range(0x10000)
SECRET = b'the DAK of a modem'


def frame(version, kind, octets):
    way = bytes.fromhex('020000000001020000000002')
    head = struct.pack('!H', HOMEPLUG) + struct.pack('<BH', version, kind)
    return (way + head + octets).ljust(60, b'\0')


def written(mme):
    journal = Journal(RECIPES, lambda: True, Pseudonyms())
    machine = journal.told(EvMatching(Settings(), bytes))
    machine.receive(mme, 1.0)
    return [entry for entry in journal.entries(1.0) if entry.told == 'receive']


@given(st.sampled_from(VERSIONS), st.sampled_from(KINDS), st.binary(max_size=80))
def test_any_frame_that_can_be_read_can_be_written_down(version, kind, octets):
    try:
        mme = dissect(frame(version, kind, octets))
    except MalformedMme:
        return
    assert len(written(mme)) == 1


@pytest.mark.parametrize('kind', [0xA00C, 0xA011, 0xA025, 0xA039, 0xA062, 0xA0B1])
def test_vendors_messages_are_written_without_what_they_hold(kind):
    mme = dissect(frame(0, kind, bytes(200) + SECRET))
    [entry] = written(mme)
    assert SECRET.hex() not in entry.text


def test_every_message_of_matching_is_written_whole():
    names = {kind.__name__ for kind in _OF_SLAC}
    assert {'CM_SLAC_PARM_REQ', 'CM_ATTEN_PROFILE_IND', 'CM_SLAC_MATCH_CNF'} <= names
    assert not any('MODULE' in name or 'KEY' in name for name in names)
