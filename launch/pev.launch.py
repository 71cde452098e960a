# SPDX-License-Identifier: Apache-2.0
"""A vehicle (or robot) that charges at a CCS charger."""

from launch.actions import GroupAction
from plc_bringup.side import declared, side
from plc_bringup.vehicles import ABOUT, BENCH_LOAD, COMPOSED, PARTS, ready_made

from launch import LaunchDescription


def generate_launch_description():
    """Start modem, slac, transport and session of a vehicle, and who owns its outputs."""
    words = (*COMPOSED, BENCH_LOAD)
    pev = side('pev', owner='vehicle', about=ABOUT, ready_made=ready_made(), choices=words)
    # what is declared in a group stays in it: a launch file that includes this one twice has two
    return LaunchDescription([GroupAction([*declared(PARTS), *pev])])
