# SPDX-License-Identifier: Apache-2.0
"""The power electronics of a charger: a voltage and a current source with ramps and a capacitor.

`regulated` and `current_limit` follow their setpoints at their ramps; `plug_voltage` is what the
capacitor at the cable holds, which only a source lifts and only the bleed lowers.
"""

from dataclasses import dataclass
import math

TOUCHABLE = 60.0  # V


@dataclass(frozen=True)
class Ramps:
    """How fast a source moves; 0: at once."""

    voltage: float  # V/s
    current_up: float  # A/s
    current_down: float  # A/s
    bleed_time: float  # s from `full` to 60 V
    full: float  # V


class Source:
    """Follows setpoints in steps of any length."""

    def __init__(self, ramps: Ramps) -> None:
        self.regulated = 0.0  # V
        self.current_limit = 0.0  # A
        self.plug_voltage = 0.0  # V
        self._ramps = ramps

    def switch_on(self) -> None:
        """Begin where the capacitor stands."""
        self.regulated = self.plug_voltage

    def regulate(self, voltage: float, current: float, present: float, seconds: float) -> None:
        """Move towards setpoints while `present` A flow."""
        if voltage >= self.regulated:
            self.regulated = _towards(voltage, self.regulated, self._ramps.voltage, seconds)
        else:
            self.regulated = max(voltage, self._bled(self.regulated, seconds))
        self._limit(current, present, seconds)

    def switch_off(self, present: float, seconds: float) -> None:
        """Take the current down while `present` A flow, then the voltage."""
        self._limit(0.0, present, seconds)
        if self.current_limit == 0.0:
            self.regulated = 0.0

    def hold(self, voltage: float) -> None:
        """Have a pack hold the capacitor."""
        self.plug_voltage = voltage

    def lift(self, seconds: float, *, connected: bool) -> None:
        """Lift the capacitor to what is regulated, or bleed it."""
        source = self.regulated if connected else 0.0
        self.plug_voltage = max(source, self._bled(self.plug_voltage, seconds))

    def _limit(self, wanted: float, present: float, seconds: float) -> None:
        if wanted >= self.current_limit:
            ramp = self._ramps.current_up
            self.current_limit = _towards(wanted, self.current_limit, ramp, seconds)
        else:
            flowing = max(wanted, min(self.current_limit, present))
            self.current_limit = _towards(wanted, flowing, self._ramps.current_down, seconds)

    def _bled(self, voltage: float, seconds: float) -> float:
        if self._ramps.bleed_time == 0.0:
            return 0.0
        constant = self._ramps.bleed_time / math.log(self._ramps.full / TOUCHABLE)
        return voltage * math.exp(-seconds / constant)


def _towards(goal: float, value: float, ramp: float, seconds: float) -> float:
    if ramp == 0.0:
        return goal
    step = ramp * seconds
    return min(goal, value + step) if goal >= value else max(goal, value - step)
