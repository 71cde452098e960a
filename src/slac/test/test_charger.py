# SPDX-License-Identifier: Apache-2.0
"""The charger answers every vehicle by the book, and lets one in."""

import itertools

import pytest
from scapy.packet import Raw

from plc_modem.homeplug import BROADCAST, Mme
from plc_modem.homeplug.keys import nid_of, pseudonym
from plc_modem.homeplug.matching import (
    CM_AMP_MAP_CNF,
    CM_AMP_MAP_REQ,
    CM_ATTEN_CHAR_IND,
    CM_ATTEN_CHAR_RSP,
    CM_ATTEN_PROFILE_IND,
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_MATCH_REQ,
    CM_SLAC_PARM_CNF,
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
    CM_VALIDATE_CNF,
    CM_VALIDATE_REQ,
    GROUPS,
    MatchReqField,
)
from plc_modem.state import Modem, ModemState
from slac.attenuation import SYNTHETIC
from slac.evse.matching import MOST_SESSIONS, State
from slac.values import Changed, LinkChanged, Phase, Pilot, Send, SetKey

EV, EVSE, MODEM = '02:00:00:00:00:e1', '02:00:00:00:00:e2', '02:00:00:00:00:aa'
OTHER = '02:00:00:00:00:e3'
PLUGGED = Pilot(plugged=True, digital=True)
RUN_ID = b'TESLA EV'
MEASURED = bytes([12]) * GROUPS


def said(events):
    """Return the messages among events."""
    return [frame.message for event in events if isinstance(event, Send) for frame in event.frames]


def tick(charger, now):
    """Let time pass while the pilot is told of."""
    charger.pilot(PLUGGED, now)
    return charger.tick(now)


def hear(charger, message, now, source=EV, destination=BROADCAST):
    return charger.receive(Mme(destination, source, message), now)


def ask(charger, now=1.0, source=EV, run_id=RUN_ID):
    return hear(charger, CM_SLAC_PARM_REQ(RunID=run_id), now, source)


def start(charger, now=1.1, source=EV, run_id=RUN_ID):
    return hear(charger, CM_START_ATTEN_CHAR_IND(RunID=run_id), now, source)


def sound(charger, count, now=1.2, source=EV, groups=MEASURED, run_id=RUN_ID):
    """Let sounds come, each with the profile of the charger's own modem."""
    events = []
    for left in reversed(range(count)):
        events += hear(charger, CM_MNBC_SOUND_IND(RunID=run_id, Countdown=left), now, source)
        profile = CM_ATTEN_PROFILE_IND(PEVMAC=source, Groups=groups)
        events += hear(charger, profile, now, source=MODEM)
    return events


def reported(charger, now=1.0, **about):
    ask(charger, now, **about)
    start(charger, now, **about)
    return said(sound(charger, 10, now, **about))


def match_request(source=EV, run_id=RUN_ID, evse=EVSE):
    field = MatchReqField(EVMAC=source, EVSEMAC=evse, RunID=run_id)
    return CM_SLAC_MATCH_REQ(MatchVariableFieldLen=0x3E, VariableField=field)


def match(charger, now=2.0, source=EV, **about):
    return hear(charger, match_request(source, **about), now, source, destination=EVSE)


def matched(charger, now=2.0):
    reported(charger, now)
    return match(charger, now)


@pytest.mark.parametrize('run_id', [b'TESLA EV', bytes(8), b'\2\0\0\0\0\xe1\0\0', b'\xff' * 8])
def test_lessons_01_and_02_the_run_id_is_echoed_whatever_it_is(charger, run_id):
    [answer] = said(ask(charger, run_id=run_id))
    assert isinstance(answer, CM_SLAC_PARM_CNF)
    assert (answer.RunID, answer.ForwardingSTA, answer.ResponseType) == (run_id, EV, 1)
    assert (answer.NumberMSounds, answer.TimeOut) == (10, 6)


