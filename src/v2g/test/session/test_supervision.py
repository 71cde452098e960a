# SPDX-License-Identifier: Apache-2.0
"""What the vehicle watches by itself: contactors, limits, inlet, plug (R3, R5, R9, R10)."""

from dataclasses import replace
from math import nan

import pytest

from v2g.schema import din
from v2g.session.din.words import from_octets, to_octets
from v2g.session.evcc.demand import derated
from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import Ended, Traffic
from v2g.session.readings import (
    Isolation,
    LinkReading,
    LinkState,
    ModemState,
    PilotState,
    SlacState,
    Switch,
)
from v2g.session.secc.settings import SeccSettings
from v2g.session.stage import Stage

LOOP, PRECHARGE = Stage.CHARGE_LOOP, Stage.PRECHARGE
UNKNOWN, OPEN, CLOSED = Switch.UNKNOWN, Switch.OPEN, Switch.CLOSED
ONCE = EvccSettings(session_retries=0)


def rewrite(play, name, change):
    def tamper(sender, send, message):
        if sender != 'evse' or type(getattr(message, 'Body', None)).__name__ != name:
            return send
        copy = from_octets(send.payload).message
        change(copy.Body)
        return replace(send, payload=to_octets(copy))

    play.tamper = tamper


def sent(play, name):
    told = [e for _, e in play.diary['pev'] if isinstance(e, Traffic) and e.sent]
    return [event.message.Body for event in told if event.name == name]


def until_end(play, until=200):
    play.run(until, lambda play: play.ended('pev'))
    assert play.violations == []
    return play.evcc.state.error


def in_loop(play, settings=None):
    charge = play(settings).reach(LOOP)
    return charge.run(charge.now + 0.5)


def never_closed(play):
    return not any(
        e.state.stage is Stage.START for _, e in play.diary['pev'] if hasattr(e, 'state')
    )


# Contactors


@pytest.mark.parametrize('pole', ['contactor_plus', 'contactor_minus'])
@pytest.mark.parametrize('now', [OPEN, UNKNOWN])
@pytest.mark.parametrize('other', [CLOSED, UNKNOWN])
def test_each_pole_that_told_it_is_closed_must_go_on_telling_it(play, pole, now, other):
    charge = play()
    [others] = {'contactor_plus', 'contactor_minus'} - {pole}
    if other is UNKNOWN:
        charge.vehicle.override = {others: UNKNOWN}
    charge.reach(LOOP)
    charge.vehicle.override = {**charge.vehicle.override, pole: now}
    charge.run(charge.now + 0.05)
    assert charge.evcc.state.error == 'CONTACTOR_FEEDBACK'
    assert charge.evcc.command.pilot is PilotState.B


def test_one_pole_that_stays_open_keeps_power_delivery_back_though_the_other_tells_nothing(play):
    charge = play(ONCE)
    charge.vehicle.override = {'contactor_plus': UNKNOWN, 'contactor_minus': OPEN}
    assert until_end(charge) == 'CONTACTOR_FEEDBACK'
    assert never_closed(charge)


def test_one_pole_that_stays_closed_is_a_weld_though_the_other_tells_nothing(play):
    charge = play()
    charge.vehicle.override = {'contactor_minus': UNKNOWN}
    charge.reach(LOOP)
    charge.vehicle.override = {'contactor_minus': UNKNOWN, 'contactor_plus': CLOSED}
    charge.tell(charge.evcc.stop)
    assert until_end(charge) == 'WELD_SUSPECTED'
    assert charge.evcc.command.lock


# Values that were there


@pytest.mark.parametrize(
    ('lost', 'error'),
    [
        ({'max_current': nan}, 'VALUE_MISSING'),
        ({'max_power': nan}, 'VALUE_MISSING'),
        ({'max_inlet_current': nan}, 'VALUE_MISSING'),
        ({'soc': nan}, 'VALUE_MISSING'),
        ({'inlet_voltage': nan}, 'VALUE_MISSING'),
        ({'inlet_temperature': nan}, 'VALUE_MISSING'),
        ({'inlet_current': nan, 'pack_current': nan}, 'VALUE_MISSING'),
        ({'duty': nan}, 'PILOT_LOST'),
        ({'lock': UNKNOWN}, 'LOCK_LOST'),
    ],
)
def test_what_was_measured_and_is_not_any_more_is_a_fault(play, lost, error):
    charge = play()
    charge.vehicle.limits['inlet_temperature'] = 30.0
    charge.reach(LOOP)
    charge.vehicle.override = lost
    charge.run(charge.now + 0.05)
    assert charge.evcc.state.error == error
    assert charge.evcc.command.pilot is PilotState.B


