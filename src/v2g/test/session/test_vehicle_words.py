# SPDX-License-Identifier: Apache-2.0
"""What the vehicle makes of every word a response of DIN may hold, and of values beyond reason."""

from dataclasses import replace
from math import isfinite, nan

import pytest

from v2g.exi import MalformedExi
from v2g.schema import din
from v2g.session.dialect import UnexpectedMessage
from v2g.session.din.charger import DinCharger
from v2g.session.din.vehicle import DinVehicle
from v2g.session.din.words import from_octets, to_octets
from v2g.session.evcc.settings import EvccSettings
from v2g.session.evcc.supervision import told_by
from v2g.session.events import Traffic
from v2g.session.exchange import Answer, Health, Limits, Step
from v2g.session.readings import Isolation, PilotState
from v2g.session.stage import Stage

ONCE = EvccSettings(session_retries=0)
STEPS = [step for step in Step if step not in (Step.APP_PROTOCOL, Step.CONNECTOR_LOCK, Step.STOP)]
STATUS_STEPS = [
    *(Step.CHARGE_PARAMETERS, Step.CABLE_CHECK, Step.PRECHARGE, Step.START, Step.CHARGE_LOOP),
    Step.WELDING_DETECTION,
]
# fmt: off
REACTION = {  # DC_EVSEStatusCode 0 to 11: what it ends with; None: nothing
    'EVSE_NotReady':                  None,
    'EVSE_Ready':                     None,
    'EVSE_Shutdown':                  'CHARGER_STOPS',
    'EVSE_UtilityInterruptEvent':     'CHARGER_STOPS',
    'EVSE_IsolationMonitoringActive': None,
    'EVSE_EmergencyShutdown':         'CHARGER_FAULT',
    'EVSE_Malfunction':               'CHARGER_FAULT',
    'Reserved_8':                     'CHARGER_FAULT',
    'Reserved_9':                     'CHARGER_FAULT',
    'Reserved_A':                     'CHARGER_FAULT',
    'Reserved_B':                     'CHARGER_FAULT',
    'Reserved_C':                     'CHARGER_FAULT',
}
NOTIFIED = {'None': None, 'StopCharging': 'CHARGER_STOPS', 'ReNegotiation': None}
# fmt: on


def response(step, change=lambda body: None):
    """Octets of a step's response."""
    good = Answer(
        step=step,
        session_id=bytes([1] * 8),
        health=Health.READY,
        isolation=Isolation.VALID,
        evse_id=b'Z',
        present_voltage=350.0,
        present_current=1.0,
        limits=Limits(max_voltage=500, min_voltage=150, max_current=200, min_current=0),
        schedule_power=1000.0,
    )
    message = DinCharger().response(good)
    change(message.Body)
    return to_octets(message)


def heard(octets):
    return DinVehicle().answer(from_octets(octets).message)


def status_of(body):
    told = getattr(body, 'DC_EVSEStatus', None) or getattr(body, 'EVSEStatus', None)
    return told or body.EVSEChargeParameter.DC_EVSEStatus


def with_code(code):
    return lambda body: setattr(body, 'ResponseCode', code)


def with_status(code):
    return lambda body: setattr(status_of(body), 'EVSEStatusCode', code)


def ends_with(octets, step):
    cause = told_by(heard(octets), step)
    loop = step is Step.CHARGE_LOOP
    if cause is None:
        return None
    return 'CHARGER_STOPS' if loop and not cause.error and not cause.fault else cause.error


@pytest.mark.parametrize('step', STEPS)
def test_every_response_code_is_taken_or_ends_the_session(step):
    assert len(din.ResponseCode) == 23
    for code in din.ResponseCode:
        octets = response(step, with_code(code))
        assert heard(octets).code == code.value
        expected = None if code.value.startswith('OK') else 'CHARGER_REFUSES'
        assert ends_with(octets, step) == expected


@pytest.mark.parametrize('step', STATUS_STEPS)
def test_every_status_code_has_its_reaction_in_every_response(step):
    assert [code.value for code in din.DC_EVSEStatusCode] == list(REACTION)
    for code in din.DC_EVSEStatusCode:
        octets = response(step, with_status(code))
        assert heard(octets).status == code.value
        assert ends_with(octets, step) == REACTION[code.value], code


@pytest.mark.parametrize('step', STATUS_STEPS)
def test_every_notification_has_its_reaction_in_every_response(step):
    for word in din.EVSENotification:
        octets = response(
            step, lambda body, word=word: setattr(status_of(body), 'EVSENotification', word)
        )
        assert ends_with(octets, step) == NOTIFIED[word.value], word


def bits_that_differ(one, other):
    """Positions of the bits that two equally long messages have differently."""
    apart = int.from_bytes(one, 'big') ^ int.from_bytes(other, 'big')
    return [bit for bit in range(8 * len(one)) if apart >> bit & 1]


def all_ones(octets, bits):
    number = int.from_bytes(octets, 'big')
    for bit in bits:
        number |= 1 << bit
    return number.to_bytes(len(octets), 'big')


@pytest.mark.parametrize('step', STEPS)
def test_a_number_that_no_response_code_has_is_malformed(step):
    codes = list(din.ResponseCode)
    one, other = (response(step, with_code(codes[number])) for number in (22, 9))
    bits = bits_that_differ(one, other)
    assert len(bits) == 5  # 22 and 9 have every bit of the field different
    with pytest.raises(MalformedExi):
        from_octets(all_ones(one, bits))


