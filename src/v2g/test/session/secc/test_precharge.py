# SPDX-License-Identifier: Apache-2.0
"""A PreChargeRes is held while the output rises, and no longer (R13)."""

import pytest

from v2g.session.din.words import to_octets
from v2g.session.events import Send
from v2g.session.exchange import Step
from v2g.session.readings import LinkState, PilotState

ASKED = 350.0  # V
MOST = 0.5  # s


class Ramp:
    """The supply of a bench whose output rises by so many V/s."""

    def __init__(self, client, rate):
        self.client, self.rate, self.at = client, rate, client.now
        self.obey, client.bench.obey = client.bench.obey, self.follow

    def follow(self, command, loop):
        bench, before = self.client.bench, self.client.bench.voltage
        self.obey(command, loop)
        seconds, self.at = self.client.now - self.at, self.client.now
        bench.voltage = min(bench.voltage, before + self.rate * seconds)


@pytest.fixture
def rising(charger):
    """A charger whose cable check is over, and whose output rises by so many V/s."""

    def begin(rate):
        client = charger().reach(Step.CABLE_CHECK)
        Ramp(client, rate)
        return client

    return begin


def precharge(client, **more):
    """Ask once; return what was answered, and after how many seconds."""
    since, asked = len(client.events), client.now
    body = client.ask(Step.PRECHARGE, **more).Body
    when = next(at for at, e in client.events[since:] if isinstance(e, Send) and e.payload)
    return body, when - asked


def test_desk_2_a_vehicle_that_counts_six_answers_is_charged(rising):
    """EcoG's simulated vehicle asks six times without a pause, then sends PowerDeliveryReq."""
    client = rising(400.0)
    for _ in range(6):
        assert precharge(client)[0].ResponseCode == 'OK'
    assert client.ask(Step.START).Body.ResponseCode == 'OK'
    assert client.violations == []


def test_desk_2_an_answer_is_held_half_a_second_at_most(rising):
    client = rising(100.0)
    for _ in range(6):
        body, seconds = precharge(client)
        assert seconds == pytest.approx(MOST, abs=0.02)
        assert body.ResponseCode == 'OK' and body.DC_EVSEStatus.EVSEStatusCode == 'EVSE_Ready'
    assert client.error == ''


def test_desk_2_what_is_held_goes_out_as_soon_as_the_output_is_there(rising):
    client = rising(1000.0)
    body, seconds = precharge(client)
    assert 0.3 < seconds < 0.4
    assert body.EVSEPresentVoltage == pytest.approx(ASKED, abs=20)


def test_desk_2_an_output_that_stands_answers_at_once(rising):
    client = rising(0.0)
    assert precharge(client)[1] == pytest.approx(MOST, abs=0.02)  # it may just begin
    for _ in range(3):
        assert precharge(client)[1] == 0.0
    client.bench.override = {'voltage': 200.0}  # went up, and stands again
    client.wait(0.6)
    assert precharge(client)[1] == 0.0


@pytest.mark.parametrize('target', [349.0, 350.0, 351.0])
def test_desk_2_a_target_that_creeps_begins_no_other_rise(rising, target):
    client = rising(0.0)
    precharge(client)
    assert precharge(client, target_voltage=target)[1] == 0.0


def test_desk_2_an_output_that_is_too_high_is_not_waited_for(rising):
    client = rising(4000.0)
    precharge(client)
    assert precharge(client, target_voltage=200.0)[1] == 0.0


def held(client):
    """Send a PreChargeReq whose answer is held; return how many answers there were before."""
    before = len(client.answers(0))
    client.post(to_octets(client.request(Step.PRECHARGE)))
    assert client.holds and len(client.answers(0)) == before
    return before


def test_desk_2_readings_are_judged_while_an_answer_is_held(rising):
    client = rising(100.0)
    before = held(client)
    client.wait(0.1)
    client.bench.override = {'voltage': 450.0}  # the vehicle takes 400 V
    client.wait(0.2)
    assert client.error == 'OVERVOLTAGE' and not client.command.output
    assert len(client.answers(0)) == before + 1


def test_desk_2_a_stop_answers_what_is_held(rising):
    client = rising(100.0)
    before = held(client)
    client.take(client.secc.stop(client.now))
    assert len(client.answers(0)) == before + 1
    assert not client.command.output


def test_desk_2_a_second_request_gets_the_first_ones_answer_before_its_own(rising):
    client = rising(100.0)
    before = held(client)
    client.post(to_octets(client.request(Step.PRECHARGE)))
    assert len(client.answers(0)) == before + 1
    client.wait(0.6)
    assert len(client.answers(0)) == before + 2


def test_desk_2_a_connection_that_is_gone_is_answered_nothing(rising):
    client = rising(100.0)
    before = held(client)
    client.link(LinkState.CLOSED)
    client.wait(1)
    assert len(client.answers(0)) == before
    assert not client.command.output


def test_desk_2_a_vehicle_that_leaves_c_meanwhile_is_answered(rising):
    client = rising(100.0)
    before = held(client)
    client.pilot = PilotState.B
    client.wait(0.05)
    assert client.error == 'VEHICLE_LEFT_C' and not client.command.output
    assert len(client.answers(0)) == before + 1
