# SPDX-License-Identifier: Apache-2.0
"""The battery as charging/battery_state tells it to software that knows nothing of charging."""

from dataclasses import dataclass
from enum import IntEnum
from math import isnan, nan

FLOWING = 0.5  # A; what Nav2's docking takes for charging too
FULL = 0.995  # state of charge


class SupplyStatus(IntEnum):
    """power_supply_status as sensor_msgs/BatteryState numbers it."""

    UNKNOWN = 0
    CHARGING = 1
    DISCHARGING = 2
    NOT_CHARGING = 3
    FULL = 4


@dataclass(frozen=True, slots=True)
class Battery:
    """Fields of sensor_msgs/BatteryState; all NaN: nothing is known now."""

    present: bool = False
    voltage: float = nan  # V
    current: float = nan  # A, positive while charging
    percentage: float = nan  # 0..1

    @property
    def status(self) -> SupplyStatus:
        """What the current says, and without any the state of charge."""
        if isnan(self.current):
            return SupplyStatus.UNKNOWN
        if self.current > FLOWING:
            return SupplyStatus.CHARGING
        if self.current < -FLOWING:
            return SupplyStatus.DISCHARGING
        return SupplyStatus.FULL if self.percentage >= FULL else SupplyStatus.NOT_CHARGING