def test_lesson_03_a_repeated_request_is_answered_alike_and_resets_nothing(charger):
    first, second = said(ask(charger, 1.0)), said(ask(charger, 1.02))
    assert first == second
    start(charger)
    assert len(said(sound(charger, 10))) == 1


def test_r21_a_request_after_start_begins_anew(charger):
    ask(charger)
    start(charger)
    sound(charger, 5)
    assert said(ask(charger, 1.3))
    start(charger, 1.4)
    [report] = said(sound(charger, 10, 1.5))
    assert report.NumSounds == 10


def test_r13_nothing_is_answered_without_a_pilot_that_asks_for_it(charger):
    charger.pilot(Pilot(plugged=True), 0.5)
    assert ask(charger) == []
    charger.pilot(Pilot(unplugged=True), 0.6)
    assert said(ask(charger)) == []


def test_r13_a_pilot_nobody_tells_of_any_more_counts_as_lost(charger):
    charger.tick(1.5)
    assert said(ask(charger, 1.6)) == []


def test_the_mean_is_reported_once_all_sounds_are_heard(charger):
    [report] = reported(charger)
    assert isinstance(report, CM_ATTEN_CHAR_IND)
    assert (report.NumSounds, report.Groups, report.RunID) == (10, MEASURED, RUN_ID)
    assert report.SourceAddress == EV


@pytest.mark.parametrize('count', [1, 9, 10, 11])
def test_lesson_06_the_mean_is_over_the_profiles_really_received(charger, count):
    ask(charger)
    start(charger, 1.1)
    told = said(sound(charger, count, groups=b'\x0a' * GROUPS))
    told += said(tick(charger, 1.75))
    assert (told[0].NumSounds, told[0].Groups) == (min(count, 10), b'\x0a' * GROUPS)


@pytest.mark.parametrize(('announced', 'sent'), [(5, 5), (1, 1), (12, 12), (0, 10)])
def test_line_13_the_report_goes_out_at_the_last_sound_that_start_announced(
    charger, announced, sent
):
    ask(charger)
    hear(charger, CM_START_ATTEN_CHAR_IND(RunID=RUN_ID, NumberOfSounds=announced), 1.1)
    sounds = range(announced or sent)
    told = []
    for left in reversed(sounds):
        assert told == []
        hear(charger, CM_MNBC_SOUND_IND(RunID=RUN_ID, Countdown=left), 1.2)
        profile = CM_ATTEN_PROFILE_IND(PEVMAC=EV, Groups=MEASURED)
        told = said(hear(charger, profile, 1.2, source=MODEM))
    [report] = told
    assert report.NumSounds == sent


def test_line_13_of_several_starts_the_first_counts(charger):
    ask(charger)
    for announced in (5, 3, 5):
        hear(charger, CM_START_ATTEN_CHAR_IND(RunID=RUN_ID, NumberOfSounds=announced), 1.1)
    assert said(sound(charger, 4)) == []
    assert said(tick(charger, 1.71))


def test_lesson_08_a_vehicle_may_start_215_ms_and_more_after_the_confirmation(charger):
    ask(charger, 1.0)
    tick(charger, 1.99)
    start(charger, 1.99)
    assert len(said(sound(charger, 10, 2.2))) == 1


@pytest.mark.parametrize('after', [0.007, 0.2, 0.608])
def test_lesson_10_the_report_comes_when_all_is_heard_or_at_the_end_of_the_window(charger, after):
    ask(charger, 1.0)
    start(charger, 1.1)
    whole = after < 0.6
    told = said(sound(charger, 10 if whole else 9, 1.1 + after))
    assert bool(told) is whole
    if not whole:
        assert said(tick(charger, 1.71))


