# SPDX-License-Identifier: Apache-2.0
"""The NID belongs to the NMK; what is shown of either tells nothing."""

from hypothesis import given, strategies as st
import pytest
from scapy.contrib.homeplugav import (
    HomePlugAV,
    ReadModuleDataConfirmation,
    WriteModuleDataRequest,
)
from scapy.layers.l2 import Ether

from plc_modem.homeplug import LOCAL_MODEM, Mme, build, dissect
from plc_modem.homeplug.attributes import VS_NW_INFO_CNF, VS_SET_KEY_REQ
from plc_modem.homeplug.keys import DEFAULT_NMK, known_to_all, nid_of, pseudonym, without_keys
from plc_modem.homeplug.matching import CM_SLAC_MATCH_CNF, CM_SLAC_PARM_REQ, MatchCnfField
from plc_modem.homeplug.station import (
    CM_GET_KEY_CNF,
    CM_GET_KEY_REQ,
    CM_NW_INFO_CNF,
    CM_SET_KEY_REQ,
)

HOST = '02:00:00:00:00:e1'
NMK, NID = bytes(range(0xA0, 0xB0)), bytes(range(0xC0, 0xC7))
SECRET = [
    CM_SET_KEY_REQ(NetworkID=NID, NewKey=NMK),
    CM_GET_KEY_CNF(NetworkID=NID, Key=NMK),
    CM_GET_KEY_REQ(NetworkID=NID),
    CM_SLAC_MATCH_CNF(
        MatchVariableFieldLen=0x56, VariableField=MatchCnfField(NMK=NMK, NetworkID=NID)
    ),
]


def test_r22_nid_of_the_known_example():
    assert nid_of(DEFAULT_NMK).hex() == 'b0f2e695666b03'


def test_r27_no_message_that_is_shown_holds_a_key():
    shown = [without_keys(build(Mme(LOCAL_MODEM, HOST, message))) for message in SECRET]
    for octets in shown:
        assert NMK not in octets
        assert NID not in octets
        dissect(octets)
    keys = {octets[41:57] for octets in shown[:2]} | {shown[3][93:109]}
    nids = {shown[0][33:40], shown[1][29:36], shown[2][21:28], shown[3][85:92]}
    assert (len(keys), len(nids)) == (1, 1)


def test_r27_every_network_of_a_modem_is_shown_by_another_nid():
    networks = b''.join(nid + bytes(11) for nid in (NID, NID[::-1], NID))
    octets = build(Mme(LOCAL_MODEM, HOST, CM_NW_INFO_CNF(Networks=networks)))
    shown = dissect(without_keys(octets)).message.networks()
    assert [one.nid in (NID, NID[::-1]) for one in shown] == [False] * 3
    assert shown[0].nid == shown[2].nid != shown[1].nid


@pytest.mark.parametrize('kind', [ReadModuleDataConfirmation, WriteModuleDataRequest])
def test_r27_of_a_pib_that_another_tool_reads_or_writes_nothing_is_shown(kind):
    octets = bytes(Ether(type=0x88E1) / HomePlugAV() / kind(ModuleData=NMK * 4))
    shown, begin = without_keys(octets), octets.index(NMK)
    assert (shown[:begin], shown[begin:]) == (octets[:begin], bytes(64))


def test_line_13_and_r27_no_key_of_what_other_tools_ask_a_modem_is_shown():
    networks = bytes([0, 1]) + NID + bytes(25)
    for message in (VS_SET_KEY_REQ(NMK=NMK, DAK=NMK[::-1]), VS_NW_INFO_CNF(Networks=networks)):
        shown = without_keys(build(Mme(LOCAL_MODEM, HOST, message)))
        assert not any(secret in shown for secret in (NMK, NMK[::-1], NID))
        assert type(dissect(shown).message) is type(message)
    older = bytes(Ether(type=0x88E1) / HomePlugAV(HPtype=0xA039) / (b'\1' + NID))
    assert NID[:2] not in without_keys(older)


def test_what_holds_no_key_is_shown_as_it_is():
    octets = build(Mme(LOCAL_MODEM, HOST, CM_SLAC_PARM_REQ(RunID=bytes(range(8)))))
    assert without_keys(octets) == octets


def test_a_key_that_is_not_given_stays_none():
    octets = build(Mme(HOST, HOST, CM_GET_KEY_CNF(Result=1)))
    assert without_keys(octets) == octets


@given(st.binary(max_size=130))
def test_any_octets_keep_their_length(rest):
    for mmtype in (0x6008, 0x600C, 0x600D, 0x6039, 0x607D, 0x6064):
        octets = bytes(12) + b'\x88\xe1\x01' + mmtype.to_bytes(2, 'little') + rest
        assert len(without_keys(octets)) == len(octets)
    assert without_keys(rest) == rest or rest[12:14] == b'\x88\xe1'


def test_the_same_key_has_the_same_pseudonym_and_another_another():
    assert pseudonym(NMK) == pseudonym(bytes(NMK))
    assert pseudonym(NMK) != pseudonym(DEFAULT_NMK)
    assert NMK.hex()[:8] not in pseudonym(NMK)


def test_abuse_13_keys_that_everybody_has():
    assert known_to_all(bytes(16))
    assert known_to_all(DEFAULT_NMK)
    assert not known_to_all(NMK)
