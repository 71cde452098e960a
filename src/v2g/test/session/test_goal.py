# SPDX-License-Identifier: Apache-2.0
"""Goals of charging/charge from acceptance to outcome, in virtual time with both machines."""

from itertools import pairwise
from math import inf, isnan
from pathlib import Path
import re

import pytest

from plc_msgs.action import Charge
from v2g.session.evcc import outcome, settings
from v2g.session.evcc.goal import Goal
from v2g.session.evcc.goals import BUSY, Goals
from v2g.session.evcc.outcome import Code, End, code_of
from v2g.session.events import StageChanged
from v2g.session.side import Phase
from v2g.session.stage import Stage

SESSION = Path(outcome.__file__).parents[1]


class Served:
    """A play whose vehicle has goals."""

    def __init__(self, play, **options):
        self.play = play(settings.EvccSettings(**options))
        self.goals = Goals(self.play.evcc)
        self.outcomes, self._perform = [], self.play.perform
        self.play.perform = self.perform

    def perform(self, side, events):
        self._perform(side, events)
        if side == 'pev':
            self.note(self.goals.follow(events, self.play.now))

    def note(self, end):
        if end is not None:
            self.outcomes.append(end)

    def send(self, **goal):
        end, events = self.goals.accept(Goal(**goal), self.play.now)
        self.perform('pev', events)
        self.note(end)
        return end

    def cancel(self):
        end, events = self.goals.cancel(self.play.now)
        self.perform('pev', events)
        self.note(end)

    def outcome(self, until=120.0):
        """Let time pass until the goal has ended, and its session with it."""
        over = (Phase.IDLE, Phase.OVER)
        self.play.run(until, lambda p: self.outcomes and p.evcc.phase in over)
        [end] = self.outcomes
        assert not self.goals.running
        assert not self.play.vehicle.closed and self.play.violations == []
        return end


@pytest.fixture
def served(play):
    return lambda **options: Served(play, **options)


def test_codes_are_those_of_the_action():
    assert {c.name: c.value for c in Code} == {
        c.name: getattr(Charge.Result, c.name) for c in Code
    }


def test_every_error_word_of_the_vehicle_has_a_class_of_its_own():
    sources = [*SESSION.glob('evcc/*.py'), *SESSION.glob('*.py')]
    text = ''.join(source.read_text() for source in sources)
    words = set(re.findall(r"(?:fault|Cause)\(\s*(?:\w+, )?'([A-Z_]{4,})'", text))
    assert {'STALE_INPUT', 'UNSUITABLE_CHARGER', 'NODE_DIED'} <= words
    assert [word for word in sorted(words) if code_of(word) is Code.FAILED] == []


def test_target_soc_ends_the_charge_before_the_vehicles_own_target(served):
    one = served()
    one.play.vehicle.override = {'target_soc': 0.9}
    one.send(target_soc=0.55)
    end = one.outcome()
    assert (end.end, end.code) == (End.SUCCEEDED, Code.NONE)
    assert 0.55 <= end.soc < 0.57
    assert end.reason == 'the pack has reached 55%'


def test_target_soc_stands_in_for_a_lower_one_of_the_vehicle(served):
    one = served()
    one.play.vehicle.override = {'target_soc': 0.52}
    one.send(target_soc=0.56)
    assert one.outcome().soc >= 0.56


def test_energy_is_counted_from_the_goal_on(served):
    one = served()
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.run(one.play.now + 2.0)
    before = one.play.evcc.state.energy
    assert before > 5
    assert one.send(energy=20.0) is None
    end = one.outcome()
    assert end.end is End.SUCCEEDED
    assert 20.0 <= end.energy < 22.0
    assert one.play.evcc.state.energy >= before + 20


def test_departure_ends_the_charge_in_time_whatever_is_missing(served):
    one = served()
    one.send(target_soc=1.0, departure=12.0)
    end = one.outcome()
    assert end.end is End.SUCCEEDED and end.reason == 'it is time to depart'
    assert end.soc < 1
    assert one.play.now < 16


def test_departure_before_any_current_is_no_success(served):
    one = served()
    one.play.reach(Stage.CABLE_CHECK)
    one.send(departure=0.05)
    assert (one.outcome().end, one.outcome().code) == (End.ABORTED, Code.STOPPED)
    assert one.play.evcc.state.energy == 0