def test_lesson_20_what_comes_twice_changes_nothing(charger):
    events = []
    for _ in range(2):
        events += ask(charger)
    for _ in range(3):
        start(charger, 1.1)
    for left in reversed(range(10)):
        for _ in range(2):
            events += hear(charger, CM_MNBC_SOUND_IND(RunID=RUN_ID, Countdown=left), 1.2)
        profile = CM_ATTEN_PROFILE_IND(PEVMAC=EV, Groups=MEASURED)
        events += hear(charger, profile, 1.2, source=MODEM)
    for _ in range(2):
        answered = CM_ATTEN_CHAR_RSP(RunID=RUN_ID, SourceAddress=EV)
        events += hear(charger, answered, 1.3, destination=EVSE)
    for _ in range(2):
        events += match(charger, 1.4)
    kinds = [type(message) for message in said(events)]
    assert kinds == [CM_SLAC_PARM_CNF] * 2 + [CM_ATTEN_CHAR_IND] + [CM_SLAC_MATCH_CNF] * 2
    assert said(events)[2].NumSounds == 10
    assert events.count(LinkChanged(True, EV)) == 1


def test_r20_no_sound_no_report(charger):
    ask(charger)
    start(charger, 1.1)
    events = tick(charger, 1.75)
    assert said(events) == []
    assert charger.status.reason == 'no M-Sound was heard'


def test_r20_the_offset_is_added(charger_with):
    [report] = reported(charger_with(attenuation_offset_db=-2))
    assert set(report.Groups) == {10}


@pytest.mark.parametrize('groups', [b'', bytes(GROUPS), b'\xff' * GROUPS])
def test_lessons_04_and_05_no_measurement_is_no_report(charger, groups):
    ask(charger)
    start(charger)
    assert said(sound(charger, 10, groups=groups)) == []
    assert 'synthetic_attenuation' in charger.status.reason


def test_r20_a_made_up_profile_only_where_it_was_asked_for(charger_with):
    charger = charger_with(synthetic_attenuation=True)
    ask(charger)
    start(charger)
    [report] = said(sound(charger, 10, groups=b''))
    assert report.Groups == SYNTHETIC


def test_lesson_11_the_report_is_repeated_twice_without_a_response(charger):
    reported(charger, 1.0)
    times = []
    while charger.status.reason == '':
        now = charger.deadline
        times += [round(now, 3)] * len(said(tick(charger, now)))
    assert times == [1.2, 1.4]
    assert 'CM_ATTEN_CHAR.IND' in charger.status.reason


@pytest.mark.parametrize('delay', [0.006, 1.0, 9.9])
def test_lesson_13_a_vehicle_may_ask_to_match_within_10_s(charger, delay):
    reported(charger, 1.0)
    hear(charger, CM_ATTEN_CHAR_RSP(RunID=RUN_ID, SourceAddress=EV), 1.0, destination=EVSE)
    tick(charger, 1.0 + delay)
    [answer] = said(match(charger, 1.0 + delay))
    assert isinstance(answer, CM_SLAC_MATCH_CNF)


def test_r22_the_vehicle_gets_the_key_and_the_nid_that_belongs_to_it(charger):
    [answer] = said(matched(charger))
    field = answer.VariableField
    assert field.NetworkID == nid_of(field.NMK)
    assert (field.RunID, field.EVMAC, field.EVSEMAC) == (RUN_ID, EV, EVSE)


def test_lesson_16_the_link_is_open_from_the_confirmation_on(charger):
    assert LinkChanged(True, EV) in matched(charger)
    assert charger.status.phase is Phase.JOINING


def test_r21_a_repeated_match_request_gets_the_same_answer_until_the_link_is_up(charger):
    first = matched(charger, 2.0)
    again = match(charger, 2.2)
    assert said(again) == said(first)
    assert not any(isinstance(event, LinkChanged) for event in again)


def test_the_vehicle_in_the_avln_is_matched(charger):
    events = matched(charger)
    nmk = said(events)[0].VariableField.NMK
    linked = Modem(ModemState.LINKED, MODEM, remote_macs=(OTHER,), network=pseudonym(nmk))
    charger.modem(linked, 3.0)
    assert (charger.status.phase, charger.status.peer_mac) == (Phase.MATCHED, EV)


