# SPDX-License-Identifier: Apache-2.0
"""A command ends by itself, and nothing closes again behind a hiccup (R6)."""

import math

import pytest

from plc_kit.lease import Lease, Refused, Terms


def terms(sequence=1, session_id=7, valid_for=0.5, age=0.0):
    return Terms(session_id, sequence, valid_for, age)


def held(now=0.0):
    lease = Lease()
    lease.renew(terms(1), now, safe=True)
    return lease


def test_nobody_holds_it_at_first():
    assert Lease().lapsed(0.0)


def test_it_lapses_when_nobody_renews_it():
    lease = held(now=10.0)
    assert not lease.lapsed(10.49)
    assert lease.lapsed(10.5)


def test_the_first_command_must_be_safe():
    with pytest.raises(Refused, match='safe'):
        Lease().renew(terms(), 0.0, safe=False)


def test_after_a_lapse_the_same_session_must_begin_with_safe_outputs():
    lease = held()
    with pytest.raises(Refused, match='safe'):
        lease.renew(terms(2), 1.0, safe=False)
    lease.renew(terms(3), 1.0, safe=True)
    lease.renew(terms(4), 1.1, safe=False)
    assert not lease.lapsed(1.2)


def test_a_foreign_session_waits_until_the_lease_lapses():
    lease = held()
    with pytest.raises(Refused, match='another session'):
        lease.renew(terms(1, session_id=8), 0.1, safe=True)
    lease.renew(terms(1, session_id=8), 0.6, safe=True)


@pytest.mark.parametrize(
    ('command', 'why'),
    [
        (terms(1), 'sequence'),
        (terms(2, age=60.0), 'stamp'),
        (terms(2, age=-60.0), 'stamp'),
        (terms(2, valid_for=0.0), 'valid_for'),
        (terms(2, valid_for=3600.0), 'valid_for'),
        (terms(2, valid_for=math.nan), 'finite'),
    ],
)
def test_a_played_back_or_broken_command_moves_nothing(command, why):
    lease = held()
    with pytest.raises(Refused, match=why):
        lease.renew(command, 0.1, safe=True)
    assert lease.deadline == 0.5


@pytest.mark.parametrize('setpoint', [math.nan, math.inf, -math.inf])
def test_abuse_45_a_setpoint_that_is_no_number_is_refused(setpoint):
    with pytest.raises(Refused, match='finite'):
        held().renew(terms(2), 0.1, safe=True, setpoints=[400.0, setpoint])
