# SPDX-License-Identifier: Apache-2.0
"""How `ros2 launch` ends with the sentence of the node that failed, and with status 1.

A node's exit status does not reach the status of `ros2 launch`; an exception in an action does. So
a node writes its sentence to the file named by CCS_REASON, and the launch file raises it.
"""

import atexit
from pathlib import Path
import sys

from launch.actions import OpaqueFunction, Shutdown

from plc_bringup.own_file import new_name

# How the nodes end (plc_kit.run); 0 is left to a node that was told to end, or has done its work.
CANNOT_START = 78  # it cannot do its work here; trying again is of no use
NOT_DONE = 11  # exit_when_done: the session failed


class Failed(RuntimeError):
    """A sentence that ends the launch with status 1."""


def ends_the_launch(name):
    """Return the options of a Node that ends the launch when it cannot start or has done its work.

    A session with exit_when_done leaves its sentence in both ways of its end. A node that died
    otherwise ends nothing.
    """
    path = Path(new_name(f'{name}.reason'))

    def exited(event, context):
        sentence = _taken(path)
        if event.returncode in (CANNOT_START, NOT_DONE):
            why = sentence or f'{name} ended with status {event.returncode}'
            return [OpaqueFunction(function=_fail, args=[why])]
        if event.returncode == 0 and sentence:
            return [Shutdown(reason=sentence)]
        return []

    return {'additional_env': {'CCS_REASON': str(path)}, 'on_exit': exited}


def _taken(path):
    try:
        sentence = path.read_text().strip()
        path.unlink()
    except OSError:
        return ''
    return sentence


def _fail(context, sentence):
    """Raise the sentence, and say it once more behind all that the other nodes say as they end."""
    atexit.register(print, f'plc_bringup: {sentence}', file=sys.stderr)
    raise Failed(sentence)
