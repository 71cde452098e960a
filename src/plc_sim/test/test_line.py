# SPDX-License-Identifier: Apache-2.0
"""The simulated modems do what real ones do in the field, and nothing else."""

import random
import shutil
import subprocess

from hypothesis import given, settings, strategies as st
import pytest
from scapy.utils import RawPcapWriter

from plc_modem.homeplug import BROADCAST, LOCAL_MODEM, Mme, build, dissect
from plc_modem.homeplug.attributes import (
    LOCAL_KEY,
    VS_NW_INFO_REQ,
    VS_OP_ATTRIBUTES_REQ,
    VS_SET_KEY_CNF,
    VS_SET_KEY_REQ,
)
from plc_modem.homeplug.keys import nid_of
from plc_modem.homeplug.matching import (
    CM_ATTEN_CHAR_IND,
    CM_ATTEN_PROFILE_IND,
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_PARM_CNF,
    CM_SLAC_PARM_REQ,
    GROUPS,
    MatchCnfField,
)
from plc_modem.homeplug.station import (
    CM_GET_KEY_CNF,
    CM_GET_KEY_REQ,
    CM_NW_INFO_REQ,
    CM_SET_KEY_CNF,
    CM_SET_KEY_REQ,
    VS_FAC_DEFAULTS_REQ,
    VS_LNK_STATUS_CNF,
    VS_LNK_STATUS_REQ,
    VS_RS_DEV_REQ,
    VS_SW_VER_CNF,
    VS_SW_VER_REQ,
)
from plc_modem.pib import NID_AT, NMK_AT
from plc_sim.channel import Settings
from plc_sim.line import FIRMWARE, Line, Outlet

EV, EVSE, FAR = '02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'
MODEMS = {'pev': '02:00:00:00:01:01', 'evse': '02:00:00:00:01:02', 'far': '02:00:00:00:01:03'}
HOSTS = {'pev': EV, 'evse': EVSE, 'far': FAR}
NMK = bytes(range(16))


def make(**about):
    outlets = [Outlet(name, mac, name != 'pev') for name, mac in MODEMS.items()]
    line = Line(outlets, Settings(**about), random.Random(3).randbytes)
    for outlet, mac in HOSTS.items():  # so that the modems have learned their hosts
        say(line, outlet, VS_SW_VER_REQ(), LOCAL_MODEM, source=mac)
    return line


def say(line, outlet, message, destination=BROADCAST, now=0.0, source=None):
    """Return who hears what, as (outlet, Mme)."""
    octets = build(Mme(destination, source or HOSTS[outlet], message))
    return [(one.outlet, dissect(one.octets)) for one in line.receive(outlet, octets, now)]


def kinds(heard):
    return [(outlet, type(mme.message)) for outlet, mme in heard]


def join(line, *outlets, nmk=NMK):
    for outlet in outlets:
        say(line, outlet, CM_SET_KEY_REQ(NetworkID=nid_of(nmk), NewKey=nmk), LOCAL_MODEM)
    line.tick(1.0)


def test_the_local_modem_alone_answers_under_the_common_address():
    [(outlet, mme)] = say(make(), 'pev', VS_SW_VER_REQ(), LOCAL_MODEM)
    assert (outlet, mme.source, mme.destination) == ('pev', MODEMS['pev'], EV)
    assert b'QCA7420' in mme.message.Version


def test_desk_4_a_firmware_is_told_in_a_frame_as_long_as_a_qca7420s():
    octets = build(Mme(LOCAL_MODEM, EV, VS_SW_VER_REQ()))
    [answer] = make().receive('pev', octets, 0.0)
    assert len(answer.octets) == 297
    assert answer.octets[22] == len(FIRMWARE) + 1  # the zero counts
    assert answer.octets[23 : 23 + len(FIRMWARE) + 1] == FIRMWARE + b'\0'


