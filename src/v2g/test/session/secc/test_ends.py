# SPDX-License-Identifier: Apache-2.0
"""What happens in which stage, and how it ends: R14 as a table of stage and event."""

from dataclasses import replace
from math import inf, nan

import pytest

from v2g.session.exchange import Step
from v2g.session.readings import DataLinkReading, Isolation, LinkState, PilotState, Switch

TESTING = 'the isolation test'
PROTOCOL = 'the protocol is agreed'
SETUP = [PROTOCOL, *(step for step in Step if Step.SESSION_SETUP <= step <= Step.AUTHORIZATION)]
LIVE = [TESTING, Step.CABLE_CHECK, Step.PRECHARGE, Step.START, Step.CHARGE_LOOP]
DOWN = [Step.STOP, Step.WELDING_DETECTION]
STAGES = [*SETUP, Step.CHARGE_PARAMETERS, *LIVE, *DOWN]
STARTED = [Step.START, Step.CHARGE_LOOP, *DOWN]


@pytest.fixture
def stand(charger):
    """A charger in a stage; in the loop 40 A flow."""

    def make(stage, **settings):
        if stage is TESTING:
            client = charger(**settings).reach(Step.CHARGE_PARAMETERS)
            client.bench.override = {'isolation': Isolation.INVALID}
            client.ask(Step.CABLE_CHECK)
            client.wait(0.1)
            assert client.bench.voltage == 400.0
            return client
        client = charger(**settings).reach(None if stage is PROTOCOL else stage)
        if stage is Step.CHARGE_LOOP:
            client.ask(stage, target_voltage=390.0, target_current=40.0)
            client.wait(0.1)
            assert client.bench.current == 40.0
        return client

    return make


def override(**values):
    def change(client):
        client.bench.override = {**client.bench.override, **values}
        client.measure()

    return change


def pilot(state):
    def change(client):
        client.pilot = state
        client.measure()

    return change


def call(name, *arguments, **named):
    def change(client):
        client.take(getattr(client.secc, name)(*arguments, client.now, **named))

    return change


def silent(*topics):
    return lambda client: client.silent.update(topics)


def lapse(client):
    reading = client.secc._pilot
    client.take(client.secc.pilot(replace(reading, lease_lapsed=True), client.now))


def carrier_lost(client):
    client.link(LinkState.CONNECTED, carrier=False)


# What it is, how it comes, after how long it counts, and the reason that charging/state gives.
ANYWHERE = {
    'emergency stop': (call('emergency_stop'), 0.0, 'EMERGENCY_STOP'),
    'second SIGINT': (call('end', is_fault=True, reason='told to'), 0.0, 'TOLD_TO_END'),
    'node died': (call('node_lost', 'transport'), 0.0, 'NODE_DIED'),
    'supply fault': (override(fault='a fan is broken'), 0.0, 'SUPPLY_FAULT'),
    'supply lease lapsed': (override(lease_lapsed=True), 0.0, 'LEASE_LAPSED'),
    'pilot lease lapsed': (lapse, 0.0, 'LEASE_LAPSED'),
    'supply silent': (silent('supply'), 0.5, 'STALE_INPUT'),
    'pilot silent': (silent('pilot'), 0.5, 'STALE_INPUT'),
    'pilot A': (pilot(PilotState.A), 0.0, 'PILOT_LOST'),
    'pilot E': (pilot(PilotState.E), 0.0, 'PILOT_LOST'),
    'pilot F': (pilot(PilotState.F), 0.0, 'PILOT_LOST'),
    'pilot unknown': (pilot(PilotState.UNKNOWN), 0.0, 'PILOT_LOST'),
    'TCP lost': (lambda client: client.link(LinkState.CLOSED), 0.0, 'CONNECTION_LOST'),
    'carrier lost': (carrier_lost, 0.0, 'CARRIER_LOST'),
    'data link lost': (call('data_link', DataLinkReading()), 0.0, 'CONNECTION_LOST'),
    'nonsense': (lambda client: client.send(b'\x80\x9a\xff'), 0.0, 'MALFORMED_MESSAGE'),
}
# The same, but only while the output may be live; elsewhere nothing happens.
WHEN_LIVE = {
    'pilot B': (pilot(PilotState.B), 0.0, 'VEHICLE_LEFT_C'),
    'all NaN': (override(voltage=nan, current=nan, max_voltage=nan), 0.0, 'VALUE_MISSING'),
    'no power limit': (override(max_power=nan), 0.0, 'VALUE_MISSING'),
    'a limit that is none': (override(max_current=inf), 0.0, 'VALUE_MISSING'),
    'no current told': (override(current=nan), 0.0, 'VALUE_MISSING'),
    'over-voltage': (override(voltage=441.0), 0.0, 'OVERVOLTAGE'),
    'over-current': (override(current=61.0), 0.0, 'OVERCURRENT'),
    'current comes back': (override(current=-6.0), 0.0, 'REVERSE_CURRENT'),
    'setpoint ignored': (override(current=55.0), 2.0, 'SETPOINT_IGNORED'),
}
ISOLATED = [stage for stage in LIVE if stage is not TESTING]


