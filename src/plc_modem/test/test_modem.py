# SPDX-License-Identifier: Apache-2.0
"""A modem is found, given its key, restarted, and seen in its AVLN (R22)."""

import pytest

from plc_modem.homeplug import BROADCAST, LOCAL_MODEM, Mme
from plc_modem.homeplug.keys import nid_of, pseudonym
from plc_modem.homeplug.station import (
    CM_GET_KEY_CNF,
    CM_GET_KEY_REQ,
    CM_NW_INFO_CNF,
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
from plc_modem.modem import RESTART_SETTLE, RESTART_TIME, Changed, ModemMachine, Send
from plc_modem.state import Modem, ModemState

HOST, LOCAL, OTHER = '02:00:00:00:00:e1', '02:00:00:00:00:aa', '02:00:00:00:00:bb'
NMK = bytes(range(16))
NID = nid_of(NMK)
VERSION = VS_SW_VER_CNF(Version=b'MAC-QCA7420\0junk')


def said(events):
    return [event.mme for event in events if isinstance(event, Send)]


def kinds(events):
    return [type(mme.message) for mme in said(events)]


def states(events):
    return [event.modem.state for event in events if isinstance(event, Changed)]


def hear(machine, message, now, source=LOCAL, destination=HOST):
    return machine.receive(Mme(destination, source, message), now)


def found(now=0.0):
    machine = ModemMachine(HOST, now)
    machine.tick(now)
    hear(machine, VERSION, now + 0.01)
    return machine


def asked():
    machine = found()
    machine.set_key(NMK, NID, 1.0)
    return machine


def ready():
    machine = asked()
    hear(machine, CM_SET_KEY_CNF(Result=1), 1.01)
    machine.tick(machine.deadline)
    hear(machine, VERSION, 4.0)
    assert machine.modem.state is ModemState.READY
    return machine


def run_down(machine, until):
    """Let time pass without any answer; return what was said, with its time."""
    diary = []
    while machine.deadline is not None and machine.deadline <= until:
        now = machine.deadline
        diary += [(round(now, 3), type(mme.message)) for mme in said(machine.tick(now))]
    return diary


def test_a_modem_is_asked_for_under_the_address_no_other_hears():
    machine = ModemMachine(HOST, 0.0)
    [question] = said(machine.tick(0.0))
    assert (question.destination, type(question.message)) == (LOCAL_MODEM, VS_SW_VER_REQ)
    [told] = hear(machine, VERSION, 0.01)
    assert told.modem == Modem(ModemState.FOUND, LOCAL, 'MAC-QCA7420')


def test_lesson_22_a_modem_that_sleeps_is_asked_for_without_end():
    diary = run_down(ModemMachine(HOST, 0.0), 60.0)
    assert len(diary) == 121
    assert {kind for _, kind in diary} == {VS_SW_VER_REQ}


def test_the_key_goes_to_the_local_modem_and_never_to_all():
    [request] = said(found().set_key(NMK, NID, 1.0))
    assert request.destination == LOCAL_MODEM
    message = request.message
    assert (message.NetworkID, message.NewKey, message.KeyType) == (NID, NMK, 1)
    assert (message.PID, message.NewEncKeySelect, message.CCoCapability) == (4, 1, 0)


def test_a_key_wished_for_before_the_modem_is_there_is_set_once_it_is():
    machine = ModemMachine(HOST, 0.0)
    assert machine.set_key(NMK, NID, 0.0) == []
    machine.tick(0.0)
    assert CM_SET_KEY_REQ in kinds(hear(machine, VERSION, 3.0))


def test_lesson_17_result_1_is_done():
    machine = asked()
    events = hear(machine, CM_SET_KEY_CNF(Result=1), 1.01)
    assert states(events) == [ModemState.RESTARTING]
    assert machine.modem.network == pseudonym(NMK)


def test_only_the_local_modems_answer_counts():
    machine = asked()
    assert hear(machine, CM_SET_KEY_CNF(Result=1), 1.01, source=OTHER) == []
    assert hear(machine, CM_SET_KEY_CNF(Result=1), 1.01, destination=OTHER) == []
    assert machine.modem.state is ModemState.SETTING_KEY


def test_abuse_11_result_0_is_believed_only_if_the_nid_is_ours():
    machine = asked()
    [question] = said(hear(machine, CM_SET_KEY_CNF(Result=0), 1.01))
    assert isinstance(question.message, CM_GET_KEY_REQ)
    assert question.destination == LOCAL_MODEM
    events = hear(machine, CM_GET_KEY_CNF(NetworkID=NID), 1.02)
    assert states(events) == [ModemState.RESTARTING]


def test_abuse_11_result_0_with_another_nid_is_asked_again():
    machine = asked()
    hear(machine, CM_SET_KEY_CNF(Result=0), 1.01)
    assert kinds(hear(machine, CM_GET_KEY_CNF(NetworkID=b'another'), 1.02)) == [CM_SET_KEY_REQ]


def test_abuse_11_a_late_answer_still_counts():
    machine = asked()
    machine.tick(machine.deadline)
    assert states(hear(machine, CM_SET_KEY_CNF(Result=1), 1.6)) == [ModemState.RESTARTING]


def test_abuse_11_after_five_tries_the_modem_is_reset_and_the_failure_told():
    machine = asked()
    diary = [CM_SET_KEY_REQ]
    while machine.modem.state is ModemState.SETTING_KEY:
        diary += kinds(machine.tick(machine.deadline))
    assert diary.count(CM_SET_KEY_REQ) == 5
    assert diary[-1] is VS_RS_DEV_REQ
    assert machine.modem.state is ModemState.FAILED
    assert '5 tries' in machine.modem.reason


def test_a_modem_that_failed_is_there_again_when_it_answers_after_its_reset():
    machine = asked()
    while machine.modem.state is ModemState.SETTING_KEY:
        machine.tick(machine.deadline)
    now = machine.deadline + 3
    assert states(hear(machine, VERSION, now)) == [ModemState.FOUND]


def test_an_answer_from_before_the_restart_does_not_count_as_after_it():
    machine = asked()
    hear(machine, CM_SET_KEY_CNF(Result=1), 1.01)
    hear(machine, VERSION, 1.01 + RESTART_SETTLE / 2)
    assert machine.modem.state is ModemState.RESTARTING
    hear(machine, VERSION, 1.01 + RESTART_SETTLE)
    assert machine.modem.state is ModemState.READY


def test_lesson_15_a_restart_may_take_15_s():
    machine = asked()
    hear(machine, CM_SET_KEY_CNF(Result=1), 1.0)
    run_down(machine, 1.0 + RESTART_TIME - 0.2)
    assert machine.modem.state is ModemState.RESTARTING
    run_down(machine, 1.0 + RESTART_TIME + 0.2)
    assert machine.modem.state is ModemState.SEARCHING
    assert 'restart' in machine.modem.reason


@pytest.mark.parametrize('answer', [VERSION, CM_GET_KEY_CNF(Result=1)], ids=['version', 'key'])
def test_another_modem_that_answers_is_in_the_same_avln(answer):
    machine = ready()
    events = hear(machine, answer, 4.1, source=OTHER)
    assert states(events) == [ModemState.LINKED]
    assert machine.modem.remote_macs == (OTHER,)
    assert hear(machine, answer, 4.2, source=OTHER) == []


def test_another_modem_before_the_key_was_set_is_no_link():
    machine = found()
    assert hear(machine, VERSION, 0.5, source=OTHER) == []
    machine.set_key(NMK, NID, 1.0)
    assert hear(machine, VERSION, 1.1, source=OTHER) == []


def test_while_the_avln_forms_all_are_asked_often():
    machine = ready()
    diary = [mme for _ in range(10) for mme in said(machine.tick(machine.deadline))]
    versions = [mme for mme in diary if isinstance(mme.message, VS_SW_VER_REQ)]
    assert [mme.destination for mme in versions] == [BROADCAST] * 10
    assert machine.deadline < 4.0 + 1.5


def test_abuse_14_the_other_modem_may_be_silent_for_some_seconds():
    machine = ready()
    hear(machine, VERSION, 4.1, source=OTHER)
    for second in range(5, 14):
        machine.tick(float(second))
        hear(machine, VERSION, second + 0.01)
    assert machine.modem.state is ModemState.LINKED
    machine.tick(15.0)
    assert machine.modem.state is ModemState.READY
    assert 'left' in machine.modem.reason


def test_a_modem_that_vanishes_is_told_and_searched_for():
    machine = ready()
    diary = run_down(machine, 12.0)
    assert machine.modem.state is ModemState.SEARCHING
    assert machine.modem.network == ''
    assert diary[-1][1] is VS_SW_VER_REQ


def test_a_newer_key_takes_the_place_of_an_older():
    machine = asked()
    hear(machine, CM_SET_KEY_CNF(Result=1), 1.01)
    newer = bytes(range(1, 17))
    assert machine.set_key(newer, nid_of(newer), 1.5) == []
    events = hear(machine, VERSION, 4.0)
    assert said(events)[0].message.NewKey == newer


def test_a_modem_that_restarts_by_itself_is_asked_for_its_key_and_given_it_anew():
    machine = ready()
    events = machine.restarted(10.0)
    assert states(events) == [ModemState.SETTING_KEY]
    assert machine.modem.network == ''
    assert kinds(events) == [CM_GET_KEY_REQ]
    [request] = said(hear(machine, CM_GET_KEY_CNF(NetworkID=bytes(7)), 10.1))
    assert (request.message.NewKey, request.message.NetworkID) == (NMK, NID)
    hear(machine, CM_SET_KEY_CNF(Result=1), 10.2)
    hear(machine, VERSION, 11.0)
    assert machine.modem.state is ModemState.READY
    assert machine.modem.network == pseudonym(NMK)


def test_a_modem_that_kept_its_key_over_a_restart_is_not_restarted_again():
    machine = ready()
    machine.restarted(10.0)
    assert CM_SET_KEY_REQ not in kinds(hear(machine, CM_GET_KEY_CNF(NetworkID=NID), 10.1))
    hear(machine, VERSION, 10.5)
    assert machine.modem.state is ModemState.READY


def test_the_restart_that_a_key_brings_with_it_ends_with_one_look_at_the_key():
    machine = asked()
    hear(machine, CM_SET_KEY_CNF(Result=1), 1.01)
    assert machine.restarted(1.1) == []  # the modem tells CPU_ON meanwhile
    assert kinds(hear(machine, VERSION, 4.0)) == [CM_GET_KEY_REQ]
    hear(machine, CM_GET_KEY_CNF(NetworkID=NID), 4.1)
    hear(machine, VERSION, 4.5)
    assert machine.modem.state is ModemState.READY


def test_a_restart_before_any_key_was_set_changes_nothing():
    assert found().restarted(1.0) == []
    assert asked().restarted(1.0) == []


def test_a_number_that_no_state_has_is_a_failure():
    assert ModemState(99) is ModemState.FAILED


def refusing(machine, now):
    """Have a modem refuse a key until it is given up; return what was said, and when it ended."""
    said_ = kinds(machine.set_key(NMK, NID, now))
    while machine.modem.state is ModemState.SETTING_KEY:
        now = machine.deadline
        said_ += kinds(machine.tick(now))
    return said_, now


@pytest.mark.parametrize(
    ('allowed', 'last', 'word'),
    [(False, VS_RS_DEV_REQ, 'it was reset'), (True, VS_FAC_DEFAULTS_REQ, 'factory defaults')],
)
def test_r22_a_reset_that_did_not_help_is_followed_by_factory_defaults_if_allowed(
    allowed, last, word
):
    machine = ModemMachine(HOST, 0.0, factory_defaults=allowed)
    machine.tick(0.0)
    hear(machine, VERSION, 0.01)
    first, now = refusing(machine, 1.0)
    assert first[-1] is VS_RS_DEV_REQ
    hear(machine, VERSION, now + 5.0)
    assert machine.modem.state is ModemState.FOUND
    second, now = refusing(machine, now + 6.0)
    assert second.count(CM_SET_KEY_REQ) == 5
    assert second[-1] is last
    assert (machine.modem.state, word in machine.modem.reason) == (ModemState.FAILED, True)


def test_r22_a_key_that_was_taken_makes_the_next_failure_a_first_one():
    machine = ModemMachine(HOST, 0.0, factory_defaults=True)
    machine.tick(0.0)
    hear(machine, VERSION, 0.01)
    _, now = refusing(machine, 1.0)
    hear(machine, VERSION, now + 5.0)
    machine.set_key(bytes(16), b'another', now + 6.0)
    hear(machine, CM_SET_KEY_CNF(Result=1), now + 6.1)
    hear(machine, VERSION, now + 10.0)
    said_, _ = refusing(machine, now + 11.0)
    assert said_[-1] is VS_RS_DEV_REQ


def test_lesson_15_a_modem_that_is_never_heard_is_seen_by_the_link_of_our_own():
    machine = ready()
    asked_ = {kind for _ in range(4) for kind in kinds(machine.tick(machine.deadline))}
    assert {VS_LNK_STATUS_REQ, CM_NW_INFO_REQ, CM_GET_KEY_REQ} < asked_
    assert hear(machine, VS_LNK_STATUS_CNF(LinkStatus=0), 4.5) == []
    assert hear(machine, VS_LNK_STATUS_CNF(LinkStatus=1), 4.5, source=OTHER) == []
    events = hear(machine, VS_LNK_STATUS_CNF(LinkStatus=1), 4.5)
    assert states(events) == [ModemState.LINKED]
    assert machine.modem.remote_macs == ()
    hear(machine, VERSION, 5.0, source=OTHER)
    assert machine.modem.remote_macs == (OTHER,)


def test_line_10_a_key_that_it_has_is_not_set_again_and_its_avln_is_found_anew():
    machine = ready()
    hear(machine, VERSION, 4.1, source=OTHER)
    assert machine.modem.state is ModemState.LINKED
    hear(machine, VERSION, 11.9)
    events = machine.set_key(NMK, NID, 12.0)
    assert CM_SET_KEY_REQ not in kinds(events) and VS_SW_VER_REQ in kinds(events)
    assert states(events) == [ModemState.READY] and machine.modem.remote_macs == ()
    assert machine.deadline - 12.0 <= 0.1  # the AVLN forms
    hear(machine, VERSION, 12.1)
    hear(machine, VERSION, 13.0, source=OTHER)
    assert (machine.modem.state, machine.modem.remote_macs) == (ModemState.LINKED, (OTHER,))
    hear(machine, VERSION, 16.0)
    run_down(machine, 16.5)
    assert machine.modem.state is ModemState.LINKED  # 10 s from 13.0, not from 4.1


def membership(nid=NID, role=0, coordinator=OTHER):
    mac = bytes.fromhex(coordinator.replace(':', ''))
    return CM_NW_INFO_CNF(Networks=nid + bytes([1, 2, role]) + mac + bytes(2))


def test_the_coordinator_that_the_local_modem_names_is_the_other_one():
    machine = ready()
    assert hear(machine, membership(nid=b'another'), 4.5) == []
    assert hear(machine, membership(role=2), 4.5) == []
    assert hear(machine, membership(coordinator='00:00:00:00:00:00'), 4.5) == []
    assert hear(machine, membership(), 4.5, source=OTHER) == []
    assert states(hear(machine, membership(), 4.5)) == [ModemState.LINKED]
    assert machine.modem.remote_macs == (OTHER,)


def test_lesson_22_a_modem_that_falls_silent_alone_may_sleep_and_is_reset_once():
    machine = found()
    diary = run_down(machine, 40.0)
    assert [kind for _, kind in diary].count(VS_RS_DEV_REQ) == 1
    assert machine.modem.state is ModemState.SEARCHING
    assert 'may sleep' in machine.modem.reason
    assert states(hear(machine, VERSION, 60.0)) == [ModemState.FOUND]


def test_lesson_18_a_network_from_an_earlier_session_is_no_link_of_ours():
    machine = found()
    for answer in (VERSION, VS_LNK_STATUS_CNF(LinkStatus=1), membership()):
        assert hear(machine, answer, 0.5, source=LOCAL) == []
        assert hear(machine, answer, 0.5, source=OTHER) == []
    assert machine.modem.state is ModemState.FOUND


def test_lesson_20_an_answer_that_comes_twice_changes_nothing():
    machine = asked()
    hear(machine, CM_SET_KEY_CNF(Result=1), 1.01)
    before = machine.modem
    assert hear(machine, CM_SET_KEY_CNF(Result=1), 1.02) == []
    assert machine.modem == before
    hear(machine, VERSION, 4.0)
    hear(machine, VERSION, 4.1, source=OTHER)
    before = machine.modem
    for answer, source in ((VERSION, LOCAL), (VERSION, OTHER), (CM_SET_KEY_CNF(Result=0), LOCAL)):
        assert hear(machine, answer, 4.2, source=source) == []
    assert machine.modem == before


def test_a_modem_that_is_worked_on_is_asked_nothing_given_no_key_and_never_reset():
    machine = ready()
    assert states(machine.work(10.0)) == [ModemState.RESTARTING]
    assert machine.deadline is None and machine.tick(99.0) == []
    assert machine.set_key(bytes(16), b'another', 20.0) == machine.restarted(20.0) == []
    assert hear(machine, VERSION, 25.0) == []
    assert not machine.modem.answers


def test_a_modem_that_was_worked_on_is_asked_for_the_key_it_had():
    machine = ready()
    machine.work(10.0)
    assert kinds(machine.work_ended(90.0)) == [CM_GET_KEY_REQ]
    hear(machine, CM_GET_KEY_CNF(NetworkID=NID), 90.1)
    hear(machine, VERSION, 90.5)
    assert machine.modem.state is ModemState.READY


def test_a_modem_that_was_worked_on_takes_the_key_that_came_meanwhile():
    machine = ready()
    machine.work(10.0)
    machine.set_key(bytes(16), b'another', 20.0)
    assert kinds(machine.work_ended(90.0)) == [CM_SET_KEY_REQ]


def test_a_modem_without_a_key_that_was_worked_on_is_found():
    machine = found()
    machine.work(1.0)
    assert states(machine.work_ended(5.0)) == [ModemState.FOUND]
    assert machine.work_ended(6.0) == []


def test_a_silent_modem_in_an_avln_is_told_of_and_not_reset():
    machine = ready()
    hear(machine, VERSION, 2.0, source=OTHER)
    assert machine.modem.state is ModemState.LINKED
    diary = []
    while machine.modem.state is ModemState.LINKED:
        diary += kinds(machine.tick(machine.deadline))
    assert VS_RS_DEV_REQ not in diary
    assert machine.modem.state is ModemState.SEARCHING


def test_whatever_the_local_modem_answers_shows_that_it_is_there():
    machine = ready()
    hear(machine, VERSION, 2.0, source=OTHER)
    for second in range(3, 30):
        machine.tick(machine.deadline)
        hear(machine, VS_LNK_STATUS_CNF(Status=0, LinkStatus=1), float(second))
    assert machine.modem.state is ModemState.LINKED


@pytest.mark.parametrize(
    ('version', 'bad'),
    [
        ('MAC-QCA7420-1.1.0.844-02-20120919-FINAL', True),
        ('MAC-QCA7420-1.4.0.20-00-20171027-CS', False),
        ('MAC-QCA7005-1.1.0.730-04-20140815', False),
        ('MAC-QCA7500-2.0.0', True),
        ('', False),
    ],
)
def test_lesson_23_firmware_known_to_be_bad_is_warned_of(version, bad):
    assert bool(Modem(firmware=version).warning) is bad


def test_desk_7_the_firmware_that_somebody_on_the_line_tells_is_readable():
    machine = ModemMachine(HOST, 0.0)
    machine.tick(0.0)
    hear(machine, VS_SW_VER_CNF(Version=b'QCA\x1b[31m\nFAILED\x9b'), 0.01)
    assert machine.modem.firmware.isprintable() and 'FAILED' in machine.modem.firmware
