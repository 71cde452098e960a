# SPDX-License-Identifier: Apache-2.0
"""A launch file of somebody else includes ours: twice, in namespaces, with remaps and sim time."""

from pathlib import Path

import pytest
from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import GetParameters
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import BatteryState

from plc_kit.qos import READINGS
from plc_log.bag.reader import contents
from plc_msgs.msg import ChargingState

ROBOTS = ('one', 'two')
FILE = """
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node, PushRosNamespace, SetParameter, SetRemap
from launch_ros.substitutions import FindPackageShare


def include(role, name, **more):
    share = FindPackageShare('plc_bringup')
    path = PathJoinSubstitution([share, 'launch', f'{role}.launch.py'])
    own = {
        'namespace': role,
        'interface': [role, '@', LaunchConfiguration('network'), name],
        'cable': f'/{name}/cable',
        'speed': '60',
        'composed': LaunchConfiguration('composed'),
    }
    source = PythonLaunchDescriptionSource(path)
    return IncludeLaunchDescription(source, launch_arguments={**own, **more}.items())


def robot(name):
    network = [LaunchConfiguration('network'), name]
    return GroupAction([
        PushRosNamespace(name),
        SetParameter('use_sim_time', True),
        SetRemap('charging/battery_state', 'battery'),
        Node(package='plc_sim', executable='line', parameters=[{'network': network}]),
        include('pev', name, record='true', bag=['bags/', name]),
        include('evse', name, record='false'),
    ])


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument('network'),
        DeclareLaunchArgument('composed'),
        robot('one'),
        robot('two'),
    ])
"""


@pytest.mark.parametrize('composed', ['true', 'false'])
def test_two_robots_charge_side_by_side(start, watch, network, tmp_path, monkeypatch, composed):
    monkeypatch.chdir(tmp_path)
    Path('robots.launch.py').write_text(FILE)
    states = {name: watch.follow(f'/{name}/pev/charging/state') for name in ROBOTS}
    batteries = {
        name: watch.follow(f'/{name}/pev/battery', BatteryState, READINGS) for name in ROBOTS
    }
    slow = watch.node.create_publisher(Clock, '/clock', 10)  # a simulation that stands still
    watch.node.create_timer(0.1, lambda: slow.publish(Clock()))
    arguments = (f'network:={network}', f'composed:={composed}')
    launch = start('ros2', 'launch', 'robots.launch.py', *arguments)

    watch.wait(lambda: all(charges(one) for one in states.values()), 90)
    assert all(values_of(watch, f'/{name}/pev/session', 'use_sim_time') for name in ROBOTS)
    watch.wait(lambda: all(one and one[-1].current > 1 for one in batteries.values()))
    assert len(set(memories(launch))) == len(ROBOTS)

    launch.interrupt()
    watch.wait(lambda: launch.process.poll() is not None, 30)
    assert launch.end() == 0, launch.output
    last = [one[-1] for one in states.values()]
    assert [(one.stage, one.error) for one in last] == [(ChargingState.FINISHED, '')] * 2
    assert [word for word in ('Traceback', 'has died') if word in launch.output] == []
    for name in ROBOTS:
        counts = contents(str(tmp_path / 'bags' / name)).counts
        assert counts[f'/{name}/pev/charging/state'] and counts[f'/{name}/pev/battery']


def charges(states):
    """Tell whether current flows."""
    return states and states[-1].stage == ChargingState.CHARGE_LOOP


def values_of(watch, node, name):
    """Ask a node for a boolean parameter."""
    asking = watch.node.create_client(GetParameters, f'{node}/get_parameters')
    watch.wait(asking.service_is_ready)
    future = asking.call_async(GetParameters.Request(names=[name]))
    [value] = watch.wait(future.result).values
    assert value.type == ParameterType.PARAMETER_BOOL
    return value.bool_value


def memories(launch):
    """Return the file in which each simulated vehicle keeps its plug and lock."""
    for words in launch.members().values():
        if '/plc_sim/vehicle ' in words:
            yield next(line for line in parameters(words) if 'vehicle.memory' in line)


def parameters(words):
    """Return the lines of the parameter files that a process was given."""
    for word in words.split():
        if word.startswith('/') and Path(word).is_file() and 'launch_params_' in word:
            yield from Path(word).read_text().splitlines()
