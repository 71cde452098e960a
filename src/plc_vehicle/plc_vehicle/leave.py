# SPDX-License-Identifier: Apache-2.0
"""Leave to charge, from whoever drives: the vehicle stands, its gear is in park.

Leave is a lease like any command (R6): it holds for half a second and wants to be given again.
Taken back or lapsed, it starts no charge, and ends one normally.
"""

from dataclasses import dataclass
from math import inf

from plc_kit.setting import setting

HOLDS = 0.5  # s


@dataclass(frozen=True)
class LeaveSettings:
    """Who gives it."""

    charge_allowed_topic: str = setting(
        '', 'of a std_msgs/Bool, true at 4 Hz or more while the vehicle may charge; empty: always'
    )


class Leave:
    """What was said last, and until when it holds."""

    def __init__(self, topic: str) -> None:
        """An empty topic: nobody is asked."""
        self._until = -inf if topic else inf  # s

    def hear(self, allowed: bool, now: float) -> None:
        """Take what is said."""
        self._until = now + HOLDS if allowed else -inf

    def holds(self, now: float) -> bool:
        """Whether the vehicle may charge now."""
        return now <= self._until
