# SPDX-License-Identifier: Apache-2.0
"""What goes wrong at the charger, with our own vehicle at the other end (R1, R2, R14)."""

from dataclasses import replace

import pytest

from v2g.schema import din
from v2g.session.din.words import from_octets, to_octets
from v2g.session.evcc.settings import EvccSettings
from v2g.session.readings import Isolation, PilotState
from v2g.session.secc.settings import SeccSettings
from v2g.session.stage import Stage

LOOP = Stage.CHARGE_LOOP
STAGES = [stage for stage in Stage if Stage.APP_PROTOCOL <= stage <= LOOP]
STAGES.remove(Stage.CHARGE_PARAMETERS)  # Finished at once: CONNECTOR_LOCK
ENERGY = [Stage.CABLE_CHECK, Stage.PRECHARGE, Stage.START, LOOP]


def on_reaching(charge, stage, act):
    """Have something happen at the charger as soon as it is in a stage."""
    charge.at_once = 1  # no stage passes within a step of the model
    done = []

    def watch(play):
        if play.secc.state.stage == stage and not done:
            done.append(play.now)
            act(play)

    charge.watch = watch
    charge.run(60, lambda play: bool(done))
    assert done
    return done[0]


def both_safe(charge):
    """Outputs of both sides off, nothing on the cable, the referee silent."""
    charge.run(charge.now + 25, lambda play: play.ended('pev') and play.ended('evse'))
    vehicle, charger = charge.evcc.command, charge.secc.command
    assert not (vehicle.contactor_plus or vehicle.contactor_minus or vehicle.lock)
    assert vehicle.pilot is PilotState.B
    assert not (charger.output or charger.contactors or charger.isolation_test)
    assert charge.supply.voltage < 60
    assert charge.supply.current == 0
    assert charge.violations == []
    return True


@pytest.mark.parametrize('stage', STAGES)
def test_a_charger_that_asks_to_stop_in_any_stage_is_obeyed(play, stage):
    charge = play(EvccSettings(session_retries=0), SeccSettings(session_retries=0))
    happened = on_reaching(charge, stage, lambda play: play.tell(play.secc.stop))
    assert both_safe(charge)
    assert charge.now - happened < 20
    [end] = charge.ends('evse')
    assert (end.error, end.final) == ('', True)
    assert charge.ends('pev')[0].error in ('', 'CHARGER_STOPS')
    assert 'SAFE_END' not in charge.stages('evse')


@pytest.mark.parametrize('stage', STAGES)
def test_an_emergency_stop_at_the_charger_reaches_the_vehicle(play, stage):
    charge = play(EvccSettings(session_retries=0), SeccSettings(session_retries=0))
    happened = on_reaching(charge, stage, lambda play: play.tell(play.secc.emergency_stop))
    charge.run(happened + 0.1)
    assert charge.supply.current < 5
    assert both_safe(charge)
    assert [end.error for end in charge.ends('evse')] == ['EMERGENCY_STOP']
    assert charge.ends('pev')[0].error
    assert charge.secc.latched


@pytest.mark.parametrize('stage', ENERGY)
@pytest.mark.parametrize(
    ('change', 'error'),
    [
        ({'fault': 'a fan is broken'}, 'SUPPLY_FAULT'),
        ({'lease_lapsed': True}, 'LEASE_LAPSED'),
        ({'isolation': Isolation.FAULT}, 'ISOLATION_FAULT'),
    ],
)
def test_a_supply_that_fails_reaches_the_vehicle(play, stage, change, error):
    charge = play(EvccSettings(session_retries=0), SeccSettings(session_retries=0))
    happened = on_reaching(charge, stage, lambda play: play.supply.override.update(change))
    charge.run(happened + 2)
    assert charge.secc.state.error == error or error in [e.error for e in charge.ends('evse')]
    charge.supply.override.clear()
    assert both_safe(charge)
    assert charge.ends('pev')[0].error


@pytest.mark.parametrize('silent', ['supply', 'pilot'])
def test_stale_input_switches_the_charger_off(play, silent):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    charge.silent = {silent}
    charge.run(charge.now + 0.7)
    assert charge.secc.state.error == 'STALE_INPUT'
    assert not charge.secc.command.output
    assert charge.supply.current < 5


def test_the_charger_switches_off_when_the_vehicle_ignores_its_stop(play):
    charge = play().reach(LOOP)

    def nothing_to_see(sender, send, message):
        if type(getattr(message, 'Body', None)).__name__ != 'CurrentDemandRes':
            return send
        copy = from_octets(send.payload).message
        copy.Body.DC_EVSEStatus.EVSEStatusCode = din.DC_EVSEStatusCode.EVSE_Ready
        copy.Body.DC_EVSEStatus.EVSENotification = din.EVSENotification.None_
        return replace(send, payload=to_octets(copy))

    charge.tamper = nothing_to_see
    charge.tell(charge.secc.stop)
    charge.run(charge.now + 5.2)
    assert charge.secc.state.error == 'VEHICLE_IGNORES_STOP'
    assert charge.supply.current < 5


def test_a_silent_vehicle_is_noticed_in_the_loop(play):
    charge = play().reach(LOOP)
    charge.tamper = lambda sender, send, message: None if sender == 'pev' else send
    charge.run(charge.now + 8, lambda play: play.secc.state.error)
    assert charge.secc.state.error in ('TIMEOUT_SEQUENCE', 'VEHICLE_LEFT_C')
    assert not charge.secc.command.output


def test_a_late_beginning_does_not_hurt_a_charger_that_has_given_up(play):
    charge = play()
    held = []

    def hold(side, send, message):
        if side == 'pev' and not held:
            held.append(send)
            return None
        return send

    charge.tamper = hold
    charge.run(charge.now + 2, stop=lambda play: bool(held))
    charge.tell(charge.secc.emergency_stop)
    charge.tell_payload(charge.secc, held[0])
    assert charge.secc.state.error
