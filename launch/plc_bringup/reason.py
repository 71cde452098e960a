# SPDX-License-Identifier: Apache-2.0
"""How `ros2 launch` ends with the sentence of the node that failed, and with status 1.

A node's exit status does not reach the status of `ros2 launch`; an exception in an action does. So
a node writes its sentence to the file named by CCS_REASON, and the launch file raises it.
"""

import os
from pathlib import Path
import tempfile

from launch.actions import OpaqueFunction, RegisterEventHandler, Shutdown
from launch.event_handlers import OnProcessExit

# How the nodes end (plc_kit.run); 0 is left to a node that was told to end.
CANNOT_START = 78  # it cannot do its work here; trying again is of no use
DONE = 10  # exit_when_done: the session has ended as it should
NOT_DONE = 11  # exit_when_done: it failed


class Failed(RuntimeError):
    """A sentence that ends the launch with status 1."""


def reason_file(role):
    """Name the file in which the nodes of one side leave their last sentence."""
    return Path(tempfile.gettempdir()) / f'ros2_ccs-{os.getpid()}-{role}.reason'


def _take(path, otherwise):
    try:
        sentence = path.read_text().strip()
        path.unlink()
    except OSError:
        sentence = ''
    return sentence or otherwise


def end_with_reason_of(node, path):
    """Return the handler that ends the launch when `node` cannot start, or has done its work.

    A session that was started with exit_when_done ends with DONE or NOT_DONE; a node that died
    otherwise is none of this handler's business.
    """

    def exited(event, context):
        if event.returncode == CANNOT_START:
            cannot = f'{event.process_name} cannot start'
            return [OpaqueFunction(function=fail, args=[cannot])]
        if event.returncode == DONE:
            return [Shutdown(reason='the charging session has ended as it should')]
        if event.returncode == NOT_DONE:
            return [OpaqueFunction(function=fail, args=['the charging session failed'])]
        return []

    def fail(context, otherwise):
        raise Failed(_take(path, otherwise))

    return RegisterEventHandler(OnProcessExit(target_action=node, on_exit=exited))