def switched_off(client, happened, error):
    """R14: each part in its time, seen at the bench."""
    assert client.error == error, client.secc.state.reason
    assert client.secc.state.reason
    command = client.command
    assert (command.output, command.isolation_test) == (False, False)
    assert (command.voltage, command.current) == (0.0, 0.0)
    client.wait(happened + 0.1 - client.now)
    assert client.bench.current < 5
    client.wait(happened + 1.1 - client.now)
    assert not client.command.contactors
    assert client.bench.voltage < 60
    assert client.violations == []


def at_rest(client):
    """The end is told once, the pilot is at 100 %."""
    client.bench.override, client.silent = {}, set()
    client.wait(13, until=lambda client: client.ends())
    [end] = client.ends()
    command = client.command
    assert not (command.output or command.contactors or command.isolation_test)
    return end


@pytest.mark.parametrize('event', ANYWHERE)
@pytest.mark.parametrize('stage', STAGES)
def test_abuse_36_38_whatever_happens_in_any_stage_ends_switched_off(stand, stage, event):
    change, after, error = ANYWHERE[event]
    client = stand(stage)
    happened = client.now + after
    change(client)
    client.wait(after + 0.02)
    switched_off(client, happened, error)
    end = at_rest(client)
    assert end.error == error
    assert end.final or stage not in STARTED  # R5
    if end.final:
        assert client.command.duty == 1.0


@pytest.mark.parametrize('event', WHEN_LIVE)
@pytest.mark.parametrize('stage', LIVE)
def test_abuse_36_what_a_live_output_must_not_do(stand, stage, event):
    change, after, error = WHEN_LIVE[event]
    client = stand(stage)
    if after and not client.command.output:
        after = 1.0  # told off, not only lower
    if 'comes' in event or 'current' in event or 'setpoint' in event:
        client.bench.draws = False
    happened = client.now + after
    change(client)
    client.wait(after - 0.03)
    assert after == 0.0 or client.error == ''
    client.wait(0.05)
    client.bench.override = {}
    switched_off(client, happened, error)
    assert at_rest(client).error == error


@pytest.mark.parametrize('event', WHEN_LIVE)
@pytest.mark.parametrize('stage', [*SETUP, Step.CHARGE_PARAMETERS])
def test_what_counts_only_for_a_live_output_is_no_fault_before_it(stand, stage, event):
    change, _, _ = WHEN_LIVE[event]
    client = stand(stage)
    change(client)
    client.wait(0.9)
    assert client.error == ''
    assert client.secc.state.active


@pytest.mark.parametrize('event', WHEN_LIVE)
@pytest.mark.parametrize('stage', [Step.STOP, Step.WELDING_DETECTION])
def test_safety_4_an_output_is_watched_until_it_is_dead(stand, stage, event):
    """B is what belongs there; all else is no less a fault than under current."""
    change, _, error = WHEN_LIVE[event]
    client = stand(stage)
    change(client)
    client.wait(1.1)
    flows = 'current' in event or 'setpoint' in event  # and on through contactors told to open
    worse = 'WELD_SUSPECTED' if flows else error
    assert client.error in (('',) if event == 'pilot B' else (error, worse))


@pytest.mark.parametrize('stage', ISOLATED)
def test_abuse_36_an_isolation_that_becomes_faulty_ends_the_charge(stand, stage):
    client = stand(stage)
    happened = client.now
    override(isolation=Isolation.FAULT)(client)
    switched_off(client, happened, 'ISOLATION_FAULT')
    assert at_rest(client).final  # no second try (R5)


