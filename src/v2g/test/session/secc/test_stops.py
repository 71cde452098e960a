# SPDX-License-Identifier: Apache-2.0
"""The charger asks the vehicle to stop, in each stage (R2, R7)."""

import pytest

from v2g.session.exchange import Step
from v2g.session.readings import Isolation, PilotState

WITHOUT_STATUS = [step for step in Step if Step.SESSION_SETUP <= step <= Step.AUTHORIZATION]
BEFORE_CURRENT = [*WITHOUT_STATUS, Step.CHARGE_PARAMETERS, Step.CABLE_CHECK, Step.PRECHARGE]
NEXT = {
    Step.CHARGE_PARAMETERS: Step.CHARGE_PARAMETERS,
    Step.CABLE_CHECK: Step.PRECHARGE,
    Step.PRECHARGE: Step.PRECHARGE,
    Step.START: Step.CHARGE_LOOP,
    Step.CHARGE_LOOP: Step.CHARGE_LOOP,
    Step.STOP: Step.WELDING_DETECTION,
    Step.WELDING_DETECTION: Step.WELDING_DETECTION,
}


def status_of(body):
    told = getattr(body, 'DC_EVSEStatus', None) or getattr(body, 'EVSEStatus', None)
    told = told or body.EVSEChargeParameter.DC_EVSEStatus
    return told.EVSEStatusCode.value, told.EVSENotification.value


def asked_to_stop(client, **how):
    """charging/stop, or the first SIGINT (R7)."""
    if how:
        client.take(client.secc.end(client.now, is_fault=False, reason='told to end'))
    else:
        client.take(client.secc.stop(client.now))
    return client


@pytest.mark.parametrize('last', NEXT)
@pytest.mark.parametrize('how', [{}, {'sigint': True}])
def test_every_response_with_a_status_says_shutdown_and_stop(charger, last, how):
    client = asked_to_stop(charger().reach(last), **how)
    for _ in range(3):
        body = client.ask(NEXT[last]).Body
        assert body.ResponseCode == 'OK'
        assert status_of(body) == ('EVSE_Shutdown', 'StopCharging')
        if NEXT[last] is Step.PRECHARGE:
            assert not client.command.output
    assert client.error == ''


@pytest.mark.parametrize('last', WITHOUT_STATUS)
def test_a_stop_that_cannot_be_said_yet_is_said_in_charge_parameters(charger, last):
    client = asked_to_stop(charger().reach(last))
    for step in [step for step in Step if last < step <= Step.CHARGE_PARAMETERS]:
        body = client.ask(step).Body
        assert body.ResponseCode == 'OK'
    assert status_of(body) == ('EVSE_Shutdown', 'StopCharging')
    assert body.EVSEProcessing == 'Ongoing'


@pytest.mark.parametrize('last', [*WITHOUT_STATUS, *NEXT])
def test_a_vehicle_that_obeys_ends_without_an_error(charger, last):
    client = asked_to_stop(charger().reach(last))
    if last in NEXT:
        client.ask(NEXT[last])
    client.pilot = PilotState.B
    if last in (Step.START, Step.CHARGE_LOOP):
        client.pilot = PilotState.C
        assert client.ask(Step.STOP).Body.ResponseCode == 'OK'
        assert not client.command.output
        client.pilot = PilotState.B
    assert client.ask(Step.SESSION_STOP).Body.ResponseCode == 'OK'
    client.wait(13, until=lambda client: client.ends())
    [end] = client.ends()
    assert (end.error, end.final) == ('', True)
    assert 'SAFE_END' not in client.stages()
    assert client.command.duty == 1.0
    assert client.violations == []


@pytest.mark.parametrize('last', [Step.CABLE_CHECK, Step.PRECHARGE, Step.CHARGE_LOOP])
def test_a_vehicle_that_obeys_by_leaving_c_is_no_fault(charger, last):
    client = asked_to_stop(charger().reach(last))
    client.pilot = PilotState.B
    client.wait()
    assert not client.command.output
    assert client.ask(Step.SESSION_STOP).Body.ResponseCode == 'OK'
    client.wait(13, until=lambda client: client.ends())
    assert client.ends()[-1].error == ''
    assert client.violations == []


