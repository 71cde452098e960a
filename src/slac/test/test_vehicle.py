# SPDX-License-Identifier: Apache-2.0
"""The vehicle finds the charger at its cable, and nobody else's."""

from dataclasses import replace
import math
import random

import pytest

from plc_modem.homeplug import BROADCAST, Mme, build, dissect
from plc_modem.homeplug.keys import DEFAULT_NMK, pseudonym
from plc_modem.homeplug.matching import (
    CM_AMP_MAP_CNF,
    CM_AMP_MAP_REQ,
    CM_ATTEN_CHAR_IND,
    CM_ATTEN_CHAR_RSP,
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_MATCH_REQ,
    CM_SLAC_PARM_CNF,
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
    CM_VALIDATE_CNF,
    CM_VALIDATE_REQ,
    GROUPS,
    MatchCnfField,
)
from plc_modem.state import Modem, ModemState
from slac.ev.matching import State
from slac.timing import CROWDED_PAUSE
from slac.validation import Result
from slac.values import Changed, LinkChanged, Phase, Pilot, Send, SetKey

EV, NEAR, FAR = '02:00:00:00:00:e1', '02:00:00:00:00:e2', '02:00:00:00:00:e3'
MODEM, ITS_MODEM = '02:00:00:00:00:aa', '02:00:00:00:00:bb'
NMK, NID = bytes(range(16)), bytes(range(1, 8))


def frames(events):
    return [frame for event in events if isinstance(event, Send) for frame in event.frames]


def said(events):
    return [frame.message for frame in frames(events)]


def hear(vehicle, message, now, source=NEAR, destination=EV):
    return vehicle.receive(Mme(destination, source, message), now)


def answer(vehicle, now=0.001, source=NEAR, sounds=10, run_id=None):
    run_id = run_id or vehicle.status.run_id
    return hear(vehicle, CM_SLAC_PARM_CNF(NumberMSounds=sounds, RunID=run_id), now, source)


def report(vehicle, now, db=11, source=NEAR, groups=None, run_id=None, about=EV):
    groups = bytes([db]) * GROUPS if groups is None else groups
    run_id = run_id or vehicle.status.run_id
    message = CM_ATTEN_CHAR_IND(SourceAddress=about, RunID=run_id, NumSounds=10, Groups=groups)
    return hear(vehicle, message, now, source)


def confirm(vehicle, now, source=NEAR, nmk=NMK, destination=EV, **wrong):
    told = {'EVMAC': EV, 'EVSEMAC': source, 'RunID': vehicle.status.run_id, **wrong}
    field = MatchCnfField(NetworkID=NID, NMK=nmk, **told)
    message = CM_SLAC_MATCH_CNF(MatchVariableFieldLen=0x56, VariableField=field)
    return hear(vehicle, message, now, source, destination)


def keep_plugged(vehicle, now):
    vehicle.pilot(Pilot(plugged=True, digital=True), now)


def sounded(vehicle, *chargers):
    """Bring a vehicle to where the sounds are out and chargers may report; return the time."""
    for charger in chargers or (NEAR,):
        answer(vehicle, source=charger)
    vehicle.tick(0.06)
    assert vehicle.state is State.SOUNDING
    return 0.5


def requesting(vehicle):
    now = sounded(vehicle)
    report(vehicle, now)
    assert vehicle.state is State.REQUESTING
    return now


def linked(nmk=NMK):
    return Modem(ModemState.LINKED, MODEM, remote_macs=(ITS_MODEM,), network=pseudonym(nmk))


def test_lesson_58_asks_often_at_first_and_then_each_second_without_end(vehicle):
    times = []
    while len(times) < 40:
        now = vehicle.deadline
        keep_plugged(vehicle, now)
        times += [round(now, 3) for m in said(vehicle.tick(now)) if type(m) is CM_SLAC_PARM_REQ]
    assert times[:3] == [0.002, 0.004, 0.006]  # the first went with the pilot
    assert times[3:23:4] == [0.2, 0.4, 1.4, 2.4, 3.4]
    assert vehicle.state is State.ASKING


