# SPDX-License-Identifier: Apache-2.0
"""Nodes get the arguments that the genuine `launch_ros` gives them."""

import os
from pathlib import Path
import shlex
import stat

import pytest
import yaml

SOURCED = 'ROS_DISTRO' in os.environ  # launch_ros 0.26 writes tuples, and leaves its files
LISTS = tuple if SOURCED else list
HEAD = """
from launch import LaunchDescription
from launch.actions import *
from launch.substitutions import *
from launch_ros.actions import *


def generate_launch_description():
    return LaunchDescription([
"""


@pytest.fixture
def prefix(tmp_path, env):
    """A package `told` whose executable `node` prints its arguments, and keeps its parameters."""
    path = tmp_path / 'prefix/lib/told/node'
    path.parent.mkdir(parents=True)
    path.write_text(
        '#!/bin/sh\nfor word; do echo "$word"\n'
        'case $word in */launch_params_*) cp "$word" . ;; esac; done\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    index = tmp_path / 'prefix/share/ament_index/resource_index/packages/told'
    index.parent.mkdir(parents=True)
    index.touch()
    env['AMENT_PREFIX_PATH'] = f'{tmp_path}/prefix:{os.environ["AMENT_PREFIX_PATH"]}'
    return tmp_path


@pytest.fixture
def arguments(prefix, ros2):
    def go(body):
        (prefix / 'x.launch.py').write_text(HEAD + body + '\n])\n')
        done = ros2('launch', 'x.launch.py')
        assert done.returncode == 0, done.stdout
        told = [line for line in done.stdout.splitlines() if line.startswith('[node')]
        by_process = sorted(told, key=lambda line: line.split(']')[0])
        return [line.split('] ', 1)[1] for line in by_process]

    return go


def test_name_namespace_remappings_and_arguments_in_their_order(arguments):
    assert arguments("""
        GroupAction([
            PushRosNamespace('pev'), PushRosNamespace('inner'),
            SetParameter('use_sim_time', False), SetRemap('a', 'b'),
            Node(package='told', executable='node', name='modem', namespace='deep',
                 arguments=['-x', LaunchConfiguration('none', default=1)],
                 output='screen', remappings=[('c', 'd')]),
        ]),
    """) == shlex.split(
        '-x 1 --ros-args -r __node:=modem -r __ns:=/pev/inner/deep '
        '-p use_sim_time:=False -r a:=b -r c:=d'
    )


def test_an_absolute_namespace_stands_alone_and_scopes_end(arguments):
    node = "Node(package='told', executable='node', output='screen'%s)"
    assert arguments(f"""
        GroupAction([PushRosNamespace('pev'), {node % ", namespace='/evse'"}]), {node % ''},
    """) == ['--ros-args', '-r', '__ns:=/evse', '--ros-args']


def test_parameters_are_files_keyed_by_the_full_name(arguments, prefix):
    (prefix / 'own.yaml').write_text('{}')
    words = arguments("""
        Node(package='told', executable='node', name='modem', namespace='pev', output='screen',
             parameters=['own.yaml', {'a': 1, 'b': {'c': LaunchConfiguration('x', default='2.5')},
                         'd': ['s', 't'], 'e': [1, 2]}]),
        Node(package='told', executable='node', output='screen',
             parameters=[{'t': TextSubstitution(text='true')}]),
    """)
    own, first, second = (words[i + 1] for i, word in enumerate(words) if word == '--params-file')
    assert own == 'own.yaml'
    values = {'a': 1, 'b.c': 2.5, 'd': LISTS(['s', 't']), 'e': LISTS([1, 2])}
    assert yaml.full_load((prefix / Path(first).name).read_text()) == {
        '/pev/modem': {'ros__parameters': values}
    }
    assert yaml.safe_load((prefix / Path(second).name).read_text()) == {
        '/**': {'ros__parameters': {'t': True}}
    }
    if not SOURCED:
        assert not Path(first).exists() and not Path(second).exists()  # gone with their launcher


def test_an_unknown_package_or_executable_is_named(prefix, ros2):
    caught = '[ERROR] [launch]: Caught exception in launch (see debug for traceback): '
    for package, name, says in (
        ('nobody', 'node', "\"package 'nobody' not found, searching: ["),
        ('told', 'none', "executable 'none' not found on the libexec directory '"),
    ):
        body = f"Node(package='{package}', executable='{name}')"
        (prefix / 'x.launch.py').write_text(HEAD + body + '\n])\n')
        done = ros2('launch', 'x.launch.py')
        assert done.stdout.splitlines()[-1].startswith(caught + says)
        assert done.returncode == 1


def test_run_passes_arguments_and_status_through(prefix, ros2):
    done = ros2('run', 'told', 'node', '--ros-args', '-p', 'a:=1')
    assert done.stdout == '--ros-args\n-p\na:=1\n'
    assert ros2('run', 'told', 'none').stderr == 'No executable found\n'
    assert ros2('run', 'nobody', 'none').stderr == "Package 'nobody' not found\n"
