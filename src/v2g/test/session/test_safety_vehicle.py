# SPDX-License-Identifier: Apache-2.0
"""Where current flows: what a vehicle must know, compare and refuse (R1, R3 to R5, R9, R10)."""

from dataclasses import replace
from math import inf, isnan, nan

import pytest

from v2g.session.din.words import from_octets, to_octets
from v2g.session.evcc.demand import target_current
from v2g.session.evcc.goal import Goal
from v2g.session.evcc.goals import Goals
from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import Traffic
from v2g.session.exchange import Limits
from v2g.session.kept import Kept
from v2g.session.readings import PilotState, SlacReading, SlacState, Switch, VehicleReading
from v2g.session.stage import Stage

LOOP = Stage.CHARGE_LOOP
NEEDED = ['soc', 'pack_voltage', 'max_voltage', 'max_current', 'max_power', 'max_inlet_current']


def until_end(charge, until=60.0):
    charge.run(until, lambda play: play.ended('pev'))
    return charge.evcc.state.error


# 1: what R10 needs is there


@pytest.mark.parametrize('value', [nan, inf, -inf, -1.0])
@pytest.mark.parametrize('name', NEEDED)
def test_safety_1_nothing_begins_without_a_value_that_r10_needs(play, name, value):
    charge = play()
    charge.vehicle.override = {name: value}
    charge.run(10.0)
    assert charge.evcc.state.attempt == 0
    assert name in charge.evcc.state.reason
    charge.vehicle.override = {}
    charge.reach(LOOP)


@pytest.mark.parametrize('volts', [1501.0, 6553.5, 65535.0, 1e30])
@pytest.mark.parametrize('name', ['pack_voltage', 'max_voltage'])
def test_safety_1_volts_that_no_pack_has_are_not_known(play, name, volts):
    charge = play()
    charge.vehicle.override = {name: volts}
    charge.run(10.0)
    assert charge.evcc.state.attempt == 0
    assert name in charge.evcc.state.reason
    charge.vehicle.override = {}
    charge.reach(LOOP)
    charge.vehicle.override = {name: volts}
    assert until_end(charge) in ('VALUE_MISSING', 'OVERVOLTAGE')


def test_safety_1_all_that_is_missing_is_named_and_a_voltage_of_0_is_none(play):
    charge = play()
    charge.vehicle.override = dict.fromkeys(NEEDED, nan) | {'pack_voltage': 0.0}
    charge.run(1.0)
    assert all(name in charge.evcc.state.reason for name in NEEDED)


@pytest.mark.parametrize('value', [nan, inf, -1.0])
@pytest.mark.parametrize('name', NEEDED)
def test_safety_1_what_goes_missing_on_the_way_up_ends_the_session_as_it_begins(play, name, value):
    charge = play()
    charge.match = lambda: None  # no link yet
    charge.at_once = 1  # readings come between messages
    charge.run(2.0)
    assert charge.evcc.state.attempt == 1
    del charge.match
    charge.vehicle.override = {name: value}
    charge.run(5.0, lambda play: play.ends('pev'))
    assert charge.ends('pev')[0].error in ('VALUE_MISSING', 'OVERVOLTAGE')
    assert 'CABLE_CHECK' not in charge.stages('pev')


@pytest.mark.parametrize('value', [inf, -1.0])
@pytest.mark.parametrize('name', ['soc', 'max_current', 'max_power', 'max_inlet_current'])
def test_safety_1_a_limit_that_turns_to_nonsense_is_lost(play, name, value):
    charge = play().reach(LOOP)
    charge.vehicle.override = {name: value}
    charge.run(charge.now + 0.1)
    assert charge.evcc.state.error in ('VALUE_MISSING', '')
    assert charge.evcc.state.stage is not LOOP


# 2: a reset permits, it does not start


def stopped(charge, stage=LOOP):
    """A vehicle in a session, whose emergency stop was pressed; both sides are reset then."""
    charge.reach(stage)
    charge.tell(charge.evcc.emergency_stop)
    charge.run(charge.now + 30)
    assert charge.evcc.latched
    for machine in (charge.evcc, charge.secc):
        assert charge.tell(machine.reset)[0]
    assert charge.evcc.state.attempt == 1
    return charge


