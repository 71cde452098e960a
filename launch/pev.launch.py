# SPDX-License-Identifier: Apache-2.0
"""A vehicle (or robot) that charges at a CCS charger."""

from plc_bringup.side import side

from launch import LaunchDescription

ABOUT = (
    'simulated: a battery, contactors and an inlet in software; external: your own node '
    'publishes vehicle/status and obeys vehicle/command'
)


def generate_launch_description():
    """Start modem, slac, transport and session of a vehicle, and the simulated vehicle."""
    return LaunchDescription(side('pev', owner='vehicle', about=ABOUT))
