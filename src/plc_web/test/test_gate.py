# SPDX-License-Identifier: Apache-2.0
"""Whoever reaches the page could close contactors: who gets past the gate, and who does not."""

from page_process import PASSWORD
import pytest
import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

PAGES = ('/', '/config', '/log', '/sessions', '/update', '/computer', '/api', '/static/shell.js')
ODD = ('/static/../access.py', '/docs', '/redoc', '/openapi.json', '//login', '/login/', '/LOGIN',
       '/healthz/', '/favicon.ico')  # fmt: skip


@pytest.fixture(scope='module')
def operations(page):
    """Every (method, path) of the REST API."""
    told = page.told('/api/openapi.json')['paths']
    return [(method.upper(), path) for path, some in told.items() for method in some]


@pytest.fixture
def visitor(page):
    return page.visitor()


def bodies(method):
    return {'json': {'confirm': True}} if method != 'GET' else {}


def test_without_login_nothing_but_the_login_page_and_healthz_answers(page, operations):
    origin = {'Origin': page.url}
    assert len(operations) > 20
    for method, path in [*operations, *(('GET', one) for one in (*PAGES, *ODD))]:
        if path == '/healthz':
            continue
        address = page.url + path.replace('{name}', 'x')
        answer = requests.request(
            method, address, headers=origin, allow_redirects=False, **bodies(method)
        )
        assert answer.status_code in (401, 303), (method, path)
        assert answer.json() == {'detail': 'log in first'}
        assert answer.headers.get('Location') in (None, '/login')
    assert requests.get(page.url + '/healthz').json() == {'healthy': True, 'version': '0.1.0'}
    assert 'password' in requests.get(page.url + '/login').text


def test_without_login_no_stream_is_opened(page):
    with pytest.raises(InvalidStatus):
        connect(page.url.replace('http', 'ws') + '/api/live/stream', origin=page.url)


def changes(operations):
    return [one for one in operations if one[0] != 'GET' and one[1] != '/api/logout']


@pytest.mark.parametrize('headers', [
    {'Origin': 'https://elsewhere.example'}, {'Origin': 'null'}, {'Origin': None},
    {'X-CSRF-Token': None}, {'X-CSRF-Token': ''}, {'X-CSRF-Token': 'x' * 43},
    {'X-CSRF-Token': 'ä'.encode()},
])  # fmt: skip
def test_a_foreign_origin_or_no_csrf_token_changes_nothing(page, operations, visitor, headers):
    before = sorted(one.name for one in page.state.iterdir())
    for method, path in changes(operations):
        answer = visitor.request(method, page.url + path, headers=headers, **bodies(method))
        assert answer.status_code == 403, (method, path, headers)
    assert sorted(one.name for one in page.state.iterdir()) == before
    assert page.told('/api/live')['graph']['running'] is False


def test_a_start_that_is_not_confirmed_is_none(page, visitor):
    assert visitor.post(page.url + '/api/graph/start').status_code == 422
    assert page.told('/api/live')['graph']['running'] is False


def test_the_token_of_another_session_is_none(page, visitor):
    other = page.visitor()
    other.headers['X-CSRF-Token'] = visitor.headers['X-CSRF-Token']
    answer = other.post(page.url + '/api/charge/emergency-stop')
    assert answer.status_code == 403


def test_a_stream_is_opened_to_who_is_logged_in_and_from_our_page_alone(page, visitor):
    address = page.url.replace('http', 'ws') + '/api/live/stream'
    cookie = {'Cookie': f'ccs_session={visitor.cookies["ccs_session"]}'}
    with connect(address, origin=page.url, additional_headers=cookie) as stream:
        assert '"graph"' in stream.recv(10)
    for origin in ('https://elsewhere.example', None):
        with pytest.raises(InvalidStatus):
            connect(address, origin=origin, additional_headers=cookie)


def test_a_stream_ends_with_its_session(page, visitor):
    address = page.url.replace('http', 'ws') + '/api/live/stream'
    cookie = {'Cookie': f'ccs_session={visitor.cookies["ccs_session"]}'}
    with connect(address, origin=page.url, additional_headers=cookie) as stream:
        stream.recv(10)
        assert visitor.post(page.url + '/api/logout').status_code == 200
        assert all(message for message in stream)  # it ends, the iterator too
    assert visitor.get(page.url + '/api/live').status_code == 401


@pytest.fixture
def other_password(page):
    """Another password, which the page has no more behind the test."""
    yield 'another horse battery'
    page.set_password()


def test_desk_8_another_password_ends_all_sessions_but_the_one_that_sets_it(
    page, visitor, other_password
):
    other = page.visitor()
    before = visitor.cookies['ccs_session']
    words = {'present': PASSWORD, 'new': other_password}
    answer = visitor.post(page.url + '/api/password', json=words)
    assert answer.status_code == 200, answer.text
    assert other.get(page.url + '/api/live').status_code == 401
    old = {'Cookie': f'ccs_session={before}'}
    assert requests.get(page.url + '/api/live', headers=old).status_code == 401
    assert visitor.get(page.url + '/api/live').status_code == 200
    assert visitor.post(page.url + '/api/logout').status_code == 403  # of the session before
    visitor.headers['X-CSRF-Token'] = visitor.get(page.url + '/api/me').json()['csrf']
    assert visitor.post(page.url + '/api/logout').status_code == 200