def attempts_in(charge, seconds):
    before = charge.evcc.state.attempt
    charge.run(charge.now + seconds)
    return charge.evcc.state.attempt - before


@pytest.mark.parametrize('stage', [Stage.CABLE_CHECK, Stage.PRECHARGE, LOOP])
def test_safety_2_a_reset_behind_an_emergency_stop_starts_nothing(play, stage):
    charge = stopped(play(), stage)
    assert attempts_in(charge, 60) == 0
    assert 'charging/charge' in charge.evcc.state.reason
    assert charge.evcc.state.stage is Stage.IDLE


def test_safety_2_a_reset_behind_a_charge_that_is_over_starts_nothing(play):
    charge = play().finish()
    for machine in (charge.evcc, charge.secc):
        charge.tell(machine.reset)
    charge.vehicle.soc = 0.5
    assert attempts_in(charge, 60) == 0
    assert charge.evcc.kept.served  # a restart starts nothing either


@pytest.mark.parametrize('times', [1, 3])
def test_safety_2_a_new_plug_in_starts_what_was_reset(play, times):
    charge = stopped(play())
    for _ in range(times - 1):
        charge.tell(charge.evcc.reset)  # once more permits no more
    charge.plugged = False
    assert attempts_in(charge, 3.1) == 0
    charge.plugged = True
    charge.reach(LOOP)


def test_safety_2_a_plug_that_was_out_for_a_moment_is_no_new_one(play):
    charge = stopped(play())
    charge.plugged = False
    charge.run(charge.now + 1.0)
    charge.plugged = True
    assert attempts_in(charge, 30) == 0


def test_safety_2_an_emergency_stop_without_a_plug_starts_nothing_once_it_is_in(play):
    charge = play(plugged=False)
    charge.run(5.0)
    charge.tell(charge.evcc.emergency_stop)
    charge.plugged = True
    charge.run(charge.now + 5)
    charge.tell(charge.evcc.reset)
    charge.run(charge.now + 30)
    assert charge.evcc.state.attempt == 0


def test_safety_2_autostart_given_anew_starts_what_was_reset_and_nothing_latched(play):
    charge = play().reach(LOOP)
    charge.tell(charge.evcc.emergency_stop)
    charge.run(charge.now + 30)
    off, on = EvccSettings(autostart=False), EvccSettings()
    for settings in (off, on):
        charge.tell(charge.evcc.adjust, settings)
    assert attempts_in(charge, 10) == 0
    charge.tell(charge.evcc.reset)
    charge.tell(charge.evcc.adjust, EvccSettings(max_current=50.0))  # it was true, and stays so
    charge.run(charge.now + 10)
    assert charge.evcc.state.attempt == 1
    for settings in (off, on):
        charge.tell(charge.evcc.adjust, settings)
    assert charge.evcc.state.attempt == 2


def test_safety_2_a_goal_starts_what_was_reset(play):
    charge = stopped(play())
    goals = Goals(charge.evcc)
    outcome, events = goals.accept(Goal(), charge.now)
    charge.perform('pev', events)
    assert outcome is None
    charge.reach(LOOP)


def test_safety_2_a_goal_that_is_canceled_before_it_began_leaves_nothing_started(play):
    charge = stopped(play())
    charge.vehicle.override = {'charge_wanted': False}
    charge.run(charge.now + 0.1)
    goals = Goals(charge.evcc)
    charge.perform('pev', goals.accept(Goal(), charge.now)[1])
    assert attempts_in(charge, 1) == 0
    outcome, _ = goals.cancel(charge.now)
    assert outcome is not None
    charge.vehicle.override = {}
    assert attempts_in(charge, 30) == 0


def test_safety_2_a_reset_while_nothing_is_latched_takes_no_start_away(play):
    charge = play(plugged=False)
    charge.run(1.0)
    charge.tell(charge.evcc.reset)
    charge.plugged = True
    charge.reach(LOOP)


def test_safety_2_a_latch_outlives_whatever_has_left_it():
    latched = Kept(served=True, latched='emergency stop; only charging/reset helps')
    assert Kept().heeding(latched.latch_text) == Kept(latched=latched.latched)
    assert Kept(served=True).heeding(Kept().latch_text) == Kept(served=True)
    assert Kept().heeding(None) == Kept()