def test_line_13_a_request_that_no_charger_answers_is_the_reason(vehicle):
    told, now = [], 0.0
    while now < 10.0:
        now = vehicle.deadline
        keep_plugged(vehicle, now)
        told += [e.status.reason for e in vehicle.tick(now) if isinstance(e, Changed)]
    assert told == ['no charger answers CM_SLAC_PARM.REQ']
    assert (vehicle.state, vehicle.status.phase) == (State.ASKING, Phase.MATCHING)
    answer(vehicle, now)
    assert vehicle.status.reason == ''


def test_lesson_03_at_the_first_answer_it_asks_on_for_chargers_that_missed_it(vehicle):
    events = answer(vehicle, 0.001)
    assert said(answer(vehicle, 0.0015, source=FAR)) == []
    while vehicle.state is State.ANSWERED:
        events += vehicle.tick(vehicle.deadline)
    asked = [m for m in said(events) if isinstance(m, CM_SLAC_PARM_REQ)]
    assert [m.RunID for m in asked] == [vehicle.status.run_id] * 3


def test_lesson_08_start_follows_an_answer_at_once_when_all_is_asked(vehicle):
    for _ in range(3):
        vehicle.tick(vehicle.deadline)
    events = answer(vehicle, 0.012)
    assert vehicle.state is State.SOUNDING
    assert [len(event.frames) for event in events if isinstance(event, Send)] == [13]


def test_lessons_07_and_08_start_and_sounds_follow_within_100_ms_as_one_batch(vehicle):
    answer(vehicle, now=0.001)
    events = []
    while vehicle.state is State.ANSWERED:
        now = vehicle.deadline
        events = vehicle.tick(now)
    assert now <= 0.11
    [batch] = [event for event in events if isinstance(event, Send)]
    assert 0.020 <= batch.spacing <= 0.050
    kinds = [type(frame.message) for frame in batch.frames]
    assert kinds == [CM_START_ATTEN_CHAR_IND] * 3 + [CM_MNBC_SOUND_IND] * 10
    start, last = batch.frames[0].message, batch.frames[-1].message
    assert (start.TimeOut, start.ForwardingSTA, start.ResponseType) == (6, EV, 1)
    assert last.Countdown == 0
    assert {frame.destination for frame in batch.frames} == {BROADCAST}


def test_lesson_09_sounds_follow_each_other_by_25_ms(vehicle):
    answer(vehicle)
    [batch] = [event for event in vehicle.tick(0.06) if isinstance(event, Send)]
    assert batch.spacing == 0.025


def test_lesson_20_what_comes_twice_changes_nothing(vehicle):
    for now in (0.01, 0.011):
        answer(vehicle, now)
    vehicle.tick(0.06)
    events = report(vehicle, 0.5) + report(vehicle, 0.51)
    events += confirm(vehicle, 0.52) + confirm(vehicle, 0.53)
    kinds = [type(message) for message in said(events)]
    assert sorted(kinds, key=str) == [CM_ATTEN_CHAR_RSP, CM_ATTEN_CHAR_RSP, CM_SLAC_MATCH_REQ]
    assert sum(isinstance(event, SetKey) for event in events) == 1
    assert vehicle.state is State.JOINING


@pytest.mark.parametrize(('asked', 'sent'), [(8, 8), (0, 10), (255, 20)])
def test_as_many_sounds_as_the_charger_asks_for_within_reason(vehicle, asked, sent):
    answer(vehicle, sounds=asked)
    messages = said(vehicle.tick(0.06))
    assert sum(type(m) is CM_MNBC_SOUND_IND for m in messages) == sent


def test_r19_every_report_is_answered_at_once_and_repeats_too(vehicle):
    now = sounded(vehicle, NEAR, FAR)
    for source in (NEAR, FAR, NEAR):
        [response] = said(report(vehicle, now, source=source, db=20))[:1]
        assert isinstance(response, CM_ATTEN_CHAR_RSP)
        assert (response.RunID, response.Result) == (vehicle.status.run_id, 0)