def test_a_tcp_session_is_proof_enough_of_the_avln(charger):
    matched(charger)
    charger.connected(True, 3.0)
    assert charger.status.phase is Phase.MATCHED


def test_a_vehicle_that_does_not_join_is_forgotten_with_its_key(charger):
    matched(charger, 2.0)
    before = charger.status
    events = tick(charger, 17.0)
    assert LinkChanged(False) in events
    assert any(isinstance(event, SetKey) for event in events)
    assert (before.phase, charger.status.phase) == (Phase.JOINING, Phase.UNMATCHED)


def test_lesson_18_a_new_key_at_each_unplug(charger):
    first = matched(charger)
    events = charger.pilot(Pilot(unplugged=True), 5.0)
    [key] = [event for event in events if isinstance(event, SetKey)]
    assert key.nmk != said(first)[0].VariableField.NMK
    assert LinkChanged(False) in events
    assert charger.pilot(Pilot(unplugged=True), 5.2) == []


def test_r21_while_a_tcp_session_lives_slac_is_ignored(charger):
    matched(charger)
    charger.connected(True, 3.0)
    assert ask(charger, 4.0, run_id=b'new run!') == []
    assert ask(charger, 4.0, source=OTHER) == []
    assert charger.state is State.MATCHED


def test_r21_matched_without_tcp_the_same_vehicle_may_begin_anew(charger):
    matched(charger, 2.0)
    events = ask(charger, 2.5, run_id=b'new run!')
    assert LinkChanged(False) in events
    assert said(events)[0].RunID == b'new run!'


def in_avln(nmk, *others, state=ModemState.LINKED):
    """What the charger's modem tells: who is in its AVLN."""
    return Modem(state, MODEM, remote_macs=others, network=pseudonym(nmk))


def came_back(charger):
    """A vehicle that was matched has left, and asks again before our modem has noticed."""
    nmk = said(matched(charger, 2.0))[0].VariableField.NMK
    charger.modem(in_avln(nmk, OTHER), 3.0)
    assert charger.status.phase is Phase.MATCHED
    reported(charger, 8.0, run_id=b'new run!')
    return nmk, match(charger, 8.5, run_id=b'new run!')


def test_line_10_and_lesson_96_linked_of_the_membership_before_is_not_the_new_avln(charger):
    nmk, events = came_back(charger)
    [anew] = [event for event in events if isinstance(event, SetKey)]
    assert anew.nmk == nmk == said(events)[0].VariableField.NMK
    charger.modem(in_avln(nmk, OTHER), 8.503)  # its modem has not looked anew yet
    assert charger.status.phase is Phase.JOINING
    assert anew in tick(charger, 9.5)  # that was lost
    charger.modem(in_avln(nmk, state=ModemState.READY), 9.51)
    tick(charger, 14.0)
    assert (charger.status.phase, charger.status.reason) == (Phase.JOINING, '')
    charger.modem(in_avln(nmk, OTHER), 14.5)
    assert charger.status.phase is Phase.MATCHED


def test_line_10_tt_match_join_runs_for_the_new_avln(charger):
    nmk, _ = came_back(charger)
    charger.modem(in_avln(nmk, state=ModemState.READY), 8.51)
    tick(charger, 23.4)
    assert charger.status.phase is Phase.JOINING
    assert LinkChanged(False) in tick(charger, 23.5)
    assert 'did not join' in charger.status.reason


def test_line_10_a_tcp_session_proves_the_new_avln_too(charger):
    came_back(charger)
    charger.connected(True, 8.9)
    assert charger.status.phase is Phase.MATCHED


def test_line_10_the_time_until_start_counts_from_the_last_confirmation(charger):
    ask(charger, 1.0)
    assert said(ask(charger, 1.9))  # the first answer was lost
    tick(charger, 2.1)
    start(charger, 2.2)
    assert len(said(sound(charger, 10, 2.3))) == 1