@pytest.mark.parametrize('text', ['', '{}', 'nul', '7', '\0'])
def test_safety_2_a_latch_that_cannot_be_read_is_one(text):
    assert 'charging/reset' in Kept().heeding(text).latched


# 5: an inlet that is live though nobody asked for it


@pytest.mark.parametrize('volts', [60.0, 350.0, -350.0])
def test_safety_5_and_abuse_50_nothing_begins_on_a_live_inlet(play, volts):
    charge = play()
    charge.vehicle.override = {'inlet_voltage': volts}
    charge.run(10)
    assert charge.evcc.state.attempt == 0
    assert f'{volts:.0f} V' in charge.evcc.state.reason
    charge.vehicle.override = {'inlet_voltage': 59.9}
    charge.run(charge.now + 1)
    assert charge.evcc.state.attempt == 1


def test_safety_5_and_abuse_50_an_inlet_that_comes_alive_before_c_ends_the_session(play):
    charge = play()
    charge.at_once = 1
    charge.reach(Stage.SERVICE_DISCOVERY)
    charge.vehicle.override = {'inlet_voltage': 350.0}
    charge.run(charge.now + 0.1)
    assert charge.evcc.state.error == 'INLET_LIVE'
    charge.run(charge.now + 60)
    assert charge.evcc.state.attempt == 1
    assert 'CABLE_CHECK' not in charge.stages('pev')


def test_safety_5_no_toggle_of_slacs_validation_on_a_live_inlet(play):
    charge = play()
    charge.match = lambda: None
    charge.run(1.0)
    toggle = SlacReading(state=SlacState.MATCHING, attempt=1, show_c=True)
    charge.vehicle.override = {'inlet_voltage': 350.0}
    charge.run(charge.now + 0.02)
    charge.tell(charge.evcc.slac, toggle)
    assert charge.evcc.command.pilot is PilotState.B


def ends_with(charge, how):
    """The ways that end a session at once; each returns when the plug has had its 10 s."""
    {
        'emergency stop': lambda: charge.tell(charge.evcc.emergency_stop),
        'connection lost': charge.disconnect,
        'node died': lambda: charge.tell(charge.evcc.node_lost, 'slac'),
        'stop': lambda: charge.tell(charge.evcc.stop),
    }[how]()
    charge.run(charge.now + 0.3)


@pytest.mark.parametrize('how', ['emergency stop', 'connection lost', 'node died', 'stop'])
@pytest.mark.parametrize('feedback', [Switch.OPEN, Switch.UNKNOWN])
def test_safety_5_and_abuse_50_an_inlet_that_stays_live_is_a_weld_in_every_end(
    play, how, feedback
):
    charge = play().reach(LOOP)
    charge.run(charge.now + 0.5)
    ends_with(charge, how)
    poles = dict.fromkeys(('contactor_plus', 'contactor_minus'), feedback)
    if feedback is Switch.UNKNOWN:
        poles = {}
    charge.vehicle.override = {'inlet_voltage': 350.0, **poles}
    charge.run(charge.now + 30)
    assert charge.evcc.state.error == 'WELD_SUSPECTED'
    assert 'charging/reset' in charge.evcc.latched
    assert charge.evcc.command.lock


@pytest.mark.parametrize('how', ['emergency stop', 'connection lost'])
def test_safety_5_an_inlet_that_falls_accuses_nobody(play, how):
    charge = play().reach(LOOP)
    ends_with(charge, how)
    for volts in (340.0, 250.0, 120.0, 70.0):
        charge.vehicle.override = {'inlet_voltage': volts}
        charge.run(charge.now + 3)
    charge.run(charge.now + 5)
    assert charge.evcc.state.error != 'WELD_SUSPECTED'
    assert charge.evcc.command.lock


def without_a_sensor(play):
    charge = play(EvccSettings(precharge_voltage='evse'))
    charge.vehicle.override = {'inlet_voltage': nan}
    charge.supply.ramp = 500.0  # V/s: what is there at once is no charger's own voltage (R9)
    return charge