def test_what_was_never_measured_is_missed_by_nobody(play):
    charge = play()
    charge.vehicle.override = {'inlet_current': nan, 'duty': nan}
    assert until_end(charge) == ''


# Isolation and readiness (R9)


@pytest.mark.parametrize('name', ['PowerDeliveryRes', 'CurrentDemandRes'])
@pytest.mark.parametrize('level', ['Invalid', 'Fault'])
def test_abuse_36_an_isolation_that_turns_bad_with_closed_contactors_is_a_fault(play, name, level):
    charge = play()

    def change(body):
        status = getattr(body, 'DC_EVSEStatus', None) or body.EVSEStatus
        status.EVSEIsolationStatus = din.IsolationLevel(level)

    rewrite(charge, name, change)
    assert until_end(charge) == f'ISOLATION_{level.upper()}'
    assert charge.evcc.state.attempt == 1


def test_contactors_do_not_close_on_an_isolation_that_is_not_valid_any_more(play):
    charge = play(ONCE)
    charge.tamper = told_in_precharge('EVSE_Ready', 'Invalid')
    assert until_end(charge) in ('TIMEOUT_PRE_CHARGE_TOTAL', 'CHARGER_FAULT')
    assert never_closed(charge)


def told_in_precharge(status, level):
    def tamper(sender, send, message):
        if type(getattr(message, 'Body', None)).__name__ != 'PreChargeRes':
            return send
        copy = from_octets(send.payload).message
        copy.Body.DC_EVSEStatus.EVSEStatusCode = din.DC_EVSEStatusCode(status)
        copy.Body.DC_EVSEStatus.EVSEIsolationStatus = level and din.IsolationLevel(level)
        return replace(send, payload=to_octets(copy))

    return tamper


def test_lesson_69_a_charger_that_is_not_ready_is_waited_for_with_open_contactors(play):
    charge = play(ONCE)
    charge.tamper = told_in_precharge('EVSE_NotReady', 'Valid')
    charge.reach(PRECHARGE)
    charge.run(charge.now + 5)
    assert charge.evcc.state.stage is PRECHARGE
    assert not charge.evcc.command.contactor_plus
    charge.tamper = told_in_precharge('EVSE_Ready', 'Valid')
    charge.reach(LOOP)


@pytest.mark.parametrize(('later', 'closes'), [('Valid', True), ('Warning', True), (None, False)])
def test_an_isolation_that_no_response_tells_is_none(play, later, closes):
    charge = play(ONCE)
    in_precharge = told_in_precharge('EVSE_Ready', later)

    def tamper(sender, send, message):
        if type(getattr(message, 'Body', None)).__name__ != 'CableCheckRes':
            return in_precharge(sender, send, message)
        copy = from_octets(send.payload).message
        copy.Body.DC_EVSEStatus.EVSEIsolationStatus = None
        return replace(send, payload=to_octets(copy))

    charge.tamper = tamper
    charge.run(30, lambda play: play.evcc.state.stage is LOOP or play.ended('pev'))
    assert (charge.evcc.state.stage is LOOP) is closes
    assert never_closed(charge) is not closes


# Unlocking (R3)


def test_a_weld_that_the_session_suspects_keeps_the_plug_locked_over_a_dead_inlet(play):
    charge = in_loop(play)
    charge.vehicle.welded = True
    charge.tell(charge.evcc.stop)
    charge.run(charge.now + 6, lambda play: play.evcc.state.error)
    assert charge.evcc.state.error == 'WELD_SUSPECTED'
    charge.vehicle.welded, charge.vehicle.override = False, {'inlet_voltage': 0.0}
    charge.run(charge.now + 30)
    assert charge.evcc.command.lock
    assert charge.tell(charge.evcc.release_lock)[0]
    assert not charge.evcc.command.lock