@pytest.mark.parametrize('step', STATUS_STEPS)
def test_a_number_that_no_status_code_has_is_malformed(step):
    codes = list(din.DC_EVSEStatusCode)
    one, other = (response(step, with_status(codes[number])) for number in (10, 5))
    bits = bits_that_differ(one, other)
    assert len(bits) == 4
    with pytest.raises(MalformedExi):
        from_octets(all_ones(one, bits))


@pytest.mark.parametrize('step', STEPS)
def test_abuse_25_each_bit_of_a_response_flipped_is_a_message_or_malformed(step):
    octets = response(step)
    number = int.from_bytes(octets, 'big')
    for bit in range(8 * len(octets)):
        try:
            answer = heard((number ^ 1 << bit).to_bytes(len(octets), 'big'))
        except (MalformedExi, UnexpectedMessage):
            continue
        cause = told_by(answer, step)
        assert cause is None or cause.reason


def test_abuse_29_a_multiplier_beyond_its_range_is_malformed():
    octets = response(Step.PRECHARGE)
    bits = 8 * len(octets)
    refused = 0
    for low in range(bits - 3):
        try:
            answer = heard(all_ones(octets, range(low, low + 3)))
        except (MalformedExi, UnexpectedMessage):
            refused += 1
            continue
        assert isfinite(answer.present_voltage)
    assert refused


def rewrite(play, name, change):
    def tamper(sender, send, message):
        if sender != 'evse' or type(getattr(message, 'Body', None)).__name__ != name:
            return send
        copy = from_octets(send.payload).message
        change(copy.Body)
        return replace(send, payload=to_octets(copy))

    play.tamper = tamper


@pytest.mark.parametrize('volts', [-32_767e3, -350.0, 0.0, 32_767e3])
def test_abuse_29_no_voltage_beyond_reason_closes_contactors(play, volts):
    charge = play(EvccSettings(session_retries=0, precharge_voltage='evse'))
    charge.vehicle.override = {'inlet_voltage': nan}
    rewrite(charge, 'PreChargeRes', lambda body: setattr(body, 'EVSEPresentVoltage', volts))
    closed = []
    charge.watch = lambda play: closed.append(play.evcc.command.contactor_plus)
    charge.run(60, lambda play: play.ended('pev'))
    assert charge.ended('pev')
    assert charge.evcc.state.error
    assert not any(closed)


@pytest.mark.parametrize(
    ('name', 'value', 'error'),
    [
        ('EVSEPresentVoltage', 32_767e3, 'OVERVOLTAGE'),
        ('EVSEPresentVoltage', -32_767e3, 'INLET_VOLTAGE_MISMATCH'),
        ('EVSEPresentCurrent', 32_767e3, 'OVERCURRENT'),
        ('EVSEPresentCurrent', -32_767e3, 'REVERSE_CURRENT'),
    ],
)
def test_abuse_29_values_beyond_reason_end_a_charge(play, name, value, error):
    charge = play(ONCE).reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 0.5)
    rewrite(charge, 'CurrentDemandRes', lambda body: setattr(body, name, value))
    charge.run(charge.now + 3)
    assert charge.evcc.state.error == error
    charge.run(charge.now + 20, lambda play: play.ended('pev'))
    assert not charge.evcc.command.lock
    assert charge.evcc.command.pilot is PilotState.B


@pytest.mark.parametrize('identity', [b'\x00', b'\x07\x1b[2J', 'Säule'.encode(), b'\xff' * 32])
def test_abuse_28_an_evseid_of_any_octets_is_told_as_printable_text(play, identity):
    charge = play(ONCE)
    rewrite(charge, 'SessionSetupRes', lambda body: setattr(body, 'EVSEID', identity))
    charge.reach(Stage.CHARGE_LOOP)
    assert charge.evcc.state.evse_id == identity.hex()


def test_abuse_36_limits_that_drop_below_what_flows_are_asked_for_with_the_next_request(play):
    charge = play(ONCE).reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 0.5)
    rewrite(
        charge, 'CurrentDemandRes', lambda body: setattr(body, 'EVSEMaximumCurrentLimit', 10.0)
    )
    charge.run(charge.now + 1)
    told = [e for _, e in charge.diary['pev'] if isinstance(e, Traffic) and e.sent]
    asked = [e.message.Body for e in told if e.name == 'CurrentDemandReq']
    assert asked[-1].EVTargetCurrent == 10.0
    assert charge.evcc.state.error == ''


def test_abuse_39_nobody_unlocks_while_a_session_runs_or_current_flows(play):
    charge = play(ONCE).reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 0.5)
    released, why, _ = charge.tell(charge.evcc.release_lock)
    assert not released and 'session' in why
    charge.vehicle.override = {'inlet_voltage': 200.0, 'inlet_current': 1.5}
    charge.disconnect()
    charge.run(charge.now + 30, lambda play: play.ended('pev'))
    assert charge.evcc.command.lock
    released, why, _ = charge.tell(charge.evcc.release_lock)
    assert not released and '1.5 A' in why
    assert charge.evcc.command.lock