@pytest.mark.parametrize('volts', [350.0, 60.0, 59.0])
def test_safety_5_and_abuse_50_what_the_charger_tells_counts_where_nothing_is_measured(
    play, volts
):
    charge = without_a_sensor(play).reach(LOOP)

    def tamper(sender, send, message):
        if type(getattr(message, 'Body', None)).__name__ != 'WeldingDetectionRes':
            return send
        copy = from_octets(send.payload).message
        copy.Body.EVSEPresentVoltage = volts
        return replace(send, payload=to_octets(copy))

    charge.tamper = tamper
    charge.tell(charge.evcc.stop)
    charge.run(charge.now + 30)
    assert charge.evcc.command.lock is (volts >= 60)


def test_safety_5_what_was_told_under_current_locks_nothing(play):
    charge = without_a_sensor(play).reach(LOOP)
    charge.tell(charge.evcc.emergency_stop)
    charge.run(charge.now + 4.5)
    assert charge.evcc.command.lock
    charge.run(charge.now + 1)
    assert not charge.evcc.command.lock


@pytest.mark.parametrize(('volts', 'locked'), [(350.0, True), (-350.0, True), (59.0, False)])
def test_safety_5_an_inlet_that_was_live_and_is_measured_no_more_stays_locked(play, volts, locked):
    charge = play().reach(LOOP)
    charge.disconnect()
    charge.vehicle.override = {'inlet_voltage': volts, 'pilot': PilotState.C}  # no time to unlock
    charge.run(charge.now + 2.0)
    charge.vehicle.override = {'inlet_voltage': nan}
    until_end(charge)
    assert charge.evcc.command.lock is locked


@pytest.mark.parametrize(
    ('inlet', 'pack', 'flows'),
    [(0.0, 80.0, 80.0), (-7.0, 3.0, 7.0), (nan, -9.0, 0.0), (2.0, nan, 2.0), (nan, nan, nan)],
)
def test_safety_6_what_contactors_open_on_is_the_most_that_is_told(inlet, pack, flows):
    told = VehicleReading(inlet_current=inlet, pack_current=pack).flowing
    assert told == flows or (isnan(told) and isnan(flows))


def test_safety_6_an_inlet_whose_current_nobody_fills_in_opens_nothing_under_load(play):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1.0)
    charge.vehicle.override = {'inlet_current': 0.0}
    charge.supply.ramp_down = 200.0  # A/s
    charge.tell(charge.evcc.stop)
    until_end(charge)
    assert not charge.violations


# 6: the world is compared with itself, and with what is allowed


@pytest.mark.parametrize('pack', [0.0, -5.0, 100.0, -350.0, 250.0, 400.0])
def test_safety_6_a_pack_that_disagrees_with_the_inlet_is_a_fault_and_lifts_no_power(play, pack):
    charge = play()
    charge.vehicle.limits['max_power'] = 10_000.0
    charge.reach(LOOP)
    charge.run(charge.now + 1)
    charge.vehicle.override = {'pack_voltage': pack, 'inlet_voltage': 350.0}
    most, happened = 0.0, charge.now
    while charge.evcc.state.stage is LOOP and charge.now < happened + 10:
        charge.step()
        most = max(most, charge.supply.current * 350.0)
    assert most <= 10_000.0 + 1.0
    assert charge.evcc.state.error in ('PACK_VOLTAGE_MISMATCH', 'VALUE_MISSING')
    assert charge.now - happened < 2.5


def test_safety_6_without_an_inlet_sensor_the_pack_agrees_with_what_is_told(play):
    charge = without_a_sensor(play).reach(LOOP)
    charge.run(charge.now + 1)
    charge.vehicle.override = {'inlet_voltage': nan, 'pack_voltage': 300.0}
    charge.run(charge.now + 3)
    assert charge.evcc.state.error == 'PACK_VOLTAGE_MISMATCH'


def test_safety_6_the_highest_voltage_that_is_known_divides_the_power():
    reading = VehicleReading(
        **{'pack_voltage': 100.0, 'inlet_voltage': 350.0, 'max_current': 200.0},
        **{'max_power': 10_000.0, 'max_inlet_current': 200.0},
    )
    charger = Limits(max_current=200.0)
    assert target_current(reading, charger) == pytest.approx(10_000 / 350)
    assert target_current(reading, charger, told=400.0) == 25.0
    nothing = replace(reading, pack_voltage=0.0, inlet_voltage=nan)
    assert target_current(nothing, charger) == 0.0


