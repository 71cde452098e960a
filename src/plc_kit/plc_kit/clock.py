# SPDX-License-Identifier: Apache-2.0
"""The two clocks of a node: a steady one for protocols, the system's for stamps."""

from builtin_interfaces.msg import Time
from rclpy.clock import Clock, ClockType

STEADY = Clock(clock_type=ClockType.STEADY_TIME)  # never jumps, never on /clock (R26)
_SYSTEM = Clock(clock_type=ClockType.SYSTEM_TIME)


def now() -> float:
    """Return steady time in seconds: the only `now` that protocol code is ever told."""
    return STEADY.now().nanoseconds * 1e-9


def stamp() -> Time:
    """Return the system's time, for the stamp of a message."""
    return _SYSTEM.now().to_msg()


def age(when: Time) -> float:
    """Return how many seconds ago a message was stamped; negative: it comes from the future."""
    here = _SYSTEM.now().nanoseconds
    return (here - when.sec * 1_000_000_000 - when.nanosec) * 1e-9
