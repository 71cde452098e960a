# SPDX-License-Identifier: Apache-2.0
"""An executor of one thread that keeps its wait set, and that stays when rclpy moves.

**Cheap.** rclpy's SingleThreadedExecutor gathers all entities of all nodes, and makes a wait set
and a task, for each callback; that cost more than all the protocol's own work. This one keeps its
wait set until an entity comes or goes, and calls all that is ready.

**It stays.** It is a subclass of rclpy's documented Executor that overrides every public method
that spins or makes work. So it needs nothing private of its base, and a base that changes below
cannot break it. Entities come from the documented properties of nodes; work is taken by their
handles; what awaits something is stepped here, not by rclpy's Task, since newer ones call private
methods of the executor. rclpy's WaitSet is the one name that is not public and that nothing
replaces: it is tried at the start, and where it does not do what this rests on, there is rclpy's
own executor and a line of warning.

- `lean`: what rclpy, nodes and users call
- `turns`: wait, then call all that is ready
- `wait_set`: what is waited for, kept
- `work`: what is done about an entity that is ready
- `identified`: takes a message with who has published it, for callbacks that want its info
- `awaiting`: callbacks and tasks that await something
"""

from rclpy.context import Context
from rclpy.executors import Executor, SingleThreadedExecutor
from rclpy.logging import get_logger


def make_executor(context: Context | None = None) -> Executor:
    """Return the one that keeps its wait set, or rclpy's own where that does not fit."""
    try:
        from plc_kit.executor.lean import LeanExecutor
        from plc_kit.executor.wait_set import OtherRclpy
    except (ImportError, AttributeError) as error:  # a name that is no longer there
        return _rclpys_own(context, error)
    try:
        return LeanExecutor(context=context)
    except OtherRclpy as error:
        return _rclpys_own(context, error)


def _rclpys_own(context: Context | None, why: Exception) -> Executor:
    get_logger('executor').warning(
        "rclpy's own executor runs, which takes two to three times the processor and does not tell"
        f' publishers apart: {why}'
    )
    return SingleThreadedExecutor(context=context)
