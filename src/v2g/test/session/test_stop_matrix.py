# SPDX-License-Identifier: Apache-2.0
"""The vehicle's end out of each stage, for each reason: said, shown, opened, unlocked (R1, R2)."""

from dataclasses import replace
from math import nan

import pytest

from v2g.schema import din
from v2g.session.din.words import from_octets, to_octets
from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import Traffic
from v2g.session.readings import PilotState, Switch
from v2g.session.stage import Stage

ONCE = EvccSettings(session_retries=0)
TOLD, STOP = 'told by the charger', 'normal'
# fmt: off
RESPONSE = {
    Stage.SESSION_SETUP:     'SessionSetupRes',
    Stage.SERVICE_DISCOVERY: 'ServiceDiscoveryRes',
    Stage.SERVICE_SELECTION: 'ServicePaymentSelectionRes',
    Stage.AUTHORIZATION:     'ContractAuthenticationRes',
    Stage.CHARGE_PARAMETERS: 'ChargeParameterDiscoveryRes',
    Stage.CONNECTOR_LOCK:    None,
    Stage.CABLE_CHECK:       'CableCheckRes',
    Stage.PRECHARGE:         'PreChargeRes',
    Stage.START:             'PowerDeliveryRes',
    Stage.CHARGE_LOOP:       'CurrentDemandRes',
}
# R2: what is said to stop. In a fault's end there is no welding detection (R1).
SAYS = {
    Stage.SESSION_SETUP:     [],
    Stage.SERVICE_DISCOVERY: ['SessionStopReq'],
    Stage.SERVICE_SELECTION: ['SessionStopReq'],
    Stage.AUTHORIZATION:     ['SessionStopReq'],
    Stage.CHARGE_PARAMETERS: ['SessionStopReq'],
    Stage.CONNECTOR_LOCK:    ['SessionStopReq'],
    Stage.CABLE_CHECK:       ['SessionStopReq'],
    Stage.PRECHARGE:         ['PowerDeliveryReq', 'SessionStopReq'],
    Stage.START:             ['PowerDeliveryReq', 'WeldingDetectionReq', 'SessionStopReq'],
    Stage.CHARGE_LOOP:       ['PowerDeliveryReq', 'WeldingDetectionReq', 'SessionStopReq'],
}
WITH_STATUS = (Stage.CHARGE_PARAMETERS, Stage.CABLE_CHECK, Stage.PRECHARGE, Stage.START,
               Stage.CHARGE_LOOP)
