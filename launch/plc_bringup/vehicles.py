# SPDX-License-Identifier: Apache-2.0
"""The ready-made vehicles of plc_vehicle, as launch files choose them (docs/integration.md)."""

from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration, PythonExpression

from plc_bringup.side import is_value, node

# Who owns a vehicle's outputs. The first two are not of plc_vehicle.
ABOUT = (
    'simulated: a battery, contactors and an inlet in software; external: your own node'
    ' publishes vehicle/status and obeys vehicle/command; gpio: outputs by GPIO; battery: a'
    ' sensor_msgs/BatteryState; can: a bridge to CAN; bench_load: a resistive load, no pack'
)
COMPOSED = ('gpio', 'battery', 'can')
BENCH_LOAD = 'bench_load'

# (name, default, description, choices…) of what a ready-made vehicle is composed of.
PARTS = (
    ('outputs', 'auto', 'who drives the outputs of a ready-made vehicle; auto: gpio',
        'auto', 'gpio', 'sim', 'none'),
    ('battery', 'auto', 'where a ready-made vehicle reads its pack; auto: what `vehicle` says',
        'auto', 'topic', 'can', 'parameters'),
    ('can_map', 'clara', 'messages of vehicle:=can: clara reads a battery and tells the charger,'
        ' foccci only tells', 'clara', 'foccci'),
)  # fmt: skip


def ready_made():
    """Return the nodes of plc_vehicle, each started where `vehicle` names it."""
    parts = {name: LaunchConfiguration(name) for name in ('cable', 'outputs', 'battery')}
    which = {name: LaunchConfiguration(name) for name in ('vehicle', 'can_map')}
    load = is_value('vehicle', BENCH_LOAD)
    return [
        node('pev', 'plc_vehicle', 'vehicle', parts | which, condition=_among(COMPOSED)),
        node('pev', 'plc_vehicle', 'bench_load', parts, condition=load),
    ]


def _among(words):
    return IfCondition(PythonExpression(["'", LaunchConfiguration('vehicle'), f"' in {words!r}"]))
