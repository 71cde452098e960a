# SPDX-License-Identifier: Apache-2.0
"""The slice of ROS 2's `launch` that launch files here use (README.md)."""

from launch.context import LaunchContext
from launch.entities import Action, LaunchDescription
from launch.launch_service import LaunchService
from launch.substitution import Substitution, SubstitutionFailure

__all__ = [
    'Action',
    'LaunchContext',
    'LaunchDescription',
    'LaunchService',
    'Substitution',
    'SubstitutionFailure',
]
