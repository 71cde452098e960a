# SPDX-License-Identifier: Apache-2.0
"""What the vehicle asks, and what it takes from a charger (R8 to R12, abuse 28, 29, 34, 37)."""

from dataclasses import replace
from math import nan

from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
import pytest

from v2g.schema import din
from v2g.session.din.words import from_octets, to_octets
from v2g.session.evcc.dialogue import timeout_word
from v2g.session.evcc.machine import Evcc
from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import Traffic
from v2g.session.readings import PilotState, Switch
from v2g.session.stage import Stage

PARAMETERS = 'ChargeParameterDiscoveryRes'


def rewrite(play, change, side='evse', names=None):
    def tamper(sender, send, message):
        body = getattr(message, 'Body', None)
        if sender != side or body is None or (names and type(body).__name__ not in names):
            return send
        copy = from_octets(send.payload).message
        change(copy)
        return replace(send, payload=to_octets(copy))

    play.tamper = tamper


def sent(play, name):
    return [
        event.message.Body
        for _, event in play.diary['pev']
        if isinstance(event, Traffic) and event.sent and event.name == name
    ]


def ended(play, until=200):
    play.run(until, lambda play: play.ended('pev'))
    return play.ends('pev')[-1].error


@pytest.mark.parametrize('session_id', [b'\x01', b'\x00\x00\x01\x02', b'ABB00006'])
def test_a_session_id_of_any_length_is_echoed_as_it_came(play, session_id):
    charge = play()
    theirs = {}

    def tamper(sender, send, message):
        if getattr(message, 'Body', None) is None:
            return send
        copy = from_octets(send.payload).message
        if sender == 'evse':
            theirs['id'] = copy.Header.SessionID
            copy.Header.SessionID = session_id
        elif type(copy.Body).__name__ != 'SessionSetupReq':
            assert copy.Header.SessionID == session_id
            copy.Header.SessionID = theirs['id']
        return replace(send, payload=to_octets(copy))

    charge.tamper = tamper
    assert ended(charge) == ''
    assert charge.evcc.state.session_id == session_id


def test_abuse_28_an_empty_session_id_is_refused(play):
    charge = play()
    rewrite(charge, lambda m: setattr(m.Header, 'SessionID', b''))
    assert ended(charge) == 'WRONG_SESSION'


def test_another_session_id_in_a_response_is_a_fault(play):
    charge = play()
    rewrite(charge, lambda m: setattr(m.Header, 'SessionID', b'x'), names=['CableCheckRes'])
    assert ended(charge) == 'WRONG_SESSION'


@pytest.mark.parametrize('code', ['OK', 'OK_NewSessionEstablished', 'OK_OldSessionJoined'])
def test_every_ok_of_session_setup_is_taken(play, code):
    charge = play()
    rewrite(
        charge,
        lambda m: setattr(m.Body, 'ResponseCode', din.ResponseCode(code)),
        names=['SessionSetupRes'],
    )
    assert ended(charge) == ''


ONGOING = {
    'ContractAuthenticationRes': ('TIMEOUT_CONTRACT_AUTHENTICATION_TOTAL', 120),
    'ChargeParameterDiscoveryRes': ('TIMEOUT_CHARGE_PARAMETER_DISCOVERY_TOTAL', 60),
    'CableCheckRes': ('TIMEOUT_CABLE_CHECK_TOTAL', 60),
}


@pytest.mark.parametrize(('name', 'expected'), ONGOING.items())
def test_abuse_34_ongoing_for_ever_is_a_timeout(play, name, expected):
    charge = play(EvccSettings(session_retries=0))
    rewrite(
        charge,
        lambda m: setattr(m.Body, 'EVSEProcessing', din.EVSEProcessing.Ongoing),
        names=[name],
    )
    error, seconds = expected
    assert ended(charge) in (error, 'CHARGER_FAULT', 'CONNECTION_LOST')
    assert charge.now <= seconds + 15


