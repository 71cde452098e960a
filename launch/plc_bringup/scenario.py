# SPDX-License-Identifier: Apache-2.0
"""`scenario:=NAME`: the parameters of a scenario, and a script between session and transport."""

from launch.actions import OpaqueFunction, SetLaunchConfiguration
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node, SetRemap

from plc_bringup.given import parameters_of
from plc_bringup.own_file import parameter_file
from plc_bringup.reason import Failed
from plc_bringup.side import FROM_THE_START
from plc_kit.parameter_file import matches

TOPICS = ('v2g_tx', 'v2g_rx')


def _scenario(context):
    """Return the scenario that was asked for, or None."""
    name = context.launch_configurations.get('scenario', '')
    if not name:
        return None
    from plc_sim.scenario.table import (
        UnknownScenario,
        scenario,
    )  # 0.5 s that no other launch needs

    try:
        row = scenario(name)
    except UnknownScenario as error:
        raise Failed(str(error)) from None
    if row.incidents:
        raise Failed(
            f'scenario:={name} is of virtual time only: ros2 run plc_sim scenarios {name}'
        )
    return row


def chosen(context):
    """Set the scenario's parameters; those of a params_file prevail."""
    row = _scenario(context)
    if row is None:
        return []
    nodes = {node: dict(values) for node, values in row.parameters.items()}
    own = context.launch_configurations['params_file']
    for pattern, given in (parameters_of(own) if own else {}).items():
        for node in {pattern, *(one for one in nodes if matches(pattern, one))}:
            nodes.setdefault(node, {}).update(given)
    return [SetLaunchConfiguration('params_file', parameter_file(nodes))]


def scripted(role):
    """Return what puts the script between session and transport, where this side has it."""
    return [OpaqueFunction(function=_script, args=[role])]


def _script(context, role):
    row = _scenario(context)
    if row is None or row.partner != role:
        return []
    script = Node(
        package='plc_sim',
        executable='script',
        exec_name='script',
        namespace=LaunchConfiguration('namespace'),
        parameters=[{'scenario': row.name}],
        output='screen',
        prefix=FROM_THE_START,
        sigterm_timeout='10',
        sigkill_timeout='3',
    )
    remaps = [SetRemap(f'session:{topic}', f'script/{topic}') for topic in TOPICS]
    return [script, *remaps]