@pytest.mark.parametrize('last', [*WITHOUT_STATUS, Step.CHARGE_PARAMETERS])
def test_a_vehicle_that_goes_on_never_gets_voltage(charger, last):
    client = charger().reach(last)
    asked_to_stop(client)
    seen = []
    client.referee = lambda: seen.append(client.command.output)
    way = [step for step in Step if last < step <= Step.CHARGE_LOOP]
    for step in way:
        if step is not Step.CONNECTOR_LOCK and not client.closed:
            client.ask(step)
    client.wait(20)
    assert not any(seen)
    assert client.closed
    assert client.ends()[0].final  # nobody is invited again
    assert client.command.duty == 1.0


@pytest.mark.parametrize('isolation', [Isolation.VALID, Isolation.INVALID])
def test_a_stop_ends_the_isolation_test_at_once(charger, isolation):
    client = charger().reach(Step.CHARGE_PARAMETERS)
    client.bench.override = {'isolation': Isolation.INVALID}
    client.ask(Step.CABLE_CHECK)
    client.wait(0.1)
    assert client.command.isolation_test
    asked_to_stop(client)
    client.bench.override = {'isolation': isolation}
    assert not (client.command.output or client.command.isolation_test)
    for _ in range(10):
        body = client.ask(Step.CABLE_CHECK).Body
        assert body.EVSEProcessing == 'Ongoing'
        assert status_of(body) == ('EVSE_Shutdown', 'StopCharging')
        assert not client.command.output


def test_power_is_not_switched_on_after_a_stop(charger):
    client = asked_to_stop(charger().reach(Step.PRECHARGE))
    assert client.ask(Step.START).Body.ResponseCode == 'FAILED_PowerDeliveryNotApplied'
    assert client.closed
    assert not client.command.output


@pytest.mark.parametrize('last', [*BEFORE_CURRENT, Step.START, Step.CHARGE_LOOP])
def test_a_vehicle_that_ignores_a_stop_is_switched_off_after_five_seconds(charger, last):
    client = charger().reach(last)
    asked = client.now
    asked_to_stop(client)
    client.wait(2)
    if last in (Step.START, Step.CHARGE_LOOP):
        client.ask(Step.CHARGE_LOOP)
    client.wait(5 - 0.02 - (client.now - asked))
    assert client.error == ''
    client.wait(0.04)
    assert client.error == 'VEHICLE_IGNORES_STOP'
    assert not client.command.output
    assert 'stop' in client.secc.state.reason
    assert client.violations == []


@pytest.mark.parametrize('when', ['before', 'after'])
def test_a_vehicle_that_has_stopped_has_all_its_time_for_welding_detection(charger, when):
    client = charger().reach(Step.CHARGE_LOOP)
    if when == 'before':
        asked_to_stop(client)
    client.ask(Step.STOP)
    client.pilot = PilotState.B
    if when == 'after':
        asked_to_stop(client)
    for _ in range(10 if when == 'before' else 4):  # asked then, it has `stop_patience`
        assert client.ask(Step.WELDING_DETECTION).Body.ResponseCode == 'OK'
        client.wait(0.9)
    assert client.ask(Step.SESSION_STOP).Body.ResponseCode == 'OK'
    assert client.error == ''


def test_the_first_reason_of_a_stop_is_kept_and_its_time_too(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.take(client.secc.stop(client.now, 'the shop closes'))
    client.wait(4)
    client.ask(Step.CHARGE_LOOP)
    client.take(client.secc.stop(client.now, 'again'))
    client.wait(1.1)
    assert client.error == 'VEHICLE_IGNORES_STOP'
    assert 'the shop closes' in client.secc.state.reason


@pytest.mark.parametrize('sigint', [False, True])
def test_a_stop_on_the_way_up_needs_no_vehicle(charger, sigint):
    client = charger().reach(Step.SERVICE_DISCOVERY)
    client.ask(Step.SESSION_STOP)
    client.wait(13, until=lambda client: client.ends())
    asked_to_stop(client, **({'sigint': True} if sigint else {}))
    assert client.ends()[-1].final
    assert client.command.duty == 1.0
    client.wait(10)
    assert client.command.duty == 1.0


def test_a_stop_while_state_c_is_waited_for_asks_for_no_tick_in_the_past(charger):
    client = charger().reach(Step.CHARGE_PARAMETERS)
    client.follows = False
    client.ask(Step.CABLE_CHECK)
    asked_to_stop(client)
    client.wait(3.5)
    assert client.error == ''
    assert client.secc.deadline > client.now
