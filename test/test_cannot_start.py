# SPDX-License-Identifier: Apache-2.0
"""What cannot be is told in a sentence, and the launch ends with 1."""

import os
import subprocess

import pytest
from rcl_interfaces.srv import GetParameters

RMW_MISSING = 102  # with what rclpy ends a process whose middleware is not installed


def launch(*arguments, side='pev'):
    """Run the launch file of a side until it ends by itself."""
    command = ('ros2', 'launch', 'plc_bringup', f'{side}.launch.py', *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def sentence(done):
    """The line with which the launch ended."""
    output = done.stdout + done.stderr
    assert 'Traceback' not in output, output
    return next(line for line in output.splitlines() if 'Caught exception in launch' in line)


def test_without_a_modem_the_interfaces_are_listed_and_the_simulation_is_named(domain):
    done = launch()
    assert done.returncode == 1
    assert ('sim.launch.py' if os.geteuid() == 0 else 'CAP_NET_RAW') in sentence(done)


def test_an_interface_that_is_not_there_is_named(domain):
    done = launch('interface:=nosuch0')
    assert done.returncode == 1
    assert 'nosuch0' in sentence(done)


@pytest.mark.skipif(os.geteuid() != 0, reason='gives up capabilities, so it needs them')
def test_without_capabilities_the_modem_says_what_to_type(domain):
    command = ('setpriv', '--bounding-set=-net_raw,-net_admin', '--inh-caps=-net_raw,-net_admin')
    launch = (
        'ros2',
        'launch',
        'plc_bringup',
        'pev.launch.py',
        'interface:=lo',
        'allow_ipv4:=true',
    )
    done = subprocess.run((*command, *launch), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert 'setpriv' in sentence(done)


def test_an_argument_out_of_its_choices_is_refused(domain):
    done = launch('modem:=banana')
    assert done.returncode == 1
    assert 'banana' in done.stdout + done.stderr


@pytest.mark.parametrize(
    ('argument', 'content', 'words'),
    [
        ('params_file:=nosuch.yaml', None, ('nosuch.yaml', 'No such file')),
        ('params_file:=own.yaml', '/**: {ros__parameters: {a: [1, b}\n', ('own.yaml', 'no YAML')),
        ('params_file:=own.yaml', 'just text\n', ('own.yaml', 'has no parameters')),
        ('params_file:=own.yaml', '/pev/vehicle: {a: 1}\n', ('own.yaml', 'ros__parameters')),
        (
            'params_file:=own.yaml',
            'a: 1\n b: 2\n',
            ('own.yaml', 'line 2, column 3: mapping values'),
        ),
        ('params_file:=own.yaml', 'a: &b {c: *b}\n', ('own.yaml', 'line 1, column 11', 'alias')),
        ('scene:=nosuch', None, ('nosuch', 'default')),
        ('speed:=abc', None, ('speed:=abc', 'no number')),
        ('cable:=not valid!', None, ('not valid!', 'topic name')),
    ],
)
def test_a_wrong_argument_ends_the_launch_in_a_sentence_that_names_it(
    domain, tmp_path, monkeypatch, argument, content, words
):
    monkeypatch.chdir(tmp_path)
    if content:
        (tmp_path / 'own.yaml').write_text(content)
    done = launch('interface:=lo', 'allow_ipv4:=true', 'modem:=none', argument)
    assert done.returncode == 1
    assert all(word in sentence(done) for word in words), sentence(done)


@pytest.mark.parametrize(
    ('side', 'arguments', 'words'),
    [
        ('pev', ('syslog:=255.255.255.255',), '255.255.255.255 is everybody'),
        ('evse', ('soc_callback:=box',), 'box is no URL'),
        ('evse', ('mqtt:=box:x',), 'neither HOST nor HOST:PORT'),
        ('pev', ('record:=true', 'bags:=file/bags'), 'file is no folder'),
        ('pev', ('record:=true', 'bag:=file'), 'file exists already'),
        ('pev', ('record:=true', 'bags_kept:=0'), 'bags_kept:=0'),
    ],
)
def test_who_is_told_nonsense_of_where_to_tell_says_so_before_anything_starts(
    domain, tmp_path, monkeypatch, side, arguments, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'file').write_text('')
    done = launch('interface:=lo', 'allow_ipv4:=true', 'modem:=none', *arguments, side=side)
    assert done.returncode == 1
    assert words in sentence(done)
    assert 'process started' not in done.stdout + done.stderr


@pytest.mark.parametrize('composed', ['true', 'false'])
@pytest.mark.parametrize('node', ['/evse/session', 'session', '/**'])
def test_desk_1_a_misspelt_allow_list_opens_no_charger(domain, tmp_path, composed, node):
    own = tmp_path / 'own.yaml'
    own.write_text(f'{node}: {{ros__parameters: {{autorization: 0123456789ab}}}}\n')
    arguments = ('interface:=lo', 'allow_ipv4:=true', 'modem:=none', f'composed:={composed}')
    done = launch(*arguments, f'params_file:={own}', side='evse')
    assert done.returncode == 1
    said = sentence(done)
    assert '/evse/session' in said and 'autorization; did you mean authorization?' in said


def test_desk_1_a_misspelt_argument_starts_nothing(domain):
    done = launch('moed:=soc_reader', side='evse')
    assert done.returncode == 1
    assert sentence(done).endswith('evse.launch.py has no argument moed; did you mean mode?')
    assert 'process started' not in done.stdout + done.stderr


def test_desk_1_a_variable_of_ours_with_a_value_that_is_none_is_named(domain, monkeypatch):
    monkeypatch.setenv('CCS_RECORD', 'yes')
    done = launch(side='sim')
    assert done.returncode == 1
    assert 'CCS_RECORD=yes is neither true nor false' in done.stdout


@pytest.mark.parametrize('listed', ['0123456789a', 'fre', '0123456789ab,'])
def test_desk_1_a_list_that_is_none_starts_nothing(domain, listed):
    done = launch(f'authorization:={listed}', side='evse')
    assert done.returncode == 1
    assert 'is neither free nor service' in sentence(done)
    assert 'process started' not in done.stdout + done.stderr


@pytest.mark.parametrize('composed', ['true', 'false'])
def test_desk_1_a_list_reaches_the_session_as_it_was_typed(start, watch, network, composed):
    digits = '123456789012,10:11:22:33:44:55'  # numbers, to YAML
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
    start(*command, f'composed:={composed}', f'authorization:={digits}', 'autostart:=false')
    asking = watch.node.create_client(GetParameters, '/evse/session/get_parameters')
    watch.wait(asking.service_is_ready, 60)
    future = asking.call_async(GetParameters.Request(names=['authorization']))
    [value] = watch.wait(future.result).values
    assert value.string_value == digits


def test_desk_8_nobody_is_advised_to_take_the_addresses_of_lo(domain):
    done = launch('interface:=lo', 'modem:=none')
    assert done.returncode == 1 and 'addr flush' not in done.stdout + done.stderr
    assert 'lo has an IPv4 address' in sentence(done) and 'an interface of its own' in sentence(
        done
    )


def test_desk_8_an_argument_that_is_no_utf_8_is_named(domain):
    done = launch('interface:=lo', 'allow_ipv4:=true', 'modem:=none', 'cable:=b\udcff')
    assert done.returncode == 1
    assert r'cable:=b\udcff is no text in UTF-8' in sentence(done)
    assert 'process started' not in done.stdout + done.stderr


def test_r27_another_middleware_is_refused_with_what_can_be_done(domain, monkeypatch):
    monkeypatch.setenv('RMW_IMPLEMENTATION', 'rmw_cyclonedds_cpp')
    done = launch('interface:=lo')
    if done.returncode == RMW_MISSING:  # a command of this ROS has loaded rclpy, which ends it
        assert "Expected RMW implementation identifier of 'rmw_cyclonedds_cpp'" in done.stderr
        return
    assert done.returncode == 1
    assert 'rmw_cyclonedds_cpp was not tried with ros2_ccs' in sentence(done)


def test_r27_a_range_that_is_none_is_named(domain, monkeypatch):
    monkeypatch.setenv('CCS_DISCOVERY_RANGE', 'WIDE')
    done = launch('interface:=lo')
    assert done.returncode == 1
    assert 'CCS_DISCOVERY_RANGE=WIDE is neither LOCALHOST nor SUBNET' in sentence(done)