@pytest.mark.parametrize('stage', LIVE)
def test_abuse_39_an_output_contactor_that_opens_by_itself(stand, stage):
    client = stand(stage)
    override(contactors=Switch.OPEN)(client)
    happened = client.now + 1.0
    client.wait(0.98)
    assert client.error == ''
    client.wait(0.04)
    switched_off(client, happened, 'CONTACTOR_FEEDBACK')
    assert at_rest(client).final


@pytest.mark.parametrize('stage', [*SETUP, Step.CHARGE_PARAMETERS])
def test_abuse_39_an_output_contactor_that_nobody_has_closed(stand, stage):
    client = stand(stage)
    override(contactors=Switch.CLOSED)(client)
    happened = client.now + 1.0
    client.wait(1.02)
    switched_off(client, happened, 'WELD_SUSPECTED')
    assert at_rest(client).final
    assert 'charging/reset' in client.secc.latched


def test_abuse_39_an_output_contactor_that_stays_closed_at_the_end_is_latched(stand):
    client = stand(Step.CHARGE_LOOP)
    client.ask(Step.STOP)
    override(contactors=Switch.CLOSED)(client)
    client.ask(Step.SESSION_STOP)
    client.wait(13, until=lambda client: client.ends())
    assert client.ends()[-1].error == 'WELD_SUSPECTED'
    assert client.secc.latched
    assert any('contactor' in text for text in client.notes())


def test_no_session_begins_with_a_closed_output_contactor(charger):
    client = charger().reach(Step.SERVICE_DISCOVERY)
    client.ask(Step.SESSION_STOP)
    client.wait(0.5)
    client.link(LinkState.CLOSED)
    client.pilot = PilotState.A
    client.wait(3.5)
    override(contactors=Switch.CLOSED)(client)
    client.pilot = PilotState.B
    client.wait(5)
    assert client.command.duty == 1.0
    assert 'contactor' in client.secc.state.reason
    client.bench.override = {}
    client.wait(1)
    assert client.command.duty == 0.05


def test_a_missing_feedback_is_no_disagreement(stand):
    client = stand(Step.CHARGE_LOOP)
    override(contactors=Switch.UNKNOWN)(client)
    client.wait(3)
    assert client.error == ''


def test_a_current_that_follows_a_lower_setpoint_within_two_seconds_is_no_fault(stand):
    client = stand(Step.CHARGE_LOOP)
    override(current=40.0)(client)
    client.ask(Step.CHARGE_LOOP, target_current=10.0)
    client.wait(1.9)
    override(current=10.0)(client)
    client.wait(2)
    assert client.error == ''


@pytest.mark.parametrize('step', [Step.STOP, Step.SESSION_STOP])
def test_the_current_that_never_falls_does_not_hold_the_contactors(stand, step):
    client = stand(Step.CHARGE_LOOP)
    override(current=20.0)(client)
    client.ask(step)
    pilot(PilotState.B)(client)
    client.wait(0.9)
    assert client.command.contactors
    client.wait(0.1)
    assert not client.command.contactors


def test_the_parts_of_an_end_come_in_their_order(stand):
    """R14: current down, contactors open, output dead, then the pilot."""
    client = stand(Step.CHARGE_LOOP)
    override(current=40.0, contactors=Switch.CLOSED, voltage=390.0)(client)
    client.link(LinkState.CLOSED)
    assert (client.command.output, client.command.contactors) == (False, True)
    client.wait(0.5)
    assert client.command.contactors  # 40 A still flow
    override(current=5.0)(client)
    assert not client.command.contactors
    override(contactors=Switch.OPEN)(client)
    client.wait(1)
    assert client.command.duty == 0.05  # 390 V are still there
    override(voltage=60.0)(client)
    assert client.command.duty == 0.05
    override(voltage=59.9)(client)
    assert client.command.duty == 1.0
    [end] = client.ends()
    assert end.final


def test_an_old_reading_opens_no_contactor_early(stand):
    """What flows is not known any more: the contactors wait their second (R14)."""
    client = stand(Step.PRECHARGE)
    client.silent = {'supply'}
    client.wait(0.52)
    assert client.error == 'STALE_INPUT'
    client.wait(0.9)
    assert client.command.contactors
    client.wait(0.12)
    assert not client.command.contactors


