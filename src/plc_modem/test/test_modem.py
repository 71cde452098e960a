# SPDX-License-Identifier: Apache-2.0
"""A modem is found, given its key, restarted, and seen in its AVLN (R22)."""

from hypothesis import given, settings, strategies as st
import pytest

from plc_modem.homeplug import BROADCAST, LOCAL_MODEM, MalformedMme, Mme, dissect
from plc_modem.homeplug.keys import nid_of, pseudonym
from plc_modem.homeplug.layer import BY_MMTYPE, version_of
from plc_modem.homeplug.station import (
    CM_GET_KEY_CNF,
    CM_GET_KEY_REQ,
    CM_SET_KEY_CNF,
    CM_SET_KEY_REQ,
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
    assert {mme.destination for mme in diary} == {BROADCAST}
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


FRAMES = st.tuples(
    st.sampled_from(sorted(BY_MMTYPE)),
    st.binary(max_size=80),
    st.sampled_from([LOCAL, OTHER, HOST]),
)
SENSIBLE = st.sampled_from(
    [VERSION, CM_SET_KEY_CNF(Result=1), CM_SET_KEY_CNF(Result=0), CM_GET_KEY_CNF(NetworkID=NID)]
)
STEP = st.one_of(
    st.tuples(st.just('wait'), st.floats(0, 10)),
    st.tuples(st.just('key'), st.binary(min_size=16, max_size=16)),
    st.tuples(st.just('restarted'), st.none()),
    st.tuples(st.just('octets'), FRAMES),
    st.tuples(st.just('message'), st.tuples(SENSIBLE, st.sampled_from([LOCAL, OTHER]))),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEP, max_size=40))
def test_any_traffic_leaves_a_next_deadline(steps):
    machine, now = ModemMachine(HOST, 0.0), 0.0
    for what, value in steps:
        match what:
            case 'wait':
                now += value
                machine.tick(now)
            case 'key':
                machine.set_key(value, nid_of(value), now)
            case 'restarted':
                machine.restarted(now)
            case 'octets':
                receive_octets(machine, *value, now)
            case 'message':
                hear(machine, *value[:1], now, source=value[1])
        assert machine.deadline is not None
        assert machine.deadline <= now + RESTART_TIME


def receive_octets(machine, mmtype, rest, source, now):
    way = bytes.fromhex((HOST + source).replace(':', ''))
    header = b'\x88\xe1' + bytes([version_of(mmtype)]) + mmtype.to_bytes(2, 'little')
    try:
        mme = dissect(way + header + rest)
    except MalformedMme:
        return
    machine.receive(mme, now)


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
