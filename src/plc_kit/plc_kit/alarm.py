# SPDX-License-Identifier: Apache-2.0
"""One alarm clock per node: rings once, at a time of the steady clock."""

from collections.abc import Callable

from rclpy.node import Node

from plc_kit.clock import STEADY, now

_NEVER = 3600.0  # s, the period of a timer that is not running


class Alarm:
    """A one-shot timer that can be set again, made of a ROS timer on the steady clock.

    A deadline that moves away leaves the timer as it is: it rings early, sees that nothing is
    due, and is set anew. So a deadline that moves with each message costs nothing.
    """

    def __init__(self, node: Node, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._deadline: float | None = None
        self._armed: float | None = None  # when the timer rings, where it runs
        self._timer = node.create_timer(_NEVER, self._rung, clock=STEADY, autostart=False)

    def set(self, deadline: float | None) -> None:
        """Ring at `deadline` (s, steady clock; in the past: at once), or never."""
        self._deadline = deadline
        if deadline is not None and (self._armed is None or deadline < self._armed):
            self._arm(deadline)

    def _arm(self, deadline: float) -> None:
        self._armed = deadline
        self._timer.cancel()
        self._timer.timer_period_ns = max(1, int((deadline - now()) * 1e9))
        self._timer.reset()

    def _rung(self) -> None:
        self._timer.cancel()
        self._armed = None
        if self._deadline is None:
            return
        if now() < self._deadline:
            self._arm(self._deadline)
        else:
            self._deadline = None
            self._ring()
