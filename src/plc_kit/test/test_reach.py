# SPDX-License-Identifier: Apache-2.0
"""How far the graph reaches is decided by CCS_DISCOVERY_RANGE and by nothing else (R27)."""

import os
import socket
import subprocess
import sys

import pytest

from plc_kit.reach import (
    ANY_RMW,
    ASKED,
    FAST_DDS,
    HERE,
    NETWORK,
    NEW,
    OLD,
    PROFILES,
    RANGE,
    settle,
    strangers_hear,
)

OF_A_SOURCED_ROS = {RANGE: 'SUBNET', 'ROS_DISTRO': 'jazzy'}
PEERS = 'ROS_STATIC_PEERS'


@pytest.fixture
def installed(tmp_path):
    """Give the environment of a ROS 2 whose Fast DDS is a library of this name."""

    def prefix(library):
        (tmp_path / 'lib').mkdir(exist_ok=True)
        (tmp_path / 'lib' / library).touch()
        return {'AMENT_PREFIX_PATH': f'/nowhere:{tmp_path}'}

    return prefix


@pytest.fixture
def mine(tmp_path):
    """Give the path of a profile of the user's own."""
    path = tmp_path / 'mine.xml'
    path.touch()
    return str(path)


@pytest.mark.parametrize(
    'given',
    [
        {},
        OF_A_SOURCED_ROS,
        {RANGE: 'SYSTEM_DEFAULT'},
        {RANGE: 'OFF'},
        {'ROS_LOCALHOST_ONLY': '0'},
        {PEERS: '10.9.0.2', 'ROS_DISCOVERY_SERVER': '10.9.0.2', 'ROS2_EASY_MODE': '10.9.0.2'},
        {'FASTDDS_ENVIRONMENT_FILE': '/home/me/fast_dds.json'},
        {ASKED: ''},
        {ASKED: HERE},
    ],
)
def test_unless_the_user_asks_for_more_only_the_profile_of_this_computer_counts(installed, given):
    env = installed('libfastrtps.so') | given
    settle(env)
    assert env[RANGE] == 'SYSTEM_DEFAULT'  # what the profile says, and nothing beside it
    assert env[OLD] == str(PROFILES[HERE]) and NEW not in env
    assert env['SKIP_DEFAULT_XML_FILE'] == '1'
    openers = {PEERS, 'ROS_DISCOVERY_SERVER', 'ROS2_EASY_MODE', 'FASTDDS_ENVIRONMENT_FILE'}
    assert not (openers | {'ROS_LOCALHOST_ONLY'}) & set(env)


@pytest.mark.parametrize('given', [{}, OF_A_SOURCED_ROS, {'ROS_LOCALHOST_ONLY': '1'}])
def test_our_own_variable_opens_the_graph_to_the_network_and_that_is_said(installed, given):
    env = installed('libfastrtps.so') | given | {ASKED: NETWORK, 'ROS_DOMAIN_ID': '7'}
    env[PEERS] = '10.9.0.2'
    _, said = settle(env)
    assert env[RANGE] == 'SUBNET' and env[PEERS] == '10.9.0.2'
    assert 'ROS_LOCALHOST_ONLY' not in env
    assert env[OLD] == str(PROFILES[NETWORK])
    assert env['FASTDDS_BUILTIN_TRANSPORTS'] == 'UDPv4'
    assert 'whoever is in ROS domain 7 there can close contactors' in said


@pytest.mark.parametrize(
    ('given', 'named'),
    [
        ({}, ''),
        ({RANGE: ''}, ''),
        ({RANGE: 'LOCALHOST'}, ''),
        (OF_A_SOURCED_ROS, f'{RANGE}=SUBNET'),
        ({PEERS: '10.9.0.2'}, PEERS),
        ({'FASTDDS_ENVIRONMENT_FILE': 'own.json'}, 'FASTDDS_ENVIRONMENT_FILE'),
        (OF_A_SOURCED_ROS | {PEERS: '10.9.0.2'}, f'{RANGE}=SUBNET and {PEERS}'),
    ],
)
def test_it_is_said_once_where_somebody_asked_for_more_in_vain(installed, given, named):
    env = installed('libfastrtps.so') | given
    _, said = settle(env)
    alone = f'the graph ends at this computer, whatever {named} would have'
    assert said == (f'{alone}; CCS_DISCOVERY_RANGE=SUBNET opens it (R27)' if named else '')
    assert settle(env) == ({}, '')  # a node of a shell that has sourced env.sh says nothing


def test_a_range_that_is_none_is_refused():
    with pytest.raises(ValueError, match='CCS_DISCOVERY_RANGE=WIDE is neither LOCALHOST nor SUB'):
        settle({ASKED: 'WIDE'})


@pytest.mark.parametrize(
    ('library', 'name', 'other'), [('libfastrtps.so', OLD, NEW), ('libfastdds.so', NEW, OLD)]
)
@pytest.mark.parametrize('asked', [HERE, NETWORK])
def test_the_profile_stands_in_the_one_variable_that_the_library_knows(
    installed, library, name, other, asked
):
    env = installed(library) | {ASKED: asked, other: f'/old/{PROFILES[HERE].name}'}
    settle(env)
    assert env[name] == str(PROFILES[asked]) and other not in env


def test_a_users_own_profile_is_respected_under_the_range_of_the_rmw(installed, mine):
    env = installed('libfastrtps.so') | OF_A_SOURCED_ROS | {OLD: mine}
    _, said = settle(env)
    assert env[OLD] == mine
    assert env[RANGE] == 'LOCALHOST' and 'SKIP_DEFAULT_XML_FILE' not in env
    assert said.endswith(f'whom else it lets in is up to the profile {mine}')


