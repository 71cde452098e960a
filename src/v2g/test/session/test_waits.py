# SPDX-License-Identifier: Apache-2.0
"""What both sides say while they wait for something else than the next message."""

from dataclasses import replace
from math import nan

import pytest

from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import StageChanged
from v2g.session.readings import (
    DataLinkReading,
    LinkReading,
    LinkState,
    ModemReading,
    ModemState,
    PilotReading,
    PilotState,
    SlacReading,
    SlacState,
    Switch,
)
from v2g.session.secc.settings import SeccSettings
from v2g.session.stage import Stage

PILOT = 'waiting for the pilot'
OK = {'pilot': PilotState.B, 'duty': 0.05}


def parked(play, **shown):
    """A vehicle whose readings show this; no charger answers."""
    charge = play()
    charge.vehicle.override = {'proximity': True, **OK, **shown}
    charge.match = lambda: None
    return charge.run(1.0)


@pytest.mark.parametrize(
    ('shown', 'reason'),
    [
        ({'pilot': PilotState.A, 'proximity': False}, 'waiting for the plug'),
        (
            {'pilot': PilotState.B, 'proximity': False},
            'waiting for the plug: the pilot shows B, but there is no proximity',
        ),
        ({'pilot': PilotState.A}, f'{PILOT}: it shows A, nothing is plugged in'),
        ({'pilot': PilotState.E}, f'{PILOT}: it shows E, no charger with power'),
        ({'pilot': PilotState.F}, f'{PILOT}: it shows F, the charger is out of order'),
        ({'pilot': PilotState.UNKNOWN}, f'{PILOT}: it is not measured'),
        ({'duty': 1.0}, "waiting for the pilot's duty of 5 %: it is 100%"),
        ({'duty': nan}, "waiting for the pilot's duty of 5 %: it is not measured"),
        ({}, 'waiting for SLAC to begin'),
    ],
)
def test_desk_2_a_vehicle_says_what_plug_and_pilot_lack(play, shown, reason):
    assert parked(play, **shown).evcc.state.reason == reason


@pytest.mark.parametrize(
    ('state', 'reason'),
    [
        (PilotState.A, f'{PILOT}: it shows A, nothing is plugged in'),
        (PilotState.E, f'{PILOT}: it shows E, no charger with power'),
        (PilotState.UNKNOWN, f'{PILOT}: it is not measured'),
        (PilotState.B, 'waiting for SLAC to begin'),
    ],
)
def test_desk_2_a_charger_says_what_the_pilot_lacks(play, state, reason):
    charge = play()
    charge.silent, charge.match = {'pilot'}, lambda: None
    charge.watch = lambda play: play.tell(play.secc.pilot, PilotReading(pilot=state))
    assert charge.run(1.0).secc.state.reason == reason


def way_up(play, side):
    """A side on its way up, and its machine."""
    charge = parked(play)
    machine = charge.evcc if side == 'pev' else charge.secc
    assert machine.state.attempt == 1
    return charge, machine


@pytest.mark.parametrize(
    ('side', 'slac', 'joined', 'link', 'reason'),
    [
        ('pev', SlacState.MATCHING, False, LinkState.DOWN, 'waiting for the charger in SLAC'),
        ('evse', SlacState.MATCHING, False, LinkState.DOWN, 'waiting for the vehicle in SLAC'),
        ('pev', SlacState.JOINING, False, LinkState.DOWN, 'waiting for the modems to join'),
        ('pev', SlacState.MATCHED, True, LinkState.SDP, 'waiting for the answer to SDP'),
        ('evse', SlacState.SKIPPED, True, LinkState.SDP, "waiting for the vehicle's SDP request"),
        ('pev', SlacState.MATCHED, True, LinkState.CONNECTING, 'waiting for the TCP connection'),
    ],
)
def test_desk_2_each_rung_of_the_way_up_says_what_it_waits_for(
    play, side, slac, joined, link, reason
):
    charge, machine = way_up(play, side)
    charge.tell(machine.slac, SlacReading(state=slac, attempt=1))
    charge.tell(machine.data_link, DataLinkReading(ready=joined, link_id=int(joined)))
    charge.tell(machine.link, LinkReading(state=link, link_id=1))
    assert machine.state.reason == reason
    changes = [event.state for _, event in charge.diary[side] if isinstance(event, StageChanged)]
    assert changes[-1].reason == reason


@pytest.mark.parametrize(
    ('modem', 'reason'),
    [
        (ModemReading(), 'waiting for the modem'),
        (ModemReading(reason='no answer yet'), 'no answer yet'),
        (ModemReading(state=ModemState.NONE), 'waiting for SLAC to begin'),
    ],
)
def test_desk_2_a_modem_is_waited_for_with_its_own_reason(play, modem, reason):
    charge, machine = way_up(play, 'pev')
    charge.tell(machine.modem, modem)
    assert machine.state.reason == reason