def test_without_a_target_the_vehicles_own_is_the_goal(served):
    one = served()
    one.play.vehicle.override = {'target_soc': 0.53}
    one.send()
    end = one.outcome()
    assert end.end is End.SUCCEEDED and end.soc >= 0.53


def test_limits_lower_what_is_asked_for_and_never_raise_it(served):
    one = served()
    one.send(max_current=30.0, max_power=8_000.0)
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.run(one.play.now + 1.0)
    state = one.play.evcc.state
    assert state.target_current == pytest.approx(8_000 / 350, rel=0.01)
    assert (state.vehicle_max_current, state.vehicle_max_power) == (30.0, 8_000.0)
    other = served()
    other.send(max_current=1000.0, max_power=1e6)
    other.play.reach(Stage.CHARGE_LOOP)
    assert other.play.evcc.state.vehicle_max_current == 100.0


def test_limits_of_a_goal_that_takes_over_are_no_fallen_limit_of_the_pack(served):
    one = served()
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.run(one.play.now + 1.0)
    one.play.tamper = lambda side, send, message: None if side == 'evse' else send
    one.send(max_current=5.0)
    one.play.run(one.play.now + 1.0)
    assert one.play.evcc.state.stage is Stage.CHARGE_LOOP


def test_a_second_goal_is_told_busy_and_the_first_goes_on(served):
    one = served()
    one.send(target_soc=0.55)
    second = one.send(target_soc=0.99)
    assert (second.end, second.code, second.error, second.reason) == (
        *(End.ABORTED, Code.BUSY),
        *('BUSY', BUSY),
    )
    one.outcomes.clear()
    assert one.outcome().soc < 0.57


@pytest.mark.parametrize('stage', [Stage.CABLE_CHECK, Stage.PRECHARGE, Stage.CHARGE_LOOP])
def test_cancel_is_a_clean_stop(served, stage):
    one = served()
    one.send()
    one.play.reach(stage)
    one.cancel()
    end = one.outcome()
    assert (end.end, end.code, end.error) == (End.CANCELED, Code.CANCELED, '')
    assert one.play.evcc.state.stage is Stage.FINISHED


def test_cancel_of_a_goal_that_is_just_reached_is_its_success(served):
    one = served()
    one.send(target_soc=0.55)
    one.play.run(60.0, lambda play: play.evcc.phase is Phase.ENDING)
    one.cancel()
    assert one.outcome().end is End.SUCCEEDED


def test_cancel_that_ends_in_a_fault_is_aborted_with_its_class(served):
    one = served()
    one.send()
    one.play.reach(Stage.CHARGE_LOOP)
    one.cancel()
    one.play.plugged = False
    one.play.vehicle.override = {'proximity': False}
    end = one.outcome()
    assert (end.end, end.code) == (End.ABORTED, Code.PLUG)


def test_a_fault_ends_the_goal_with_its_class_and_sentence(served):
    one = served()
    one.send()
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.vehicle.override = {'fault': 'the coolant pump stands still'}
    end = one.outcome()
    assert (end.end, end.code, end.error) == (End.ABORTED, Code.VEHICLE, 'VEHICLE_FAULT')
    assert end.reason == 'the coolant pump stands still'
    assert end.energy >= 0


def test_a_stop_by_somebody_else_is_no_success(served):
    one = served()
    one.send()
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.tell(one.play.evcc.stop)
    assert (one.outcome().end, one.outcome().code) == (End.ABORTED, Code.STOPPED)


def test_unplugged_a_goal_waits_for_the_plug(served):
    one = served(autostart=False)
    one.play.plugged = False
    one.play.vehicle.override = {'proximity': False}
    one.play.run(2.0)
    assert one.send(target_soc=0.55) is None
    one.play.run(5.0)
    assert one.goals.running and one.play.evcc.state.stage is Stage.IDLE
    one.play.plugged, one.play.vehicle.override = True, {}
    assert one.outcome().end is End.SUCCEEDED


def test_a_waiting_goal_can_be_canceled(served):
    one = served(autostart=False)
    one.play.plugged = False
    one.play.vehicle.override = {'proximity': False}
    one.play.run(2.0)
    one.send()
    one.cancel()
    assert one.outcome().end is End.CANCELED