def in_session_at(charger, now=3.0, edges=None):
    """A vehicle was let in, and its modem has joined."""
    charger.pilot(Pilot(plugged=True, digital=True, edges=edges), now - 1.5)
    nmk = said(matched(charger, now - 1.0))[0].VariableField.NMK
    charger.modem(in_avln(nmk, OTHER), now)
    assert charger.status.phase is Phase.MATCHED


TIMERS = [('standard', 18.0), ('field', 60.0)]


@pytest.mark.parametrize(('timers', 'patience'), TIMERS)
def test_line_11_and_lesson_97_a_vehicle_that_joins_and_sends_no_sdp_is_left(
    charger_with, timers, patience
):
    charger = charger_with(timers=timers)
    in_session_at(charger, 3.0)
    assert tick(charger, 2.9 + patience) == []
    events = tick(charger, 3.0 + patience)
    [key] = [event for event in events if isinstance(event, SetKey)]
    assert LinkChanged(False) in events
    assert (charger.status.phase, 'SDP' in charger.status.reason) == (Phase.UNMATCHED, True)
    charger.modem(Modem(ModemState.READY, MODEM, network=pseudonym(key.nmk)), 6.0 + patience)
    assert said(ask(charger, 6.1 + patience, source=OTHER))


@pytest.mark.parametrize(('timers', 'patience'), TIMERS)
def test_line_11_sdp_gives_it_that_time_once_more_for_tcp(charger_with, timers, patience):
    charger = charger_with(timers=timers)
    in_session_at(charger, 3.0)
    for now in (2.9 + patience, 12.0 + patience):
        tick(charger, now)
        charger.approached(now)
    assert LinkChanged(False) not in tick(charger, 2.8 + 2 * patience)
    assert LinkChanged(False) in tick(charger, 2.9 + 2 * patience)
    assert 'TCP' in charger.status.reason


def test_line_11_sdp_before_the_avln_is_seen_takes_nothing_from_tt_match_join(charger):
    matched(charger, 2.0)
    charger.approached(2.3)
    assert LinkChanged(False) in tick(charger, 17.0)
    assert 'did not join' in charger.status.reason


def test_line_11_once_a_session_was_carried_it_is_not_left(charger):
    in_session_at(charger, 3.0, edges=0)
    charger.connected(True, 4.0)
    charger.connected(False, 900.0)
    charger.pilot(counting(2), 900.0)  # C while it charged
    assert said(ask(charger, 900.1, source=OTHER)) == []
    for now in (990.0, 2000.0):
        charger.pilot(counting(2), now)
        assert charger.tick(now) == []
    assert charger.status.phase is Phase.MATCHED


@pytest.mark.parametrize('joined', [False, True])
def test_line_11_a_toggled_pilot_proves_that_another_vehicle_is_at_this_cable(charger, joined):
    charger.pilot(counting(4), 1.9)
    nmk = said(matched(charger, 2.0))[0].VariableField.NMK
    if joined:
        charger.modem(in_avln(nmk, OTHER), 3.0)
    for now, edges in ((4.0, 4), (5.0, 5)):
        charger.pilot(counting(edges), now)
        assert ask(charger, now, source=OTHER) == []
    charger.pilot(counting(6), 5.5)
    assert charger.tick(5.5) == []  # nobody else asks yet
    events = ask(charger, 6.0, source=OTHER)
    [key] = [event for event in events if isinstance(event, SetKey)]
    assert LinkChanged(False) in events and key.nmk != nmk
    assert 'another vehicle' in charger.status.reason
    charger.modem(Modem(ModemState.READY, MODEM, network=pseudonym(key.nmk)), 6.3)
    reported(charger, 6.4, source=OTHER)
    assert LinkChanged(True, OTHER) in match(charger, 6.9, source=OTHER)


def test_line_11_without_counted_edges_another_vehicle_waits(charger):
    in_session_at(charger, 3.0)
    for second in range(4, 60):
        tick(charger, float(second))
        assert ask(charger, float(second), source=OTHER) == []
    assert charger.status.peer_mac == EV