def test_after_ten_seconds_only_a_person_unlocks(play):
    charge = in_loop(play)
    charge.vehicle.override = {'inlet_voltage': 200.0}
    charge.disconnect()
    charge.run(charge.now + 20, lambda play: play.ended('pev'))
    assert charge.evcc.command.lock
    charge.vehicle.override = {}
    charge.run(charge.now + 5)
    assert charge.evcc.command.lock
    assert 'release_lock' in charge.notes('pev')[-1][1]
    assert charge.tell(charge.evcc.release_lock)[0]


@pytest.mark.parametrize('poles', [(UNKNOWN, UNKNOWN), (OPEN, UNKNOWN)])
def test_nothing_but_feedback_confirms_open_contactors(play, poles):
    charge = play()
    feedback = dict(zip(('contactor_plus', 'contactor_minus'), poles, strict=True))
    charge.vehicle.override = {k: v for k, v in feedback.items() if v is UNKNOWN}
    assert until_end(charge) == ''
    assert charge.evcc.command.lock
    assert charge.tell(charge.evcc.release_lock)[0]


def test_unlocking_waits_for_no_session_stop_response(play):
    charge = in_loop(play)
    charge.tamper = lambda sender, send, message: (
        None if type(getattr(message, 'Body', None)).__name__ == 'SessionStopRes' else send
    )
    charge.tell(charge.evcc.stop)
    charge.reach(Stage.SESSION_STOP)
    charge.run(charge.now + 0.6)
    assert not charge.evcc.command.lock
    assert not charge.ended('pev')


def test_a_charger_that_raises_its_voltage_has_time_to_see_b_before_the_plug_unlocks(play):
    charge = play(ONCE).reach(Stage.CABLE_CHECK)
    assert charge.supply.at_plug < 60
    stopped = charge.now
    charge.tell(charge.evcc.stop)
    charge.run(charge.now + 5, lambda play: not play.evcc.command.lock)
    assert charge.now - stopped >= 0.5
    assert charge.violations == []


# Limits while an answer is outstanding (R10)


@pytest.mark.parametrize(
    'fallen',
    [
        {'max_current': 20.0},
        {'max_inlet_current': 20.0},
        {'max_power': 7000.0},
        {'max_voltage': 400.0},
    ],
)
def test_each_limit_that_falls_while_no_answer_comes_is_a_fault(play, fallen):
    charge = in_loop(play)
    charge.tamper = lambda sender, send, message: None
    charge.run(charge.now + 0.2)
    charge.vehicle.override = fallen
    charge.run(charge.now + 0.2)
    assert charge.evcc.state.error == ''
    charge.run(charge.now + 0.1)
    assert charge.evcc.state.error == 'LIMIT_FELL'


# What the charger tells of its output


def test_an_inlet_that_differs_from_the_chargers_voltage_for_two_seconds_is_a_fault(play):
    charge = in_loop(play)
    volts = charge.vehicle.pack
    rewrite(charge, 'CurrentDemandRes', lambda b: setattr(b, 'EVSEPresentVoltage', volts - 21))
    charge.run(charge.now + 1.9)
    assert charge.evcc.state.error == ''
    charge.run(charge.now + 0.4)
    assert charge.evcc.state.error == 'INLET_VOLTAGE_MISMATCH'


def test_a_short_difference_or_one_within_the_tolerance_is_none(play):
    charge = in_loop(play, EvccSettings(inlet_voltage_tolerance=50.0))
    volts = charge.vehicle.pack
    rewrite(charge, 'CurrentDemandRes', lambda b: setattr(b, 'EVSEPresentVoltage', volts - 45))
    charge.run(charge.now + 3)
    rewrite(charge, 'CurrentDemandRes', lambda b: setattr(b, 'EVSEPresentVoltage', volts - 90))
    charge.run(charge.now + 1.5)
    charge.tamper = lambda sender, send, message: send
    charge.run(charge.now + 0.2)
    rewrite(charge, 'CurrentDemandRes', lambda b: setattr(b, 'EVSEPresentVoltage', volts - 90))
    charge.run(charge.now + 1.5)
    assert charge.evcc.state.error == ''


def test_abuse_36_a_charger_that_tells_more_current_than_was_asked_for_is_believed(play):
    charge = in_loop(play)
    rewrite(charge, 'CurrentDemandRes', lambda b: setattr(b, 'EVSEPresentCurrent', 300.0))
    charge.run(charge.now + 0.2)
    assert charge.evcc.state.error == 'OVERCURRENT'


# The time contactors take


