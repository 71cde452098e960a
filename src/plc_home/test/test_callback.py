# SPDX-License-Identifier: Apache-2.0
"""What is posted when, in virtual time (R18)."""

from math import nan

from hypothesis import given, strategies as st
import pytest

from plc_home.callback import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    Answer,
    Callback,
    Cancel,
    Post,
    State,
    Value,
)

FIFTY, SIXTY, SEVENTY = (Value(soc, 100, 28_000, 9_000, '0123456789ab') for soc in (50, 60, 70))


@pytest.fixture
def callback():
    return Callback(period=10.0, max_age=60.0)


def good(number=1):
    return Answer(number, 200, 0.1)


def bad(number=1):
    return Answer(number, 500, 0.1, 'HTTP 500')


def test_unknown_is_minus_one_and_all_are_plain_integers():
    value = Value.of(0.273, nan, nan, 9_000.4, 'ab')
    assert value == Value(27, -1, -1, 9_000, 'ab')
    assert Value.of(nan, nan, nan, nan, '') == Value()
    assert Value.of(0.0, 0.0, 0.0, 0.0, '').current_soc == 0


def test_the_first_value_goes_at_once_and_the_same_again_not_at_all(callback):
    assert callback.value(FIFTY, 0.0, 0.0) == [Post(1, FIFTY)]
    callback.answered(good(), 0.1)
    assert callback.value(FIFTY, 0.5, 0.5) == []
    assert callback.deadline is None
    assert callback.told.delivered == 1


def test_a_change_goes_10_s_after_the_last_request_and_only_the_newest(callback):
    callback.value(FIFTY, 0.0, 0.0)
    callback.answered(good(), 0.1)
    assert callback.value(SIXTY, 3.0, 3.0) == []
    assert callback.value(SEVENTY, 4.0, 4.0) == []
    assert callback.deadline == 10.0
    assert callback.tick(10.0) == [Post(2, SEVENTY)]


def test_a_failure_is_tried_again_after_pauses_that_double(callback):
    callback.value(FIFTY, 0.0, 0.0)
    now, pauses = 0.0, []
    for number in range(1, 8):
        callback.value(FIFTY, now, now)  # the vehicle is still there
        assert callback.answered(bad(number), now) == []
        pauses.append(callback.deadline - now)
        now = callback.deadline
        assert callback.tick(now) == [Post(number + 1, FIFTY)]
    assert pauses[:5] == [FIRST_PAUSE, 2.0, 4.0, 8.0, 16.0]
    assert set(pauses[5:]) == {LONGEST_PAUSE}
    assert callback.told.tries == 8


def test_the_newest_value_prevails_over_the_one_that_failed(callback):
    callback.value(FIFTY, 0.0, 0.0)
    callback.value(SIXTY, 0.5, 0.5)
    callback.answered(bad(), 1.0)
    assert callback.tick(2.0) == [Post(2, SIXTY)]


def test_a_value_is_dropped_after_60_s(callback):
    callback.value(FIFTY, 0.0, 0.0)
    callback.answered(bad(), 1.0)
    for number in range(2, 40):
        events = callback.tick(callback.deadline or 1e9)
        if not events:
            break
        callback.answered(bad(number), callback._not_before - 9)
    assert callback.deadline is None
    assert callback.told.state is State.DROPPED
    assert callback.value(FIFTY, 100.0, 100.0) != []  # told anew, it is worth telling


def test_a_request_that_hangs_is_given_up_with_its_value(callback):
    callback.value(FIFTY, 0.0, 0.0)
    assert callback.deadline == 60.0
    assert callback.tick(60.0) == [Cancel(1)]
    assert callback.answered(good(), 61.0) == []
    assert callback.told.delivered == 0


