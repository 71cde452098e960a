# SPDX-License-Identifier: Apache-2.0
"""The bench load: never early, never more than was set, never a pack."""

from math import nan

from hypothesis import given, strategies as st
import pytest

from plc_vehicle.bench_load import (
    CHARGE_LOOP,
    SETTLING,
    STOP,
    STORY_AGE,
    BenchLoad,
    LoadSettings,
    PackConfigured,
)
from plc_vehicle.gear import Sensed
from plc_vehicle.pack import PackReading, PackSettings
from plc_vehicle.status import status_of
from v2g.session.evcc.demand import Demand
from v2g.session.evcc.settings import EvccSettings
from v2g.session.exchange import Limits, Step
from v2g.session.readings import VehicleReading

PRECHARGE = 14


class Play:
    """A load whose session is told every 0.5 s, and that is looked at every 50 ms."""

    def __init__(self, **settings):
        self.load, self.now, self.stage = BenchLoad(LoadSettings(**settings)), 0.0, 0
        self.told = True

    def go(self, seconds, stage=None):
        if stage is not None:
            self.stage = stage
            self.load.session(stage, self.now)
        for step in range(round(seconds / 0.05)):
            self.now += 0.05
            if self.told and step % 10 == 9:
                self.load.session(self.stage, self.now)
            self.load.tick(self.now)
        return self.load.connected

    def close(self, closed=True):
        self.load.command(closed, self.now)


@pytest.fixture
def play():
    return Play()


def test_lesson_71_the_load_is_connected_two_seconds_into_the_loop(play):
    play.go(1.0, PRECHARGE)
    play.close()
    assert not play.go(3.0)
    assert not play.go(1.9, CHARGE_LOOP)
    assert play.go(0.2)


def test_it_is_disconnected_when_the_contactors_shall_open_and_not_connected_again(play):
    play.close()
    play.go(3.0, CHARGE_LOOP)
    play.go(0.1, STOP)
    play.close(False)
    assert not play.load.connected
    play.close()
    assert not play.go(5.0)


def test_a_session_that_stops_in_those_two_seconds_never_connects(play):
    play.close()
    play.go(1.0, CHARGE_LOOP)
    assert not play.go(5.0, STOP)
    assert not play.go(1.9, CHARGE_LOOP)


def test_a_session_that_falls_silent_connects_nothing(play):
    play.close()
    play.go(0.4, CHARGE_LOOP)
    play.told = False
    assert not play.go(5.0)


def test_the_load_time_ends_as_a_wish(play):
    play.close()
    play.go(2.1, CHARGE_LOOP)
    assert play.go(29.0) and play.load.charge_wanted(play.now)
    play.go(1.0)
    assert not play.load.charge_wanted(play.now)


def test_its_contactor_says_nothing_before_the_load_is_connected_and_open_after_a_stop(play):
    load = play.load
    for stage in (0, 6, PRECHARGE):
        play.go(1.0, stage)
        assert load.feedback(False, play.now) is None
    play.close()
    play.go(1.9, CHARGE_LOOP)
    assert load.feedback(False, play.now) is None
    play.go(0.2)
    assert load.feedback(False, play.now) is None
    assert load.feedback(True, play.now) is True
    assert load.feedback(False, play.now) is False
    assert load.feedback(None, play.now) is None
    play.go(0.1, STOP)
    play.close(False)
    assert load.feedback(False, play.now) is False


def test_a_contactor_that_nobody_has_closed_is_told_as_closed(play):
    assert play.load.feedback(True, play.now) is True


def test_a_contactor_that_does_not_close_is_told_as_open(play):
    play.close()
    play.go(2.1, CHARGE_LOOP)
    play.go(1.1)
    assert play.load.feedback(False, play.now) is False