def test_a_second_vehicle_changes_nothing_for_the_matched_one(charger):
    matched(charger, 2.0)
    status = charger.status
    assert reported(charger, 2.2, source=OTHER) == []
    assert match(charger, 2.3, source=OTHER) == []
    assert charger.status == status


def test_two_vehicles_are_told_each_its_own_attenuation(charger):
    ask(charger, 1.0)
    ask(charger, 1.0, source=OTHER, run_id=b'other ev')
    start(charger, 1.05)
    start(charger, 1.06, source=OTHER, run_id=b'other ev')
    mine = said(sound(charger, 10, 1.2))
    others = said(sound(charger, 10, 1.3, source=OTHER, run_id=b'other ev', groups=b'\x20' * 58))
    assert [(set(r.Groups), r.SourceAddress) for r in mine + others] == [
        ({12}, EV),
        ({32}, OTHER),
    ]


def test_a_vehicle_heard_clearly_weaker_than_another_that_matches_now_is_at_a_neighbours(charger):
    weak = bytes(db + 5 for db in MEASURED)
    for source, groups in ((EV, MEASURED), (OTHER, weak)):
        ask(charger, source=source)
        start(charger, source=source)
        sound(charger, 10, source=source, groups=groups)
    assert match(charger, source=OTHER) == []
    assert any(isinstance(e, LinkChanged) and e.ready for e in match(charger))


def test_two_vehicles_heard_alike_and_the_first_to_ask_is_let_in(charger):
    for source in (EV, OTHER):
        reported(charger, source=source)
    assert any(isinstance(e, LinkChanged) and e.ready for e in match(charger, source=OTHER))


def test_r19_who_still_sounds_when_another_is_let_in_gets_its_report_and_no_key(charger):
    reported(charger, 1.0)
    ask(charger, 1.0, source=OTHER, run_id=b'other ev')
    start(charger, 1.1, source=OTHER, run_id=b'other ev')
    match(charger, 1.2)
    [report] = said(sound(charger, 10, 1.3, source=OTHER, run_id=b'other ev'))
    assert (report.SourceAddress, report.RunID) == (OTHER, b'other ev')
    assert charger.status.phase is Phase.JOINING
    assert match(charger, 1.4, source=OTHER, run_id=b'other ev') == []
    charger.connected(True, 1.4)
    assert said(tick(charger, 1.6)) == []


def test_abuse_04_a_profile_counts_only_from_the_own_modem_and_for_a_known_vehicle(charger):
    ask(charger)
    start(charger, 1.1)
    for left in range(10):
        hear(charger, CM_MNBC_SOUND_IND(RunID=RUN_ID, Countdown=left), 1.2)
        faked = CM_ATTEN_PROFILE_IND(PEVMAC=EV, Groups=b'\x01' * 58)
        assert hear(charger, faked, 1.2, source=OTHER) == []
        assert hear(charger, CM_ATTEN_PROFILE_IND(PEVMAC=OTHER, Groups=MEASURED), 1.2, MODEM) == []
    assert said(tick(charger, 1.75)) == []


def test_abuse_05_a_sound_with_our_run_id_from_a_stranger_does_not_count(charger):
    ask(charger)
    start(charger, 1.1)
    sound(charger, 9)
    hear(charger, CM_MNBC_SOUND_IND(RunID=RUN_ID), 1.3, source=OTHER)
    assert said(hear(charger, CM_ATTEN_PROFILE_IND(PEVMAC=EV, Groups=MEASURED), 1.3, MODEM)) == []


@pytest.mark.parametrize(
    'wrong', [{'run_id': b'foreign!'}, {'evse': OTHER}], ids=['foreign RunID', 'foreign charger']
)
def test_abuse_06_a_match_request_that_is_not_ours_is_ignored(charger, wrong):
    reported(charger)
    assert match(charger, 1.5, **wrong) == []


