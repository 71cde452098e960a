# SPDX-License-Identifier: Apache-2.0
"""Arithmetic, choice and the wish for a key."""

from hypothesis import given, strategies as st
import pytest

from plc_modem.homeplug.keys import nid_of, pseudonym
from plc_modem.state import Modem, ModemState
from plc_msgs.msg import ControlPilot, ModemStatus, SlacStatus
from slac.attenuation import mean, mean_profile, measured
from slac.ev.choice import Chosen, Undecided, choose
from slac.key_wish import REPEAT, KeyWish
from slac.values import Phase, Pilot, SetKey

NMK = bytes(range(16))


def test_the_mean_of_each_group_is_rounded_half_up():
    assert mean_profile([b'\x0a\x01', b'\x0b\x02']) == b'\x0b\x02'
    assert mean_profile([b'\x0a'] * 9 + [b'\x0b']) == b'\x0a'


@given(
    st.lists(st.binary(min_size=58, max_size=58), min_size=1, max_size=40), st.integers(-50, 50)
)
def test_no_mean_leaves_the_octet(profiles, offset):
    result = mean_profile(profiles, offset)
    assert len(result) == 58
    if offset == 0:
        assert all(
            min(group) <= m <= max(group) for m, *group in zip(result, *profiles, strict=True)
        )


@pytest.mark.parametrize('db', [1, 5, 10, 254])
@pytest.mark.parametrize('offset', [-40, -10, 40])
def test_line_1_and_lesson_04_no_offset_makes_a_profile_of_one_extreme(db, offset):
    assert measured(mean_profile([bytes([db] * 58)], offset))
    for extreme in (bytes(58), b'\xff' * 58):
        assert not measured(mean_profile([extreme], 0))


def test_a_profile_of_zeros_or_ones_alone_is_no_measurement():
    assert [measured(p) for p in (b'', bytes(58), b'\xff' * 58, b'\x0b' * 58)] == [
        False,
        False,
        False,
        True,
    ]
    assert mean(b'\x0a\x0c') == 11


@pytest.mark.parametrize(
    ('means', 'choice'),
    [
        ({'a': 11}, Chosen('a')),
        ({'a': 11, 'b': 15}, Chosen('a')),
        ({'a': 11, 'b': 14}, Undecided),
        ({'a': 48}, Chosen('a')),
        ({'a': 48, 'b': 41}, Chosen('b')),
        ({'a': 48, 'b': 45}, Undecided),
        ({'a': 0}, Undecided),
        ({'a': 0, 'b': 48}, Chosen('b')),
        ({'a': 255, 'b': 0}, Undecided),
    ],
)
def test_line_1_the_nearest_charger_is_chosen_if_it_is_clearly_the_nearest(means, choice):
    chosen = choose({mac: bytes([db]) * 58 for mac, db in means.items()}, 3.0)
    assert chosen == choice if isinstance(choice, Chosen) else isinstance(chosen, choice)


def test_a_key_is_asked_for_until_the_modem_has_it():
    wish = KeyWish()
    assert wish.set(NMK, 0.0) == [SetKey(NMK, nid_of(NMK))]
    wish.modem(Modem(ModemState.FOUND, 'a'), 0.1)
    assert wish.tick(REPEAT) == [SetKey(NMK, nid_of(NMK))]
    wish.modem(Modem(ModemState.SETTING_KEY, 'a'), 1.1)
    assert wish.tick(3.0) == []
    network = pseudonym(NMK)
    wish.modem(Modem(ModemState.RESTARTING, 'a', network=network), 3.1)
    assert not wish.granted(Modem(ModemState.RESTARTING, 'a', network=network))
    assert wish.granted(Modem(ModemState.READY, 'a', network=network))
    assert wish.deadline is None


def test_a_modem_that_comes_back_without_the_key_gets_it_again():
    wish = KeyWish()
    wish.set(NMK, 0.0)
    wish.modem(Modem(ModemState.READY, 'a', network=pseudonym(NMK)), 0.5)
    assert wish.modem(Modem(ModemState.SEARCHING), 9.0) == []
    assert wish.modem(Modem(ModemState.FOUND, 'a'), 9.5) == [SetKey(NMK, nid_of(NMK))]


def test_a_key_is_not_shown_by_accident():
    assert NMK.hex() not in repr(SetKey(NMK, b'')).replace('\\x', '')
    assert 'nmk' not in repr(SetKey(NMK, b''))


@pytest.mark.parametrize(
    ('state', 'duty', 'seen'),
    [
        (ControlPilot.A, 1.0, Pilot(unplugged=True)),
        (ControlPilot.B, 0.05, Pilot(plugged=True, digital=True)),
        (ControlPilot.C, 0.05, Pilot(plugged=True, digital=True)),
        (ControlPilot.B, 1.0, Pilot(plugged=True)),
        (ControlPilot.B, float('nan'), Pilot(plugged=True)),
        (ControlPilot.A, 0.05, Pilot(unplugged=True)),
        (ControlPilot.E, 0.05, Pilot()),
        (ControlPilot.UNKNOWN, 0.05, Pilot()),
    ],
)
def test_the_pilot_is_read_as_the_standard_means_it(state, duty, seen):
    assert Pilot.of(state, duty) == seen


def test_numbers_of_values_are_those_of_the_messages():
    assert {p.name: p.value for p in Phase} == _constants(SlacStatus, Phase.__members__)
    assert {s.name: s.value for s in ModemState} == _constants(ModemStatus, ModemState.__members__)


def _constants(message, names):
    return {name: getattr(message, name) for name in names}
