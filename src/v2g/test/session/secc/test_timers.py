# SPDX-License-Identifier: Apache-2.0
"""Each timer of the charger just before and just after its end (R2, R26)."""

from math import inf

import pytest

from v2g.session.din import timing
from v2g.session.exchange import Step
from v2g.session.readings import Isolation, PilotState

SETS = pytest.mark.parametrize('timers', ['field', 'standard'])
MOMENT = 0.02  # s


def ends_after(client, seconds, error, since=0.0):
    """Nothing a moment before, the end a moment after; and R14 is kept."""
    left = since + seconds - client.now
    client.period = 0.1
    client.wait(left - MOMENT)
    client.period = 0.01
    assert client.error == '', client.secc.state.reason
    assert client.secc.state.active
    client.wait(2 * MOMENT)
    assert client.error == error
    assert client.secc.state.reason
    assert not client.command.output
    client.wait(0.1)
    assert client.bench.current < 5
    assert client.violations == []


def asks_on(client, step, seconds, error, **more):
    """The vehicle asks again every quarter of a second until a timer ends."""
    end = client.now + seconds
    client.period = 0.1
    while client.now < end - MOMENT - 0.26:
        assert client.ask(step, **more).Body.ResponseCode == 'OK'
        client.wait(0.24)
    client.period = 0.01
    assert client.error == ''
    client.wait(end + MOMENT - client.now)
    assert client.error == error


@SETS
def test_v2g_secc_communication_setup_timeout(charger, timers):
    client = charger(timers=timers)
    expected = {'field': 60.0, 'standard': 18.0}[timers]
    ends_after(client, expected, 'TIMEOUT_COMMUNICATION_SETUP')


@SETS
def test_an_offer_alone_does_not_stop_the_communication_setup_timer(charger, timers):
    client = charger(timers=timers)
    client.wait(10)
    client.agree()
    expected = {'field': 60.0, 'standard': 18.0}[timers]
    ends_after(client, expected, 'TIMEOUT_COMMUNICATION_SETUP')


BEFORE_CURRENT = [step for step in Step if Step.SESSION_SETUP <= step <= Step.PRECHARGE]
BEFORE_CURRENT.remove(Step.CONNECTOR_LOCK)


@SETS
@pytest.mark.parametrize('last', BEFORE_CURRENT)
def test_v2g_secc_sequence_timeout(charger, timers, last):
    client = charger(timers=timers).reach(last)
    heard = client.now - 0.01
    ends_after(client, 60.0, 'TIMEOUT_SEQUENCE', heard)


@pytest.mark.parametrize(('timers', 'seconds'), [('field', 5.0), ('standard', 60.0)])
@pytest.mark.parametrize('last', [Step.START, Step.CHARGE_LOOP])
def test_v2g_secc_sequence_timeout_while_current_flows(charger, timers, seconds, last):
    client = charger(timers=timers).reach(last)
    heard = client.now - 0.01
    ends_after(client, seconds, 'TIMEOUT_SEQUENCE', heard)
    assert not client.ends()  # the vehicle may still say goodbye
    client.wait(20)
    [end] = client.ends()
    assert (end.error, end.final) == ('TIMEOUT_SEQUENCE', True)  # no second try (R5)


@pytest.mark.parametrize(('timers', 'seconds'), [('field', 118.0), ('standard', 55.0)])
def test_contract_authentication_ends_when_nobody_decides(charger, timers, seconds):
    client = charger(free=False, timers=timers).reach(Step.AUTHORIZATION)
    asks_on(client, Step.AUTHORIZATION, seconds - 0.01, 'TIMEOUT_AUTHORIZATION')
    body = client.ask(Step.AUTHORIZATION).Body
    assert body.ResponseCode == 'FAILED'
    assert client.closed


@pytest.mark.parametrize(('timers', 'seconds'), [('field', 55.0), ('standard', 38.0)])
def test_v2g_secc_cable_check_performance_time(charger, timers, seconds):
    client = charger(timers=timers).reach(Step.CHARGE_PARAMETERS)
    client.bench.override = {'isolation': Isolation.INVALID}
    client.ask(Step.CABLE_CHECK)
    asks_on(client, Step.CABLE_CHECK, seconds - 0.01, 'TIMEOUT_CABLE_CHECK')
    assert client.ask(Step.CABLE_CHECK).Body.ResponseCode == 'FAILED'


@SETS
def test_a_finished_cable_check_has_no_end_to_wait_for(charger, timers):
    client = charger(timers=timers).reach(Step.CABLE_CHECK)
    client.period = 0.1
    client.wait(58)
    assert client.error == ''
    assert client.ask(Step.PRECHARGE).Body.ResponseCode == 'OK'