@pytest.mark.parametrize('order', [(NEAR, FAR), (FAR, NEAR)])
def test_lesson_12_and_abuse_07_the_loudest_wins_not_the_first(vehicle, order):
    now = sounded(vehicle, NEAR, FAR)
    events = []
    for source in order:
        events += report(vehicle, now, db=11 if source == NEAR else 25, source=source)
    [request] = [frame for frame in frames(events) if type(frame.message) is CM_SLAC_MATCH_REQ]
    assert request.destination == NEAR
    assert request.message.VariableField.EVSEMAC == NEAR
    assert dict(vehicle.status.heard) == {NEAR: 11.0, FAR: 25.0}


def test_lesson_10_a_charger_that_is_slow_to_report_is_waited_for(vehicle):
    now = sounded(vehicle, NEAR, FAR)
    report(vehicle, now, source=FAR, db=20)
    keep_plugged(vehicle, 1.2)
    vehicle.tick(1.2)
    assert vehicle.state is State.SOUNDING
    report(vehicle, 1.2, source=NEAR, db=11)
    assert vehicle.status.peer_mac == NEAR


def test_a_charger_that_never_reports_is_waited_for_1_2_s_in_two_matchings_and_no_longer(vehicle):
    now = sounded(vehicle, NEAR, FAR)
    report(vehicle, now, source=NEAR)
    keep_plugged(vehicle, 1.0)
    vehicle.tick(1.27)
    assert vehicle.state is State.PAUSING
    assert vehicle.status.reason == '1 of 2 chargers told nothing'
    keep_plugged(vehicle, 1.67)
    vehicle.tick(1.67)
    for charger in (NEAR, FAR):
        answer(vehicle, 1.68, source=charger)
    vehicle.tick(1.7)
    report(vehicle, 2.1, source=NEAR)
    keep_plugged(vehicle, 2.5)
    vehicle.tick(2.91)
    assert (vehicle.state, vehicle.status.peer_mac) == (State.REQUESTING, NEAR)


def test_nothing_is_decided_before_the_last_sound(vehicle):
    sounded(vehicle)
    report(vehicle, 0.1)
    assert vehicle.state is State.SOUNDING
    vehicle.tick(vehicle.deadline)
    assert vehicle.state is State.REQUESTING


@pytest.mark.parametrize('groups', [bytes(58), b'\xff' * 58, b''])
def test_abuse_08_a_profile_that_is_no_measurement_never_wins(vehicle, groups):
    now = sounded(vehicle, NEAR, FAR)
    report(vehicle, now, source=FAR, groups=groups)
    report(vehicle, now, source=NEAR, db=30)
    assert vehicle.status.peer_mac == NEAR


def test_abuse_08_alone_it_does_not_win_without_validation_either(vehicle):
    now = sounded(vehicle)
    report(vehicle, now, groups=bytes(58))
    assert (vehicle.state, vehicle.status.phase) == (State.VALIDATING, Phase.MATCHING)
    assert 'no measurement' in vehicle.status.reason
    refuse_validation(vehicle, now + 0.1)
    assert vehicle.state is State.PAUSING
    assert 'counts toggles' in vehicle.status.reason


def refuse_validation(vehicle, now, *chargers):
    for charger in chargers or (NEAR,):
        hear(vehicle, CM_VALIDATE_CNF(Result=3), now, source=charger)


@pytest.mark.parametrize('db', [41, 48])
def test_line_1_and_lesson_93_a_lone_charger_is_joined_however_far_it_is(vehicle, db):
    now = sounded(vehicle)
    report(vehicle, now, db=db)
    confirm(vehicle, now + 0.1)
    vehicle.modem(linked(), now + 8.0)
    assert (vehicle.state, vehicle.status.peer_mac) == (State.MATCHED, NEAR)


def test_line_1_and_lesson_93_of_two_far_chargers_the_nearer_is_joined(vehicle):
    now = sounded(vehicle, NEAR, FAR)
    report(vehicle, now, db=48, source=FAR)
    report(vehicle, now, db=41, source=NEAR)
    assert (vehicle.state, vehicle.status.peer_mac) == (State.REQUESTING, NEAR)