# name: what the charger's response says, and the error it ends with
BY_CHARGER = {
    'failed':       ({'code': 'FAILED'}, 'CHARGER_REFUSES'),
    'emergency':    ({'status': 'EVSE_EmergencyShutdown'}, 'CHARGER_FAULT'),
    'malfunction':  ({'status': 'EVSE_Malfunction'}, 'CHARGER_FAULT'),
    'shutdown':     ({'status': 'EVSE_Shutdown'}, STOP),
    'stop_charging': ({'notification': 'StopCharging'}, STOP),
    'no_answer':    (None, 'TIMEOUT'),
}
# name: what the vehicle measures, and the error it ends with
BY_VEHICLE = {
    'pilot_a':   ({'pilot': PilotState.A}, 'PILOT_LOST'),
    'pilot_e':   ({'pilot': PilotState.E}, 'PILOT_LOST'),
    'pilot_f':   ({'pilot': PilotState.F}, 'PILOT_LOST'),
    'duty_0':    ({'duty': 0.0}, 'PILOT_LOST'),
    'duty_100':  ({'duty': 1.0}, 'PILOT_LOST'),
    'duty_gone': ({'duty': nan}, 'PILOT_LOST'),
    'proximity': ({'proximity': False}, 'PROXIMITY_LOST'),
    'fault':     ({'fault': 'the pack is too hot'}, 'VEHICLE_FAULT'),
    'lease':     ({'lease_lapsed': True}, 'LEASE_LAPSED'),
}
# The same while current flows on, between PowerDelivery(stop) and its answer.
UNDER_CURRENT = {
    **BY_VEHICLE,
    'plus_opens':     ({'contactor_plus': Switch.OPEN}, 'CONTACTOR_FEEDBACK'),
    'minus_untold':   ({'contactor_minus': Switch.UNKNOWN}, 'CONTACTOR_FEEDBACK'),
    'unlocked':       ({'lock': Switch.OPEN}, 'LOCK_LOST'),
    'inlet_current':  ({'inlet_current': 300.0}, 'OVERCURRENT'),
    'inlet_voltage':  ({'inlet_voltage': 500.0}, 'OVERVOLTAGE'),
    'pack_voltage':   ({'pack_voltage': 500.0}, 'OVERVOLTAGE'),
    'inlet_untold':   ({'inlet_voltage': nan}, 'VALUE_MISSING'),
    'too_hot':        ({'inlet_temperature': 120.0}, 'INLET_OVERHEATED'),
}
# What the answer to the request before may still say then.
LATE = {
    'failed':        ({'code': 'FAILED'}, 'CHARGER_REFUSES'),
    'emergency':     ({'status': 'EVSE_EmergencyShutdown'}, 'CHARGER_FAULT'),
    'isolation':     ({'isolation': 'Fault'}, 'ISOLATION_FAULT'),
    'too_much':      ({'EVSEPresentCurrent': 300.0}, 'OVERCURRENT'),
    'too_high':      ({'EVSEPresentVoltage': 500.0}, 'OVERVOLTAGE'),
    'shutdown_high': ({'status': 'EVSE_Shutdown', 'EVSEPresentVoltage': 500.0}, 'OVERVOLTAGE'),
}
BY_CALL = {
    'user':       ('stop', ''),
    'emergency_stop': ('emergency_stop', 'EMERGENCY_STOP'),
    'tcp':        ('disconnect', 'CONNECTION_LOST'),
    'node':       ('node_lost', 'NODE_DIED'),
}
# fmt: on


class Protocol:
    """What a vehicle did from the moment of the trouble on, with times after it."""

    def __init__(self, play, stage):
        self.play, self.stage, self.at = play, stage, None
        self.times, self.sent = {}, 0
        self.due = play.now

    def begin(self):
        self.at, self.sent = self.play.now, len(self.play.messages('pev'))

    def watch(self, play):
        if self.at is None:
            return
        command, since = play.evcc.command, play.now - self.at
        for name, there in (
            ('b', command.pilot is PilotState.B),
            ('open', not command.contactor_plus),
            ('unlocked', not command.lock),
        ):
            if there:
                self.times.setdefault(name, since)

    @property
    def said(self):
        """Messages after the trouble, each kind once."""
        return list(dict.fromkeys(self.play.messages('pev')[self.sent :]))


def answering(stage, change, protocol):
    """Change the response of a stage from the first one there on; None: it never comes."""

    def tamper(sender, send, message):
        name = type(getattr(message, 'Body', None)).__name__
        mine = protocol.play.evcc.state.stage is stage and name == RESPONSE[stage]
        if sender != 'evse' or not mine:
            return send
        if change is None:
            return None
        if protocol.at is None:
            protocol.begin()
        copy = from_octets(send.payload).message
        alter(copy.Body, **change)
        return replace(send, payload=to_octets(copy))

    return tamper


def alter(body, code=None, status=None, notification=None, isolation=None, **values):
    told = getattr(body, 'DC_EVSEStatus', None) or getattr(body, 'EVSEStatus', None)
    told = told or getattr(getattr(body, 'EVSEChargeParameter', None), 'DC_EVSEStatus', None)
    if code:
        body.ResponseCode = din.ResponseCode(code)
    if status:
        told.EVSEStatusCode = din.DC_EVSEStatusCode(status)
    if notification:
        told.EVSENotification = din.EVSENotification(notification)
    if isolation:
        told.EVSEIsolationStatus = din.IsolationLevel(isolation)
    for name, value in values.items():
        setattr(body, name, value)


def hold(charge, stage, protocol):
    """Come to a stage, and stay there: its response is held back."""
    if stage is not Stage.CHARGE_LOOP:
        charge.tamper = answering(stage, None, protocol)
    charge.reach(stage)
    if stage is Stage.CHARGE_LOOP:
        charge.run(charge.now + 0.5)