@pytest.mark.parametrize('amperes', [-90.0, -5.1])
def test_safety_6_current_out_of_the_vehicle_is_a_fault_at_once(play, amperes):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    charge.vehicle.override = {'inlet_current': amperes, 'pack_current': amperes}
    charge.run(charge.now + 0.02)
    assert charge.evcc.state.error == 'REVERSE_CURRENT'
    assert charge.evcc.command.pilot is PilotState.B


def in_loop(charge, **values):
    """From now on CurrentDemandRes tells these."""

    def tamper(sender, send, message):
        if type(getattr(message, 'Body', None)).__name__ != 'CurrentDemandRes':
            return send
        copy = from_octets(send.payload).message
        for name, value in values.items():
            setattr(copy.Body, name, value)
        return replace(send, payload=to_octets(copy))

    charge.tamper = tamper
    return charge


def test_safety_6_and_abuse_49_so_is_one_that_only_the_charger_tells(play):
    charge = in_loop(play().reach(LOOP), EVSEPresentCurrent=-90.0)
    charge.run(charge.now + 0.5)
    assert charge.evcc.state.error == 'REVERSE_CURRENT'


def test_safety_6_power_is_watched_as_measured(play):
    charge = play()
    charge.vehicle.limits |= {'max_power': 20_000.0, 'max_voltage': 1000.0}
    charge.reach(LOOP)
    charge.run(charge.now + 1)
    volts = {'inlet_voltage': 700.0, 'pack_voltage': 700.0}
    charge.vehicle.override = {**volts, 'inlet_current': 57.0}
    charge.run(charge.now + 0.02)
    assert charge.evcc.state.error == 'OVERPOWER'


@pytest.mark.parametrize('volts', [-400.0, 0.0, 100.0, 349.0])
def test_safety_6_and_abuse_49_a_charger_that_does_not_fit_any_more_is_left(play, volts):
    charge = in_loop(play().reach(LOOP), EVSEMaximumVoltageLimit=volts)
    charge.run(charge.now + 1, lambda play: play.ended('pev'))
    charge.finish()
    assert charge.evcc.state.error == 'UNSUITABLE_CHARGER'
    targets = [
        e.message.Body.EVTargetVoltage
        for _, e in charge.diary['pev']
        if isinstance(e, Traffic) and e.sent and e.name == 'CurrentDemandReq'
    ]
    assert min(targets) > 340


@pytest.mark.parametrize('name', ['EVSEMaximumCurrentLimit', 'EVSEMaximumPowerLimit'])
@pytest.mark.parametrize('value', [0.0, -400.0])
def test_safety_6_line_6_and_abuse_49_amperes_and_watts_of_0_are_waited_for(play, name, value):
    charge = in_loop(play().reach(LOOP), **{name: value})
    charge.run(charge.now + 2)
    assert charge.evcc.state.stage is LOOP
    assert charge.evcc.state.target_current == 0.0
    charge.tamper = lambda side, send, message: send
    charge.run(charge.now + 1)
    assert charge.evcc.state.target_current > 10


@pytest.mark.parametrize(
    'told',
    [
        {'EVSEPresentVoltage': 32_767e3, 'EVSEPresentCurrent': 32_767e3},
        {'EVSEPresentVoltage': -32_767e3, 'EVSEPresentCurrent': 100.0},
        {'EVSEPresentVoltage': 350.0, 'EVSEPresentCurrent': 32_767e3},
        {'EVSEPresentVoltage': 350.0, 'EVSEPresentCurrent': -50.0},
    ],
)
def test_safety_6_and_abuse_49_absurd_values_never_reach_the_energy(play, told):
    charge = play().reach(LOOP)
    charge.run(charge.now + 1)
    before = charge.evcc.state.energy
    in_loop(charge, **told)
    charge.run(charge.now + 1)
    assert 0 < before <= charge.evcc.state.energy < before + 20


def test_safety_6_the_energy_begins_with_the_current(play):
    """The way up takes its time, and the first answer may tell amperes already."""
    charge = in_loop(play(), EVSEPresentCurrent=50.0)
    charge.supply.bleed = 100.0  # a cable check that takes seconds
    charge.at_once = 1
    charge.reach(LOOP)
    charge.run(charge.now + 0.2)
    assert 0 < charge.evcc.state.energy < 350 * 100 * 0.5 / 3600
