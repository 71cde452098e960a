# SPDX-License-Identifier: Apache-2.0
"""Parameters of nodes that run, shown, changed and saved by the page; no charge is needed."""

from page_process import Page
import pytest
import yaml

from plc_kit.clock import stamp
from plc_kit.qos import LATCHED
from plc_msgs.msg import ChargingState

SESSION, CALLBACK = '/pev/session', '/evse/soc_callback'


@pytest.fixture
def page(start, tmp_path, domain):
    """A page beside a session and a callback that it has not started."""
    start('ros2', 'run', 'v2g', 'session', '--ros-args', '-r', '__ns:=/pev')
    url = 'url:=http://127.0.0.1:9/'
    start('ros2', 'run', 'plc_home', 'soc_callback', '--ros-args', '-r', '__ns:=/evse', '-p', url)
    one = Page(tmp_path / 'state', 'launch:=sim.launch.py')
    one.wait_until(lambda: {SESSION, CALLBACK} <= {row['node'] for row in rows(one)})
    yield one
    one.end()
    assert 'Traceback' not in one.printed


def rows(page):
    return page.told('/api/parameters')['parameters']


def row(page, node, name):
    return next(one for one in rows(page) if (one['node'], one['name']) == (node, name))


def sets(page, *changes):
    told = [dict(zip(('node', 'name', 'value'), one, strict=True)) for one in changes]
    return page.ask('PUT', '/api/parameters', json={'changes': told})


def saved(page):
    file = page.state / 'parameters.yaml'
    return yaml.safe_load(file.read_text()) if file.exists() else {}


def test_a_parameter_says_when_it_may_change(page):
    most, url, timers = (
        row(page, *one)
        for one in ((SESSION, 'max_current'), (CALLBACK, 'url'), (SESSION, 'timers'))
    )
    assert [one['read_only'] for one in (most, url, timers)] == [False, False, True]
    assert [one['change'] for one in (most, url, timers)] == ['LOWER', 'ANY_TIME', 'AT_START']
    assert (most['unit'], timers['choices']) == ('A', ['field', 'standard'])


def test_what_may_change_counts_at_once_and_the_rest_from_the_next_start_on(page):
    answer = sets(
        page,
        (SESSION, 'max_current', 40.0),
        (SESSION, 'timers', 'standard'),
        (CALLBACK, 'period', 5.0),
        (CALLBACK, 'timeout', 2.0),
    ).json()
    assert answer['applied'] == [f'{SESSION} max_current', f'{CALLBACK} period']
    assert answer['at_next_start'] == [f'{SESSION} timers', f'{CALLBACK} timeout']
    assert row(page, SESSION, 'max_current')['value'] == 40.0
    assert row(page, CALLBACK, 'period')['pending'] is False
    assert row(page, SESSION, 'timers')['pending'] is True
    assert saved(page) == {
        SESSION: {'ros__parameters': {'max_current': 40.0, 'timers': 'standard'}},
        CALLBACK: {'ros__parameters': {'period': 5.0, 'timeout': 2.0}},
    }


@pytest.mark.parametrize(
    ('node', 'name', 'value', 'words'),
    [
        (CALLBACK, 'url', 'ftp://box', 'is no URL of http or https'),
        (SESSION, 'max_current', 2000.0, 'may be 1 to 1000'),
        (SESSION, 'target_soc', '0.5', 'wants a number'),
    ],
)
def test_what_a_node_refuses_is_a_sentence_and_not_saved(page, node, name, value, words):
    answer = sets(page, (node, name, value))
    assert answer.status_code == 400 and words in answer.json()['detail']
    assert saved(page) == {}
    assert row(page, node, name)['saved'] is None


def test_while_a_session_runs_a_limit_only_falls_and_what_is_harmless_changes(page, watch):
    assert sets(page, (SESSION, 'max_current', 40.0)).status_code == 200
    state = watch.node.create_publisher(ChargingState, '/evse/charging/state', LATCHED)
    state.publish(ChargingState(stamp=stamp(), active=True, stage_name='CHARGE_LOOP'))
    page.wait_until(lambda: 'CHARGE_LOOP' in page.told('/api/live')['busy'])
    refused = sets(page, (SESSION, 'max_current', 50.0), (CALLBACK, 'period', 5.0))
    assert refused.status_code == 409 and 'only be lowered' in refused.json()['detail']
    assert row(page, CALLBACK, 'period')['value'] == 10.0  # none of both
    assert sets(page, (SESSION, 'max_current', 30.0), (CALLBACK, 'period', 5.0)).json()['applied']
    assert row(page, SESSION, 'max_current')['value'] == 30.0
    assert saved(page)[SESSION]['ros__parameters'] == {'max_current': 30.0}


def test_desk_1_a_name_that_no_node_has_is_answered_with_the_nearest(page):
    answer = sets(page, (SESSION, 'maxcurrent', 40.0))
    assert answer.status_code == 404
    assert answer.json()['detail'] == (
        '/pev/session has no parameter maxcurrent; did you mean max_current?'
    )
    assert saved(page) == {}


def test_desk_1_what_stands_in_the_file_alone_can_be_taken_back(page):
    file = page.state / 'parameters.yaml'
    file.write_text('/pev/session: {ros__parameters: {timers: standard, of_old: 1}}\n')
    assert sets(page, (SESSION, 'of_old', 2)).status_code == 404
    assert sets(page, (SESSION, 'of_old', None)).status_code == 200
    assert saved(page) == {SESSION: {'ros__parameters': {'timers': 'standard'}}}
