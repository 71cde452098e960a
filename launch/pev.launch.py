# SPDX-License-Identifier: Apache-2.0
"""A vehicle (or robot) that charges at a CCS charger."""

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
    ('namespace', 'pev', 'namespace of the nodes and their topics'),
    ('vehicle', 'simulated', 'simulated: a battery, contactors and an inlet in software;'
        ' external: your own node publishes vehicle/status and obeys vehicle/command',
        'simulated', 'external'),
)  # fmt: skip


def generate_launch_description():
    """Start modem, slac, transport and session of a vehicle, and the simulated vehicle."""
    physics = {'cable': LaunchConfiguration('cable'), 'speed': number('speed')}
    simulated = is_value('vehicle', 'simulated')
    vehicle = node('pev', 'plc_sim', 'vehicle', physics, condition=simulated)
    side = nodes('pev')
    return LaunchDescription(
        [
            *declared((*OWN, *ARGUMENTS)),
            *endings('pev', [*side, vehicle]),
            recorder([['/', LaunchConfiguration('namespace')]]),
            *side,
            vehicle,
        ]
    )