def judged(charge, protocol, stage, error):
    """The end as R1 and R2 want it."""
    charge.run(charge.now + 30, lambda play: play.ended('pev'))
    protocol.watch(charge)
    normal = not error
    live = stage in (Stage.START, Stage.CHARGE_LOOP)
    late = stage is Stage.CHARGE_LOOP and normal
    assert protocol.times['b'] <= (2.6 if late else 0.1)
    assert protocol.times['open'] <= (5.0 if normal else 2.0)
    assert protocol.times['open'] >= protocol.times['b'] - 1e-9 or not live
    assert protocol.times['unlocked'] >= protocol.times['open'] - 1e-9
    command = charge.evcc.command
    assert not (command.contactor_plus or command.lock or command.isolation_monitor_off)
    assert charge.violations == []
    assert charge.ended('pev')


def sayable(stage, *, fault):
    return [name for name in SAYS[stage] if not (fault and name == 'WeldingDetectionReq')]


def sayable_by_charger():
    """Each stage with each of what its response can say: not every one carries a status."""
    for stage in (stage for stage in RESPONSE if RESPONSE[stage]):
        for name, (change, _) in BY_CHARGER.items():
            if not change or 'code' in change or stage in WITH_STATUS:
                yield stage, name


@pytest.mark.parametrize(('stage', 'name'), [*sayable_by_charger()])
def test_what_a_response_says_ends_the_session_as_r1_has_it(play, stage, name):
    change, error = BY_CHARGER[name]
    charge = play(ONCE)
    protocol = Protocol(charge, stage)
    charge.tamper = answering(stage, change, protocol)
    charge.watch = protocol.watch
    if change is None:
        charge.run(60, lambda play: play.evcc.state.error)
        protocol.begin()
        protocol.watch(charge)
        protocol.sent -= len(sayable(stage, fault=True)) if stage < Stage.PRECHARGE else 0
    else:
        charge.run(60, lambda play: protocol.at is not None)
    told = charge.evcc.state.error
    if error is STOP:
        assert told == ('' if stage is Stage.CHARGE_LOOP else 'CHARGER_STOPS')
    else:
        assert told.startswith(error)
    normal = error is STOP
    judged(charge, protocol, stage, '' if normal else error)
    if change is not None:
        assert protocol.said == sayable(stage, fault=not normal)


@pytest.mark.parametrize('name', BY_VEHICLE)
@pytest.mark.parametrize('stage', RESPONSE)
def test_abuse_38_what_the_vehicle_sees_ends_the_session_at_once(play, stage, name):
    change, error = BY_VEHICLE[name]
    charge = play(ONCE)
    protocol = Protocol(charge, stage)
    hold(charge, stage, protocol)
    charge.tamper = lambda sender, send, message: send
    charge.watch = protocol.watch
    protocol.begin()
    charge.tell(charge.evcc.vehicle, replace(charge.vehicle.reading(charge), **change))
    protocol.watch(charge)
    assert charge.evcc.state.error == error
    judged(charge, protocol, stage, error)
    assert protocol.said == sayable(stage, fault=True)


@pytest.mark.parametrize('name', BY_CALL)
@pytest.mark.parametrize('stage', RESPONSE)
def test_who_stops_it_ends_the_session_from_every_stage(play, stage, name):
    call, error = BY_CALL[name]
    charge = play(ONCE)
    protocol = Protocol(charge, stage)
    hold(charge, stage, protocol)
    charge.tamper = lambda sender, send, message: send
    charge.watch = protocol.watch
    protocol.begin()
    if call == 'disconnect':
        charge.disconnect()
    elif call == 'node_lost':
        charge.perform('pev', charge.evcc.node_lost('slac', charge.now))
    else:
        charge.tell(getattr(charge.evcc, call))
    protocol.watch(charge)
    assert charge.evcc.state.error == error
    judged(charge, protocol, stage, error)
    if call == 'disconnect':
        assert len(protocol.said) <= 1  # nobody hears it, nobody waits for an answer
    else:
        unanswered = stage is Stage.START  # its response was held back: no welding detection
        assert protocol.said == sayable(stage, fault=bool(error) or unanswered)


def full_current(play):
    charge = play(ONCE).reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 0.5)
    assert charge.supply.current == 100.0
    return charge


