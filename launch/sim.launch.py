# SPDX-License-Identifier: Apache-2.0
"""A vehicle and a charger on a simulated power line: a whole charge without any hardware."""

import os

from launch.actions import GroupAction, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare
from plc_bringup import evse
from plc_bringup.claims import own_network, own_side
from plc_bringup.given import checked
from plc_bringup.reason import Failed, ends_the_launch
from plc_bringup.scenario import chosen, scripted
from plc_bringup.side import ARGUMENTS, FROM_THE_START, PATIENCE, STORY, declared, recorder
from plc_bringup.signals import listening
from plc_bringup.vehicles import PARTS

from launch import LaunchDescription

OWN = (
    ('network', 'sim', 'name of the network namespace that holds the simulated power line'),
    ('vehicle', 'simulated', 'external: a node of your own at the simulated cable; battery: a'
        ' sensor_msgs/BatteryState of yours; can: a bridge to CAN; bench_load: a resistive load'
        ' (docs/integration.md)', 'simulated', 'external', 'battery', 'can', 'bench_load'),
    ('supply', 'simulated', 'external: the same at the charger', 'simulated', 'external'),
    ('scenario', '', 'somebody misbehaves on command: a name of docs/scenarios.md'),
    ('modem', 'ar7420', 'ar7420: modems by Ethernet; qca7005: by SPI, in software',
        'ar7420', 'qca7005'),
    ('spi', 'sim', 'modem:=qca7005: sim, or with faults of both modems: sim,FAULT@FRAME,…'
        ' (docs/hardware.md)'),
)  # fmt: skip
PACK = ('battery', 'can_map')
PASSED_ON = (
    'timers', 'cable', 'speed', 'scene', 'composed', 'params_file', 'log_level',
    'modem_autostart', 'respawn', 'autostart', 'display', 'syslog',
)  # fmt: skip
OUR_OWN = (*PASSED_ON, 'exit_when_done', 'bags', 'bags_kept', 'bag_limit', 'bag')


def recorded():
    """Return the default of `record`."""
    told = os.environ.get('CCS_RECORD', 'true')
    if told not in ('true', 'false'):
        raise Failed(f'CCS_RECORD={told} is neither true nor false')
    return told


RECORD = (
    'record',
    recorded(),
    'record the topics that tell the story of a session into a bag; CCS_RECORD is its default',
    'true',
    'false',
)  # fmt: skip


def side(role, **arguments):
    """Include one side in a scope of its own, so that no argument leaks into the other."""
    passed_on = {name: LaunchConfiguration(name) for name in (*PASSED_ON, 'modem', 'spi')}
    path = PathJoinSubstitution([FindPackageShare('plc_bringup'), 'launch', f'{role}.launch.py'])
    own = {'interface': [f'{role}@', LaunchConfiguration('network')], **passed_on, **arguments}
    return GroupAction(
        [*scripted(role), IncludeLaunchDescription(PythonLaunchDescriptionSource(path))],
        forwarding=False,
        launch_configurations={
            'namespace': role,
            'scenario': LaunchConfiguration('scenario'),
            **own,
        },
    )


def generate_launch_description():
    """Start the power line, a vehicle at one end and a charger at the other."""
    line = Node(
        package='plc_sim',
        executable='line',
        exec_name='line',
        namespace='/line',
        parameters=[{'network': LaunchConfiguration('network')}],
        output='screen',
        prefix=FROM_THE_START,
        **ends_the_launch('line'),
        **PATIENCE,
    )
    arguments = [row for row in ARGUMENTS if row[0] in OUR_OWN]
    pack = [row for row in PARTS if row[0] in PACK]
    return LaunchDescription(
        [
            *declared((*OWN, *evse.OWN, RECORD, *pack, *arguments)),
            listening(),
            checked(pev='pev', evse='evse', line='/line'),
            own_network(LaunchConfiguration('network')),
            *map(own_side, ('pev', 'evse')),
            OpaqueFunction(function=chosen),
            *recorder([f'/{role}/{topic}' for role in ('pev', 'evse') for topic in STORY]),
            line,
            side(
                'pev',
                exit_when_done=LaunchConfiguration('exit_when_done'),
                vehicle=LaunchConfiguration('vehicle'),
                outputs='sim',
                **{name: LaunchConfiguration(name) for name in PACK},
            ),
            side(
                'evse',
                exit_when_done='false',
                supply=LaunchConfiguration('supply'),
                **{name: LaunchConfiguration(name) for name, *_ in evse.OWN},
            ),
        ]
    )
