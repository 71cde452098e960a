# SPDX-License-Identifier: Apache-2.0
"""A CCS charger."""

from launch.substitutions import LaunchConfiguration
from plc_bringup.side import (
    ARGUMENTS,
    declared,
    endings,
    is_value,
    node,
    nodes,
    number,
    recorder,
)

from launch import LaunchDescription

OWN = (
    ('namespace', 'evse', 'namespace of the nodes and their topics'),
    ('supply', 'simulated', 'simulated: a power supply and control pilot in software; external:'
        ' your own nodes publish supply/status and pilot/status and obey their commands',
        'simulated', 'external'),
)  # fmt: skip


def generate_launch_description():
    """Start modem, slac, transport and session of a charger, and the simulated supply."""
    physics = {'cable': LaunchConfiguration('cable'), 'speed': number('speed')}
    simulated = is_value('supply', 'simulated')
    supply = node('evse', 'plc_sim', 'supply', physics, condition=simulated)
    side = nodes('evse')
    return LaunchDescription(
        [
            *declared((*OWN, *ARGUMENTS)),
            *endings('evse', [*side, supply]),
            recorder([['/', LaunchConfiguration('namespace')]]),
            *side,
            supply,
        ]
    )
