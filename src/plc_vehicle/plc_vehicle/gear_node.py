# SPDX-License-Identifier: Apache-2.0
"""What drives outputs and senses the inlet, as a part of a node."""

from collections.abc import Callable

from plc_kit.clock import STEADY, now
from plc_kit.outputs import VehicleOutputs
from plc_kit.parameters import declare
from plc_kit.vehicle_adapter import VehicleAdapter
from plc_vehicle.gear import Gear, NoGear, Sensed
from plc_vehicle.gpio_gear import GpioGear
from plc_vehicle.lines import GearSettings, Lines, LineSettings, LineWish, wishes
from plc_vehicle.simulated_gear_node import SimulatedGear

LOOK = 0.01  # s between two looks at GPIO inputs

OpenLines = Callable[[list[LineWish]], Lines]
Behind = Callable[[], tuple[float, float]]  # V without load, ohm: behind the contactors


def open_gpiod(wished: list[LineWish]) -> Lines:
    """Request lines of the kernel."""
    from plc_vehicle.ports.gpio import GpiodLines  # who has no GPIO needs no libgpiod

    return GpiodLines(wished)


class Outputs:
    """The gear of a node: looked at as often as it needs, told of at once when it changes."""

    def __init__(self, node: VehicleAdapter) -> None:
        """There is no gear before open(); a node whose start is refused before is destroyed so."""
        self._node = node
        self._shown = Sensed()
        self._gear: Gear = NoGear()

    def open(self, kind: str, cable: str, behind: Behind, open_lines: OpenLines) -> None:
        """Take the gear of a kind: sim, gpio, or none."""
        lines, settings = declare(self._node, LineSettings), declare(self._node, GearSettings)
        if kind == 'sim':
            self._gear = SimulatedGear(self._node, self._node.tell, cable, behind)
        elif kind == 'gpio':
            self._gear = GpioGear(open_lines(wishes(lines, settings)), settings)
            self._node.create_timer(LOOK, self._look, clock=STEADY)

    def drive(self, outputs: VehicleOutputs) -> None:
        """Make outputs so; a gear is made off, and no lock moves before somebody commands it."""
        if self._node.commanded:
            self._gear.drive(outputs, now())

    def sense(self) -> Sensed:
        """Measure."""
        self._shown = self._gear.sense(now())
        return self._shown

    def close(self) -> None:
        """Leave everything off."""
        self._gear.close()

    def _look(self) -> None:
        before = self._shown
        if _marks(self.sense()) != _marks(before):
            self._node.tell()


def _marks(sensed: Sensed) -> tuple[object, ...]:
    """What must be told at once."""
    digital = sensed.duty < 0.5
    return sensed.proximity, sensed.pilot, digital, sensed.plus, sensed.minus, sensed.lock
