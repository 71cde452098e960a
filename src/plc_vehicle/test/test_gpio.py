# SPDX-License-Identifier: Apache-2.0
"""Outputs by GPIO in virtual time, and the sentences of lines that cannot be had."""

from math import isnan

from hypothesis import given, strategies as st
import pytest

from plc_kit.outputs import PILOT_C, VehicleOutputs
from plc_kit.run import CannotStart
from plc_vehicle.gear import A, B, C, E
from plc_vehicle.gpio_gear import GpioGear
from plc_vehicle.lines import (
    OUTPUTS,
    USES,
    GearSettings,
    Levels,
    LineSettings,
    LineWish,
    MissingLine,
    wishes,
)
from plc_vehicle.lock_motor import LockMotor
from plc_vehicle.pilot_duty import PilotDuty
from plc_vehicle.ports import gpio

CLOSED = VehicleOutputs(plus=True, minus=True, lock=True, pilot=PILOT_C)


class Bench:
    """A gear that is looked at every 10 ms."""

    def __init__(self, lines, **settings):
        self.lines, self.now = lines, 0.0
        self.gear = GpioGear(lines, GearSettings(**settings))
        self.look()

    def look(self, seconds=0.0):
        end = self.now + seconds
        sensed = self.gear.sense(self.now)
        while self.now < end - 1e-9:
            self.now += 0.01
            sensed = self.gear.sense(self.now)
        return sensed

    def drive(self, outputs):
        self.gear.drive(outputs, self.now)


@pytest.fixture
def bench(memory_lines):
    return Bench(memory_lines())


def test_nothing_is_active_before_somebody_commands(bench):
    bench.look(3.0)
    assert all(not any(active.values()) for active in bench.lines.written)
    assert set(bench.lines.active) == set(OUTPUTS)


def test_outputs_are_driven_and_their_feedback_is_told(bench):
    bench.drive(CLOSED)
    active = bench.lines.active
    assert active['contactor_plus'] and active['contactor_minus'] and active['pilot_c']
    sensed = bench.look(0.1)
    assert (sensed.plus, sensed.minus, sensed.lock, sensed.pilot) == (True, True, True, C)
    bench.drive(VehicleOutputs(lock=True))
    sensed = bench.look(0.1)
    assert (sensed.plus, sensed.minus, sensed.lock, sensed.pilot) == (False, False, True, B)


def test_the_lock_motor_stops_at_its_feedback_and_at_its_time(bench):
    bench.drive(VehicleOutputs(lock=True))
    assert bench.lines.active['lock_close']
    bench.look(0.05)
    assert not bench.lines.active['lock_close']
    bench.lines.stuck = {'lock_feedback': True}
    bench.drive(VehicleOutputs(lock=False))
    assert bench.lines.active['lock_open']
    assert bench.look(1.45).lock is True
    assert bench.lines.active['lock_open']
    bench.look(0.1)
    assert not bench.lines.active['lock_open']


@given(st.lists(st.tuples(st.booleans(), st.sampled_from((None, False, True)), st.floats(0, 3))))
def test_a_lock_motor_never_runs_both_ways_nor_longer_than_its_time(orders):
    motor, now, since, before = LockMotor(1.5, assume=False), 0.0, 0.0, None
    assert motor.runs(None, now) == (False, False)
    for wanted, feedback, pause in orders:
        motor.want(wanted, now)
        since, before = (now, wanted) if wanted != before else (since, before)
        now += pause
        lock, unlock = motor.runs(feedback, now)
        assert not (lock and unlock)
        assert not (lock or unlock) or now - since < 1.5
        assert motor.locked(feedback, now) is feedback


def test_a_lock_without_feedback_is_taken_as_done_only_where_the_user_says_so():
    for assume in (True, False):
        motor = LockMotor(1.5, assume=assume)
        motor.want(True, 0.0)
        assert motor.locked(None, 1.4) is None
        assert motor.locked(None, 1.5) is (True if assume else None)


def test_a_bouncing_feedback_is_not_believed(bench):
    bench.drive(CLOSED)
    assert bench.look(0.1).plus is True
    bench.lines.stuck = {'contactor_plus_feedback': False}
    assert bench.gear.sense(bench.now).plus is True
    bench.lines.stuck = {}
    assert bench.look(0.1).plus is True
    bench.lines.stuck = {'contactor_plus_feedback': False}
    assert bench.look(0.02).plus is False


def test_the_pilot_is_read_from_its_edges(bench):
    sensed = bench.look(0.1)
    assert (sensed.pilot, round(sensed.duty, 3)) == (B, 0.05)
    bench.lines.duty = 1.0
    assert (bench.look(0.1).pilot, bench.look(0.1).duty) == (B, 1.0)
    bench.lines.duty = 0.0
    lost = bench.look(0.1)
    assert lost.pilot == E and isnan(lost.duty)
    bench.lines.proximity = False
    assert bench.look(0.1).pilot == A