@pytest.mark.parametrize('seconds', [2.0, 3.0, 5.0])
def test_slow_contactors_without_feedback_have_the_time_that_was_set(play, seconds):
    charge = play(EvccSettings(contactor_close_time=seconds, session_retries=0))
    charge.vehicle.override = {'contactor_plus': UNKNOWN, 'contactor_minus': UNKNOWN}
    charge.run(60, lambda play: play.evcc.command.contactor_plus)
    closed_at = charge.now
    charge.reach(LOOP)
    assert charge.now - closed_at == pytest.approx(seconds, abs=0.05)


@pytest.mark.parametrize('told', [OPEN, CLOSED])
def test_contactors_with_feedback_have_two_seconds_whatever_was_set(play, told):
    charge = play(EvccSettings(contactor_close_time=5.0, session_retries=0))
    charge.run(60, lambda play: play.evcc.command.contactor_plus)
    closed_at = charge.now
    charge.vehicle.override = {'contactor_plus': told, 'contactor_minus': OPEN}
    charge.run(60, lambda play: play.evcc.state.error)
    assert charge.evcc.state.error == 'CONTACTOR_FEEDBACK'
    assert charge.now - closed_at == pytest.approx(2.0, abs=0.03)


@pytest.mark.parametrize('period', [0.0, 0.1, 0.25, 1.0])
@pytest.mark.parametrize('source', ['inlet', 'evse'])
def test_contactors_close_at_every_pace_and_by_either_voltage(play, source, period):
    charge = play(EvccSettings(precharge_voltage=source, request_period=period))
    charge.supply.ramp = 500.0  # V/s: what is there at once is not believed (R9)
    charge.reach(LOOP)
    assert charge.evcc.state.attempt == 1
    assert charge.violations == []


# A pack's current in place of the inlet's

WITHOUT_INLET = {'inlet_current': nan}


def test_what_a_vehicle_draws_from_its_pack_is_no_over_current(play):
    """A heater, while the charger takes its time to give anything."""
    charge = play(ONCE)
    charge.vehicle.override = {**WITHOUT_INLET, 'pack_current': -8.0}
    charge.tamper = lambda sender, send, message: (
        None if type(getattr(message, 'Body', None)).__name__ == 'PowerDeliveryRes' else send
    )
    charge.reach(Stage.START)
    charge.run(charge.now + 1)
    assert charge.evcc.state.error == ''


def test_a_consumer_does_not_hold_contactors_that_may_open(play):
    charge = in_loop(play)
    charge.vehicle.override = {**WITHOUT_INLET, 'pack_current': -8.0}
    charge.disconnect()
    charge.run(charge.now + 0.1)
    assert not charge.evcc.command.contactor_plus


def test_a_current_into_the_pack_stands_in_for_the_inlets(play):
    charge = in_loop(play)
    charge.vehicle.override = {**WITHOUT_INLET, 'pack_current': 150.0}
    charge.run(charge.now + 0.1)
    assert charge.evcc.state.error == 'OVERCURRENT'
    assert charge.evcc.command.contactor_plus


@pytest.mark.parametrize('amperes', [-3.0, 3.0])
def test_a_plug_is_released_whatever_flows_at_the_pack_behind_open_contactors(play, amperes):
    charge = play().reach(PRECHARGE)
    charge.vehicle.override = {'inlet_voltage': 100.0}
    charge.tell(charge.evcc.stop)
    until_end(charge)
    assert charge.evcc.command.lock
    charge.vehicle.override = {**WITHOUT_INLET, 'inlet_voltage': 100.0, 'pack_current': amperes}
    charge.vehicle.override['contactor_minus'] = UNKNOWN
    charge.run(charge.now + 0.1)
    assert charge.tell(charge.evcc.release_lock)[0] is (amperes < 0)
    assert charge.evcc.command.lock is (amperes > 0)
    del charge.vehicle.override['contactor_minus']
    charge.run(charge.now + 0.1)
    assert charge.tell(charge.evcc.release_lock)[0]
    assert not charge.evcc.command.lock


# Inlet temperature


@pytest.mark.parametrize(
    ('temperature', 'amperes'),
    [(nan, 100.0), (20.0, 100.0), (70.0, 100.0), (75.0, 50.0), (79.0, 10.0), (79.9, 2.0)],
)
def test_a_hot_inlet_lowers_the_current_over_ten_kelvin(play, temperature, amperes):
    charge = play()
    charge.vehicle.limits['inlet_temperature'] = temperature
    charge.reach(LOOP)
    charge.run(charge.now + 1)
    asked = sent(charge, 'CurrentDemandReq')[-1].EVTargetCurrent
    assert asked == pytest.approx(amperes, abs=0.11)