def test_nothing_of_a_vehicle_that_has_left_is_sent(callback):
    callback.vehicle(1000.0, 0.0)
    callback.value(FIFTY, 0.0, 0.0)
    callback.value(SIXTY, 1.0, 1.0)
    assert callback.vehicle(1000.2, 1.5) == []  # the same, told with another fraction
    assert callback.vehicle(0.0, 2.0) == [Cancel(1)]
    assert callback.deadline is None
    assert callback.told.state is State.DROPPED
    assert callback.tick(1000.0) == []


def test_the_next_vehicle_is_told_at_once_even_with_the_same_numbers(callback):
    callback.vehicle(1000.0, 0.0)
    callback.value(FIFTY, 0.0, 0.0)
    callback.answered(good(), 0.1)
    callback.vehicle(1005.0, 5.0)  # without a word of the moment between
    assert callback.value(FIFTY, 6.0, 6.0) == [Post(2, FIFTY)]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(['value', 'left', 'good', 'bad', 'wait']),
        st.integers(0, 5),
        st.floats(0.0, 40.0),
    ),
    max_size=60,
)


@given(STEPS)
def test_whatever_happens_one_request_is_under_way_and_no_value_is_foreign_or_old(steps):
    callback, now = Callback(10.0, 60.0), 0.0
    vehicle, told, under_way = 0, {}, None

    def perform(events):
        nonlocal under_way
        for event in events:
            if isinstance(event, Cancel):
                assert event.number == under_way
                under_way = None
            else:
                assert under_way is None
                under_way = event.number
                assert event.value.evccid == str(vehicle)
                assert now - told[event.value] < 60.0

    def pass_time(until):
        nonlocal now
        while callback.deadline is not None and callback.deadline <= until:
            now = max(now, callback.deadline)
            perform(callback.tick(now))
        now = until

    for what, soc, seconds in steps:
        match what:
            case 'value':
                value = Value(current_soc=soc, evccid=str(vehicle))
                told[value] = now
                perform(callback.value(value, now, now))
            case 'left':
                vehicle += 1
                perform(callback.vehicle(100.0 * vehicle, now))
            case 'good' | 'bad' if under_way is not None:
                number, under_way = under_way, None
                perform(callback.answered((good if what == 'good' else bad)(number), now))
            case 'wait':
                pass_time(now + seconds)


def test_a_shorter_period_counts_for_the_value_that_waits(callback):
    callback.value(FIFTY, 0.0, 0.0)
    callback.answered(good(1), 0.1)
    assert callback.value(SIXTY, 1.0, 1.0) == []
    assert callback.adjust(2.0, 60.0, 1.5) == [] and callback.deadline == 2.0
    assert callback.tick(2.0) == [Post(2, SIXTY)]


def test_a_shorter_period_does_not_shorten_the_pause_after_a_failure(callback):
    callback.value(FIFTY, 0.0, 0.0)
    callback.answered(bad(1), 0.1)
    assert callback.adjust(0.1, 60.0, 0.2) == []
    assert callback.next_try == 0.1 + FIRST_PAUSE


def test_a_shorter_max_age_gives_up_what_is_older(callback):
    callback.value(FIFTY, 0.0, 0.0)
    assert callback.adjust(10.0, 5.0, 6.0) == [Cancel(1)]
    assert callback.told.state is State.DROPPED


def test_another_receiver_gets_what_was_on_its_way_to_the_one_before(callback):
    callback.value(FIFTY, 0.0, 0.0)
    assert callback.elsewhere(0.5) == [Cancel(1), Post(2, FIFTY)]
    assert callback.answered(good(1), 0.6) == []  # of the one before: too late
    assert callback.told.delivered == 0
    callback.value(SIXTY, 0.7, 0.7)
    assert callback.elsewhere(0.8) == [Cancel(2), Post(3, SIXTY)]  # the newest


def test_another_receiver_is_told_what_the_one_before_knows(callback):
    callback.value(FIFTY, 0.0, 0.0)
    callback.answered(good(1), 0.1)
    assert callback.elsewhere(1.0) == []
    assert callback.value(FIFTY, 1.5, 1.5) == [Post(2, FIFTY)]
