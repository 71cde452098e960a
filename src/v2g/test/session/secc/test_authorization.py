# SPDX-License-Identifier: Apache-2.0
"""Who may charge: everybody, a list, or whoever is asked says so (R17)."""

from hypothesis import given, strategies as st
import pytest

from v2g.session.events import AuthorizationAsked, VehicleTold
from v2g.session.exchange import Step
from v2g.session.facts import Acquaintance, VehicleFacts, evcc_id_text
from v2g.session.readings import LinkState, PilotState
from v2g.session.secc.authorization import Permit

MAC = '02:00:5e:00:53:01'
REQUEST = int.from_bytes(bytes([7] * 8), 'little')


def questions(client):
    return [event for _, event in client.events if isinstance(event, AuthorizationAsked)]


def ongoing(answer):
    return answer.Body.EVSEProcessing == 'Ongoing'


def test_a_service_is_asked_once_and_the_vehicle_waits_meanwhile(charger):
    client = charger(authorization='service').reach(Step.AUTHORIZATION)
    assert all(ongoing(client.ask(Step.AUTHORIZATION)) for _ in range(3))
    [question] = questions(client)
    assert (question.pending, question.request_id) == (True, REQUEST)
    assert question.facts.evcc_id == '0' * 12
    assert client.authorize(True) == (True, '')
    assert not questions(client)[-1].pending
    assert not ongoing(client.ask(Step.AUTHORIZATION))


def test_an_answer_to_another_question_lets_nobody_charge(charger):
    client = charger(authorization='service').reach(Step.AUTHORIZATION)
    taken, why, _ = client.secc.authorize(REQUEST + 1, True, '', client.now)
    assert (taken, 'another vehicle' in why) == (False, True)
    assert ongoing(client.ask(Step.AUTHORIZATION))


def test_an_answer_that_nobody_has_asked_for_is_refused(charger):
    client = charger(authorization='service').reach(Step.SERVICE_SELECTION)
    assert client.authorize(True) == (False, 'no vehicle waits for an authorisation')
    client.ask(Step.AUTHORIZATION)
    assert client.authorize(True)[0]
    assert not client.authorize(False)[0]  # decided already


def test_who_is_denied_is_told_stop_charging(charger):
    client = charger(authorization='service').reach(Step.AUTHORIZATION)
    client.authorize(False, 'this car is not welcome')
    client.ask(Step.AUTHORIZATION)
    answer = client.ask(Step.CHARGE_PARAMETERS)
    status = answer.Body.EVSEChargeParameter.DC_EVSEStatus
    assert status.EVSENotification == 'StopCharging'
    assert ongoing(answer)  # it shall not come to a cable check


def test_line_8_what_latches_behind_a_denial_tells_the_next_vehicle_nothing_of_it(charger):
    client = charger(authorization='0123456789ab').reach(Step.AUTHORIZATION)
    client.ask(Step.SESSION_STOP)
    client.link(LinkState.CLOSED)
    client.wait()
    assert 'not on the list' in client.secc.state.reason
    client.take(client.secc.emergency_stop(client.now))
    client.pilot = PilotState.A
    client.wait(3.0)
    client.pilot = PilotState.B
    client.wait(0.1)
    assert client.secc.state.reason == 'emergency stop; only charging/reset helps'


def test_a_question_is_withdrawn_with_its_session(charger):
    client = charger(authorization='service').reach(Step.AUTHORIZATION)
    client.ask(Step.SESSION_STOP)
    assert not questions(client)[-1].pending
    assert not client.authorize(True)[0]


@pytest.mark.parametrize('listed', ['000000000000', '0123456789AB, 00:00:00:00:00:00'])
def test_an_evccid_on_the_list_charges_without_anybody_being_asked(charger, listed):
    client = charger(authorization=listed).reach(Step.SERVICE_SELECTION)
    assert not ongoing(client.ask(Step.AUTHORIZATION))
    assert questions(client) == []
    status = client.ask(Step.CHARGE_PARAMETERS).Body.EVSEChargeParameter.DC_EVSEStatus
    assert status.EVSENotification == 'None'


def test_an_evccid_that_is_not_on_the_list_is_stopped(charger):
    client = charger(authorization='0123456789ab').reach(Step.SERVICE_SELECTION)
    client.ask(Step.AUTHORIZATION)
    status = client.ask(Step.CHARGE_PARAMETERS).Body.EVSEChargeParameter.DC_EVSEStatus
    assert status.EVSENotification == 'StopCharging'


@pytest.mark.parametrize('field', ['mac', 'modem_mac'])
def test_autocharge_goes_by_either_mac(field):
    permit = Permit.of_text('02005E005301')
    assert permit.lists(VehicleFacts(**{field: MAC}))
    assert not permit.lists(VehicleFacts(**{field: MAC[:-1] + '2'}))
    assert not permit.lists(VehicleFacts())


@pytest.mark.parametrize('text', ['', 'everybody', '0123', 'free, 0123456789ab', '0123456789ag'])
def test_a_list_that_is_none_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match='parameter authorization'):
        Permit.of_text(text)


@given(st.binary(min_size=6, max_size=6).filter(lambda mac: mac[0] and mac[-1]))
def test_an_evccid_has_12_digits_however_it_is_padded(mac):
    assert evcc_id_text(mac) == evcc_id_text(mac + b'\0\0') == evcc_id_text(b'\0\0' + mac)
    assert evcc_id_text(mac) == mac.hex()


def test_a_charger_tells_of_its_vehicle_too(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    facts = client.secc.notes.facts
    assert (facts.status, facts.soc) == (Acquaintance.READ, 0.5)
    told = [event.facts for _, event in client.events if isinstance(event, VehicleTold)]
    before = len(told)
    client.ask(Step.CHARGE_LOOP, soc=0.5)
    client.ask(Step.CHARGE_LOOP, soc=0.51)
    told = [event.facts for _, event in client.events if isinstance(event, VehicleTold)]
    assert [one.soc for one in told[before:]] == [0.51]