def test_line_1_far_chargers_within_the_margin_are_told_apart_by_the_pilot(vehicle):
    now = sounded(vehicle, NEAR, FAR)
    events = report(vehicle, now, db=48, source=FAR) + report(vehicle, now, db=45, source=NEAR)
    assert vehicle.state is State.VALIDATING
    asked = {f.destination for f in frames(events) if isinstance(f.message, CM_VALIDATE_REQ)}
    assert asked == {NEAR, FAR}


@pytest.mark.parametrize('groups', [bytes(58), b'\xff' * 58])
def test_line_1_a_profile_of_one_extreme_never_wins_without_validation(vehicle_with, groups):
    vehicle = vehicle_with(validation=False)
    report(vehicle, sounded(vehicle), groups=groups)
    assert vehicle.state is State.PAUSING
    assert vehicle.status.reason == 'its attenuation is no measurement'


def neither_is_told_apart(vehicle, validates, matchings=3, **profiles):
    """Two chargers answer, 2 dB apart; `validates(vehicle, now)` plays what becomes of it."""
    now = 0.0
    for _ in range(matchings):
        assert vehicle.state in (State.ASKING, State.PAUSING)
        while vehicle.state is State.PAUSING:
            now = vehicle.deadline
            keep_plugged(vehicle, now)
            vehicle.tick(now)
        answer(vehicle, now, source=NEAR)
        answer(vehicle, now, source=FAR)
        keep_plugged(vehicle, now + 0.1)
        vehicle.tick(now + 0.1)
        now += 0.5
        report(vehicle, now, source=NEAR, db=11, **profiles)
        report(vehicle, now, source=FAR, db=13, **profiles)
        validates(vehicle, now + 0.05)
    return now


def refused(vehicle, now):
    """As EVerest: Failure."""
    refuse_validation(vehicle, now, NEAR, FAR)


def silent(vehicle, now):
    """As open-plc-utils and pyslac: no answer at all."""
    while vehicle.state is State.VALIDATING:
        now = vehicle.deadline
        keep_plugged(vehicle, now)
        vehicle.tick(now)


def forbidden(vehicle, now):
    """As `validation:=false`: nobody was asked."""


@pytest.mark.parametrize('validates', [refused, silent, forbidden])
def test_line_12_and_lesson_95_of_two_that_do_not_validate_the_best_heard_is_taken_at_last(
    vehicle_with, validates
):
    vehicle = vehicle_with(validation=validates is not forbidden)
    neither_is_told_apart(vehicle, validates, matchings=2)
    assert vehicle.state is State.PAUSING
    assert 'within 3 dB' in vehicle.status.reason
    vehicle = vehicle_with(validation=validates is not forbidden)
    now = neither_is_told_apart(vehicle, validates) + 2.0
    assert (vehicle.state, vehicle.status.peer_mac) == (State.REQUESTING, NEAR)
    confirm(vehicle, now)
    vehicle.modem(linked(), now + 1.0)
    assert vehicle.state is State.MATCHED
    assert 'within 3 dB' in vehicle.status.reason and 'not proven' in vehicle.status.reason
    vehicle.pilot(Pilot(unplugged=True), now + 2.0)
    assert vehicle.status.reason == ''


def counted(first, second):
    """Return how NEAR and FAR validate: None cannot, a number has counted that many toggles."""

    def validates(vehicle, now):
        for source, told in ((NEAR, first), (FAR, second)):
            can = Result.FAILURE if told is None else Result.READY
            hear(vehicle, CM_VALIDATE_CNF(Result=can), now, source)
        edges, shown = 0, False
        for step in range(52):
            keep_plugged(vehicle, now + step / 20)
            vehicle.tick(now + step / 20)
            edges, shown = edges + (vehicle.status.show_c != shown), vehicle.status.show_c
        for source, told in ((NEAR, first), (FAR, second)):
            if told is not None:
                toggles = edges // 2 if told == 'right' else told
                result = Result.SUCCESS if toggles else Result.FAILURE
                message = CM_VALIDATE_CNF(ToggleNum=toggles, Result=result)
                hear(vehicle, message, now + 2.6, source)

    return validates


