# SPDX-License-Identifier: Apache-2.0
"""Launch arguments that a launch file does not have: `ros2 launch` passes over them."""

import os
import traceback

from launch.actions import IncludeLaunchDescription
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from plc_bringup.reason import Failed
from plc_kit.nearest import did_you_mean

OF_LAUNCH = ('emulate_tty',)  # what `launch` itself looks up for our nodes


def refuse_unknown(context):
    """Raise Failed for an argument that was given to this launch file and is none of its own.

    Only what was given to it: whoever includes it has launch configurations of his own.
    """
    include = _including()
    if include is None:
        return
    source = include.launch_description_source
    declared = source.get_launch_description(context).get_launch_arguments()
    known = {*OF_LAUNCH, *(one.name for one in declared)}
    for given, _ in include.launch_arguments:
        name = perform_substitutions(context, normalize_to_list_of_substitutions(given))
        if name not in known:
            file = os.path.basename(source.location)
            raise Failed(f'{file} has no argument {name}{did_you_mean(name, known)}')


def _including():
    """Return the action that includes this launch file; `ros2 launch` has one too.

    Entities are visited recursively, and no context says by whom. None where a program carries
    out a launch description that it made itself.
    """
    for frame, _ in traceback.walk_stack(None):
        for value in frame.f_locals.values():
            if isinstance(value, IncludeLaunchDescription):
                return value
    return None