def test_derating_never_raises_a_current():
    assert derated(1.0, 75.0, 70.0) == 1.0
    assert derated(0.0, 79.0, 70.0) == 0.0


def test_an_inlet_more_than_ten_kelvin_too_hot_ends_the_charge_and_begins_none(play):
    charge = in_loop(play, EvccSettings(inlet_temperature_limit=50.0))
    charge.vehicle.override = {'inlet_temperature': 60.5}
    assert until_end(charge) == 'INLET_OVERHEATED'
    charge = play()
    charge.vehicle.override = {'inlet_temperature': 90.0}
    charge.run(3)
    assert charge.evcc.state.attempt == 0
    assert '90 degrees' in charge.evcc.state.reason


# The carrier of the charging interface


def test_a_lost_carrier_ends_the_session_on_both_sides(play):
    charge = in_loop(play)
    for machine in (charge.evcc, charge.secc):
        link = replace(machine.ladder.link, carrier=False)
        charge.tell(machine.link, link)
        assert machine.state.error == 'CARRIER_LOST'
    assert charge.evcc.command.pilot is PilotState.B
    assert not charge.secc.command.output


def test_a_carrier_lost_in_a_normal_stop_makes_it_a_fault(play):
    charge = in_loop(play)
    charge.tamper = lambda sender, send, message: None
    charge.tell(charge.evcc.stop)
    assert charge.evcc.command.pilot is PilotState.C
    charge.tell(charge.evcc.link, replace(charge.evcc.ladder.link, carrier=False))
    assert charge.evcc.command.pilot is PilotState.B


# Plug, stop, reset


def test_a_short_unplug_begins_nothing_and_one_of_three_seconds_does(play):
    charge = in_loop(play)
    charge.disconnect()
    charge.finish()
    for pause, attempts in ((0.6, 1), (2.9, 1), (3.1, 2)):
        charge.plugged = False
        charge.run(charge.now + pause)
        charge.plugged = True
        charge.run(charge.now + 2)
        assert charge.evcc.state.attempt == attempts


def test_the_time_without_readings_is_no_time_without_plug(play):
    charge = in_loop(play)
    charge.disconnect()
    charge.finish()
    charge.plugged = False
    charge.run(charge.now + 1)
    charge.silent = {'vehicle'}
    charge.run(charge.now + 5)
    charge.silent = set()
    charge.run(charge.now + 1)
    charge.plugged = True
    charge.run(charge.now + 2)
    assert charge.evcc.state.attempt == 1


@pytest.mark.parametrize('stage', [Stage.AUTHORIZATION, Stage.CABLE_CHECK, PRECHARGE, LOOP])
@pytest.mark.parametrize('away', [0.6, 8.0])
def test_r6_after_a_vehicle_node_was_started_anew_nothing_follows_by_itself(play, stage, away):
    """It is silent, then sees no plug for half a second, then the plug."""
    charge = play()
    if stage is Stage.AUTHORIZATION:
        charge.tamper = lambda sender, send, message: (
            None
            if type(getattr(message, 'Body', None)).__name__ == 'ContractAuthenticationRes'
            else send
        )
    charge.reach(stage)
    charge.silent = {'vehicle'}
    charge.run(charge.now + away)
    charge.silent, charge.tamper = set(), lambda sender, send, message: send
    charge.vehicle.override = {'proximity': False, 'pilot': PilotState.A, 'duty': nan}
    charge.run(charge.now + 0.5)
    charge.vehicle.override = {}
    charge.run(charge.now + 30)
    assert charge.evcc.state.attempt == 1
    assert charge.evcc.state.error == 'STALE_INPUT'


def test_the_bench_may_take_any_unplug_for_a_new_one(play):
    charge = play(EvccSettings(unplug_time=0.0), SeccSettings(unplug_time=0.0)).finish()
    charge.plugged = False
    charge.run(charge.now + 0.1)
    assert charge.evcc.state.stage is charge.secc.state.stage is Stage.IDLE


