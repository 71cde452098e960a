# SPDX-License-Identifier: Apache-2.0
"""Where current flows: what a charger watches until its output is dead (R5, R13, R14)."""

from math import inf, nan

import pytest

from v2g.session.exchange import Limits, Step
from v2g.session.readings import Isolation, LinkState, PilotState, Switch

WEAK = Limits(max_voltage=400.0, max_current=50.0, max_power=1_000.0)


def at_rest(client, seconds=30):
    client.wait(seconds, until=lambda client: client.ends())
    return client.ends()[-1]


# 2: a reset permits, it does not start


@pytest.mark.parametrize('step', [Step.CABLE_CHECK, Step.CHARGE_LOOP])
def test_safety_2_a_charger_that_was_latched_waits_for_a_new_plug_in(charger, step):
    client = charger().reach(step)
    client.take(client.secc.emergency_stop(client.now))
    client.link(LinkState.CLOSED)
    assert at_rest(client).error == 'EMERGENCY_STOP'
    client.take(client.secc.reset(client.now)[2])
    client.wait(30)
    assert client.command.duty == 1.0
    assert 'plug in again' in client.secc.state.reason
    for state in (PilotState.A, PilotState.B):
        client.pilot = state
        client.wait(3)
    assert client.command.duty == 0.05


# 4: R14 holds until the output is dead, and each phase has its end


def stays(client, **what):
    """From now on the supply goes on as it was, whatever it is told."""
    client.bench.override |= what


@pytest.mark.parametrize('polls', [True, False])
@pytest.mark.parametrize('current', [40.0, 80.0, -80.0])
def test_safety_4_current_after_power_delivery_stop_is_a_fault(charger, current, polls):
    client = charger().reach(Step.CHARGE_LOOP)
    stays(client, voltage=350.0, current=current)
    client.ask(Step.STOP)
    client.pilot = PilotState.B
    happened = client.now
    while not client.ends() and client.now < happened + 20 and not client.closed:
        if polls:
            client.ask(Step.WELDING_DETECTION)
        client.wait(0.25)
        if client.error:
            break
    assert client.error in ('SETPOINT_IGNORED', 'OVERCURRENT', 'REVERSE_CURRENT')
    assert client.now - happened < 2.5
    client.wait(1.2)
    assert not client.command.contactors


