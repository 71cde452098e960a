# SPDX-License-Identifier: Apache-2.0
"""The battery as charging/battery_state tells it to software that knows nothing of charging."""

from dataclasses import dataclass
from enum import IntEnum
from math import isfinite, isnan, nan

from v2g.session.stage import Stage

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
    stage: Stage = Stage.IDLE

    @property
    def status(self) -> SupplyStatus:
        """What the current says, or without any the state of charge; NaN: the stage."""
        if isnan(self.current):
            return self._by_stage
        if self.current > FLOWING:
            return SupplyStatus.CHARGING
        if self.current < -FLOWING:
            return SupplyStatus.DISCHARGING
        return SupplyStatus.FULL if self.percentage >= FULL else SupplyStatus.NOT_CHARGING

    @property
    def _by_stage(self) -> SupplyStatus:
        if self.stage is Stage.CHARGE_LOOP:
            return SupplyStatus.CHARGING
        return SupplyStatus.UNKNOWN if self.stage is Stage.IDLE else SupplyStatus.NOT_CHARGING


def measured(*amperes: float) -> float:
    """Return the first current that somebody measured, in A; NaN: nobody did.

    An exact 0 is what a message holds in which nobody filled in a current: another's word on it
    counts first.
    """
    told = [one for one in amperes if isfinite(one)]
    return next((one for one in told if one), told[0] if told else nan)
