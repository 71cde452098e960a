# SPDX-License-Identifier: Apache-2.0
"""Outputs and senses at the simulated cable, as a part of a node."""

from collections.abc import Callable
from math import isnan

from rclpy.node import Node

from plc_kit.outputs import VehicleOutputs
from plc_sim.inlet_node import SimulatedInlet
from plc_vehicle.gear import Sensed


class SimulatedGear:
    """Contactors, lock and pilot that are there at once, and a pack behind them.

    pack: its volts without load, NaN for none, and ohm.
    """

    def __init__(
        self,
        node: Node,
        changed: Callable[[], None],
        cable: str,
        pack: Callable[[], tuple[float, float]],
    ) -> None:
        self._inlet = SimulatedInlet(node, changed, cable)
        self._pack, self._outputs = pack, VehicleOutputs()

    def drive(self, outputs: VehicleOutputs, now: float) -> None:
        """Make outputs so."""
        self._outputs = outputs

    def sense(self, now: float) -> Sensed:
        """Show this end of the cable, and measure what comes of it."""
        o, (voltage, resistance) = self._outputs, self._pack()
        inlet = self._inlet.show(o, 0.0 if isnan(voltage) else voltage, resistance)
        pilot = self._inlet.pilot
        return Sensed(True, pilot.state, pilot.duty, o.plus, o.minus, o.lock, *inlet)

    def close(self) -> None:
        """The cable's end falls silent by itself."""