def test_desk_8_another_password_by_the_command_ends_sessions_and_streams(page, visitor):
    address = page.url.replace('http', 'ws') + '/api/live/stream'
    cookie = {'Cookie': f'ccs_session={visitor.cookies["ccs_session"]}'}
    with connect(address, origin=page.url, additional_headers=cookie) as stream:
        stream.recv(10)
        page.set_password()
        with pytest.raises(ConnectionClosed):
            for _ in range(40):  # 20 s of them, where it does not end
                stream.recv(10)
    assert visitor.get(page.url + '/api/live').status_code == 401


def test_desk_8_what_a_session_still_loads_ends_with_it(page, visitor):
    bag = page.state / 'bags' / 'large'
    bag.mkdir(parents=True)
    with (bag / 'large.mcap').open('wb') as sparse:
        sparse.truncate(1 << 28)
    with visitor.get(page.url + '/api/sessions/large/bag.tar', stream=True) as answer:
        assert answer.status_code == 200
        blocks = answer.iter_content(1 << 16)
        assert len(next(blocks))
        page.set_password()
        with pytest.raises(requests.RequestException):
            for _ in blocks:
                pass


@pytest.mark.parametrize('host', ['elsewhere.example', 'localhost.elsewhere.example', '', 'a b'])
def test_a_name_that_is_not_ours_is_refused(page, host):
    for path in ('/login', '/healthz', '/api/live'):
        answer = requests.get(page.url + path, headers={'Host': host})
        assert answer.status_code in (400, 421), host


def test_a_login_from_a_foreign_page_is_refused(page):
    for origin in ('https://elsewhere.example', None):
        answer = requests.post(
            page.url + '/login', data={'password': PASSWORD}, headers={'Origin': origin}
        )
        assert answer.status_code == 403 and 'Set-Cookie' not in answer.headers


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(page):
    answer = requests.post(
        page.url + '/login',
        data={'password': PASSWORD},
        headers={'Origin': page.url},
        allow_redirects=False,
    )
    cookie = answer.headers['Set-Cookie']
    assert 'HttpOnly' in cookie and 'samesite=strict' in cookie.lower()


def test_every_answer_forbids_inline_scripts_framing_and_keeping(page, visitor):
    for path in ('/login', '/healthz', '/', '/api/live', '/static/app.css', '/nowhere'):
        headers = visitor.get(page.url + path).headers
        policy = headers['Content-Security-Policy']
        assert "default-src 'none'" in policy and 'unsafe' not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers['X-Content-Type-Options'] == 'nosniff'
        assert headers['Cache-Control'] == 'no-store'
        assert 'Server' not in headers


@pytest.mark.parametrize(
    'name', ['live', 'config', 'log', 'sessions', 'update', 'computer', 'api']
)
def test_no_page_loads_anything_from_elsewhere(page, visitor, name):
    text = visitor.get(f'{page.url}/{name if name != "live" else ""}').text
    script = visitor.get(f'{page.url}/static/{name}.js').text
    assert '://' not in (text + script).replace('http://www.w3.org/2000/svg', '')
    assert 'innerHTML' not in script and 'style=' not in text and 'onclick=' not in text


def test_a_body_that_is_too_large_is_refused_whatever_it_says_of_its_size(page, visitor):
    address = page.url + '/api/charge/limits'
    assert visitor.post(address, data=b'x' * 100_000).status_code == 413
    pieces = (b'x' * 1000 for _ in range(100))
    assert visitor.post(address, data=pieces).status_code in (400, 413, 422)


def test_no_secret_is_in_the_log_or_in_a_page(page):
    token = (page.state / 'token').read_text()
    shown = page.printed + str(page.told('/api/log')) + page.ask('GET', '/').text
    assert PASSWORD not in shown and token not in shown


@pytest.mark.parametrize('body', [
    b'{"max_current": NaN}', b'{"max_current": 1e999}', b'{"max_current": "\xff"}', b'\xff', b'[',
    b'{"max_current": ' + b'9' * 5000 + b'}', b'null', b'{"other": 1}', b'{"max_current": -1}',
])  # fmt: skip
def test_what_is_no_request_is_told_and_not_repeated(page, visitor, body):
    answer = visitor.post(
        page.url + '/api/charge/limits', data=body, headers={'Content-Type': 'application/json'}
    )
    assert answer.status_code in (400, 422), answer.text
    assert '"input"' not in answer.text


def test_a_password_that_is_refused_is_in_no_answer(page, visitor):
    words = {'present': 'secret one', 'new': 'secret!', 'odd': 'secret three'}
    answer = visitor.post(page.url + '/api/password', json=words)
    assert answer.status_code == 422 and 'secret' not in answer.text


@pytest.mark.parametrize('form', [
    b'a=1&b=2&c=3&d=4&password=x', b'&' * 100, b'\xff', b'', b'password', b'password=%ff',
])  # fmt: skip
def test_what_is_no_login_form_is_a_wrong_password(page, form):
    answer = requests.post(
        page.url + '/login', data=form, headers={'Origin': page.url}, allow_redirects=False
    )
    assert (answer.status_code, answer.headers['Location'][:11]) == (303, '/login?why=')


def test_guessing_is_slowed_down_and_does_not_lock_programs_out(page):
    for number in range(8):
        answer = requests.post(
            page.url + '/login',
            data={'password': f'guess {number}'},
            headers={'Origin': page.url},
            allow_redirects=False,
        )
        assert 'Set-Cookie' not in answer.headers
    assert answer.headers['Location'] == '/login?why=slow'
    right = requests.post(
        page.url + '/login',
        data={'password': PASSWORD},
        headers={'Origin': page.url},
        allow_redirects=False,
    )
    assert right.headers['Location'] == '/login?why=slow'
    assert page.ask('GET', '/api/live').status_code == 200