@pytest.mark.parametrize(
    ('volts', 'amperes', 'word'),
    [(245.0, 1.0, '245 V'), (230.0, 12.0, '12.0 A'), (230.0, 10.4, '2392 W')],
)
def test_more_than_was_set_is_a_fault(play, volts, amperes, word):
    play.close()
    play.go(2.1, CHARGE_LOOP)
    play.load.measured(230.0, 4.6, '')
    assert play.load.fault == ''
    play.load.measured(volts, amperes, '')
    assert word in play.load.fault


@pytest.mark.parametrize('battery', ['topic', 'can', 'parameters'])
def test_a_pack_that_is_configured_is_refused_with_a_sentence(battery):
    with pytest.raises(PackConfigured, match=f'battery:={battery}'):
        BenchLoad(LoadSettings(battery=battery))


def test_a_pack_that_shows_itself_is_a_fault_and_nothing_closes(play):
    play.load.measured(0.0, 0.0, 'battery_state')
    assert 'battery_state' in play.load.fault
    play.close()
    assert not play.go(5.0, CHARGE_LOOP)
    wired = Play()
    wired.load.measured(355.0, nan, '')
    assert '355 V' in wired.load.fault


EVENT = st.one_of(
    st.tuples(st.just('command'), st.booleans()),
    st.tuples(st.just('session'), st.sampled_from((0, PRECHARGE, CHARGE_LOOP, CHARGE_LOOP, STOP))),
    st.tuples(st.just('volts'), st.sampled_from((0.0, 230.0, 355.0, nan))),
    st.tuples(st.just('wait'), st.floats(0.0, 3.0)),
)


@given(st.lists(EVENT, max_size=60))
def test_connected_means_commanded_and_two_seconds_of_a_living_loop(events):
    load, now, commanded, loop_since, told_at = BenchLoad(LoadSettings()), 0.0, False, None, -9.0
    for kind, value in events:
        before = load.connected
        if kind == 'command':
            commanded = value
            load.command(value, now)
        elif kind == 'session':
            loop_since = (
                None if value != CHARGE_LOOP else now if loop_since is None else loop_since
            )
            told_at = now
            load.session(value, now)
        elif kind == 'volts':
            load.measured(value, nan, '')
        else:
            now += value
            load.tick(now)
        assert commanded or not load.connected
        if load.connected and not before:
            assert loop_since is not None and now - loop_since >= SETTLING
            assert now - told_at <= STORY_AGE and not load.fault


@given(
    st.floats(150.0, 1000.0),
    st.floats(1.0, 100.0),
    st.floats(100.0, 50000.0),
    st.builds(
        Limits,
        max_voltage=st.floats(0.0, 1500.0),
        max_current=st.floats(0.0, 1000.0),
        max_power=st.one_of(st.just(nan), st.floats(0.0, 1e6)),
    ),
)
def test_no_charger_is_ever_asked_for_more_than_was_set(volts, amperes, watts, charger):
    settings = LoadSettings(load_voltage=volts, load_current=amperes, load_power=watts)
    pack = PackReading(settings.load_voltage, nan, 0.5, volts, amperes, watts)
    fields = status_of(pack, Sensed(), PackSettings(target_soc=1.0, bulk_soc=1.0))
    reading = VehicleReading(**fields)
    demand = Demand(EvccSettings(), bytes(6))
    for step in (Step.PRECHARGE, Step.CHARGE_LOOP):
        ask = demand.ask(step, bytes(8), reading, charger)
        assert ask.target_voltage <= volts
        if step is Step.CHARGE_LOOP:
            assert ask.target_current <= amperes
            assert ask.target_voltage * ask.target_current <= watts * (1 + 1e-9)
        assert not ask.complete


def test_safety_6_a_connected_load_has_the_voltage_of_its_inlet(play):
    """A charger that is at its current limit gives less than was set."""
    assert play.load.voltage(150.0) == 230.0
    play.close()
    assert play.go(SETTLING + 0.1, CHARGE_LOOP)
    assert [play.load.voltage(volts) for volts in (150.0, 0.0, nan)] == [150.0, 230.0, 230.0]
