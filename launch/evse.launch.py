# SPDX-License-Identifier: Apache-2.0
"""A CCS charger."""

from plc_bringup.side import side

from launch import LaunchDescription

ABOUT = (
    'simulated: a power supply and control pilot in software; external: your own nodes publish '
    'supply/status and pilot/status and obey their commands'
)


def generate_launch_description():
    """Start modem, slac, transport and session of a charger, and the simulated supply."""
    return LaunchDescription(side('evse', owner='supply', about=ABOUT))