def measures_once_c_is_shown(charge, volts):
    """The inlet has these volts from state C on; the list tells whether contactors closed."""
    closed = []

    def watch(play):
        closed.append(play.evcc.command.contactor_plus)
        if play.evcc.command.pilot is PilotState.C:
            play.vehicle.override = {'inlet_voltage': volts}

    charge.watch = watch
    return closed


def test_abuse_37_a_precharge_that_never_converges_ends_without_contactors(play):
    charge = play(EvccSettings(session_retries=0))
    rewrite(charge, lambda m: setattr(m.Body, 'EVSEPresentVoltage', 300.0), names=['PreChargeRes'])
    closed = measures_once_c_is_shown(charge, 300.0)
    assert ended(charge) in ('TIMEOUT_PRE_CHARGE_TOTAL', 'CHARGER_FAULT')
    assert not any(closed)


def test_abuse_37_the_measured_inlet_counts_more_than_what_the_charger_says(play):
    charge = play(EvccSettings(session_retries=0))
    rewrite(charge, lambda m: setattr(m.Body, 'EVSEPresentVoltage', 350.0), names=['PreChargeRes'])
    closed = measures_once_c_is_shown(charge, 100.0)
    ended(charge)
    assert 'PRECHARGE' in charge.stages('pev')
    assert not any(closed)


def test_abuse_37_a_voltage_that_drifts_while_contactors_close_opens_them(play):
    charge = play()
    charge.vehicle.delay = 0.3

    def drift(play):
        closes = play.evcc.command.contactor_plus
        play.vehicle.override = {'inlet_voltage': 250.0} if closes else {}

    charge.watch = drift
    assert ended(charge) == 'VOLTAGE_DRIFT'
    assert not charge.evcc.command.contactor_plus


def test_reversed_polarity_never_closes(play):
    charge = play(EvccSettings(session_retries=0))
    closed = measures_once_c_is_shown(charge, -350.0)
    ended(charge)
    assert 'PRECHARGE' in charge.stages('pev')
    assert not any(closed)


def test_without_an_inlet_measurement_the_charger_is_believed_only_when_told_so(play):
    blind = {'inlet_voltage': nan}
    charge = play(EvccSettings(session_retries=0))
    charge.vehicle.override = blind
    assert ended(charge) in ('TIMEOUT_PRE_CHARGE_TOTAL', 'CHARGER_FAULT')
    charge = play(EvccSettings(precharge_voltage='evse'))
    charge.vehicle.override, charge.supply.ramp = blind, 500.0
    assert ended(charge) == ''
    charge = play(EvccSettings(precharge_voltage='evse', session_retries=0))
    charge.vehicle.override, charge.supply.ramp = blind, 1e6
    assert ended(charge) == 'TIMEOUT_PRE_CHARGE_TOTAL'
    assert "told the pack's voltage at once" in charge.ends('pev')[-1].reason


def test_contactors_without_feedback_get_their_time(play):
    charge = play()
    charge.vehicle.override = {
        'contactor_plus': Switch.UNKNOWN,
        'contactor_minus': Switch.UNKNOWN,
    }
    assert ended(charge) == ''
    assert charge.violations == []


def test_contactors_that_do_not_close_are_a_fault(play):
    charge = play()
    charge.vehicle.delay = 10.0
    assert ended(charge) == 'CONTACTOR_FEEDBACK'