def test_without_autostart_the_plug_alone_begins_nothing(served):
    one = served(autostart=False)
    one.play.run(10.0)
    state = one.play.evcc.state
    assert (state.stage, state.attempt) == (Stage.IDLE, 0)
    assert state.reason == 'waiting for a goal of charging/charge'
    one.send(target_soc=0.55)
    assert one.outcome().end is End.SUCCEEDED


def test_a_goal_that_is_reached_already_begins_no_charge(served):
    one = served(autostart=False)
    one.play.run(1.0)
    end = one.send(target_soc=0.4)
    assert end.end is End.SUCCEEDED
    one.play.run(5.0)
    assert one.play.evcc.state.attempt == 0


def test_after_a_session_a_goal_needs_the_plug_out_or_a_reset(served):
    one = served()
    one.send(target_soc=0.55)
    one.outcome()
    again = one.send(target_soc=0.6)
    assert (again.end, again.code) == (End.ABORTED, Code.NOT_READY)
    assert again.reason.endswith('unplug, or call charging/reset')


def test_while_latched_and_while_ending_no_goal_is_taken(served):
    one = served()
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.tell(one.play.evcc.emergency_stop)
    assert one.play.evcc.phase is Phase.ENDING
    assert one.send().code is Code.NOT_READY
    one.play.run(one.play.now + 5.0)
    assert 'only charging/reset helps' in one.send().reason


def test_emergency_stop_ends_a_waiting_goal_too(served):
    one = served(autostart=False)
    one.play.plugged = False
    one.play.vehicle.override = {'proximity': False}
    one.play.run(2.0)
    one.send()
    one.play.tell(one.play.evcc.emergency_stop)
    assert one.outcome().code is Code.EMERGENCY_STOP


def test_a_retried_attempt_is_not_the_end_of_a_goal(served):
    one = served()
    one.send(target_soc=0.55)
    one.play.reach(Stage.CABLE_CHECK)
    one.play.disconnect()
    end = one.outcome()
    assert end.end is End.SUCCEEDED
    assert len(one.play.ends('pev')) == 2


def test_told_to_end_a_charge_is_stopped_and_its_goal_aborted(served):
    one = served()
    one.send()
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.perform('pev', one.play.evcc.end(one.play.now, is_fault=False, reason='SIGINT'))
    end = one.outcome()
    assert (end.end, end.code, end.error) == (End.ABORTED, Code.NODE, 'TOLD_TO_END')


def test_told_to_end_a_waiting_goal_is_aborted(served):
    one = served(autostart=False)
    one.play.run(1.0)
    one.play.plugged = False
    one.play.vehicle.override = {'proximity': False}
    one.play.run(2.0)
    one.send()
    one.play.evcc.end(one.play.now, is_fault=False, reason='SIGINT')
    one.play.step()
    assert one.outcome().code is Code.NODE


@pytest.mark.parametrize(
    ('goal', 'word'),
    [
        ({'target_soc': 1.2}, 'target_soc is 1.2'),
        ({'target_soc': -0.1}, 'target_soc'),
        ({'energy': -1.0}, 'energy'),
        ({'energy': inf}, 'energy'),
        ({'max_current': -5.0}, 'max_current'),
        ({'max_power': inf}, 'max_power'),
        ({'departure': -30.0}, 'departure was 30 s ago'),
    ],
)
def test_what_cannot_be_a_goal_is_refused_with_its_sentence(served, goal, word):
    one = served()
    end = one.send(**goal)
    assert (end.end, end.code) == (End.ABORTED, Code.INVALID_GOAL)
    assert word in end.reason
    assert not one.goals.running


def test_remaining_time_is_that_of_the_nearest_target(served):
    one = served()
    one.send(target_soc=0.9, energy=200.0, departure=600.0)
    wishes, state = one.play.evcc.wishes, one.play.evcc.state
    assert wishes.remaining(state, one.play.now + 100.0) == 500.0
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.run(one.play.now + 2.0)
    state = one.play.evcc.state
    watts = state.present_voltage * state.present_current
    left = wishes.remaining(state, one.play.now)
    assert left == pytest.approx(3600 * (200 - state.energy) / watts)
    assert left < state.remaining_time