def test_abuse_06_a_match_request_out_of_the_blue_is_ignored(charger):
    assert match(charger) == []
    ask(charger)
    assert said(match(charger, 1.1)) == []


def test_abuse_09_a_flood_of_vehicles_is_bounded(charger):
    for number in range(10_000):
        source = f'02:00:00:01:{number >> 8:02x}:{number & 255:02x}'
        ask(charger, 1.0 + number / 1e5, source=source)
    assert len(charger.status.heard) <= MOST_SESSIONS
    assert len(charger._sessions) == MOST_SESSIONS


def test_abuse_10_a_replayed_match_of_an_old_session_is_ignored(charger):
    matched(charger, 2.0)
    [key] = [e for e in charger.pilot(Pilot(unplugged=True), 5.0) if isinstance(e, SetKey)]
    charger.modem(Modem(ModemState.READY, MODEM, network=pseudonym(key.nmk)), 6.0)
    charger.pilot(PLUGGED, 6.0)
    assert match(charger, 6.1) == []


def validate(charger, timer, now, source=EV, **about):
    request = CM_VALIDATE_REQ(Timer=timer, Result=1, **about)
    return said(hear(charger, request, now, source, destination=EVSE))


def test_lesson_19_and_abuse_15_without_counted_edges_validation_is_answered_with_failure(charger):
    reported(charger)
    [answer] = validate(charger, 255, 1.1)
    assert isinstance(answer, CM_VALIDATE_CNF)
    assert answer.Result == 3
    assert validate(charger, 255, 1.1, source=OTHER) == []


def counting(edges):
    return Pilot(plugged=True, digital=True, edges=edges)


def test_lesson_19_and_r19_with_counted_edges_ready_and_then_their_number(charger):
    reported(charger)
    charger.pilot(counting(4), 1.1)
    [ready] = validate(charger, 0, 1.1)
    assert (ready.Result, ready.ToggleNum) == (1, 0)
    assert validate(charger, 24, 1.2) == []
    charger.pilot(counting(10), 3.6)
    [counted] = said(charger.tick(3.7))
    assert (counted.Result, counted.ToggleNum) == (2, 3)
    [answer] = said(match(charger, 3.8))
    assert isinstance(answer, CM_SLAC_MATCH_CNF)


@pytest.mark.parametrize('about', [{'timer': 24}, {'timer': 0, 'SignalType': 1}])
def test_validation_before_a_report_or_by_another_signal_fails(charger, about):
    charger.pilot(counting(0), 0.9)
    ask(charger)
    if 'SignalType' in about:
        reported(charger)
    [answer] = validate(charger, now=1.1, **about)
    assert answer.Result == 3


def test_r20_a_vehicle_whose_toggles_were_seen_is_let_in_though_another_is_heard_better(charger):
    charger.pilot(counting(0), 0.9)
    weak = bytes(db + 5 for db in MEASURED)
    for source, groups in ((EV, MEASURED), (OTHER, weak)):
        ask(charger, source=source)
        start(charger, source=source)
        sound(charger, 10, source=source, groups=groups)
    validate(charger, 0, 1.3, source=OTHER)
    validate(charger, 9, 1.4, source=OTHER)
    assert match(charger, 2.0, source=OTHER) == []
    charger.pilot(counting(2), 2.3)
    charger.tick(2.4)
    assert any(isinstance(e, LinkChanged) and e.ready for e in match(charger, 2.5, source=OTHER))


def test_r19_others_that_wait_for_a_count_are_told_when_one_is_let_in(charger):
    charger.pilot(counting(0), 0.9)
    for source in (EV, OTHER):
        reported(charger, source=source)
    validate(charger, 0, 1.3, source=OTHER)
    validate(charger, 24, 1.4, source=OTHER)
    told = match(charger, 1.5)
    [refusal] = [m for m in said(told) if isinstance(m, CM_VALIDATE_CNF)]
    assert refusal.Result == 3
    assert [answer.Result for answer in validate(charger, 0, 1.6, source=OTHER)] == [3]
    assert said(charger.tick(4.0)) == []


