# SPDX-License-Identifier: Apache-2.0
"""HomePlug messages lie on the wire as the tables say, and as real stations send them."""

from captured import FILES, FOLDER, SHORTEST, UNCLEAN, frames_of
from hypothesis import given, settings, strategies as st
import pytest
from scapy.layers.l2 import Ether

from plc_modem.homeplug import (
    BROADCAST,
    MalformedMme,
    Mme,
    build,
    dissect,
    is_homeplug,
    is_of_slac,
)
from plc_modem.homeplug.layer import BY_MMTYPE, MMTYPES, version_of
from plc_modem.homeplug.matching import (
    CM_ATTEN_CHAR_IND,
    CM_ATTEN_CHAR_RSP,
    CM_ATTEN_PROFILE_IND,
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_MATCH_REQ,
    CM_SLAC_PARM_CNF,
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
    CM_VALIDATE_REQ,
    VS_ATTENUATION_CHARACTERISTICS_IND,
    MatchCnfField,
    MatchReqField,
)
from plc_modem.homeplug.station import (
    CM_GET_KEY_CNF,
    CM_SET_KEY_CNF,
    CM_SET_KEY_REQ,
    VS_SW_VER_CNF,
    VS_SW_VER_REQ,
)

EV, EVSE = '02:00:00:00:00:e1', '02:00:00:00:00:e2'
RUN_ID, NID, NMK = bytes(range(8)), bytes(range(0x10, 0x17)), bytes(range(0x20, 0x30))

# message, length of its frame, and where each value lies, counted from the frame's first octet
LAYOUT = [
    (CM_SLAC_PARM_REQ(RunID=RUN_ID), 60, {21: RUN_ID}),
    (
        CM_SLAC_PARM_CNF(NumberMSounds=10, TimeOut=6, ResponseType=1, RunID=RUN_ID),
        60,
        {25: b'\x0a\x06\x01', 36: RUN_ID},
    ),
    (
        CM_START_ATTEN_CHAR_IND(NumberOfSounds=10, TimeOut=6, ForwardingSTA=EV, RunID=RUN_ID),
        60,
        {21: b'\x0a\x06', 24: bytes.fromhex('0200000000e1'), 30: RUN_ID},
    ),
    (CM_MNBC_SOUND_IND(Countdown=9, RunID=RUN_ID), 71, {38: b'\x09' + RUN_ID}),
    (CM_ATTEN_PROFILE_IND(PEVMAC=EV, Groups=bytes(58)), 85, {25: b'\x3a'}),
    (
        CM_ATTEN_CHAR_IND(SourceAddress=EV, RunID=RUN_ID, NumSounds=10, Groups=b'\x0b' * 58),
        129,
        {27: RUN_ID, 69: b'\x0a\x3a\x0b'},
    ),
    (CM_ATTEN_CHAR_RSP(RunID=RUN_ID, Result=1), 70, {27: RUN_ID, 69: b'\x01'}),
    (
        CM_SLAC_MATCH_REQ(VariableField=MatchReqField(RunID=RUN_ID)),
        85,
        {21: b'\x3e\x00', 69: RUN_ID},
    ),
    (
        CM_SLAC_MATCH_CNF(VariableField=MatchCnfField(RunID=RUN_ID, NetworkID=NID, NMK=NMK)),
        109,
        {21: b'\x56\x00', 69: RUN_ID, 85: NID, 93: NMK},
    ),
    (CM_SET_KEY_REQ(KeyType=1, NetworkID=NID, NewKey=NMK), 60, {19: b'\x01', 33: NID, 41: NMK}),
    (CM_SET_KEY_CNF(Result=1), 60, {19: b'\x01'}),
    (CM_GET_KEY_CNF(NetworkID=NID, Key=NMK), 60, {29: NID, 41: NMK}),
    (VS_SW_VER_REQ(), 60, {17: b'\x00\xb0\x52'}),
    (VS_SW_VER_CNF(Version=b'QCA'), 60, {22: b'\x03QCA'}),
]


@pytest.mark.parametrize(
    ('message', 'length', 'places'), LAYOUT, ids=lambda x: type(x).__name__ if x else ''
)
def test_a_message_lies_on_the_wire_as_the_table_says(message, length, places):
    frame = build(Mme(BROADCAST, EV, message))
    assert len(frame) == length
    for place, octets in places.items():
        assert frame[place : place + len(octets)] == octets
    assert build(dissect(frame)) == frame


def start_of(kind):
    """Return where a message begins in its frame."""
    return 19 if version_of(MMTYPES[kind]) else 20


def test_every_frame_of_real_captures_is_understood_and_rebuilt_as_it_was():
    if not FILES:
        pytest.skip(f'no captures in {FOLDER}')
    seen = set()
    for file in FILES:
        for octets in (octets for _, octets in frames_of(file) if is_homeplug(octets)):
            mme = dissect(octets)
            seen.add(type(mme.message))
            if type(mme.message) in MMTYPES:
                check_rebuilt(octets, mme, file)
    assert {CM_SLAC_MATCH_CNF, CM_SET_KEY_CNF, CM_ATTEN_PROFILE_IND} <= seen


