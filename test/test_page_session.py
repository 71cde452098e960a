# SPDX-License-Identifier: Apache-2.0
"""Everything the page can do, tried in the middle of CurrentDemand: the referee stays silent."""

import os

from page_process import Page
import pytest

CONFIRM = {'confirm': True}
LOGIND = '#!/bin/sh\necho "$@" >> "{0}"\n'


@pytest.fixture
def logind(tmp_path):
    """A stand-in for busctl that keeps what it was asked for."""
    folder = tmp_path / 'bin'
    folder.mkdir()
    (folder / 'busctl').write_text(LOGIND.format(tmp_path / 'asked'))
    (folder / 'busctl').chmod(0o755)
    return folder


@pytest.fixture
def page(tmp_path, domain, network, logind):
    """A page with a simulated vehicle and charger."""
    one = Page(
        tmp_path / 'state',
        'launch:=sim.launch.py',
        f'arguments:="network:={network} speed:=5 soc_callback:=http://127.0.0.1:9/"',
        path=str(logind),
    )
    one.set_password()
    yield one
    one.end()
    assert 'referee:' not in (one.state / 'graph.log').read_text()
    assert 'Traceback' not in one.printed + (one.state / 'graph.log').read_text()


def charge(page):
    page.starts_graph()
    page.wait_until(lambda: page.side()['stage_name'] == 'CHARGE_LOOP')
    page.wait_until(lambda: (page.side()['present_current'] or 0) > 5)


def parameter(page, node, name):
    """Return what the settings page shows of a parameter."""
    rows = page.told('/api/parameters')['parameters']
    found = [row for row in rows if (row['node'], row['name']) == (node, name)]
    return found[0] if found else {'value': None}


def change(node, name, value):
    return {'json': {'changes': [{'node': node, 'name': name, 'value': value}]}}


def test_in_the_middle_of_a_charge_nothing_of_the_page_disturbs_it(page, tmp_path):
    charge(page)
    visitor = page.visitor()

    def refused(method, path, **options):
        answer = visitor.request(method, page.url + path, **options)
        assert answer.status_code == 409, (path, answer.text)
        assert 'CHARGE_LOOP' in answer.json()['detail'] or 'lowered' in answer.json()['detail']

    refused('POST', '/api/graph/restart', json=CONFIRM)
    refused('POST', '/api/reboot', json=CONFIRM)
    refused('PUT', '/api/update', data=b'CCSBUNDL' + bytes(1000))
    refused('POST', '/api/charge/reset', json=CONFIRM)
    refused('POST', '/api/charge/limits', json={'max_current': 900.0})
    assert not (tmp_path / 'asked').exists()  # logind has heard nothing

    saved = visitor.put(
        page.url + '/api/parameters', **change('/pev/session', 'timers', 'standard')
    )
    assert saved.json()['at_next_start'] == ['/pev/session timers'] and not saved.json()['applied']
    row = parameter(page, '/pev/session', 'timers')
    assert (row['value'], row['saved'], row['pending']) == ('field', 'standard', True)
    wrong = visitor.put(page.url + '/api/parameters', **change('/pev/session', 'timers', 'other'))
    assert wrong.status_code == 400

    def sets(node, name, value):
        return visitor.put(page.url + '/api/parameters', **change(node, name, value))

    applied = sets('/pev/session', 'max_current', 20.0)
    assert applied.json()['applied'] == ['/pev/session max_current'], applied.text
    page.wait_until(lambda: page.side()['present_current'] <= 20.5)
    row = parameter(page, '/pev/session', 'max_current')
    assert (row['value'], row['saved'], row['pending']) == (20.0, 20.0, False)
    refused('PUT', '/api/parameters', **change('/pev/session', 'max_current', 30.0))
    wrong = sets('/evse/soc_callback', 'url', 'ftp://box')
    assert wrong.status_code == 400 and 'no URL' in wrong.json()['detail']
    assert sets('/evse/soc_callback', 'period', 5.0).json()['applied']

    energy = page.side()['energy']
    assert visitor.post(page.url + '/api/charge/limits', json={'max_current': 10.0}).ok
    page.wait_until(lambda: page.side()['present_current'] <= 10.5)
    page.wait_until(lambda: page.side()['energy'] > energy)
    assert page.side()['stage_name'] == 'CHARGE_LOOP'

    assert visitor.post(page.url + '/api/charge/stop', json=CONFIRM).ok
    page.wait_until(lambda: page.side()['stage_name'] == 'FINISHED')
    assert visitor.post(page.url + '/api/graph/restart', json=CONFIRM).ok
    page.wait_until(lambda: parameter(page, '/pev/session', 'timers')['value'] == 'standard')


def test_stopping_the_graph_in_a_charge_ends_the_session_safely_first(page):
    charge(page)
    page.wait_until(lambda: parameter(page, '/pev/session', 'max_current')['value'])
    answer = page.ask('POST', '/api/graph/stop', json=CONFIRM)
    assert answer.status_code == 200, answer.text
    assert page.told('/api/live')['graph']['running'] is False
    saved = page.ask('PUT', '/api/parameters', **change('/pev/session', 'max_current', 50.0))
    assert saved.json()['at_next_start'] == ['/pev/session max_current'], saved.text
    printed = (page.state / 'graph.log').read_text()
    assert 'FINISHED' in printed and 'SAFE_END' not in printed
    assert page.told('/api/sessions')[0]['octets'] > 0


def test_a_page_that_is_killed_leaves_the_charge_alone_and_the_next_one_finds_it(
    page, tmp_path, domain, network
):
    charge(page)
    page.process.kill()
    page.process.wait()
    second = Page(page.state, 'launch:=sim.launch.py', f'arguments:="network:={network}"')
    try:
        assert second.told('/api/live')['graph']['running'] is True
        restart = second.ask('POST', '/api/graph/restart', json=CONFIRM)
        assert restart.status_code == 409  # at once, before it may have heard of the session
        second.wait_until(lambda: second.side()['stage_name'] == 'CHARGE_LOOP')
        assert second.ask('POST', '/api/graph/stop', json=CONFIRM).status_code == 200
    finally:
        second.end()
    printed = (page.state / 'graph.log').read_text()
    assert 'FINISHED' in printed and 'SAFE_END' not in printed


def test_a_page_that_is_told_to_end_takes_its_graph_along_safely(page):
    charge(page)
    assert page.end() == 0
    printed = (page.state / 'graph.log').read_text()
    assert 'SESSION_STOP' in printed and 'SAFE_END' not in printed
    assert not [one for one in os.listdir('/proc') if _runs_in(one, page.state)]


def _runs_in(pid, state):
    try:
        with open(f'/proc/{pid}/cmdline', 'rb') as words:
            return str(state / 'bags').encode() in words.read()
    except OSError:
        return False
