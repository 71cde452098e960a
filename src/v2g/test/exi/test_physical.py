# SPDX-License-Identifier: Apache-2.0
from math import inf, nan

from hypothesis import given, strategies as st
import pytest

from v2g.schema.physical import in_unit, scale, unscale

MULTIPLIERS = st.integers(-3, 3)
VALUES = st.integers(-(2**15), 2**15 - 1)


@given(MULTIPLIERS, VALUES)
def test_what_a_peer_can_send_is_kept(multiplier, value):
    number = unscale(multiplier, value)
    assert unscale(*scale(number)) == number


@given(st.floats(-32767500, 32767499, allow_nan=False))
def test_no_other_multiplier_loses_less(number):
    lost = abs(unscale(*scale(number)) - number)
    for multiplier in range(-3, 4):
        factor = 10.0**multiplier
        value = round(number / factor)
        if -(2**15) <= value < 2**15:
            assert lost <= abs(unscale(multiplier, value) - number) + 1e-12 * abs(number)


@pytest.mark.parametrize(
    ('number', 'sent'),
    [
        (400.0, (0, 400)),
        (400.5, (-1, 4005)),
        (57.25, (-2, 5725)),
        (0.1234, (-3, 123)),
        (50000.0, (1, 5000)),
        (-20.0, (0, -20)),
        (32767000.0, (3, 32767)),
        (0.0, (0, 0)),
    ],
)
def test_the_plainest_multiplier_is_chosen(number, sent):
    assert scale(number) == sent


@pytest.mark.parametrize('number', [nan, inf, -inf, 32768000.0, -1e9])
def test_abuse_29_what_does_not_fit_is_refused(number):
    with pytest.raises(ValueError, match='physical value'):
        scale(number)


def test_units_of_the_same_kind_are_converted():
    assert in_unit('s', 'm') == 60
    assert in_unit('s', 'h') == 3600
    assert in_unit('W', 'VA') == 1
    assert in_unit('V', None) == 1


def test_abuse_29_a_unit_of_another_kind_is_refused():
    with pytest.raises(ValueError, match='a value in A where V is due'):
        in_unit('V', 'A')