@pytest.mark.parametrize(('timers', 'seconds'), [('field', 28.0), ('standard', 5.0)])
def test_v2g_secc_precharge_performance_time(charger, timers, seconds):
    client = charger(timers=timers).reach(Step.CABLE_CHECK)
    client.bench.override = {'voltage': 200.0}  # 350 V are asked for
    begun = client.now
    client.ask(Step.PRECHARGE)
    asks_on(client, Step.PRECHARGE, begun + seconds - client.now, 'TIMEOUT_PRECHARGE')


@SETS
def test_a_voltage_that_is_there_has_no_end_to_wait_for(charger, timers):
    client = charger(timers=timers).reach(Step.PRECHARGE)
    client.period = 0.1
    for _ in range(80):
        assert client.ask(Step.PRECHARGE).Body.ResponseCode == 'OK'
        client.wait(0.49)
    assert client.error == ''


@pytest.mark.parametrize(('timers', 'seconds'), [('field', 298.0), ('standard', 148.0)])
def test_v2g_secc_ready_to_charge_performance_time(charger, timers, seconds):
    client = charger(timers=timers).reach(Step.PRECHARGE)
    client.period = 0.1
    while client.now < seconds - 1.2:
        client.ask(Step.PRECHARGE)
        client.wait(0.99)
    client.period = 0.01
    ends_after(client, seconds, 'TIMEOUT_READY_TO_CHARGE')


@SETS
def test_once_current_may_flow_ready_to_charge_is_over(charger, timers):
    client = charger(timers=timers).reach(Step.CHARGE_LOOP)
    client.period = 0.1
    while client.now < 310:
        client.ask(Step.CHARGE_LOOP)
        client.wait(0.99)
    assert client.error == ''


@pytest.mark.parametrize(('timers', 'seconds'), [('field', 3.0), ('standard', 1.5)])
class TestCpStateDetection:
    """T_CP_State_Detection: state C after the first CableCheckReq."""

    def begin(self, charger, timers):
        client = charger(timers=timers).reach(Step.CHARGE_PARAMETERS)
        client.follows = False
        client.ask(Step.CABLE_CHECK)
        return client, client.now - 0.01

    def test_without_state_c_the_cable_check_fails(self, charger, timers, seconds):
        client, asked = self.begin(charger, timers)
        ends_after(client, seconds, 'NO_STATE_C', asked)
        body = client.ask(Step.CABLE_CHECK).Body
        assert (body.ResponseCode, body.EVSEProcessing) == ('FAILED', 'Finished')
        assert client.closed

    def test_c_at_the_last_moment_is_in_time(self, charger, timers, seconds):
        client, asked = self.begin(charger, timers)
        client.wait(asked + seconds - MOMENT - client.now)
        assert not client.command.output
        client.pilot = PilotState.C
        client.wait(4)
        assert client.error == ''
        assert client.ask(Step.CABLE_CHECK).Body.EVSEProcessing == 'Finished'


def test_stop_patience(charger):
    client = charger(stop_patience=5.0).reach(Step.CHARGE_LOOP)
    client.take(client.secc.stop(client.now))
    asks_on(client, Step.CHARGE_LOOP, 5.0, 'VEHICLE_IGNORES_STOP')
    assert not client.command.output


@pytest.mark.parametrize('timers', [timing.FIELD, timing.STANDARD])
def test_the_charger_gives_up_before_the_vehicle_does(timers):
    for step, own in timers.secc_total.items():
        assert own < timers.total[step]
    assert timers.secc_ready_to_charge < timers.ready_to_charge


def test_a_tick_that_comes_early_changes_nothing(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    before = client.secc.command
    for _ in range(100):
        client.take(client.secc.tick(client.now))
    assert client.secc.command == before
    assert client.now < (client.secc.deadline or inf) < client.now + 0.6


def test_a_cable_check_that_the_vehicle_has_left_asks_for_no_tick(charger):
    client = charger().reach(Step.CHARGE_PARAMETERS)
    client.follows = False
    assert client.ask(Step.CABLE_CHECK).Body.EVSEProcessing == 'Ongoing'
    assert client.ask(Step.STOP).Body.ResponseCode == 'OK'
    client.wait(timing.FIELD_CP_State_Detection + 1)
    assert client.secc.state.active
    assert client.secc.deadline > client.now
    assert client.violations == []


def test_a_goodbye_that_is_said_late_asks_for_no_tick_in_vain(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.pilot = PilotState.B
    client.wait(3)
    assert client.ask(Step.SESSION_STOP).Body.ResponseCode == 'OK'
    client.wait(4)
    assert not client.closed
    assert client.secc.deadline > client.now
    client.wait(2)
    assert client.closed and not client.secc.state.active
    assert client.violations == []