@pytest.mark.skipif(not shutil.which('tshark'), reason='tshark is not installed')
def test_desk_4_wireshark_calls_no_answer_of_a_simulated_modem_malformed(tmp_path):
    line, path = make(), tmp_path / 'answers.pcap'
    join(line, 'pev', 'evse')
    asked = (
        VS_SW_VER_REQ(), CM_GET_KEY_REQ(NetworkID=nid_of(NMK)), VS_LNK_STATUS_REQ(),
        CM_NW_INFO_REQ(), CM_SET_KEY_REQ(NetworkID=nid_of(NMK), NewKey=NMK), VS_RS_DEV_REQ(),
        VS_FAC_DEFAULTS_REQ(), VS_OP_ATTRIBUTES_REQ(), VS_NW_INFO_REQ(),
        VS_SET_KEY_REQ(NMK=NMK, PayloadEncKeySelect=LOCAL_KEY),
    )  # fmt: skip
    writer = RawPcapWriter(str(path), linktype=1)
    for at, message in enumerate(asked):
        [answer] = line.receive('pev', build(Mme(LOCAL_MODEM, EV, message)), 10.0 * (at + 1))
        writer.write(answer.octets)
        line.tick(10.0 * (at + 1) + 9.0)
    writer.close()
    command = ('tshark', '-r', str(path), '-T', 'fields', '-e', 'frame.number', '-e')
    told = subprocess.run(
        (*command, '_ws.malformed'), capture_output=True, text=True, check=True, timeout=120
    )
    assert [one.split() for one in told.stdout.splitlines()] == [[str(n)] for n in range(1, 11)]


def test_line_13_a_modem_says_what_it_is_to_who_asks_with_a_cookie():
    [(_, mme)] = say(make(), 'pev', VS_OP_ATTRIBUTES_REQ(Cookie=0x12345678), LOCAL_MODEM)
    told = mme.message
    assert (told.Status, told.Cookie, told.Length) == (0, 0x12345678, 114)
    assert told.Attributes[:32] == b'QCA7420'.ljust(16, b'\0') + b'MAC'.ljust(16, b'\0')
    assert told.Attributes[32:52:4] == bytes([1, 4, 0, 0, 20])
    assert told.Attributes[52:62] == b'20171027CS'


def test_line_13_a_modem_tells_its_network_and_who_is_in_it():
    line = make()
    [(_, alone)] = say(line, 'pev', VS_NW_INFO_REQ(), LOCAL_MODEM)
    assert alone.message.Networks == bytes(2)
    join(line, 'pev', 'evse')
    octets = build(Mme(LOCAL_MODEM, EV, VS_NW_INFO_REQ()))
    assert octets[14:22] == bytes.fromhex('0138a0000000b052')
    [answer] = line.receive('pev', octets, 2.0)
    told = dissect(answer.octets).message.Networks
    assert (told[1], told[2:9], told[12], told[17]) == (1, nid_of(NMK), 2, 0)  # a station
    assert told[18:25].hex(':') == MODEMS['evse'] + ':01'
    assert (told[28], told[34:40].hex(':'), told[44:50].hex(':')) == (1, MODEMS['evse'], EVSE)
    assert len(told) == 2 + 32 + 24


def test_line_13_a_key_that_the_vendors_own_message_sets_joins_too_and_not_another_modem():
    line = make()
    local = VS_SET_KEY_REQ(EKS=1, NMK=NMK, PayloadEncKeySelect=LOCAL_KEY)
    for outlet in ('pev', 'evse'):
        [(_, mme)] = say(line, outlet, local, LOCAL_MODEM)
        assert (type(mme.message), mme.message.Status) == (VS_SET_KEY_CNF, 0)
    line.tick(1.0)
    assert line.routes['pev'] == ('evse',)
    remote = VS_SET_KEY_REQ(EKS=1, NMK=bytes(16), DestinationMAC=MODEMS['evse'])
    [(_, mme)] = say(line, 'pev', remote, LOCAL_MODEM, now=2.0)
    assert mme.message.Status == 0x11
    assert line.outlets['evse'].network[0] == NMK


