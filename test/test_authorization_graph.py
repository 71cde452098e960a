# SPDX-License-Identifier: Apache-2.0
"""Who may charge (R17), asked and answered over DDS in a whole simulated graph."""

import pytest

from plc_kit.qos import LATCHED, STREAM
from plc_msgs.msg import AuthorizationRequest, V2gMessage
from plc_msgs.srv import Authorize

CAR = '02:70:65:76:00:01'  # the EVCCID is the MAC of the simulated vehicle's interface
ASKED = 'ContractAuthenticationReq'


class Chargers:
    """A launch of both sides, and what it tells of the authorisation."""

    def __init__(self, start, watch, network, tmp_path, authorization):
        self.watch = watch
        self.states = watch.follow('/evse/charging/state')
        self.messages = watch.follow('/evse/v2g_log', V2gMessage, STREAM)
        topic = '/evse/charging/authorization_request'
        self.questions = watch.follow(topic, AuthorizationRequest, LATCHED)
        self.desk = watch.node.create_client(Authorize, '/evse/charging/authorize')
        own = tmp_path / 'own.yaml'
        own.write_text(
            '/evse/session: {ros__parameters: {session_retries: 0}}\n'
            '/pev/session: {ros__parameters: {session_retries: 0}}\n'
        )
        command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
        start(*command, f'params_file:={own}', f'authorization:={authorization}')

    def reaches(self, stage):
        return lambda: any(one.stage_name == stage for one in self.states)

    def asked(self):
        return [one for one in self.messages if one.name == ASKED]

    def question(self):
        """Wait for the question, and for a vehicle that goes on asking meanwhile."""
        self.watch.wait(lambda: self.questions and self.questions[-1].pending, 90)
        count = len(self.asked())
        self.watch.wait(lambda: len(self.asked()) > count + 2)
        assert not self.reaches('CHARGE_PARAMETERS')()
        return self.questions[-1]

    def answer(self, request_id, **decision):
        said = self.desk.call_async(Authorize.Request(request_id=request_id, **decision))
        self.watch.wait(said.done)
        return said.result()


@pytest.fixture
def charging(start, watch, network, tmp_path):
    return lambda authorization: Chargers(start, watch, network, tmp_path, authorization)


def test_a_vehicle_waits_for_the_answer_to_its_own_question_and_then_charges(charging, watch):
    one = charging('service')
    question = one.question()
    assert len(question.evcc_id) == 12 and question.mac.replace(':', '') == question.evcc_id
    other = one.answer(question.request_id ^ 1, allowed=True)
    assert not other.success and other.message
    count = len(one.asked())
    watch.wait(lambda: len(one.asked()) > count + 2)  # it still waits
    assert one.answer(question.request_id, allowed=True).success
    watch.wait(one.reaches('CHARGE_LOOP'), 60)
    watch.wait(lambda: not one.questions[-1].pending)
    late = one.answer(question.request_id, allowed=False)
    assert not late.success and late.message


def test_a_vehicle_that_is_denied_is_asked_to_stop_and_told_why(charging, watch):
    one = charging('service')
    question = one.question()
    assert one.answer(question.request_id, allowed=False, reason='not today').success
    watch.wait(lambda: one.states[-1].reason == 'not today', 60)
    watch.wait(lambda: not one.states[-1].active)
    assert not one.reaches('CABLE_CHECK')()


@pytest.mark.parametrize(('listed', 'charges'), [(CAR.upper(), True), ('0123456789ab', False)])
def test_desk_1_a_vehicle_charges_where_it_is_on_the_list_without_anybody_being_asked(
    charging, watch, listed, charges
):
    one = charging(f'aabbccddeeff, {listed}')
    if charges:
        watch.wait(one.reaches('CHARGE_LOOP'), 90)
    else:
        watch.wait(lambda: one.states and 'is not on the list' in one.states[-1].reason, 90)
        watch.wait(lambda: not one.states[-1].active)
        assert not one.reaches('CABLE_CHECK')()
    assert [question for question in one.questions if question.pending] == []
