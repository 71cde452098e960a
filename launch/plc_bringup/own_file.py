# SPDX-License-Identifier: Apache-2.0
"""Parameters of several nodes in one process: a file in which each has its own.

launch_ros gives a process' parameters to all its nodes, and two of ours may have one of the same
name.
"""

import functools
import itertools
import tempfile

_NUMBERS = itertools.count()


@functools.cache
def _folder():
    """Return a folder that goes with the launcher; a process started anew reads its file again."""
    return tempfile.TemporaryDirectory(prefix='ros2_ccs_')


def new_file():
    """Open a new file there, for writing; it has the suffix that ROS wants."""
    return tempfile.NamedTemporaryFile('w', dir=_folder().name, suffix='.yaml', delete=False)


def session_file(role):
    """Name the file in which a session node leaves what its next start must know (R5, R6)."""
    return f'{_folder().name}/{role}-{next(_NUMBERS)}.memory'


def vehicle_file():
    """Name the file in which plug and lock of a simulated vehicle outlive its node."""
    return f'{_folder().name}/vehicle-{next(_NUMBERS)}.memory'


def own_file(parameters, context):
    """Write {node: {name: text or substitution}} as a parameter file, and return its path.

    It holds for any namespace; files that are given behind it prevail, as with one node a process.
    """
    with new_file() as out:
        for node, values in parameters.items():
            out.write(f'/**/{node}:\n  ros__parameters:\n')
            out.writelines(f'    {name}: {_text(v, context)}\n' for name, v in values.items())
    return out.name


def _text(value, context):
    return value if isinstance(value, str) else value.perform(context)
