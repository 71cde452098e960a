# SPDX-License-Identifier: Apache-2.0
"""Each way a session may go wrong ends in safe outputs, with its reason (R1, R2, R4, R5, R14)."""

from dataclasses import replace

import pytest

from v2g.schema import din
from v2g.session.din.words import from_octets, to_octets
from v2g.session.evcc.machine import Evcc
from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import Ended
from v2g.session.readings import (
    DataLinkReading,
    Isolation,
    LinkReading,
    LinkState,
    ModemReading,
    ModemState,
    PilotState,
    SlacReading,
    SlacState,
    Switch,
)
from v2g.session.secc.settings import SeccSettings
from v2g.session.stage import Stage

LOOP = Stage.CHARGE_LOOP
B = PilotState.B
RESPONSES = 'evse'


def rewrite(play, name, change, side=RESPONSES):
    """Have each message of a name changed on its way."""

    def tamper(sender, send, message):
        body = getattr(message, 'Body', None)
        if sender != side or type(body).__name__ != name:
            return send
        copy = from_octets(send.payload).message
        change(copy)
        return replace(send, payload=to_octets(copy))

    play.tamper = tamper


def status(code):
    def change(message):
        body = message.Body
        told = getattr(body, 'DC_EVSEStatus', None) or getattr(body, 'EVSEStatus', None)
        told = told or body.EVSEChargeParameter.DC_EVSEStatus
        told.EVSEStatusCode = din.DC_EVSEStatusCode(code)

    return change


def failing(code='FAILED'):
    def change(message):
        message.Body.ResponseCode = din.ResponseCode(code)

    return change


def drop(play, name, side=RESPONSES):
    def tamper(sender, send, message):
        body = getattr(message, 'Body', message)
        return None if sender == side and type(body).__name__ == name else send

    play.tamper = tamper


def since(play, happened):
    """When the vehicle showed B, and when its contactors were open, after an event."""
    times = {}

    def watch(play):
        command = play.evcc.command
        if command.pilot is B:
            times.setdefault('b', play.now - happened)
        if not play.vehicle.closed:
            times.setdefault('open', play.now - happened)
        if play.supply.current < 5:
            times.setdefault('current', play.now - happened)

    play.watch = watch
    return times


def failed(play, error):
    assert play.evcc.state.error == error, play.notes('pev')
    assert play.evcc.state.reason
    command = play.evcc.command
    assert not command.contactor_plus
    assert not command.contactor_minus
    assert command.pilot is B
    assert not command.lock
    assert not play.secc.command.output
    assert play.violations == []


MALFUNCTIONS = ('EVSE_EmergencyShutdown', 'EVSE_Malfunction', 'Reserved_8')


@pytest.mark.parametrize('code', MALFUNCTIONS)
def test_a_charger_that_says_it_is_broken_in_the_loop_is_left_at_once(play, code):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    rewrite(charge, 'CurrentDemandRes', status(code))
    times = since(charge, charge.now + 0.1)
    charge.finish()
    failed(charge, 'CHARGER_FAULT')
    assert times['b'] <= 0.1
    assert times['open'] <= 1.3
    names = charge.messages('pev')
    assert names.count('PowerDeliveryReq') == 2
    assert 'CurrentDemandReq' not in names[names.index('PowerDeliveryReq') + 2 :][-2:]


STATUS_STAGES = (
    'ChargeParameterDiscoveryRes',
    'CableCheckRes',
    'PreChargeRes',
    'PowerDeliveryRes',
    'CurrentDemandRes',
)


@pytest.mark.parametrize('name', STATUS_STAGES)
def test_malfunction_is_seen_in_every_response(play, name):
    charge = play()
    rewrite(charge, name, status('EVSE_Malfunction'))
    charge.run(100, lambda play: play.ended('pev'))
    failed(charge, 'CHARGER_FAULT')