def test_a_lock_that_does_not_confirm_ends_before_state_c(play):
    charge = play(EvccSettings(session_retries=0))
    charge.vehicle.override = {'lock': Switch.OPEN}
    shown = set()
    charge.watch = lambda play: shown.add(play.evcc.command.pilot)
    assert ended(charge) == 'TIMEOUT_CONNECTOR_LOCK_TOTAL'
    assert shown == {PilotState.B}


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'EVSEMinimumVoltageLimit': 400.0}, 'the pack has 350 V'),
        ({'EVSEMaximumVoltageLimit': 300.0}, 'the pack has 350 V'),
        ({'EVSEMaximumCurrentLimit': 0.0}, 'the charger delivers 0 A at most'),
        ({'EVSEMinimumCurrentLimit': 150.0}, 'no less than 150 A'),
    ],
)
def test_a_charger_that_does_not_fit_is_left_before_lock_and_c(play, change, words):
    charge = play()

    def alter(message):
        for name, value in change.items():
            setattr(message.Body.EVSEChargeParameter, name, value)

    rewrite(charge, alter, names=[PARAMETERS])
    locked = []
    charge.watch = lambda play: locked.append(play.evcc.command.lock)
    assert ended(charge) == 'UNSUITABLE_CHARGER'
    assert words in charge.evcc.state.reason
    assert not any(locked)
    assert charge.messages('pev')[-1] == 'SessionStopReq'
    assert charge.evcc.state.attempt == 1


@pytest.mark.parametrize('names', [[PARAMETERS], [PARAMETERS, 'CurrentDemandRes']])
@pytest.mark.parametrize(('own', 'amperes'), [(60_000.0, 100.0), (17_500.0, 50.0)])
def test_line_6_and_lesson_94_0_w_from_the_start_is_a_power_not_told(play, names, own, amperes):
    charge = play()
    charge.vehicle.limits['max_power'] = own

    def alter(message):
        body = message.Body
        getattr(body, 'EVSEChargeParameter', body).EVSEMaximumPowerLimit = 0.0

    rewrite(charge, alter, names=names)
    charge.reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 5)
    assert charge.evcc.state.stage is Stage.CHARGE_LOOP
    assert charge.evcc.state.target_current == pytest.approx(amperes, abs=0.1)


def test_targets_are_the_least_of_all_limits(play):
    charge = play().reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 1)
    last = sent(charge, 'CurrentDemandReq')[-1]
    assert last.EVTargetVoltage == 410.0
    assert last.EVTargetCurrent == pytest.approx(100.0)
    assert last.EVMaximumVoltageLimit == 425.0
    charge.vehicle.limits['max_power'] = 17_500.0
    charge.run(charge.now + 1)
    assert sent(charge, 'CurrentDemandReq')[-1].EVTargetCurrent == pytest.approx(50.0, abs=0.1)
    precharge = sent(charge, 'PreChargeReq')[-1]
    assert precharge.EVTargetCurrent <= 2
    assert precharge.EVTargetVoltage == 350.0


def test_times_and_bulk_are_computed(play):
    charge = play().reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 2)
    last = sent(charge, 'CurrentDemandReq')[-1]
    missing = (0.8 - charge.vehicle.soc) * 1000 * 3600
    assert last.RemainingTimeToFullSoC == pytest.approx(missing / 35_000, rel=0.1)
    assert not last.BulkChargingComplete
    charge.vehicle.override = {'bulk_soc': 0.5}
    charge.run(charge.now + 1)
    assert sent(charge, 'CurrentDemandReq')[-1].BulkChargingComplete


def test_current_demand_comes_every_tenth_of_a_second(play):
    charge = play().reach(Stage.CHARGE_LOOP)
    before, start = len(sent(charge, 'CurrentDemandReq')), charge.now
    charge.run(start + 5)
    asked = len(sent(charge, 'CurrentDemandReq')) - before
    assert 49 <= asked <= 51


def test_a_limit_that_falls_while_no_answer_comes_is_a_fault(play):
    charge = play().reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 1)
    charge.tamper = lambda sender, send, message: None
    charge.run(charge.now + 0.2)
    charge.vehicle.limits['max_current'] = 20.0
    charge.run(charge.now + 0.4)
    assert charge.evcc.state.error == 'LIMIT_FELL'