def test_line_13_the_pib_holds_the_key_and_a_key_in_the_pib_that_is_written_counts():
    line = make()
    join(line, 'pev', 'evse')
    memory = line.outlets['pev'].memory
    for parameters in (memory.memory, memory.flash):
        assert parameters.pib[NMK_AT : NMK_AT + 16] == NMK
        assert parameters.pib[NID_AT : NID_AT + 7] == nid_of(NMK)
    other = bytes(range(100, 116))
    pib = memory.flash.pib.replace(NMK, other).replace(nid_of(NMK), nid_of(other))
    memory.flash = memory.flash.of_pib(pib)
    assert line.routes['pev'] == ('evse',)  # from the next start on
    say(line, 'pev', VS_RS_DEV_REQ(), LOCAL_MODEM, now=2.0)
    line.tick(3.0)
    assert line.outlets['pev'].network == (other, nid_of(other))
    assert line.routes['pev'] == ()
    say(line, 'pev', VS_FAC_DEFAULTS_REQ(), LOCAL_MODEM, now=4.0)
    assert line.outlets['pev'].network[0] not in (NMK, other, bytes(16))


def test_to_a_broadcast_only_modems_of_the_same_avln_answer():
    line = make()
    assert len(say(line, 'pev', VS_SW_VER_REQ())) == 1
    join(line, 'pev', 'evse')
    answers = say(line, 'pev', VS_SW_VER_REQ(), now=2.0)
    assert [mme.source for _, mme in answers] == [MODEMS['pev'], MODEMS['evse']]
    assert {outlet for outlet, _ in answers} == {'pev'}


def test_a_key_is_confirmed_with_1_and_then_the_modem_is_away():
    line = make(restart_time=3.0)
    heard = say(line, 'pev', CM_SET_KEY_REQ(NetworkID=nid_of(NMK), NewKey=NMK), LOCAL_MODEM)
    [(_, confirmed)] = heard
    assert isinstance(confirmed.message, CM_SET_KEY_CNF)
    assert confirmed.message.Result == 1
    assert line.deadline == 3.0
    assert say(line, 'pev', VS_SW_VER_REQ(), LOCAL_MODEM, now=2.9) == []
    assert kinds(say(line, 'pev', VS_SW_VER_REQ(), LOCAL_MODEM, now=3.0)) == [
        ('pev', VS_SW_VER_CNF)
    ]


def test_a_key_for_all_reaches_the_own_modem_only():
    line = make()
    say(line, 'pev', CM_SET_KEY_REQ(NetworkID=nid_of(NMK), NewKey=NMK), BROADCAST)
    assert line.outlets['pev'].network[0] == NMK
    assert line.outlets['evse'].network[0] != NMK


def test_the_key_is_told_to_the_own_host_that_knows_the_network_only():
    line = make()
    join(line, 'pev', 'evse')
    answers = say(line, 'pev', CM_GET_KEY_REQ(NetworkID=nid_of(NMK)), now=2.0)
    told = {mme.source: (mme.message.Result, mme.message.Key) for _, mme in answers}
    assert told == {MODEMS['pev']: (0, NMK), MODEMS['evse']: (1, bytes(16))}
    [(_, stranger)] = say(line, 'far', CM_GET_KEY_REQ(NetworkID=nid_of(NMK)), now=2.0)
    assert isinstance(stranger.message, CM_GET_KEY_CNF)
    assert stranger.message.Result == 1


def test_ip_passes_only_once_both_keys_agree_and_both_modems_are_back():
    line = make(restart_time=0.5)
    assert not any(line.routes.values())
    say(line, 'pev', CM_SET_KEY_REQ(NetworkID=nid_of(NMK), NewKey=NMK), LOCAL_MODEM, now=0.0)
    say(line, 'evse', CM_SET_KEY_REQ(NetworkID=nid_of(NMK), NewKey=NMK), LOCAL_MODEM, now=0.2)
    line.tick(0.6)
    assert not any(line.routes.values())
    line.tick(0.7)
    assert line.routes == {'pev': ('evse',), 'evse': ('pev',), 'far': ()}


