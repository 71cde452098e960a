# SPDX-License-Identifier: Apache-2.0
import stat

from hypothesis import given, settings, strategies as st
import pytest

from plc_web.access import LocalToken, Password, TooWeak, Tries, Visits, alone_in

HOUR = 3600.0
MARK = 'of the present password'


def visits_of(mark=MARK):
    return Visits(lambda: mark)


def test_a_password_is_kept_as_a_hash_that_its_owner_alone_can_read(tmp_path):
    password = Password(tmp_path / 'password')
    assert not password.is_set and not password.matches('')
    password.set('a long enough one')
    assert password.matches('a long enough one')
    assert not password.matches('a long enough two')
    assert 'long' not in (tmp_path / 'password').read_text()
    assert stat.S_IMODE((tmp_path / 'password').stat().st_mode) == 0o600


def test_the_same_password_has_another_hash_each_time(tmp_path):
    password = Password(tmp_path / 'password')
    password.set('a long enough one')
    first = (tmp_path / 'password').read_text()
    password.set('a long enough one')
    assert (tmp_path / 'password').read_text() != first


@pytest.mark.parametrize('text', ['', 'short', 'x' * 2000])
def test_what_is_no_password_is_refused_and_the_old_one_stays(tmp_path, text):
    password = Password(tmp_path / 'password')
    password.set('a long enough one')
    with pytest.raises(TooWeak):
        password.set(text)
    assert password.matches('a long enough one') and not password.matches(text)


def test_a_session_ends_by_disuse_by_age_and_by_logging_out():
    visits = visits_of()
    idle, old, left = (visits.begin(MARK, 0.0) for _ in range(3))
    assert visits.find(idle, HOUR - 1) and visits.find(idle, 2 * HOUR - 2)
    assert visits.find(idle, 3 * HOUR) is None
    for hour in range(13):
        found = visits.find(old, hour * 0.99 * HOUR)
    assert found is not None and visits.find(old, 12.1 * HOUR) is None
    assert visits.find(left, 1.0)
    visits.end(left)
    assert visits.find(left, 2.0) is None


def test_desk_8_another_password_whoever_sets_it_sends_everybody_out(tmp_path):
    password = Password(tmp_path / 'password')
    password.set('a long enough one')
    visits = Visits(lambda: password.mark)
    before = password.mark
    cookie = visits.begin(before, 0.0)
    visit = visits.find(cookie, 0.0)
    assert visits.knows(visit, 1.0)
    Password(tmp_path / 'password').set('a long enough two')  # as the command does
    assert visits.find(cookie, 1.0) is None and not visits.knows(visit, 1.0)
    late = visits.begin(before, 2.0)  # the old one was still being looked at
    assert visits.find(late, 2.0) is None
    assert visits.find(visits.begin(password.mark, 2.0), 2.0)


@pytest.mark.parametrize(
    'octets', [b'', b'{}', b'[]', b'\xff', b'{"salt": "0", "hash": ""}', None]
)
def test_desk_8_a_password_file_that_holds_none_lets_nobody_in(tmp_path, octets):
    path = tmp_path / 'password'
    path.mkdir() if octets is None else path.write_bytes(octets)
    password = Password(path)
    assert not password.is_set and not password.matches('a long enough one')


def test_desk_8_a_state_folder_has_one_page(tmp_path):
    alone_in(tmp_path)
    with pytest.raises(OSError, match='another page runs with the state folder'):
        alone_in(tmp_path)


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_no_made_up_cookie_is_a_session(cookie):
    visits = visits_of()
    visits.begin(MARK, 0.0)
    assert visits.find(cookie, 1.0) is None


def test_old_sessions_make_room_for_new_ones():
    visits = visits_of()
    cookies = [visits.begin(MARK, float(number)) for number in range(100)]
    assert visits.find(cookies[0], 100.0) is None and visits.find(cookies[-1], 100.0)


def test_who_guesses_waits_longer_each_time_and_nobody_else_does():
    tries, now, waits = Tries(), 0.0, []
    for _ in range(12):
        now += tries.wait('a', now)
        tries.failed('a', now)
        waits.append(tries.wait('a', now))
    assert waits[:4] == [0.0] * 4
    assert waits[4:] == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]
    assert tries.wait('b', now) == 0.0
    tries.passed('a')
    assert tries.wait('a', now) == 0.0


def test_guesses_are_forgotten_after_a_while():
    tries = Tries()
    for _ in range(20):
        tries.failed('a', 0.0)
    assert tries.wait('a', 1.0) > 200 and tries.wait('a', HOUR) == 0.0


def test_the_token_of_the_state_folder_is_its_owners_and_new_at_each_start(tmp_path):
    path = tmp_path / 'token'
    token = LocalToken(path)
    assert not path.exists()
    token.tell()
    shown = path.read_text()
    assert token.matches(shown) and not token.matches('') and not token.matches(shown + 'x')
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not LocalToken(path).matches(shown)
