# SPDX-License-Identifier: Apache-2.0
"""What drives a vehicle's outputs and senses its inlet."""

from dataclasses import dataclass
from math import nan
from typing import Protocol

from plc_kit.outputs import VehicleOutputs

# As plc_msgs/ControlPilot numbers them.
UNKNOWN, A, B, C, E = 0, 1, 2, 3, 5


@dataclass(frozen=True)
class Sensed:
    """What contacts and inlet show; None and NaN: not measured."""

    proximity: bool = False
    pilot: int = UNKNOWN
    duty: float = nan  # 0..1
    plus: bool | None = None  # closed, by its feedback
    minus: bool | None = None
    lock: bool | None = None
    inlet_voltage: float = nan  # V
    inlet_current: float = nan  # A


class Gear(Protocol):
    """Outputs and senses of one vehicle."""

    def drive(self, outputs: VehicleOutputs, now: float) -> None:
        """Make outputs so; may be told the same again."""
        ...

    def sense(self, now: float) -> Sensed:
        """Tell what is measured now, and let moving things go on."""
        ...

    def close(self) -> None:
        """Leave everything off."""
        ...


class NoGear:
    """Drives nothing and senses nothing: no session gets beyond it."""

    def drive(self, outputs: VehicleOutputs, now: float) -> None:
        """Nothing is there to drive."""

    def sense(self, now: float) -> Sensed:
        """Nothing is measured."""
        return Sensed()

    def close(self) -> None:
        """Nothing is there to leave."""
