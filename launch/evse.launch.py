# SPDX-License-Identifier: Apache-2.0
"""A CCS charger, or an AC wallbox that reads a vehicle's state of charge."""

from launch.actions import GroupAction
from plc_bringup.evse import ABOUT, OWN, home, wallbox
from plc_bringup.side import declared, side

from launch import LaunchDescription


def generate_launch_description():
    """Start modem, slac, transport and session, who owns pilot and power, and what goes home."""
    evse = side('evse', owner='supply', about=ABOUT, ready_made=[wallbox()], telling=home())
    # what is declared in a group stays in it: a launch file that includes this one twice has two
    return LaunchDescription([GroupAction([*declared(OWN), *evse])])