def test_safety_4_an_output_that_stays_live_is_a_fault_and_opens_its_contactors(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.ask(Step.STOP)
    stays(client, voltage=350.0)
    client.pilot = PilotState.B
    happened = client.now
    client.wait(0.2)
    assert not client.command.contactors
    client.wait(10, until=lambda client: client.error)
    assert client.error == 'OUTPUT_LIVE'
    assert 4.5 < client.now - happened < 6


def test_safety_4_a_pack_at_the_plug_in_state_c_is_the_vehicles(charger):
    """It welds, measures and opens in C; the output is off, and its contactors bleed the cable."""
    client = charger().reach(Step.CHARGE_LOOP)
    client.ask(Step.STOP)
    stays(client, voltage=350.0)
    client.pilot = PilotState.C
    client.wait(8)
    assert not client.error
    assert client.command.contactors and not client.command.output


@pytest.mark.parametrize('stop', [False, True])
@pytest.mark.parametrize(
    ('timers', 'seconds'), [('field', 20.0), ('standard', 60.0)], ids=['field', 'standard']
)
def test_safety_4_and_abuse_48_a_vehicle_that_polls_for_ever_is_ended(
    charger, timers, seconds, stop
):
    client = charger(timers=timers).reach(Step.STOP)
    client.pilot = PilotState.B
    happened = client.now
    if stop:
        client.take(client.secc.stop(client.now))
    both = [Step.WELDING_DETECTION, Step.STOP]
    while not client.closed and client.now < happened + 100:
        client.ask(both[0])
        both.reverse()  # asking in turns winds nothing up again
        client.wait(0.3)
    due = 5.0 if stop else seconds
    assert due <= client.now - happened < due + 6.0
    assert at_rest(client).error == 'TIMEOUT_SHUTDOWN'


def test_safety_4_and_abuse_48_charging_stop_counts_again_once_the_vehicle_has_obeyed_the_first(
    charger,
):
    client = charger().reach(Step.CHARGE_LOOP)
    client.take(client.secc.stop(client.now))
    client.ask(Step.STOP)
    client.pilot = PilotState.B
    client.wait(2)
    client.take(client.secc.stop(client.now))
    happened = client.now
    while not client.error and client.now < happened + 30:
        client.ask(Step.WELDING_DETECTION)
        client.wait(0.3)
    assert 4.9 <= client.now - happened < 6


@pytest.mark.parametrize('step', [Step.CHARGE_PARAMETERS, Step.SESSION_SETUP])
def test_safety_4_a_supply_that_pushes_before_it_was_told_to_is_a_fault(charger, step):
    client = charger().reach(step)
    stays(client, voltage=350.0, current=20.0)
    client.wait(2.0)
    assert at_rest(client).error in ('SETPOINT_IGNORED', 'WELD_SUSPECTED')


def test_safety_4_current_through_contactors_that_were_told_to_open_is_a_weld(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    stays(client, voltage=350.0, current=80.0, contactors=Switch.UNKNOWN)
    client.link(LinkState.CLOSED)
    assert at_rest(client).error == 'WELD_SUSPECTED'
    assert client.secc.latched


def test_safety_4_an_output_that_is_live_in_the_end_of_a_normal_stop_is_its_error(charger):
    client = charger().reach(Step.STOP)
    client.pilot = PilotState.B
    stays(client, voltage=350.0)
    client.ask(Step.SESSION_STOP)
    client.link(LinkState.CLOSED)
    assert at_rest(client).error == 'OUTPUT_LIVE'


@pytest.mark.parametrize(
    'odd',
    [
        {'voltage': 60.0},
        {'voltage': -350.0},
        {'current': 20.0},
        {'contactors': Switch.CLOSED},
        *({name: nan} for name in ('voltage', 'current', 'max_voltage', 'max_power')),
        {'max_current': inf},
        {'min_voltage': nan},
    ],
)
def test_safety_4_no_session_begins_on_an_output_that_is_not_dead_or_not_known(charger, odd):
    client = charger().reach(Step.CHARGE_LOOP)
    for step in (Step.STOP, Step.SESSION_STOP):
        client.pilot = PilotState.B
        client.ask(step)
    client.link(LinkState.CLOSED)
    at_rest(client)
    client.pilot = PilotState.A
    stays(client, **odd)
    client.wait(3)
    client.pilot = PilotState.B
    client.wait(10)
    assert client.command.duty == 1.0
    assert client.secc.state.reason
    client.bench.override = {}
    client.wait(1)
    assert client.command.duty == 0.05


# 8: what is beyond words a vehicle sees at the pilot, at once

SILENT_CAR = {
    'emergency stop': lambda client: client.take(client.secc.emergency_stop(client.now)),
    'supply fault': lambda client: stays(client, fault='a fan is broken'),
    'lease lapsed': lambda client: stays(client, lease_lapsed=True),
    'supply silent': lambda client: client.silent.add('supply'),
    'pilot silent': lambda client: client.silent.add('pilot'),
    'over-voltage': lambda client: stays(client, voltage=450.0),
    'over-current': lambda client: stays(client, current=400.0),
    'no voltage told': lambda client: stays(client, voltage=nan),
    'contactors open': lambda client: stays(client, contactors=Switch.OPEN),
    'node died': lambda client: client.take(client.secc.node_lost('transport', client.now)),
}
STEPS = [Step.PRECHARGE, Step.START, Step.CHARGE_LOOP]


@pytest.mark.parametrize('event', SILENT_CAR)
@pytest.mark.parametrize('step', STEPS)
def test_safety_8_a_silent_car_sees_at_once_what_it_cannot_be_told(charger, step, event):
    client = charger().reach(step)
    SILENT_CAR[event](client)
    client.wait(1.1, until=lambda client: client.error)
    assert client.error
    client.wait(0.01)
    assert client.command.duty == 1.0
    assert not client.command.output


@pytest.mark.parametrize('step', [Step.STOP, Step.SESSION_STOP])
def test_safety_8_so_it_does_in_an_end_that_was_normal(charger, step):
    client = charger().reach(step)
    client.take(client.secc.emergency_stop(client.now))
    assert client.command.duty == 1.0


def test_safety_8_answers_go_on_and_the_isolation_counts_only_under_current(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.take(client.secc.emergency_stop(client.now))
    status = client.ask(Step.CHARGE_LOOP).Body.DC_EVSEStatus
    assert status.EVSEStatusCode == 'EVSE_EmergencyShutdown'
    for step, duty in ((Step.CABLE_CHECK, 0.05), (Step.CHARGE_LOOP, 1.0)):
        client = charger().reach(step)
        stays(client, isolation=Isolation.FAULT)
        client.wait(0.05)
        assert (client.error, client.command.duty) == ('ISOLATION_FAULT', duty)


def test_safety_8_what_the_vehicle_does_wrong_it_is_told(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.pilot = PilotState.B
    client.wait(0.05)
    assert (client.error, client.command.duty) == ('VEHICLE_LEFT_C', 0.05)


# 6: the world is compared with itself


def test_safety_6_current_out_of_the_vehicle_is_a_fault_of_the_charger_too(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    stays(client, current=-90.0)
    client.wait(0.02)
    assert client.error == 'REVERSE_CURRENT'
    assert client.secc.state.energy >= 0


@pytest.mark.parametrize('volts', [0.0, -350.0, 1.0, 60.0])
def test_safety_6_a_voltage_that_is_measured_too_low_lifts_no_power_limit(charger, volts):
    client = charger().reach(Step.CHARGE_LOOP)
    stays(client, voltage=volts)
    client.wait(0.02)
    client.ask(Step.CHARGE_LOOP, target_voltage=400.0, target_current=50.0, limits=WEAK)
    assert client.command.current <= 1_000.0 / 200.0


def test_safety_6_power_is_watched_as_measured(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.ask(Step.CHARGE_LOOP, target_voltage=400.0, target_current=50.0)
    client.wait(0.1)
    stays(client, voltage=400.0, current=54.0, max_power=12_000.0)
    client.wait(1.9)
    assert client.error == ''
    client.wait(0.2)
    assert client.error == 'OVERPOWER'