def test_a_limit_that_falls_between_answers_is_only_asked_for(play):
    charge = play().reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 1)
    charge.vehicle.limits['max_current'] = 20.0
    charge.run(charge.now + 3)
    assert charge.evcc.state.stage is Stage.CHARGE_LOOP
    assert charge.supply.current == pytest.approx(20.0)


def test_without_pause_a_session_reaches_current_in_half_a_second(fast):
    charge = fast()
    charge.vehicle.delay = 0.0
    charge.supply.ramp = 1e6
    charge.supply.bleed = 1e6
    charge.reach(Stage.CHARGE_LOOP)
    first = next(when for when, e in charge.diary['pev'] if getattr(e, 'name', '') != '')
    assert charge.now - first < 0.5


def test_error_words_are_made_of_the_standards_names():
    assert timeout_word('CurrentDemandReq') == 'TIMEOUT_CURRENT_DEMAND'
    assert timeout_word('supportedAppProtocolReq') == 'TIMEOUT_SUPPORTED_APP_PROTOCOL'


MISCHIEF = st.one_of(
    st.tuples(st.just('status'), st.sampled_from([code.value for code in din.DC_EVSEStatusCode])),
    st.tuples(st.just('code'), st.sampled_from([code.value for code in din.ResponseCode])),
    st.tuples(st.just('lost'), st.just('')),
    st.tuples(st.just('junk'), st.binary(max_size=30)),
    st.tuples(st.just('volts'), st.floats(-1000, 1000)),
)


def play_mischief(kind, value, send):
    if kind == 'lost':
        return None
    if kind == 'junk':
        return replace(send, payload=value)
    copy = from_octets(send.payload).message
    body = copy.Body
    if kind == 'code':
        body.ResponseCode = din.ResponseCode(value)
    elif kind == 'volts' and hasattr(body, 'EVSEPresentVoltage'):
        body.EVSEPresentVoltage = value
    elif kind == 'status' and hasattr(body, 'DC_EVSEStatus'):
        body.DC_EVSEStatus.EVSEStatusCode = din.DC_EVSEStatusCode(value)
    return replace(send, payload=to_octets(copy))


LIES = [{}, {'inlet_voltage': nan}, {'inlet_voltage': 300.0}, {'pack_voltage': 330.0}]


@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(st.integers(0, 60), MISCHIEF, max_size=3),
    st.sampled_from(LIES),
    st.floats(0.5, 20.0),
)
def test_whatever_a_charger_does_r1_r3_r8_and_r9_hold(play, mischief, override, stop_at):
    charge = play(EvccSettings(session_retries=0, request_period=0.05))
    count = iter(range(100_000))

    def tamper(sender, send, message):
        if sender == 'pev' or getattr(message, 'Body', None) is None:
            return send
        trick = mischief.get(next(count))
        return send if trick is None else play_mischief(*trick, send)

    charge.tamper = tamper
    charge.vehicle.override = override
    charge.watch = hold_the_rules
    charge.run(stop_at)
    charge.tell(charge.evcc.stop)
    charge.run(charge.now + 30, lambda play: play.ended('pev'))
    command = charge.evcc.command
    assert not (command.contactor_plus or command.contactor_minus)
    assert command.pilot is PilotState.B
    assert charge.ended('pev') or not charge.evcc.state.active
    assert charge.violations == []


def hold_the_rules(play):
    command, names = play.evcc.command, play.said['pev']
    if command.pilot is PilotState.C:
        assert play.vehicle.lock is Switch.CLOSED
    if command.contactor_plus:
        assert command.lock
        assert 'PreChargeReq' in names
        assert 'CableCheckReq' in names
    if play.evcc.state.stage in (Stage.SAFE_END, Stage.FAILED):
        assert command.pilot is PilotState.B


def test_line_8_an_evccid_that_is_not_known_is_empty():
    machine = Evcc(EvccSettings(), bytes(6))
    assert machine.state.evcc_id == ''
    machine.identify(bytes.fromhex('02000000e5a1'))
    assert machine.state.evcc_id == '02000000e5a1'
