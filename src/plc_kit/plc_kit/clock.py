# SPDX-License-Identifier: Apache-2.0
"""The two clocks of a node: a steady one for protocols, the system's for stamps.

A message asks for them several times, and rclpy's Clock takes a hundred times as long as the
kernel's answer.
"""

import time

from builtin_interfaces.msg import Time
from rclpy.clock import Clock, ClockType

# Of timers: never jumps, never on /clock (R26); as steady as now(), with another beginning.
STEADY = Clock(clock_type=ClockType.STEADY_TIME)
_NANO = 1_000_000_000


def now() -> float:
    """Return steady time in seconds: the only `now` that protocol code is ever told."""
    return time.monotonic()


def stamp(how_old: float = 0.0) -> Time:
    """Return the system's time so many seconds ago, for the stamp of a message."""
    seconds, nanoseconds = divmod(time.time_ns() - round(how_old * _NANO), _NANO)
    return Time(sec=seconds, nanosec=nanoseconds)


def age(when: Time) -> float:
    """Return how many seconds ago a message was stamped; negative: it comes from the future."""
    return (time.time_ns() - when.sec * _NANO - when.nanosec) * 1e-9