@pytest.mark.parametrize('after', [0.0, 1.0])
@pytest.mark.parametrize('name', UNDER_CURRENT)
def test_what_the_vehicle_sees_while_a_stop_is_not_answered_is_a_fault_at_once(play, name, after):
    change, error = UNDER_CURRENT[name]
    charge = full_current(play)
    charge.tamper = lambda sender, send, message: None
    charge.vehicle.limits['inlet_temperature'] = 40.0
    charge.tell(charge.evcc.stop)
    charge.run(charge.now + after)
    assert charge.evcc.command.pilot is PilotState.C
    assert charge.evcc.command.contactor_plus
    protocol = Protocol(charge, Stage.CHARGE_LOOP)
    charge.watch = protocol.watch
    protocol.begin()
    charge.tell(charge.evcc.vehicle, replace(charge.vehicle.reading(charge), **change))
    protocol.watch(charge)
    assert charge.evcc.state.error == error
    judged(charge, protocol, Stage.CHARGE_LOOP, error)


@pytest.mark.parametrize('name', LATE)
def test_what_a_late_answer_says_while_a_stop_waits_for_it_is_a_fault_at_once(play, name):
    change, error = LATE[name]
    charge, held = full_current(play), []

    def hold_back(sender, send, message):
        if type(getattr(message, 'Body', None)).__name__ != RESPONSE[Stage.CHARGE_LOOP]:
            return send
        copy = from_octets(send.payload).message
        alter(copy.Body, **change)
        held.append(replace(send, payload=to_octets(copy)))
        return None

    charge.tamper = hold_back
    charge.run(charge.now + 1, lambda play: held)
    charge.tell(charge.evcc.stop)
    protocol = Protocol(charge, Stage.CHARGE_LOOP)
    charge.watch = protocol.watch
    protocol.begin()
    assert charge.evcc.command.pilot is PilotState.C
    charge.tell_payload(charge.evcc, held[0])
    protocol.watch(charge)
    assert charge.evcc.state.error == error
    judged(charge, protocol, Stage.CHARGE_LOOP, error)


def test_a_request_to_stop_does_not_hide_what_the_same_response_tells(play):
    charge = full_current(play)
    protocol = Protocol(charge, Stage.CHARGE_LOOP)
    charge.tamper = answering(Stage.CHARGE_LOOP, LATE['shutdown_high'][0], protocol)
    charge.run(charge.now + 0.3)
    assert charge.evcc.state.error == 'OVERVOLTAGE'
    assert charge.evcc.command.pilot is PilotState.B


def test_r2_before_the_first_response_of_the_loop_b_comes_first_and_may_be_refused(play):
    charge, refused = play(ONCE), []
    protocol = Protocol(charge, Stage.START)

    def refuse(sender, send, message):
        name = type(getattr(message, 'Body', None)).__name__
        if name == 'PowerDeliveryRes' and protocol.at is not None:
            copy = from_octets(send.payload).message
            alter(copy.Body, code='FAILED_SequenceError')
            refused.append(copy)
            return replace(send, payload=to_octets(copy))
        return None if name == 'CurrentDemandRes' else send

    charge.tamper = refuse
    charge.reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 0.1)
    charge.watch = protocol.watch
    protocol.begin()
    charge.tell(charge.evcc.stop)
    protocol.watch(charge)
    judged(charge, protocol, Stage.START, '')
    assert refused
    assert protocol.said == SAYS[Stage.START]
    assert charge.evcc.state.error == ''


def test_the_order_of_a_normal_end(play):
    charge = play().reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 0.5)
    seen = []

    def watch(play):
        for _, event in play.diary['pev']:
            if isinstance(event, Traffic) and event.sent and event.name not in seen:
                seen.append(event.name)
        command = play.evcc.command
        for word, there in (
            ('B', command.pilot is PilotState.B),
            ('open', not command.contactor_plus),
            ('unlocked', not command.lock),
        ):
            if there and word not in seen:
                seen.append(word)

    charge.watch = watch
    charge.diary['pev'].clear()
    charge.tell(charge.evcc.stop)
    charge.finish()
    order = ['PowerDeliveryReq', 'B', 'open', 'WeldingDetectionReq', 'SessionStopReq', 'unlocked']
    assert [word for word in seen if word in order] == order