def test_c_sequ_retry_a_vehicle_that_did_not_join_and_asks_no_more_is_told_as_failed(charger):
    charger.attempt(4, 0.5)
    matched(charger, 2.0)
    tick(charger, 17.0)
    assert (charger.status.phase, charger.deadline) != (Phase.FAILED, None)
    tick(charger, 66.9)
    assert charger.status.phase is Phase.UNMATCHED
    tick(charger, 67.0)
    assert (charger.status.phase, charger.status.attempt) == (Phase.FAILED, 4)
    charger.pilot(Pilot(plugged=True), 67.2)  # the session shows 100 % for a while
    assert charger.status.phase is Phase.UNMATCHED


def not_joined(charger):
    """The vehicle that was let in has not come; the modem has its new key."""
    [key] = [event for event in tick(charger, 17.0) if isinstance(event, SetKey)]
    charger.modem(Modem(ModemState.READY, MODEM, network=pseudonym(key.nmk)), 20.0)


def test_c_sequ_retry_a_neighbours_vehicle_keeps_no_one_from_giving_up(charger):
    charger.attempt(4, 0.5)
    matched(charger, 2.0)
    not_joined(charger)
    reported(charger, 60.0, source=OTHER)
    assert charger.status.heard
    tick(charger, 67.0)
    assert charger.status.phase is Phase.FAILED


def test_c_sequ_retry_who_asks_again_is_waited_for(charger):
    charger.attempt(4, 0.5)
    matched(charger, 2.0)
    not_joined(charger)
    ask(charger, 66.5)
    tick(charger, 67.0)
    assert charger.status.phase is Phase.MATCHING


def test_a_vehicle_that_has_never_asked_is_waited_for_without_end(charger):
    for second in range(0, 200, 5):
        tick(charger, second)
    assert charger.status.phase is Phase.UNMATCHED


def test_an_amplitude_map_is_taken_from_the_matched_vehicle_alone(charger):
    matched(charger, 2.0)
    request = CM_AMP_MAP_REQ(AMLen=3, AMData=b'\x01\x02')
    [taken] = said(hear(charger, request, 2.1, destination=EVSE))
    assert (type(taken), taken.ResType) == (CM_AMP_MAP_CNF, 0)
    assert hear(charger, request, 2.1, source=OTHER, destination=EVSE) == []


def test_abuse_14_a_link_that_is_lost_is_told_once(charger):
    nmk = said(matched(charger))[0].VariableField.NMK
    network = pseudonym(nmk)
    charger.modem(Modem(ModemState.LINKED, MODEM, remote_macs=(OTHER,), network=network), 3.0)
    events = charger.modem(Modem(ModemState.READY, MODEM, network=network), 20.0)
    assert events.count(LinkChanged(False)) == 1
    assert 'left' in charger.status.reason


def test_a_session_that_hears_of_the_plug_late_does_not_end_the_match(charger):
    matched(charger)
    assert LinkChanged(False) not in charger.attempt(1, 2.1)
    assert LinkChanged(False) in charger.attempt(2, 9.0)


def test_what_is_no_message_of_matching_is_ignored(charger):
    assert hear(charger, Raw(b'anything'), 1.0) == []


def test_every_change_of_status_is_told_once(charger):
    events = ask(charger) + start(charger) + sound(charger, 10) + match(charger)
    told = [event.status for event in events if isinstance(event, Changed)]
    assert all(one != other for one, other in itertools.pairwise(told))
    assert told[-1] == charger.status


def test_while_a_tcp_session_lives_a_silent_modem_ends_nothing(charger):
    matched(charger)
    charger.connected(True, 3.0)
    assert charger.modem(Modem(ModemState.FOUND, MODEM), 20.0) == []
    assert charger.status.phase is Phase.MATCHED
    events = charger.connected(False, 30.0)
    assert LinkChanged(False) in events
    assert any(isinstance(event, SetKey) for event in events)