def test_a_voltage_that_never_falls_is_told_and_holds_nothing_for_ever(stand):
    client = stand(Step.CHARGE_LOOP)
    override(voltage=390.0)(client)
    happened = client.now
    client.link(LinkState.CLOSED)
    client.wait(20, until=lambda client: client.ends())
    assert client.now - happened < 7
    assert client.command.duty == 1.0
    assert any('the output is still live' in note for note in client.notes())


def test_an_emergency_stop_latches_over_unplugging(stand):
    client = stand(Step.CHARGE_LOOP)
    call('emergency_stop')(client)
    at_rest(client)
    for state in (PilotState.A, PilotState.B):
        client.pilot = state
        client.wait(5)
    assert client.command.duty == 1.0
    done, _, events = client.secc.reset(client.now)
    client.take(events)
    client.wait(1)
    assert done
    assert client.command.duty == 1.0  # a reset permits, it does not start
    for state in (PilotState.A, PilotState.B):
        client.pilot = state
        client.wait(5)
    assert client.command.duty == 0.05


def test_an_emergency_stop_in_a_normal_end_counts(stand):
    client = stand(Step.CHARGE_LOOP)
    client.ask(Step.STOP)
    client.ask(Step.SESSION_STOP)
    call('emergency_stop')(client)
    assert at_rest(client).error == 'EMERGENCY_STOP'
    assert client.secc.latched


@pytest.mark.parametrize(
    ('event', 'status'),
    [
        ('emergency stop', 'EVSE_EmergencyShutdown'),
        ('supply fault', 'EVSE_Malfunction'),
        ('node died', 'EVSE_Malfunction'),
    ],
)
@pytest.mark.parametrize('step', [Step.PRECHARGE, Step.CHARGE_LOOP])
def test_the_vehicle_is_told_in_the_next_response(stand, step, event, status):
    client = stand(step)
    ANYWHERE[event][0](client)
    body = client.ask(step).Body
    told = body.DC_EVSEStatus
    assert body.ResponseCode == 'OK'
    assert (told.EVSEStatusCode, told.EVSENotification) == (status, 'StopCharging')
    assert client.ask(Step.STOP).Body.EVSEStatus.EVSEStatusCode == status
    assert client.ask(Step.SESSION_STOP).Body.ResponseCode == 'OK'
    assert client.violations == []


def test_a_stop_in_the_end_of_a_fault_is_a_stop(stand):
    client = stand(Step.PRECHARGE)
    ANYWHERE['TCP lost'][0](client)
    client.bench.override = {'voltage': 100.0}
    client.wait(1)
    call('stop')(client)
    assert at_rest(client).final  # no second try any more


def test_an_output_that_went_off_stays_off_whatever_is_asked(stand):
    client = stand(Step.CHARGE_LOOP)
    ANYWHERE['supply fault'][0](client)
    client.bench.override = {}
    for _ in range(20):
        client.ask(Step.CHARGE_LOOP, target_voltage=390.0, target_current=40.0)
        assert not client.command.output


@pytest.mark.parametrize('comes', [True, False])
def test_r14_contactors_open_on_a_current_that_was_measured_behind_off(charger, comes):
    """At 5 Hz the last one may be of before the current rose; without any it takes 1 s."""
    client = charger().reach(Step.CHARGE_LOOP)
    assert client.bench.current == 1.0
    client.silent = {'supply'}
    client.ask(Step.CHARGE_LOOP, target_voltage=390.0, target_current=40.0)
    client.wait(0.05)
    client.pilot = PilotState.B
    client.wait(0.02)
    assert (client.command.output, client.command.contactors) == (False, True)
    if comes:
        client.silent = set()
    client.wait(0.1 if comes else 1.0)
    assert not client.command.contactors


def test_r14_so_they_do_after_power_delivery_stop(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.silent = {'supply'}
    client.ask(Step.CHARGE_LOOP, target_voltage=390.0, target_current=40.0)
    client.wait(0.05)
    client.ask(Step.STOP)
    client.pilot = PilotState.B
    client.wait(0.1)
    assert client.command.contactors
    client.silent = set()
    client.wait(0.1)
    assert not client.command.contactors
