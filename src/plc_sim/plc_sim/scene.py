# SPDX-License-Identifier: Apache-2.0
"""A vehicle and a supply on one cable in virtual time, with a referee: no ROS, no waiting."""

from plc_kit.lease import Terms
from plc_kit.outputs import VehicleOutputs
from plc_sim.pilot import PilotOrder
from plc_sim.referee import Referee, sight
from plc_sim.supply import Supply, SupplyOrder, SupplySettings
from plc_sim.vehicle import Vehicle, VehicleSettings

STEP = 0.01  # s, the longest stride


class Scene:
    """Plays both ends; each hears the other at once."""

    def __init__(
        self, vehicle: VehicleSettings | None = None, supply: SupplySettings | None = None
    ) -> None:
        self.now = 0.0  # s
        self.vehicle = Vehicle(vehicle or VehicleSettings(), self.now)
        self.supply = Supply(supply or SupplySettings(), self.now)
        self.referee = Referee()
        self.cut = False  # neither end hears the other any more
        self._sequence = 0

    def vehicle_does(self, outputs: VehicleOutputs) -> None:
        """Command the vehicle."""
        self.vehicle.command(outputs, self._terms(), self.now)
        self._exchange()

    def supply_does(self, order: SupplyOrder) -> None:
        """Command the supply."""
        self.supply.command(order, self._terms(), self.now)
        self._exchange()

    def pilot_does(self, order: PilotOrder) -> None:
        """Command the pilot."""
        self.supply.command_pilot(order, self._terms(), self.now)
        self._exchange()

    def run(self, seconds: float) -> None:
        """Let time pass; nobody renews a lease."""
        until = self.now + seconds
        while self.now < until:
            self.now = min(until, self.now + STEP, self.vehicle.deadline, self.supply.deadline)
            self.vehicle.tick(self.now)
            self.supply.tick(self.now)
            self._exchange()

    def _exchange(self) -> None:
        if not self.cut:
            self.supply.hear(self.vehicle.end, 0.0, self.now)
            self.vehicle.hear(self.supply.end, 0.0, self.now)
            self.supply.hear(self.vehicle.end, 0.0, self.now)
        self.vehicle.worth_telling()
        self.supply.worth_telling()
        self.referee.see(sight(self.vehicle.end, self.supply.end), self.now)

    def _terms(self) -> Terms:
        self._sequence += 1
        return Terms(session_id=1, sequence=self._sequence, valid_for=0.5, age=0.0)
