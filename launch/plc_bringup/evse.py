# SPDX-License-Identifier: Apache-2.0
"""What the charger's side has beside its four nodes: a wallbox, and what goes to the house."""

from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import (
    AndSubstitution,
    EqualsSubstitution,
    LaunchConfiguration,
)

from plc_bringup.side import ONLY_TELLS, node

ABOUT = (
    'simulated: a power supply and control pilot in software (soc_reader: an AC wallbox);'
    ' external: your own nodes publish supply/status and pilot/status and obey their commands'
)
MODE = (
    'mode', 'charger', 'charger: charges a vehicle with DC; soc_reader: an AC wallbox reads its'
    ' state of charge and goes on with AC (docs/wallbox.md)', 'charger', 'soc_reader',
)  # fmt: skip
AUTHORIZATION = (
    'authorization', 'free', 'who may charge (R17): free; service: charging/authorize says so; or'
        ' EVCCIDs and MACs between commas (docs/wallbox.md)',
)  # fmt: skip
HOME = (
    ('soc_callback', '', 'URL that is told each state of charge by HTTP, e.g.'
        ' http://smartevse.local/ev_state; empty: none (docs/wallbox.md)'),
    ('mqtt', '', 'MQTT broker that is told everything, HOST or HOST:PORT; empty: none'
        ' (docs/wallbox.md)'),
)  # fmt: skip
OWN = (MODE, AUTHORIZATION, *HOME)  # launch arguments of a charger alone
SIMULATED = EqualsSubstitution(LaunchConfiguration('supply'), 'simulated')
READER = EqualsSubstitution(LaunchConfiguration('mode'), 'soc_reader')


def wallbox():
    """Return the simulated wallbox, which stands in for the supply of a charger."""
    cable = {'cable': LaunchConfiguration('cable')}
    there = IfCondition(AndSubstitution(SIMULATED, READER))
    return node('evse', 'plc_sim', 'wallbox', cable, condition=there)


def home():
    """Return the nodes of plc_home, each where it was asked for."""
    return [_told('soc_callback', 'url'), _told('mqtt', 'broker')]


def _told(name, parameter):
    where = LaunchConfiguration(name)
    asked = UnlessCondition(EqualsSubstitution(where, ''))
    return node('evse', 'plc_home', name, {parameter: where}, condition=asked, **ONLY_TELLS)