def test_a_plug_pulled_on_the_way_up_ends_it_at_once(play):
    charge = play()
    charge.match = lambda: None
    charge.reach(Stage.MODEM_SEARCH)
    charge.plugged = False
    charge.run(charge.now + 0.1)
    assert charge.evcc.state.stage is charge.secc.state.stage is Stage.IDLE
    assert charge.secc.command.duty == 1.0


def test_a_reset_between_two_attempts_does_not_shorten_the_five_seconds(play):
    charge = play()
    rewrite(charge, 'CableCheckRes', lambda b: setattr(b, 'ResponseCode', din.ResponseCode.FAILED))
    charge.run(60, lambda play: play.ends('pev'))
    assert not charge.ended('pev')
    failed_at = charge.now
    charge.run(charge.now + 1)
    assert charge.tell(charge.evcc.reset)[0]
    charge.run(failed_at + 4.9)
    assert charge.evcc.state.attempt == 1
    charge.run(failed_at + 5.2)
    assert charge.evcc.state.attempt == 2


def test_a_reset_on_the_way_up_throws_nothing_away_and_refills_nothing(play):
    charge = play(EvccSettings(session_retries=1))
    rewrite(charge, 'CableCheckRes', lambda b: setattr(b, 'ResponseCode', din.ResponseCode.FAILED))
    charge.run(60, lambda play: play.ends('pev'))
    match, charge.match = charge.match, lambda: None
    charge.reach(Stage.MODEM_SEARCH)
    attempts = charge.evcc.state.attempt, charge.secc.state.attempt
    for machine in (charge.evcc, charge.secc):
        stage = machine.state.stage
        assert charge.tell(machine.reset)[0]
        assert machine.state.stage is stage
    charge.run(charge.now + 1)
    assert (charge.evcc.state.attempt, charge.secc.state.attempt) == attempts
    charge.match = match
    charge.run(charge.now + 60, lambda play: play.ended('pev'))
    assert charge.evcc.state.attempt == 2


def test_a_stop_in_the_safe_end_of_a_fault_is_the_end_of_it_all(play):
    charge = play().reach(PRECHARGE)
    charge.disconnect()
    charge.tell(charge.evcc.stop)
    charge.run(charge.now + 20)
    assert charge.ended('pev')
    assert charge.evcc.state.attempt == 1


@pytest.mark.parametrize('stage', [Stage.MODEM_SEARCH, Stage.CABLE_CHECK, LOOP])
def test_a_stop_before_energy_flowed_ends_cleanly_but_has_done_nothing(play, stage):
    charge = play()
    if stage is Stage.MODEM_SEARCH:
        charge.match = lambda: None
    charge.reach(stage)
    charge.tell(charge.evcc.stop)
    charge.run(charge.now + 10, lambda play: play.ended('pev'))
    end = charge.ends('pev')[-1]
    assert end.error == ''
    assert end.done is (stage is LOOP)
    assert not Ended('TIMEOUT_CABLE_CHECK', '', Stage.CHARGE_LOOP, final=True).done


def test_a_vehicle_that_falls_silent_under_current_is_no_weld(play):
    charge = in_loop(play)
    charge.silent = {'vehicle'}
    assert until_end(charge) == 'STALE_INPUT'
    assert not charge.evcc.latched
    assert charge.evcc.command.lock  # nothing tells that it may be unlocked


def test_a_vehicle_that_falls_silent_in_welding_detection_is_no_weld(play):
    charge = in_loop(play)
    charge.vehicle.override = {'inlet_voltage': 350.0}
    charge.tell(charge.evcc.stop)
    charge.reach(Stage.WELDING_DETECTION)
    charge.silent = {'vehicle'}
    until_end(charge)
    assert charge.evcc.state.error != 'WELD_SUSPECTED'


# Numbers that no state has


def test_a_number_that_no_state_has_is_the_worst_that_is_known():
    assert PilotState(77) is PilotState.UNKNOWN
    assert Switch(3) is Switch.UNKNOWN
    assert Isolation(9) is Isolation.INVALID
    assert ModemState(200) is ModemState.FAILED
    assert SlacState(99) is SlacState.FAILED
    assert LinkState(5) is LinkState.CLOSED


def test_a_number_that_no_state_has_ends_a_session(play):
    charge = in_loop(play)
    charge.tell(charge.evcc.link, LinkReading(state=LinkState(200), link_id=1, connection_id=1001))
    assert charge.evcc.state.error == 'CONNECTION_LOST'
