# SPDX-License-Identifier: Apache-2.0
"""How a launch hears that it is to end (R7).

`ros2 launch` leaves a SIGTERM to the kernel, so that it ends without a word to its nodes; and a
SIGINT that was ignored when it began, as in the background of a script, never reaches it.
"""

import signal

from launch.actions import OpaqueFunction
from launch.events import Shutdown
from launch.utilities import AsyncSafeSignalManager


def _listen(context):
    # The manager hears what Python handles; which one is at work, only this name tells. Where it
    # is gone, a SIGTERM ends the launcher, and the nodes end their sessions as one that it left.
    manager = getattr(AsyncSafeSignalManager, '_AsyncSafeSignalManager__current', None)
    if manager is None:
        return
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        told = Shutdown(reason='SIGTERM')
        manager.handle(signal.SIGTERM, lambda _: context.emit_event_sync(told))
        signal.signal(signal.SIGTERM, lambda *_: None)


def listening():
    """Return the action after which SIGINT and SIGTERM are a wish to end, however it was begun."""
    return OpaqueFunction(function=_listen)