def test_a_profile_that_is_not_there_opens_nothing(installed):
    """Fast DDS would listen at all addresses, as without any."""
    env = installed('libfastrtps.so') | {OLD: '/gone/fastdds.xml'}
    _, said = settle(env)
    assert (env[OLD], env[RANGE]) == (str(PROFILES[HERE]), 'SYSTEM_DEFAULT')
    assert said.endswith('; the profile /gone/fastdds.xml is not there')


def test_an_own_profile_in_a_variable_that_the_library_does_not_know_is_none(installed, mine):
    env = installed('libfastrtps.so') | {NEW: mine}
    settle(env)
    assert env[OLD] == str(PROFILES[HERE]) and env[NEW] == mine
    env = installed('libfastdds.so') | {OLD: mine}
    settle(env)
    assert env[OLD] == mine and NEW not in env and env[RANGE] == 'LOCALHOST'


def test_a_profile_of_another_release_gives_way_and_a_change_of_mind_counts(installed):
    env = installed('libfastrtps.so') | {OLD: f'/releases/0.1/{PROFILES[NETWORK].name}'}
    settle(env)
    assert env[OLD] == str(PROFILES[HERE])
    env[ASKED] = NETWORK
    settle(env)
    assert (env[OLD], env[RANGE]) == (str(PROFILES[NETWORK]), 'SUBNET')
    del env[ASKED]
    settle(env)
    assert (env[OLD], env[RANGE]) == (str(PROFILES[HERE]), 'SYSTEM_DEFAULT')


def test_without_its_profile_nothing_is_started(installed, monkeypatch, tmp_path):
    monkeypatch.setitem(PROFILES, HERE, tmp_path / PROFILES[HERE].name)
    with pytest.raises(ValueError, match='is not installed'):
        settle(installed('libfastrtps.so'))


@pytest.mark.parametrize('rmw', ['rmw_cyclonedds_cpp', 'rmw_zenoh_cpp'])
def test_another_middleware_is_refused_unless_the_user_takes_the_risk(rmw):
    with pytest.raises(ValueError, match=f'{rmw} was not tried .* {ANY_RMW}=1 at your own risk'):
        settle({'RMW_IMPLEMENTATION': rmw})
    with pytest.raises(ValueError, match=rmw):  # the one that a distribution begins with
        settle({}, rmw)
    env = OF_A_SOURCED_ROS | {ANY_RMW: '1', 'RMW_IMPLEMENTATION': rmw, PEERS: '10.9.0.2'}
    _, said = settle(env)
    assert env[RANGE] == 'LOCALHOST' and PEERS not in env
    assert said.endswith(f'that is up to {rmw}, with which it was not tried')


def test_what_was_settled_for_fast_dds_does_not_open_another_middleware(installed):
    env = installed('libfastrtps.so') | {ANY_RMW: '1'}
    settle(env, FAST_DDS)
    settle(env, 'rmw_cyclonedds_cpp')
    assert env[RANGE] == 'LOCALHOST'


def played(script, **variables):
    """Run something in an environment with these variables; None: without."""
    env = {k: v for k, v in {**os.environ, **variables}.items() if v is not None}
    env['ROS_DOMAIN_ID'] = str(100 + os.getpid() % 100)
    return subprocess.run(script, env=env, capture_output=True, text=True, timeout=30)


def evaluated(**variables):
    """Let a shell evaluate what it is told, and return its environment, and what was said."""
    line = f'eval "$({sys.executable} -m plc_kit.reach)"; env'
    done = played(('bash', '-c', line), **variables)
    return dict(one.split('=', 1) for one in done.stdout.splitlines() if '=' in one), done.stderr


def test_a_shell_is_told_the_same_and_a_mistake_leaves_it_alone():
    none = {OLD: None, NEW: None, ASKED: None, 'RMW_IMPLEMENTATION': None}
    env, said = evaluated(**{**none, RANGE: 'SUBNET', PEERS: "it's; a host"})
    assert env[RANGE] == 'SYSTEM_DEFAULT' and PEERS not in env
    assert said.count('\n') == 1 and said.startswith('ros2_ccs: the graph ends at this computer')
    for mistake in ({ASKED: 'WIDE'}, {'RMW_IMPLEMENTATION': 'rmw_zenoh_cpp'}):
        env, said = evaluated(**{**none, RANGE: 'SUBNET', PEERS: 'host', **mistake})
        assert env[RANGE] == 'LOCALHOST' and PEERS not in env
        assert said.count('\n') == 1 and said.startswith('ros2_ccs: ')


def test_a_profile_that_fast_dds_does_not_understand_ends_the_start(tmp_path):
    strange = tmp_path / PROFILES[HERE].name
    strange.write_text(PROFILES[HERE].read_text().replace('allowlist', 'of_another_time'))
    begun = (
        'from pathlib import Path; from plc_kit import reach;'
        f'reach.PROFILES[reach.HERE] = Path({str(strange)!r});'
        'from rclpy.node import Node; from plc_kit.run import run; run(lambda: Node("wide"))'
    )
    ended = played((sys.executable, '-c', begun), **{ASKED: None, OLD: None, NEW: None})
    assert ended.returncode == 78, ended.stderr
    assert 'DDS listens beyond this computer (UDP ' in ended.stderr
    assert 'Traceback' not in ended.stderr


def test_a_socket_of_another_address_in_the_ports_of_the_domain_is_seen():
    domain = 231
    port = 7400 + 250 * domain + 11
    assert strangers_hear(domain) == []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(('127.0.0.1', port))
        assert strangers_hear(domain) == []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(('', port))
        assert strangers_hear(domain) == [port]
        assert strangers_hear(domain - 1) == []