@pytest.mark.parametrize('duty', [0.05, 1.0])
def test_a_plug_whose_release_button_is_pressed_shows_its_pilot_still(bench, duty):
    """Who drives must not take it for pulled (R31), nor a session for a new plug-in (R5)."""
    bench.lines.duty, bench.lines.proximity = duty, False
    sensed = bench.look(0.1)
    assert (sensed.proximity, sensed.pilot, round(sensed.duty, 3)) == (False, B, duty)
    bench.lines.duty = 0.0
    assert bench.look(0.1).pilot == A


def test_noise_on_a_pilot_that_is_lost_keeps_no_duty():
    pilot = PilotDuty()
    pilot.see([(n * 0.001 + share, share == 0.0) for n in range(8) for share in (0, 5e-5)], 0.01)
    assert pilot.duty(0.01) == pytest.approx(0.05)
    for n in range(10):
        at = 0.02 + 0.01 * n
        pilot.see([(at + k * 2e-5, k % 2 == 0) for k in range(20)], at)
    assert not pilot.oscillates(at) and isnan(pilot.duty(at))


def test_without_a_proximity_line_a_dead_pilot_is_an_unplugged_one(memory_lines):
    lines = memory_lines()
    read = lines.read

    def without():
        levels = read()
        active = {n: on for n, on in levels.active.items() if n != 'proximity'}
        return Levels(active, levels.edges)

    lines.read = without
    bench = Bench(lines)
    assert bench.look(0.1).proximity
    lines.duty = 0.0
    assert not bench.look(0.1).proximity


def test_what_is_not_wired_is_assumed_only_where_the_user_says_so(memory_lines):
    lines = memory_lines()
    lines.read = lambda: Levels({'lock_feedback': False}, ())
    assert Bench(lines).look().pilot == A
    sensed = Bench(lines, assume_plugged=True).look()
    assert (sensed.proximity, sensed.pilot, sensed.duty) == (True, B, 0.05)
    assert sensed.plus is None


@given(st.floats(0.01, 0.99), st.floats(0.00095, 0.00105))
def test_any_duty_is_told_as_it_is(duty, period):
    pilot = PilotDuty()
    edges = [(n * period + share * period, share == 0.0) for n in range(8) for share in (0, duty)]
    pilot.see(edges, 1.0)
    assert pilot.duty(1.0) == pytest.approx(duty, abs=1e-6)
    assert isnan(pilot.duty(1.1))


def named(**lines):
    return LineSettings(**{f'{name}_line': where for name, where in lines.items()})


BARE = {'pilot_c': 'gpiochip0:1', 'contactor_plus': 'gpiochip0:2', 'contactor_minus': 'K2'}


def test_lines_that_are_needed_are_asked_for():
    with pytest.raises(MissingLine, match='contactor_minus_line'):
        wishes(named(pilot_c='a', contactor_plus='b'), GearSettings())
    with pytest.raises(MissingLine, match='assume_plugged:=true'):
        wishes(named(**BARE), GearSettings())
    with pytest.raises(MissingLine, match='assume_lock:=true'):
        wishes(named(**BARE), GearSettings(assume_plugged=True))
    bench = GearSettings(assume_plugged=True, assume_lock=True)
    assert [wish.name for wish in wishes(named(**BARE), bench)] == list(BARE)


def test_the_active_level_is_a_parameter_of_each_line(named_lines):
    settings = LineSettings(**named_lines, contactor_plus_active='low')
    found = {wish.name: wish.active_low for wish in wishes(settings, GearSettings())}
    assert found == {name: name == 'contactor_plus' for name in USES}


@pytest.mark.parametrize('where', ['gpiochip99:4', '99:4', '/dev/gpiochip99:4'])
def test_a_chip_that_is_not_there_is_one_sentence(where):
    with pytest.raises(CannotStart, match=r'/dev/gpiochip99 is not there'):
        gpio.GpiodLines([LineWish('pilot_c', where, False)])


def test_a_name_that_no_line_has_is_one_sentence():
    with pytest.raises(CannotStart, match='no GPIO line is named K7'):
        gpio.GpiodLines([LineWish('pilot_c', 'K7', False)])


class Expander:
    """A request of the kernel's; refuses once it is unplugged."""

    def __init__(self, dead):
        self.dead, self.values, self.released = dead, {}, False

    def set_values(self, values):
        if self.dead:
            raise OSError(5, 'Input/output error')
        self.values.update(values)

    def release(self):
        self.released = True
        if self.dead:
            raise OSError(5, 'Input/output error')


def test_a_dead_expander_does_not_keep_the_lines_of_another(monkeypatch):
    made = {}

    def request(chip, **_):
        made[chip] = Expander(dead=chip == 'dead')
        return made[chip]

    monkeypatch.setattr(gpio, 'find', lambda where: tuple(where.split(':')))
    monkeypatch.setattr(gpio.gpiod, 'request_lines', request)
    places = {'contactor_plus': 'dead:1', 'contactor_minus': 'live:2'}
    lines = gpio.GpiodLines(LineWish(name, where, False) for name, where in places.items())
    with pytest.raises(OSError, match='Input/output error'):
        lines.write(dict.fromkeys(places, True))
    assert made['live'].values == {'2': gpio.Value.ACTIVE}
    lines.close()
    assert made['live'].values == {'2': gpio.Value.INACTIVE}
    assert all(expander.released for expander in made.values())