def test_remaining_time_of_a_state_of_charge_is_the_sessions(served):
    one = served()
    one.send(target_soc=0.9)
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.run(one.play.now + 2.0)
    state = one.play.evcc.state
    assert one.play.evcc.wishes.remaining(state, one.play.now) == state.remaining_time > 0
    one.cancel()
    one.outcome()
    assert isnan(one.play.evcc.wishes.remaining(one.play.evcc.state, one.play.now))


def test_without_a_goal_nothing_is_another(served):
    one = served()
    assert isnan(one.play.evcc.wishes.remaining(one.play.evcc.state, 5.0))
    one.play.vehicle.override = {'target_soc': 0.53}
    one.play.finish()
    assert one.outcomes == []
    assert one.play.evcc.state.soc >= 0.53
    stages = [e.state.stage for _, e in one.play.diary['pev'] if isinstance(e, StageChanged)]
    assert all(before <= after for before, after in pairwise(stages[1:]))


def own(**limits):
    return settings.EvccSettings(**limits)


def test_the_settings_end_a_charge_before_target_of_vehicle_and_goal(served):
    one = served(target_soc=0.55)
    one.play.run(60.0, lambda play: play.evcc.phase is Phase.OVER)
    assert 0.55 <= one.play.evcc.state.soc < 0.57
    assert one.play.evcc.state.reason == 'the pack has reached 55%'
    refused = served(target_soc=0.55).send(target_soc=0.6)
    assert (refused.code, refused.end) == (Code.INVALID_GOAL, End.ABORTED)
    assert refused.reason == 'target_soc is 0.6; the parameter target_soc is 0.55'


def test_the_settings_lower_what_is_asked_for_and_never_raise_it(served):
    one = served(max_current=30.0, max_power=8_000.0)
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.run(one.play.now + 1.0)
    state = one.play.evcc.state
    assert state.target_current == pytest.approx(8_000 / 350, rel=0.01)
    assert (state.vehicle_max_current, state.vehicle_max_power) == (30.0, 8_000.0)


def test_settings_as_they_come_are_no_limits_of_their_own(served):
    one = served()
    one.play.vehicle.limits |= {'max_power': 2e6, 'max_current': 1500.0}
    one.play.vehicle.override = {'max_inlet_current': 1500.0}
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.run(one.play.now + 1.0)
    state = one.play.evcc.state
    assert (state.vehicle_max_current, state.vehicle_max_power) == (1500.0, 2e6)


def test_a_limit_that_is_lowered_in_a_session_counts_from_the_next_request_on(served):
    one = served()
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.run(one.play.now + 1.0)
    lower = own(max_current=12.0)
    one.play.evcc.check(lower)
    one.play.perform('pev', one.play.evcc.adjust(lower, one.play.now))
    one.play.run(one.play.now + 0.3)
    assert one.play.evcc.state.target_current == 12.0
    assert one.play.evcc.state.stage is Stage.CHARGE_LOOP


@pytest.mark.parametrize('name', ['target_soc', 'max_current', 'max_power'])
def test_no_limit_is_raised_while_a_session_runs(served, name):
    one = served(**{name: 0.8})
    one.play.evcc.check(own(**{name: 0.9}))  # before
    one.play.reach(Stage.CABLE_CHECK)
    with pytest.raises(ValueError, match=f'while a session runs {name} may only be lowered'):
        one.play.evcc.check(own(**{name: 0.9}))
    one.play.evcc.check(own(**{name: 0.7}))


def test_a_goal_is_not_reached_by_the_target_of_settings_before_it(served):
    one = served(target_soc=0.5, autostart=False)
    one.play.run(1.0)
    assert one.play.evcc.reading.soc == 0.5
    higher = own(target_soc=0.9, autostart=False)
    one.play.perform('pev', one.play.evcc.adjust(higher, one.play.now))
    assert one.send(energy=1000.0) is None and one.goals.running


def test_a_target_that_is_lowered_below_the_goal_s_ends_it_without_success(served):
    one = served()
    one.send(target_soc=0.79)
    one.play.reach(Stage.CHARGE_LOOP)
    one.play.perform('pev', one.play.evcc.adjust(own(target_soc=0.53), one.play.now))
    end = one.outcome()
    assert (end.end, end.code) == (End.ABORTED, Code.STOPPED)
    assert end.reason == 'the pack has reached 53%' and end.soc < 0.56
