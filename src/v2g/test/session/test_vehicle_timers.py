# SPDX-License-Identifier: Apache-2.0
"""Each timer of the vehicle, just before and just after its time, in both sets (R26)."""

from dataclasses import replace

import pytest

from v2g.schema import din
from v2g.session.din.words import from_octets, to_octets
from v2g.session.evcc.settings import EvccSettings
from v2g.session.exchange import Step
from v2g.session.readings import Switch
from v2g.session.stage import Stage

EARLY = 0.03  # s, three steps of the model
# fmt: off
MESSAGES = {  # response: stage, word, field, standard
    'supportedAppProtocolRes':     (Step.APP_PROTOCOL, 'SUPPORTED_APP_PROTOCOL', 5, 2),
    'SessionSetupRes':             (Step.SESSION_SETUP, 'SESSION_SETUP', 5, 2),
    'ServiceDiscoveryRes':         (Step.SERVICE_DISCOVERY, 'SERVICE_DISCOVERY', 5, 2),
    'ServicePaymentSelectionRes':  (Step.SERVICE_SELECTION, 'SERVICE_PAYMENT_SELECTION', 5, 2),
    'ContractAuthenticationRes':   (Step.AUTHORIZATION, 'CONTRACT_AUTHENTICATION', 5, 2),
    'ChargeParameterDiscoveryRes': (Step.CHARGE_PARAMETERS, 'CHARGE_PARAMETER_DISCOVERY', 5, 2),
    'CableCheckRes':               (Step.CABLE_CHECK, 'CABLE_CHECK', 5, 2),
    'PreChargeRes':                (Step.PRECHARGE, 'PRE_CHARGE', 5, 2),
    'PowerDeliveryRes':            (Step.START, 'POWER_DELIVERY', 6, 2),
    'CurrentDemandRes':            (Step.CHARGE_LOOP, 'CURRENT_DEMAND', 5, 0.25),
}
TOTALS = {  # response: stage, word, field, standard
    'ContractAuthenticationRes':   (Step.AUTHORIZATION, 'CONTRACT_AUTHENTICATION', 120, 60),
    'ChargeParameterDiscoveryRes': (Step.CHARGE_PARAMETERS, 'CHARGE_PARAMETER_DISCOVERY', 60, 60),
    'CableCheckRes':               (Step.CABLE_CHECK, 'CABLE_CHECK', 60, 40),
    'PreChargeRes':                (Step.PRECHARGE, 'PRE_CHARGE', 30, 7),
}
# fmt: on
SETS = ('field', 'standard')


def tampered(play, change):
    def tamper(sender, send, message):
        if sender != 'evse':
            return send
        name = type(getattr(message, 'Body', message)).__name__
        return change(name, send)

    play.tamper = tamper


def patient(play, timers):
    """A charger that has all the time of the world, so that only the vehicle's count."""
    charge = play(EvccSettings(timers=timers, session_retries=0))
    long = dict.fromkeys(charge.secc._timers.secc_total, 1e6)
    charge.secc._timers = replace(
        charge.secc._timers,
        sequence=1e6,
        sequence_in_loop=1e6,
        secc_total=long,
        secc_shutdown=1e6,
        secc_ready_to_charge=1e6,
    )
    return charge


def around(charge, begun, seconds, word):
    """Nothing just before, the fault just after."""
    charge.run(begun + seconds - EARLY)
    assert charge.evcc.state.error == ''
    charge.run(begun + seconds + EARLY)
    assert charge.evcc.state.error == word


@pytest.mark.parametrize('timers', SETS)
@pytest.mark.parametrize('name', MESSAGES)
def test_v2g_evcc_msg_timeout(play, timers, name):
    step, word, field, standard = MESSAGES[name]
    charge = patient(play, timers)
    tampered(charge, lambda told, send: None if told == name else send)
    charge.reach(Stage(step))
    charge.run(charge.now + 1, lambda play: play.evcc._talk.dialogue.waiting is step)
    begun = charge.evcc._talk.dialogue.asked_at
    around(charge, begun, field if timers == 'field' else standard, f'TIMEOUT_{word}')


def for_ever(body, name):
    if name == 'PreChargeRes':
        body.DC_EVSEStatus.EVSEStatusCode = din.DC_EVSEStatusCode.EVSE_NotReady
    else:
        body.EVSEProcessing = din.EVSEProcessing.Ongoing


@pytest.mark.parametrize('timers', SETS)
@pytest.mark.parametrize('name', TOTALS)
def test_abuse_34_the_total_of_a_step_that_is_repeated(play, timers, name):
    step, word, field, standard = TOTALS[name]
    charge = patient(play, timers)

    def change(told, send):
        if told != name:
            return send
        copy = from_octets(send.payload).message
        for_ever(copy.Body, name)
        return replace(send, payload=to_octets(copy))

    tampered(charge, change)
    charge.reach(Stage(step))
    around(charge, charge.now, field if timers == 'field' else standard, f'TIMEOUT_{word}_TOTAL')


@pytest.mark.parametrize('timers', SETS)
def test_the_connector_lock_has_five_seconds(play, timers):
    charge = patient(play, timers)
    charge.vehicle.override = {'lock': Switch.OPEN}
    charge.reach(Stage.CONNECTOR_LOCK)
    around(charge, charge.now, 5, 'TIMEOUT_CONNECTOR_LOCK_TOTAL')


def slowed(charge, **changes):
    """The same timers, but those that would come first."""
    charge.evcc._timers = replace(charge.evcc._timers, **changes)
    return charge


@pytest.mark.parametrize(('timers', 'seconds'), [('field', 60), ('standard', 20)])
def test_v2g_evcc_communication_setup_timeout(play, timers, seconds):
    charge = slowed(patient(play, timers), message=dict.fromkeys(Step, 1e6))
    tampered(charge, lambda told, send: None if told == 'SessionSetupRes' else send)
    charge.run(2)
    around(charge, charge.evcc._talk._begun_at, seconds, 'TIMEOUT_COMMUNICATION_SETUP')


@pytest.mark.parametrize(('timers', 'seconds'), [('field', 300), ('standard', 150)])
def test_v2g_evcc_ready_to_charge_timeout(play, timers, seconds):
    charge = slowed(patient(play, timers), total={})

    def change(told, send):
        if told != 'ContractAuthenticationRes':
            return send
        copy = from_octets(send.payload).message
        for_ever(copy.Body, told)
        return replace(send, payload=to_octets(copy))

    tampered(charge, change)
    charge.run(2)
    around(charge, charge.evcc._talk._begun_at, seconds, 'TIMEOUT_READY_TO_CHARGE')


@pytest.mark.parametrize('delay', [0.249, 0.251, 1.0])
@pytest.mark.parametrize('timers', SETS)
def test_abuse_35_a_late_current_demand_response(play, timers, delay):
    charge = patient(play, timers).reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 0.5)
    held = []

    def change(told, send):
        if told == 'CurrentDemandRes':
            held.append(send)
            return None
        return send

    tampered(charge, change)
    charge.run(charge.now + 1, lambda play: held)
    asked = charge.evcc._talk.dialogue.asked_at
    charge.tell(charge.evcc.vehicle, charge.vehicle.reading(charge))
    charge.run(asked + 0.24)
    charge.now = asked + delay
    charge.tell(charge.evcc.vehicle, charge.vehicle.reading(charge))
    charge.tell_payload(charge.evcc, held[0])
    late = timers == 'standard' and delay > 0.25
    assert charge.evcc.state.error == ('TIMEOUT_CURRENT_DEMAND' if late else '')
