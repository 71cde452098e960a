# SPDX-License-Identifier: Apache-2.0
"""Files of one launch, each with a name of its own; they go with the launcher.

They lie in the folder of the user's own: below /tmp a system removes what nobody has touched for
days, and a session that is started anew would not know that its plug was served (R6).
"""

from contextlib import suppress
import functools
import itertools
import os
import shutil
import tempfile

import yaml

from plc_kit.own_folder import own_folder
from plc_kit.private import lock

_NUMBERS = itertools.count()
_KIND = 'launch_'


@functools.cache
def _folder():
    """Return a folder that goes with the launcher; a process started anew reads its file again."""
    try:
        return _in(own_folder())
    except OSError:  # a user without a home
        return tempfile.TemporaryDirectory(prefix='ros2_ccs_')


def _in(own):
    """Make it there, and remove those of launchers that were killed."""
    alone = lock(own / 'launches.lock', wait=True)
    try:
        _remove_left(own)
        made = tempfile.TemporaryDirectory(prefix=_KIND, dir=own)
        lock(own / made.name / 'lock')  # as long as this launcher lives
        return made
    finally:
        os.close(alone)


def _remove_left(own):
    for one in own.glob(f'{_KIND}*/lock'):
        with suppress(OSError):
            if (left := lock(one)) is not None:
                shutil.rmtree(one.parent, ignore_errors=True)
                os.close(left)


def new_file():
    """Open a new file there, for writing; it has the suffix that ROS wants."""
    return tempfile.NamedTemporaryFile('w', dir=_folder().name, suffix='.yaml', delete=False)


def new_name(ending):
    """Name a file that one node of this launch writes; a side that is there twice has two."""
    return f'{_folder().name}/{next(_NUMBERS)}-{ending}'


def own_file(parameters, context):
    """Write {node: {name: text or substitution}} as a parameter file, and return its path.

    launch_ros gives a process' parameters to all its nodes, and two of ours may have one of the
    same name. The file holds for any namespace; files that are given behind it prevail, as with
    one node a process.
    """
    with new_file() as out:
        for node, values in parameters.items():
            out.write(f'/**/{node}:\n  ros__parameters:\n')
            out.writelines(f'    {name}: {_text(v, context)}\n' for name, v in values.items())
    return out.name


def parameter_file(parameters):
    """Write {node: {name: value}} as a parameter file, and return its path."""
    with new_file() as out:
        yaml.safe_dump({node: {'ros__parameters': own} for node, own in parameters.items()}, out)
    return out.name


def _text(value, context):
    parts = value if isinstance(value, list) else [value]
    return ''.join(one if isinstance(one, str) else one.perform(context) for one in parts)