@pytest.mark.parametrize(
    ('first', 'second', 'left'), [(None, 0, NEAR), (0, None, FAR), (0, 'right', FAR)]
)
def test_line_12_who_saw_no_toggle_is_out_and_who_is_left_alone_is_taken(
    vehicle, first, second, left
):
    neither_is_told_apart(vehicle, counted(first, second), matchings=1)
    assert (vehicle.state, vehicle.status.peer_mac) == (State.REQUESTING, left)
    assert vehicle.status.reason == ''


@pytest.mark.parametrize('told', [0, 'right'])
def test_line_12_where_all_saw_none_or_several_saw_them_none_is_taken(vehicle, told):
    neither_is_told_apart(vehicle, counted(told, told))
    assert vehicle.state is State.FAILED


def test_line_12_a_profile_of_one_extreme_does_not_win_in_the_last_try_either(vehicle):
    neither_is_told_apart(vehicle, refused, groups=bytes(58))
    assert vehicle.state is State.FAILED
    assert 'no measurement' in vehicle.status.reason


def test_line_12_after_another_vehicle_toggled_too_the_pause_is_drawn(vehicle_with):
    """Two vehicles that failed together would toggle together in each further try (seed 10)."""
    pauses = set()
    for seed in range(8):
        vehicle = vehicle_with()
        vehicle._entropy = random.Random(seed).randbytes
        now = neither_is_told_apart(vehicle, counted('right', 'right'), matchings=1) + 2.65
        assert vehicle.state is State.PAUSING
        pauses.add(round(vehicle._due - now, 2))
    assert len(pauses) > 4
    assert all(0.4 <= pause <= 0.4 + CROWDED_PAUSE for pause in pauses)


@pytest.mark.parametrize(
    'stranger',
    [{'run_id': b'foreign!'}, {'about': FAR}],
    ids=['foreign RunID', 'about another vehicle'],
)
def test_a_report_that_is_not_for_us_is_not_answered(vehicle, stranger):
    assert report(vehicle, sounded(vehicle), **stranger) == []


def test_a_request_to_match_is_repeated_twice_and_then_matching_starts_over(vehicle):
    requesting(vehicle)
    requests = 1
    while vehicle.state is State.REQUESTING:
        now = vehicle.deadline
        keep_plugged(vehicle, now)
        requests += len(said(vehicle.tick(now)))
    assert requests == 3
    assert vehicle.state is State.PAUSING


@pytest.mark.parametrize(
    'wrong',
    [
        {'RunID': b'foreign!'},
        {'EVMAC': FAR},
        {'destination': FAR},
        {'source': FAR},
    ],
    ids=['RunID', 'vehicle in it', 'destination', 'charger'],
)
def test_lesson_14_and_abuse_06_a_confirmation_for_someone_else_changes_nothing(vehicle, wrong):
    now = requesting(vehicle)
    assert confirm(vehicle, now, **wrong) == []
    assert vehicle.state is State.REQUESTING


def test_abuse_06_a_confirmation_nobody_asked_for_changes_nothing(vehicle):
    assert confirm(vehicle, 0.1) == []
    now = requesting(vehicle)
    confirm(vehicle, now)
    assert confirm(vehicle, now + 0.1, nmk=bytes(range(1, 17))) == []


@pytest.mark.parametrize('nmk', [bytes(16), DEFAULT_NMK])
def test_abuse_13_a_key_that_everybody_has_is_refused(vehicle, nmk):
    now = requesting(vehicle)
    events = confirm(vehicle, now, nmk=nmk)
    assert not any(isinstance(event, SetKey) for event in events)
    assert vehicle.state is State.PAUSING


def test_r22_key_and_nid_are_taken_as_they_come(vehicle):
    [key] = [e for e in confirm(vehicle, requesting(vehicle)) if isinstance(e, SetKey)]
    assert (key.nmk, key.nid) == (NMK, NID)