def seen(charge, side, stage):
    """What a side said it waits for while it was at a stage."""
    machine = charge.evcc if side == 'pev' else charge.secc
    said = []

    def watch(play):
        reason = machine.state.reason
        if machine.state.stage is stage and (not said or said[-1] != reason):
            said.append(reason)

    charge.watch = watch
    return said


@pytest.mark.parametrize(
    ('side', 'stage', 'reason'),
    [
        ('pev', Stage.AUTHORIZATION, 'waiting for the charger to authorise'),
        ('evse', Stage.AUTHORIZATION, 'waiting for charging/authorize'),
        ('pev', Stage.CONNECTOR_LOCK, 'waiting for the lock'),
        ('evse', Stage.CONNECTOR_LOCK, 'waiting for the next request of the vehicle'),
    ],
)
def test_desk_2_a_session_says_what_it_waits_for(play, side, stage, reason):
    free = stage is not Stage.AUTHORIZATION
    charge = play(secc=SeccSettings(authorization='free' if free else 'service'))
    charge.vehicle.override = {'lock': Switch.OPEN}
    said = seen(charge, side, stage)
    charge.reach(stage, side).run(charge.now + 2)
    assert said[-1] == reason


@pytest.mark.parametrize(
    ('side', 'stage', 'reasons'),
    [
        ('evse', Stage.CABLE_CHECK, ('waiting for the isolation test', 'waiting for the output')),
        ('pev', Stage.CABLE_CHECK, ("waiting for the charger's cable check",)),
        ('pev', Stage.PRECHARGE, ('waiting for the voltage at the inlet: ', 'waiting for the c')),
        ('evse', Stage.PRECHARGE, ('waiting for the voltage of the output: ',)),
        ('pev', Stage.CHARGE_LOOP, ('',)),
        ('evse', Stage.CHARGE_LOOP, ('',)),
    ],
)
def test_desk_2_waits_come_and_go_with_their_stage(play, side, stage, reasons):
    charge = play(EvccSettings())
    charge.supply.ramp = 300.0
    said = seen(charge, side, stage)
    charge.reach(Stage.CHARGE_LOOP).run(charge.now + 2)
    for reason in reasons:
        assert any(one.startswith(reason) for one in said), said
    assert stage is not Stage.CHARGE_LOOP or said == ['']


def test_desk_2_a_vehicle_tells_which_voltage_a_charger_claims(play):
    """EcoG's simulated charger tells 1 V for ever."""
    charge = play().reach(Stage.PRECHARGE)
    interlock = charge.evcc._talk._interlock
    charge.vehicle.override = {'inlet_voltage': 350.0}
    charge.run(charge.now + 0.3)
    interlock._told_voltage = 1.0
    reading = replace(charge.evcc.reading, inlet_voltage=350.0)
    told = 'waiting for the voltage that the charger tells: 1 V; the pack has 350 V'
    assert interlock.lacks(reading) == told


def test_desk_2_an_answer_that_does_not_come_is_named(play):
    charge = play()

    def lose(side, send, message):
        lost = type(getattr(message, 'Body', None)).__name__ == 'SessionSetupRes'
        return None if lost else send

    charge.tamper = lose
    charge.run(2.5)
    assert charge.evcc.state.reason == 'waiting for the answer to SessionSetupReq'


def test_desk_2_what_follows_a_pause_is_no_longer_the_pause(play):
    charge, machine = way_up(play, 'pev')
    charge.tell(machine.slac, SlacReading(state=SlacState.FAILED, attempt=1, reason='no answer'))
    assert 'next attempt in 5 s' in machine.state.reason
    charge.vehicle.override = {'proximity': True, 'pilot': PilotState.E}
    charge.run(charge.now + 6)
    assert machine.state.reason == f'{PILOT}: it shows E, no charger with power'


def test_desk_2_a_wait_that_lasts_is_said_in_the_log_once(play):
    charge = parked(play, pilot=PilotState.E)
    charge.run(4.5)
    assert charge.notes('pev') == []
    charge.run(20.0)
    said = 'waiting for the pilot: it shows E, no charger with power'
    assert [text for _, text in charge.notes('pev')] == [said]


def test_desk_2_a_node_that_hears_nothing_says_so_too(play):
    charge = play()
    charge.silent, charge.match = {'vehicle', 'pilot'}, lambda: None
    charge.run(6.0)
    for side, told in (
        ('pev', 'waiting for vehicle/status'),
        ('evse', 'waiting for pilot/status'),
    ):
        assert [text for _, text in charge.notes(side)] == [told]


def test_desk_2_figures_that_change_make_no_other_wait(play):
    charge = play()
    charge.supply.ramp = 40.0  # V/s: PreCharge takes 9 s
    charge.reach(Stage.CHARGE_LOOP)
    said = [text for _, text in charge.notes('pev') if 'the voltage at the inlet' in text]
    assert len(said) == 1