def test_shutdown_in_the_loop_is_a_normal_stop(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    rewrite(charge, 'CurrentDemandRes', status('EVSE_Shutdown'))
    charge.finish()
    assert 'SAFE_END' not in charge.stages('pev')
    assert charge.ends('pev')[-1].error == ''
    assert 'EVSE_Shutdown' in charge.evcc.state.reason
    assert charge.violations == []


def test_stop_charging_is_a_normal_stop_and_renegotiation_is_ignored(play):
    def notify(word):
        def change(message):
            message.Body.DC_EVSEStatus.EVSENotification = din.EVSENotification(word)

        return change

    charge = play().reach(LOOP)
    rewrite(charge, 'CurrentDemandRes', notify('ReNegotiation'))
    charge.run(charge.now + 1)
    assert charge.evcc.state.stage is LOOP
    rewrite(charge, 'CurrentDemandRes', notify('StopCharging'))
    charge.finish()
    assert charge.ends('pev')[-1].error == ''


ANSWERS = {
    'SessionSetupRes': 'TIMEOUT_SESSION_SETUP',
    'ServiceDiscoveryRes': 'TIMEOUT_SERVICE_DISCOVERY',
    'ServicePaymentSelectionRes': 'TIMEOUT_SERVICE_PAYMENT_SELECTION',
    'ContractAuthenticationRes': 'TIMEOUT_CONTRACT_AUTHENTICATION',
    'ChargeParameterDiscoveryRes': 'TIMEOUT_CHARGE_PARAMETER_DISCOVERY',
    'CableCheckRes': 'TIMEOUT_CABLE_CHECK',
    'PreChargeRes': 'TIMEOUT_PRE_CHARGE',
    'PowerDeliveryRes': 'TIMEOUT_POWER_DELIVERY',
    'CurrentDemandRes': 'TIMEOUT_CURRENT_DEMAND',
}


@pytest.mark.parametrize(('name', 'error'), ANSWERS.items())
def test_an_answer_that_never_comes_is_a_timeout(play, name, error):
    charge = play()
    drop(charge, name)
    charge.run(200, lambda play: play.ended('pev'))
    failed(charge, error)


@pytest.mark.parametrize('name', ANSWERS)
def test_a_failed_response_ends_the_session(play, name):
    charge = play()
    rewrite(charge, name, failing())
    charge.run(100, lambda play: play.ended('pev'))
    failed(charge, 'CHARGER_REFUSES')


def test_a_connection_lost_under_current_opens_within_a_second(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    times = since(charge, charge.now)
    charge.disconnect()
    charge.finish()
    failed(charge, 'CONNECTION_LOST')
    assert times['b'] <= 0.1
    assert times['current'] <= 0.1
    assert times['open'] <= 1.1


@pytest.mark.parametrize(
    ('change', 'error'),
    [
        ({'pilot': PilotState.E}, 'PILOT_LOST'),
        ({'duty': 1.0}, 'PILOT_LOST'),
        ({'proximity': False}, 'PROXIMITY_LOST'),
        ({'fault': 'the pack is too hot'}, 'VEHICLE_FAULT'),
        ({'lease_lapsed': True}, 'LEASE_LAPSED'),
        ({'pack_voltage': 425.0}, 'OVERVOLTAGE'),
        ({'inlet_current': 150.0}, 'OVERCURRENT'),
        ({'contactor_minus': Switch.OPEN}, 'CONTACTOR_FEEDBACK'),
        ({'lock': Switch.OPEN}, 'LOCK_LOST'),
    ],
)
def test_what_the_vehicle_measures_wrong_under_current_is_a_fault(play, change, error):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    times = since(charge, charge.now)
    charge.vehicle.override = change
    charge.run(charge.now + 0.1)
    assert charge.evcc.state.error == error
    charge.vehicle.override = {}
    charge.finish()
    assert times['b'] <= 0.1
    assert times['open'] <= 1.2


def test_stale_vehicle_status_is_a_fault_after_half_a_second(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    times = since(charge, charge.now + 0.5)
    charge.silent = {'vehicle'}
    charge.run(charge.now + 1.0)
    charge.silent = set()
    charge.finish()
    failed(charge, 'STALE_INPUT')
    assert times['b'] <= 0.1
    assert times['open'] <= 1.1


def test_a_node_that_dies_is_a_fault_on_its_side(play):
    charge = play().reach(LOOP)
    charge.perform('pev', charge.evcc.node_lost('transport', charge.now))
    charge.finish()
    failed(charge, 'NODE_DIED')


@pytest.mark.parametrize('side', ['pev', 'evse'])
def test_a_deactivated_modem_is_a_normal_stop_and_a_silent_one_none(play, side):
    charge = play().reach(LOOP)
    machine = charge.evcc if side == 'pev' else charge.secc
    silent = ModemReading(state=ModemState.SEARCHING, reason='the modem does not answer any more')
    charge.tell(machine.modem, silent)
    charge.run(charge.now + 1)
    assert machine.state.stage == LOOP
    inactive = ModemReading(state=ModemState.INACTIVE, reason='the modem node is not active')
    charge.tell(machine.modem, inactive)
    charge.finish()
    end = charge.ends(side)[-1]
    assert (end.error, end.reason) == ('', 'the modem node is not active')
    assert not charge.violations


def test_emergency_stop_latches_until_reset(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    times = since(charge, charge.now)
    charge.tell(charge.evcc.emergency_stop)
    charge.finish()
    failed(charge, 'EMERGENCY_STOP')
    assert times['b'] <= 0.02
    charge.plugged = False
    charge.run(charge.now + 3.1)
    charge.plugged = True
    charge.run(charge.now + 5)
    assert not charge.evcc.state.active
    assert charge.tell(charge.evcc.reset)[0]
    charge.tell(charge.evcc.start)
    charge.reach(LOOP)


def test_a_fault_in_a_normal_stop_makes_it_faster(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    drop(charge, 'PowerDeliveryRes')
    charge.tell(charge.evcc.stop)
    charge.run(charge.now + 0.1)
    assert charge.evcc.command.pilot is PilotState.C
    charge.tell(charge.evcc.emergency_stop)
    assert charge.evcc.command.pilot is B
    charge.finish()
    failed(charge, 'EMERGENCY_STOP')


def test_a_stop_without_answer_goes_on_after_two_seconds(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    drop(charge, 'PowerDeliveryRes')
    asked = charge.now
    times = since(charge, asked)
    charge.tell(charge.evcc.stop)
    charge.finish()
    assert 2.0 <= times['b'] <= 2.2
    assert times['open'] <= 3.4
    assert charge.ends('pev')[-1].error == ''


STOPS = {
    Stage.AUTHORIZATION: ['SessionStopReq'],
    Stage.CHARGE_PARAMETERS: ['SessionStopReq'],
    Stage.CABLE_CHECK: ['SessionStopReq'],
    Stage.PRECHARGE: ['PowerDeliveryReq', 'SessionStopReq'],
    Stage.START: ['PowerDeliveryReq', 'WeldingDetectionReq', 'SessionStopReq'],
}


@pytest.mark.parametrize(('stage', 'said'), STOPS.items())
def test_what_is_said_when_stopping_depends_on_how_far_it_came(play, stage, said):
    charge = play()
    before = {}

    def stop(play):
        if play.evcc.state.stage is stage and not before:
            before['said'] = len(play.messages('pev'))
            play.tell(play.evcc.stop)

    if stage in (Stage.AUTHORIZATION, Stage.CHARGE_PARAMETERS, Stage.START):
        # these pass within a moment: hold their answer back
        name = {
            Stage.AUTHORIZATION: 'ContractAuthenticationRes',
            Stage.CHARGE_PARAMETERS: 'ChargeParameterDiscoveryRes',
            Stage.START: 'PowerDeliveryRes',
        }[stage]
        drop(charge, name)
    charge.watch = stop
    charge.run(60, lambda play: play.ended('pev'))
    seen = [m for m in charge.messages('pev')[before['said'] :] if m != 'WeldingDetectionReq']
    assert seen == [m for m in said if m != 'WeldingDetectionReq']
    assert charge.ends('pev')[-1].error == ''
    assert charge.violations == []


def test_a_lost_session_stop_does_not_hold_the_plug(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    drop(charge, 'SessionStopRes')
    charge.tell(charge.evcc.stop)
    charge.run(charge.now + 20, lambda play: play.ended('pev'))
    assert not charge.evcc.command.lock
    assert charge.ends('pev')[-1].error == ''


def test_a_charger_that_ignores_every_goodbye_is_left_within_eight_seconds(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    charge.tamper = lambda sender, send, message: send if sender == 'pev' else None
    asked = charge.now
    charge.tell(charge.evcc.stop)
    charge.run(charge.now + 20, lambda play: play.ended('pev'))
    assert charge.now - asked < 8.0
    assert not charge.evcc.command.lock


def test_a_weld_is_suspected_and_the_plug_stays_locked(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    charge.vehicle.welded = True
    charge.tell(charge.evcc.stop)
    charge.run(charge.now + 40, lambda play: play.ended('pev'))
    assert charge.evcc.state.error == 'WELD_SUSPECTED'
    assert charge.evcc.command.lock
    charge.run(charge.now + 30)
    assert charge.evcc.command.lock  # no timer unlocks alone
    assert charge.evcc.latched
    assert charge.tell(charge.evcc.release_lock)[0]
    assert not charge.evcc.command.lock


def test_a_failure_before_current_is_tried_three_times_five_seconds_apart(play):
    charge = play()
    rewrite(charge, 'CableCheckRes', failing())
    charge.run(200, lambda play: play.ended('pev'))
    ends = [(when, e) for when, e in charge.diary['pev'] if type(e).__name__ == 'Ended']
    assert [end.final for _, end in ends] == [False, False, True]
    assert ends[1][0] - ends[0][0] > 5.0
    assert charge.evcc.state.attempt == 3


def stamped_ahead(measure, seconds):
    """The same readings, by a clock that is so far ahead of ours."""
    return lambda *given: replace(measure(*given), age=-seconds)


@pytest.mark.parametrize(('silent', 'side'), [('vehicle', 'pev'), ('supply', 'evse')])
def test_readings_of_a_clock_that_is_ahead_are_stale_after_half_a_second_too(play, silent, side):
    charge = play().reach(LOOP)
    source = charge.vehicle if silent == 'vehicle' else charge.supply
    source.reading = stamped_ahead(source.reading, 0.4)
    charge.run(charge.now + 1.0)
    charge.silent.add(silent)
    charge.run(charge.now + 0.52)
    machine = charge.evcc if side == 'pev' else charge.secc
    assert machine.state.error == 'STALE_INPUT'


@pytest.mark.parametrize('silent', ['vehicle', 'supply'])
def test_contactors_open_on_no_current_of_before_by_a_clock_that_is_ahead(play, silent):
    charge = play().reach(LOOP)
    source, override = (
        (charge.vehicle, {'inlet_current': 0.0})
        if silent == 'vehicle'
        else (charge.supply, {'current': 0.0})
    )
    source.reading = stamped_ahead(source.reading, 0.4)
    source.override = override  # of a moment before
    charge.step()
    charge.silent.add(silent)
    machine = charge.evcc if silent == 'vehicle' else charge.secc
    charge.tell(machine.emergency_stop)
    charge.run(charge.now + 0.3)
    command = machine.command
    assert command.contactor_plus if silent == 'vehicle' else command.contactors


@pytest.mark.parametrize(('silent', 'side'), [('vehicle', 'pev'), ('supply', 'evse')])
def test_a_stale_reading_is_known_at_its_deadline_and_asks_for_no_tick_again(play, silent, side):
    play = play().reach(LOOP)
    play.run(play.now + 1)
    machine = play.evcc if side == 'pev' else play.secc
    play.silent.add(silent)
    play.step()
    while machine.state.stage == LOOP:
        play.now = machine.deadline
        before = play.now
        play.tell(machine.tick)
        assert machine.deadline is None or machine.deadline > before
    assert machine.state.error == 'STALE_INPUT'
    assert machine.deadline is None or machine.deadline > play.now


def test_a_second_attempt_that_must_wait_does_not_keep_the_processor_busy(play):
    play = play()
    rewrite(play, 'CableCheckRes', failing())
    play.run(60, lambda p: p.evcc.state.error)
    play.vehicle.override['charge_wanted'] = False
    play.run(play.now + 10)
    assert not play.evcc.active
    assert play.evcc.deadline is None or play.evcc.deadline > play.now


def test_nothing_is_tried_again_after_current_flowed(play):
    charge = play().reach(LOOP)
    charge.disconnect()
    charge.finish()
    assert charge.evcc.state.attempt == 1
    charge.run(charge.now + 20)
    assert charge.evcc.state.attempt == 1


def test_a_lost_pilot_is_no_replug(play):
    charge = play().reach(LOOP)
    charge.vehicle.override = {'pilot': PilotState.E}
    charge.finish()
    charge.vehicle.override = {}
    charge.run(charge.now + 20)
    assert charge.evcc.state.stage is Stage.FAILED
    assert charge.evcc.state.attempt == 1


def test_an_isolation_fault_is_not_tried_again(play):
    charge = play()
    charge.supply.result = Isolation.FAULT
    charge.finish()
    assert [end.final for end in charge.ends('pev')] == [True]
    assert charge.evcc.state.error == 'ISOLATION_FAULT'
    assert charge.secc.state.error == 'ISOLATION_FAULT'


def test_replugging_starts_a_new_session(play):
    charge = play().finish()
    charge.plugged = False
    charge.run(charge.now + 3.1)
    assert charge.evcc.state.stage is Stage.IDLE
    assert charge.secc.state.stage is Stage.IDLE
    charge.vehicle.soc, charge.plugged = 0.4, True
    charge.reach(LOOP)
    assert charge.evcc.state.attempt == 2


def test_a_pulled_plug_in_the_loop_is_safe_on_both_sides(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    charge.plugged = False
    times = since(charge, charge.now)
    charge.run(charge.now + 15)
    assert times['current'] <= 0.1
    assert times['open'] <= 1.1
    assert charge.supply.voltage < 60
    assert charge.ends('evse')[-1].error == 'PILOT_LOST'
    assert charge.ends('pev')[-1].error == 'PROXIMITY_LOST'


def test_told_to_end_is_a_normal_stop_and_nothing_begins_again(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    charge.perform('pev', charge.evcc.end(charge.now, is_fault=False, reason='told to end'))
    charge.finish()
    assert charge.ends('pev')[-1].error == ''
    charge.plugged = False
    charge.run(charge.now + 3.1)
    charge.plugged = True
    charge.run(charge.now + 3)
    assert not charge.evcc.state.active
    assert charge.evcc.state.attempt == 1


@pytest.mark.parametrize('served', [0, 1])
@pytest.mark.parametrize('state', ['MATCHED', 'JOINING', 'UNMATCHED', 'FAILED', 'SKIPPED'])
def test_a_restarted_node_waits_for_unplug(play, state, served):
    charge = play().reach(LOOP)
    fresh = Evcc(EvccSettings(), bytes(6))
    fresh.modem(ModemReading(), 0.0)
    fresh.slac(SlacReading(state=SlacState[state], attempt=served), 0.0)
    events = fresh.data_link(DataLinkReading(ready=True, link_id=1), 0.0)
    assert [e.error for e in events if isinstance(e, Ended) and e.final] == ['RESTARTED']
    fresh.link(LinkReading(state=LinkState.CONNECTED, link_id=1, connection_id=9), 0.0)
    fresh.vehicle(charge.vehicle.reading(charge), 0.0)
    assert not fresh.state.active
    assert 'restarted' in fresh.state.reason
    assert fresh.state.attempt == 0  # it asks slac for nothing, be another session node there
    dead = {'contactor_plus': Switch.OPEN, 'contactor_minus': Switch.OPEN, 'inlet_voltage': 0.0}
    dead = replace(charge.vehicle.reading(charge), **dead)
    unplugged = {'proximity': False, 'pilot': PilotState.A}
    for tenth in range(1, 40):
        fresh.vehicle(replace(dead, **unplugged), tenth / 10)
    fresh.vehicle(dead, 4.1)
    assert fresh.state.attempt > 1000  # more than any attempt with that link can have been


def test_a_charger_that_loses_its_power_and_comes_back_is_no_new_plug(play):
    charge = play().reach(LOOP)
    reading = charge.vehicle.reading(charge)
    charge.tell(charge.evcc.vehicle, replace(reading, pilot=PilotState.E, duty=0.0))
    assert charge.evcc.command.pilot is PilotState.B
    charge.disconnect()
    charge.finish()
    charge.tell(charge.evcc.vehicle, replace(reading, pilot=PilotState.E, duty=0.0))
    charge.run(charge.now + 10)
    assert charge.evcc.state.attempt == 1


def test_an_emergency_stop_in_the_safe_end_of_a_fault_latches(play):
    charge = play().reach(Stage.PRECHARGE)
    charge.disconnect()
    charge.tell(charge.evcc.emergency_stop)
    charge.run(charge.now + 20)
    assert charge.evcc.state.attempt == 1
    assert 'reset' in charge.evcc.latched


@pytest.mark.parametrize(
    ('amperes', 'error'), [(300.0, 'OVERCURRENT'), (-300.0, 'REVERSE_CURRENT')]
)
def test_current_either_way_is_supervised_and_waited_for(play, amperes, error):
    charge = play().reach(LOOP)
    reading = charge.vehicle.reading(charge)
    charge.tell(charge.evcc.vehicle, replace(reading, inlet_current=amperes))
    assert charge.evcc.state.error == error
    assert charge.evcc.command.contactor_plus  # not opened under load at once


def test_a_restarted_node_does_not_unlock_a_live_inlet(play):
    from v2g.session.evcc.machine import Evcc
    from v2g.session.evcc.settings import EvccSettings

    reading = play().reach(LOOP)
    live = reading.vehicle.reading(reading)
    fresh = Evcc(EvccSettings(), bytes(6))
    assert not fresh.heard  # nothing is asked of the outputs yet
    fresh.vehicle(live, 0.0)
    assert fresh.command.lock
    fresh.vehicle(replace(live, inlet_voltage=355.0, contactor_plus=Switch.OPEN), 60.0)
    assert fresh.command.lock
    released, why, _ = fresh.release_lock(200.0)
    assert not released and 'stale' in why


@pytest.mark.parametrize('lost', ['pack_voltage', 'max_voltage'])
def test_a_pack_that_tells_no_voltage_any_more_is_a_fault(play, lost):
    charge = play().reach(LOOP)
    reading = charge.vehicle.reading(charge)
    charge.tell(charge.evcc.vehicle, replace(reading, **{lost: float('nan')}))
    assert charge.evcc.state.error == 'VALUE_MISSING'
    assert charge.evcc.command.pilot is B


@pytest.mark.parametrize('leaves', [False, True], ids=['obeys', 'just leaves'])
def test_line_8_who_is_denied_is_not_tried_again_and_the_reason_stays(play, leaves):
    charge = play(secc=SeccSettings(authorization='0123456789ab'))

    if leaves:  # no SessionStopReq arrives
        charge.tamper = lambda side, send, message: (
            None if 'SessionStopReq' in charge.said['pev'] and side == 'pev' else send
        )
    charge.run(60.0)
    assert charge.secc.state.stage in (Stage.FINISHED, Stage.FAILED)
    assert 'is not on the list' in charge.secc.state.reason
    assert charge.secc.state.attempt == 1 and charge.duty == 1.0
    assert charge.final['evse']
    charge.plugged = False
    charge.run(70.0)
    charge.plugged = True
    charge.run(80.0)
    assert charge.secc.state.attempt == 2  # another plug-in is another vehicle


def test_r1_contactors_open_on_a_current_that_was_measured_in_b(play):
    """A charger answers within milliseconds, readings at 5 Hz: the last may be of 0 A still."""
    charge = play().reach(LOOP)
    charge.vehicle.override = {'inlet_current': 0.0, 'pack_current': 0.0}
    charge.run(charge.now + 1)
    charge.vehicle.override, charge.silent = {}, {'vehicle'}
    charge.run(charge.now + 0.1)
    charge.tell(charge.evcc.emergency_stop)
    assert charge.evcc.command.pilot is B and charge.supply.current > 50
    charge.run(charge.now + 0.1)
    assert charge.evcc.command.contactor_plus
    charge.silent = set()
    charge.run(charge.now + 0.05)
    assert not charge.evcc.command.contactor_plus
    failed(charge.run(charge.now + 20), 'EMERGENCY_STOP')