def test_the_link_is_ready_once_another_modem_shares_our_key(vehicle):
    now = requesting(vehicle)
    confirm(vehicle, now)
    ready = Modem(ModemState.READY, MODEM, network=pseudonym(NMK))
    assert not any(isinstance(e, LinkChanged) for e in vehicle.modem(ready, now + 4))
    foreign = linked(nmk=bytes(range(1, 17)))
    assert not any(isinstance(e, LinkChanged) for e in vehicle.modem(foreign, now + 5))
    assert vehicle.modem(linked(), now + 6)[-1] == LinkChanged(True, NEAR, ITS_MODEM)
    assert vehicle.status.phase is Phase.MATCHED


def test_line_10_the_same_key_again_and_linked_of_before_is_not_the_new_avln(vehicle):
    now = requesting(vehicle)
    confirm(vehicle, now)
    vehicle.modem(linked(), now + 1.0)
    assert vehicle.state is State.MATCHED
    keep_plugged(vehicle, now + 2.0)
    vehicle.attempt(2, now + 2.0)
    answer(vehicle, now + 2.01)
    keep_plugged(vehicle, now + 2.1)
    vehicle.tick(now + 2.1)
    report(vehicle, now + 2.5)
    assert any(isinstance(event, SetKey) for event in confirm(vehicle, now + 2.6))
    vehicle.modem(linked(), now + 2.601)  # told before the key was heard of
    vehicle.connected(False, now + 2.602)
    assert vehicle.state is State.JOINING
    vehicle.modem(replace(linked(), state=ModemState.READY, remote_macs=()), now + 2.61)
    assert vehicle.state is State.JOINING
    events = vehicle.modem(linked(), now + 3.0)
    assert LinkChanged(True, NEAR, ITS_MODEM) in events


def test_lesson_15_15_s_for_the_avln_and_then_a_clean_new_start(vehicle):
    now = requesting(vehicle)
    confirm(vehicle, now)
    vehicle.modem(Modem(ModemState.READY, MODEM, network=pseudonym(NMK)), now + 4)
    keep_plugged(vehicle, now + 14.9)
    vehicle.tick(now + 14.9)
    assert vehicle.state is State.JOINING
    vehicle.tick(now + 15.0)
    assert vehicle.state is State.PAUSING


def matched(vehicle):
    confirm(vehicle, requesting(vehicle))
    vehicle.modem(linked(), 1.0)
    assert vehicle.state is State.MATCHED


def test_r21_the_vehicle_leaves_the_avln_at_unplug(vehicle):
    matched(vehicle)
    events = vehicle.pilot(Pilot(unplugged=True), 9.0)
    assert LinkChanged(False) in events
    [key] = [event for event in events if isinstance(event, SetKey)]
    assert key.nmk != NMK
    assert vehicle.pilot(Pilot(unplugged=True), 9.1) == []


def test_an_attempt_is_served_once_and_a_new_one_begins_anew(vehicle):
    matched(vehicle)
    assert vehicle.attempt(1, 2.0) == []
    events = vehicle.attempt(2, 8.0)
    assert LinkChanged(False) in events
    assert any(type(message) is CM_SLAC_PARM_REQ for message in said(events))


def test_r6_a_session_that_was_started_anew_gets_no_new_link_until_unplug(vehicle):
    matched(vehicle)
    assert vehicle.attempt(0, 2.0) == []
    assert vehicle.attempt(1, 2.5) == []
    vehicle.attempt(0, 2.6)
    vehicle.pilot(Pilot(unplugged=True), 5.0)
    keep_plugged(vehicle, 9.0)
    assert said(vehicle.attempt(1, 9.1))


def test_abuse_14_a_lost_link_is_told_once(vehicle):
    matched(vehicle)
    gone = Modem(ModemState.READY, MODEM, network=pseudonym(NMK), reason='the other has left')
    assert vehicle.modem(gone, 20.0)[0] == LinkChanged(False)
    assert vehicle.modem(gone, 21.0) == []
    assert (vehicle.status.phase, vehicle.status.reason) == (Phase.FAILED, 'the other has left')


