# SPDX-License-Identifier: Apache-2.0
"""What a vehicle's outputs are asked to do, and what they do when nobody asks any more (R6).

Nothing of ROS is in here, so that a model, a GPIO owner and a CAN bridge share it.
"""

from dataclasses import dataclass, replace

PILOT_B, PILOT_C = 2, 3  # as plc_msgs/ControlPilot numbers them
SAFE_CURRENT = 5.0  # A at which contactors open in a fault (R1)
SAFE_PATIENCE = 1.0  # s after pilot B, then they open at any current (R1)


@dataclass(frozen=True)
class VehicleOutputs:
    """plc_msgs/VehicleCommand without its lease; the defaults are safe."""

    plus: bool = False  # true: closed
    minus: bool = False
    lock: bool = False
    pilot: int = PILOT_B
    isolation_monitor_off: bool = False

    @property
    def closed(self) -> bool:
        """A contactor is to be closed."""
        return self.plus or self.minus

    @property
    def safe(self) -> bool:
        """They ask for nothing that could let current flow."""
        return not self.closed and self.pilot == PILOT_B

    @property
    def objection(self) -> str:
        """Why no vehicle can do this; empty: it can."""
        drivable = self.pilot in (PILOT_B, PILOT_C)
        return '' if drivable else f'a vehicle cannot show pilot state {self.pilot}; B or C'


def lapsed(held: VehicleOutputs, since: float, current: float) -> VehicleOutputs:
    """Return what outputs become `since` s after their lease lapsed while `current` A flow.

    Pilot B at once; contactors where little flows, at the latest after a second (R1, fault). The
    lock stays: no timer unlocks (R3). A current that is not measured (NaN) is waited for.
    """
    wait = not current <= SAFE_CURRENT and since < SAFE_PATIENCE
    return replace(
        held,
        plus=held.plus and wait,
        minus=held.minus and wait,
        pilot=PILOT_B,
        isolation_monitor_off=False,
    )