def check_rebuilt(octets, mme, file):
    """A message is what it was; behind it is nothing but padding."""
    rebuilt = build(mme)[: start_of(type(mme.message)) + len(bytes(mme.message))]
    if isinstance(mme.message, VS_ATTENUATION_CHARACTERISTICS_IND) and octets[17:20] == bytes(3):
        rebuilt = rebuilt[:17] + bytes(3) + rebuilt[20:]  # a modem that tells no maker
    assert octets.startswith(rebuilt), file.name
    dirt = max(len(rebuilt), SHORTEST) + 14 if file in UNCLEAN else len(rebuilt)
    assert not octets[dirt:].strip(b'\0'), file.name


def test_scapy_dissects_a_frame_to_the_end_by_itself():
    frame = Ether(build(Mme(EV, EVSE, CM_ATTEN_CHAR_IND(RunID=RUN_ID, Groups=b'\x0b' * 58))))
    assert frame[CM_ATTEN_CHAR_IND].RunID == RUN_ID


def test_lesson_05_a_profile_may_have_no_groups():
    mme = dissect(build(Mme(EVSE, EVSE, CM_ATTEN_PROFILE_IND(PEVMAC=EV))))
    assert (mme.message.NumGroups, mme.message.Groups) == (0, b'')


@pytest.mark.parametrize('length', range(19, 85))
def test_abuse_01_a_frame_cut_short_is_malformed(length):
    frame = build(Mme(EVSE, EV, CM_SLAC_MATCH_REQ(VariableField=MatchReqField(RunID=RUN_ID))))
    with pytest.raises(MalformedMme):
        dissect(frame[:length])


def test_abuse_03_more_groups_than_the_frame_has_are_malformed():
    message = CM_ATTEN_CHAR_IND(RunID=RUN_ID, NumGroups=255, Groups=bytes(58))
    with pytest.raises(MalformedMme):
        dissect(build(Mme(EV, EVSE, message)))


def test_abuse_06_a_match_with_a_wrong_length_is_malformed():
    message = CM_SLAC_MATCH_CNF(MatchVariableFieldLen=62, VariableField=MatchCnfField())
    with pytest.raises(MalformedMme):
        dissect(build(Mme(EV, EVSE, message)))


@pytest.mark.parametrize(
    ('kind', 'field', 'length'),
    [(CM_SLAC_MATCH_REQ, MatchReqField, 0x3E), (CM_SLAC_MATCH_CNF, MatchCnfField, 0x56)],
)
def test_what_a_sender_left_behind_a_match_is_no_part_of_it(kind, field, length):
    message = kind(MatchVariableFieldLen=length, VariableField=field(RunID=RUN_ID))
    frame = build(Mme(EVSE, EV, message))
    assert build(dissect(frame + b'left behind')) == frame


def test_lesson_21_a_wrong_version_is_malformed():
    frame = bytearray(build(Mme(EVSE, EV, CM_SLAC_PARM_REQ(RunID=RUN_ID))))
    frame[14] = 0
    with pytest.raises(MalformedMme, match='CM_SLAC_PARM_REQ'):
        dissect(bytes(frame))


def test_abuse_02_a_frame_of_full_length_is_read_as_any_other():
    frame = build(Mme(EVSE, EV, CM_VALIDATE_REQ(Timer=255))).ljust(1514, b'\xff')
    assert dissect(frame).message.Timer == 255


@settings(max_examples=1000)
@given(st.sampled_from(sorted(BY_MMTYPE)), st.binary(max_size=140))
def test_any_octets_under_any_type_parse_or_are_malformed(mmtype, octets):
    version, start = version_of(mmtype), start_of(BY_MMTYPE[mmtype])
    frame = bytes(12) + b'\x88\xe1' + bytes([version]) + mmtype.to_bytes(2, 'little') + octets
    try:
        mme = dissect(frame)
    except MalformedMme:
        return
    rebuilt = build(mme).rstrip(b'\0')
    assert frame[start:].ljust(60, b'\0').startswith(rebuilt[start:])


@given(st.binary(max_size=80))
def test_any_octets_at_all_parse_or_are_malformed(octets):
    try:
        dissect(octets)
    except MalformedMme:
        return
    assert is_homeplug(octets)


def test_slac_is_told_from_what_concerns_a_modem():
    of_slac = {
        kind.__name__ for kind in MMTYPES if is_of_slac(build(Mme(BROADCAST, BROADCAST, kind())))
    }
    assert {'CM_SLAC_PARM_REQ', 'CM_MNBC_SOUND_IND', 'CM_ATTEN_PROFILE_IND'} <= of_slac
    assert not [name for name in of_slac if name.startswith(('VS_SW', 'CM_SET_KEY', 'CM_GET_KEY'))]
    assert 'CM_NW_INFO_CNF' not in of_slac
    assert not is_of_slac(b'')