def test_matching_stops_with_the_pilot_and_goes_on_with_it(vehicle):
    vehicle.tick(0.2)
    vehicle.pilot(Pilot(plugged=True), 0.3)
    assert vehicle.state is State.UNMATCHED
    assert said(vehicle.pilot(Pilot(plugged=True, digital=True), 0.4))


def test_a_matching_without_reports_starts_over_with_a_new_run_id_and_gives_up(vehicle):
    seen = set()
    now = 0.0
    while vehicle.state is not State.FAILED:
        keep_plugged(vehicle, now)
        vehicle.tick(now)
        if vehicle.state is State.ASKING:
            seen.add(vehicle.status.run_id)
            answer(vehicle, now)
        now += 0.05
    assert len(seen) == 3
    assert vehicle.status.reason == 'no charger reported an attenuation'


def test_a_charger_told_of_but_silent_has_no_attenuation(vehicle):
    answer(vehicle)
    [(mac, db)] = vehicle.status.heard
    assert mac == NEAR
    assert math.isnan(db)


def test_while_a_tcp_session_lives_a_silent_modem_ends_nothing(vehicle):
    matched(vehicle)
    vehicle.connected(True, 2.0)
    gone = Modem(ModemState.FOUND, MODEM)
    assert vehicle.modem(gone, 20.0) == []
    assert vehicle.state is State.MATCHED
    events = vehicle.connected(False, 30.0)
    assert LinkChanged(False) in events
    [key] = [event for event in events if isinstance(event, SetKey)]
    assert key.nmk != NMK  # it leaves, whoever still has the charger's key


def test_a_matching_that_fails_for_good_leaves_the_avln(vehicle):
    keys = []
    fail_to_join(vehicle, keys)
    assert keys[-1] != NMK
    assert keys.count(keys[-1]) == 1


def fail_to_join(vehicle, keys):
    """Match again and again with a charger whose AVLN never forms; return when each began."""
    now, begun = 0.0, []
    while vehicle.state is not State.FAILED:
        events = []
        if vehicle.state is State.ASKING:
            begun.append(now)
            answer(vehicle, now)
        elif vehicle.state is State.SOUNDING:
            report(vehicle, now)
        elif vehicle.state is State.REQUESTING:
            events = confirm(vehicle, now)
        if vehicle.state is not State.REQUESTING:
            now = vehicle.deadline
        keep_plugged(vehicle, now)
        keys += [e.nmk for e in events + vehicle.tick(now) if isinstance(e, SetKey)]
    return begun


def test_matching_is_repeated_within_tt_matching_repetition_alone(vehicle, vehicle_with):
    assert len(fail_to_join(vehicle, [])) == 3
    standard = vehicle_with(timers='standard')
    assert len(fail_to_join(standard, [])) == 1  # TT_match_join alone is 12 s


def test_an_amplitude_map_is_taken_from_the_chosen_charger_alone(vehicle):
    now = requesting(vehicle)
    request = CM_AMP_MAP_REQ(AMLen=3, AMData=b'\x01\x02')
    [taken] = said(hear(vehicle, request, now))
    assert (type(taken), taken.ResType) == (CM_AMP_MAP_CNF, 0)
    assert hear(vehicle, request, now, source=FAR) == []


def test_lesson_21_a_report_of_326_octets_is_read_as_one_of_129(vehicle):
    now = sounded(vehicle)
    about = {'SourceAddress': EV, 'RunID': vehicle.status.run_id, 'NumSounds': 10}
    octets = build(Mme(EV, NEAR, CM_ATTEN_CHAR_IND(Groups=bytes([11]) * GROUPS, **about)))
    assert len(octets) == 129
    events = vehicle.receive(dissect(octets.ljust(326, b'\0')), now)
    assert isinstance(said(events)[0], CM_ATTEN_CHAR_RSP)
    assert vehicle.status.peer_mac == NEAR