def test_an_nid_that_differs_keeps_them_apart():
    line = make()
    join(line, 'pev')
    say(line, 'evse', CM_SET_KEY_REQ(NetworkID=b'another', NewKey=NMK), LOCAL_MODEM)
    line.tick(2.0)
    assert not any(line.routes.values())


def test_link_status_tells_of_the_avln():
    line = make()
    [(_, before)] = say(line, 'pev', VS_LNK_STATUS_REQ(), LOCAL_MODEM)
    join(line, 'pev', 'evse')
    [(_, after)] = say(line, 'pev', VS_LNK_STATUS_REQ(), LOCAL_MODEM, now=2.0)
    assert isinstance(before.message, VS_LNK_STATUS_CNF)
    assert (before.message.LinkStatus, after.message.LinkStatus) == (0, 1)


@pytest.mark.parametrize('request_', [VS_RS_DEV_REQ(), VS_FAC_DEFAULTS_REQ()])
def test_a_reset_takes_the_modem_away_and_the_defaults_its_key_too(request_):
    line = make()
    join(line, 'pev', 'evse')
    say(line, 'pev', request_, LOCAL_MODEM, now=2.0)
    assert not any(line.routes.values())
    line.tick(3.0)
    assert bool(line.routes['pev']) == isinstance(request_, VS_RS_DEV_REQ)


def test_a_vehicles_broadcast_reaches_every_charger_and_no_vehicle():
    line = make()
    assert kinds(say(line, 'pev', CM_SLAC_PARM_REQ())) == [
        ('evse', CM_SLAC_PARM_REQ),
        ('far', CM_SLAC_PARM_REQ),
    ]
    assert [outlet for outlet, _ in say(line, 'evse', CM_SLAC_PARM_REQ())] == ['far']


def test_an_answer_reaches_the_vehicle_it_is_for_only():
    line = make()
    heard = say(line, 'evse', CM_SLAC_PARM_CNF(), EV)
    assert kinds(heard) == [('pev', CM_SLAC_PARM_CNF)]
    assert say(line, 'evse', CM_ATTEN_CHAR_IND(Groups=b'\x0b' * 58), FAR) == []
    confirm = CM_SLAC_MATCH_CNF(MatchVariableFieldLen=0x56, VariableField=MatchCnfField())
    assert kinds(say(line, 'evse', confirm, EV)) == [('pev', CM_SLAC_MATCH_CNF)]


def test_each_sound_is_measured_at_each_chargers_end():
    line = make(attenuation=20.0)
    heard = say(line, 'pev', CM_MNBC_SOUND_IND())
    assert kinds(heard) == [
        ('evse', CM_MNBC_SOUND_IND),
        ('evse', CM_ATTEN_PROFILE_IND),
        ('far', CM_MNBC_SOUND_IND),
        ('far', CM_ATTEN_PROFILE_IND),
    ]
    profile = heard[1][1]
    assert (profile.source, profile.message.PEVMAC) == (MODEMS['evse'], EV)
    assert len(profile.message.Groups) == GROUPS
    assert sum(profile.message.Groups) / GROUPS == pytest.approx(20.0, abs=0.5)


def test_a_modem_that_restarts_hears_and_says_nothing():
    line = make(restart_time=3.0)
    say(line, 'evse', VS_RS_DEV_REQ(), LOCAL_MODEM, now=1.0)
    assert [outlet for outlet, _ in say(line, 'pev', CM_SLAC_PARM_REQ(), now=2.0)] == ['far']


def test_the_line_loses_as_large_a_share_as_it_is_told():
    line = make(loss=0.25)
    heard = sum(len(say(line, 'evse', CM_SLAC_PARM_CNF(), EV)) for _ in range(1000))
    assert 650 <= heard <= 850


@settings(max_examples=300)
@given(st.sampled_from(sorted(HOSTS)), st.binary(max_size=120))
def test_any_octets_leave_the_line_as_it_was(outlet, octets):
    line = make()
    routes = dict(line.routes)
    for start in (b'', bytes(12) + b'\x88\xe1'):
        for one in line.receive(outlet, start + octets, 1.0):
            dissect(one.octets)
    assert line.routes == routes
