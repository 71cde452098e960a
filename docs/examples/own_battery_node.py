# SPDX-License-Identifier: Apache-2.0
"""A battery of one's own at the simulated charger, for `sim.launch.py vehicle:=external`."""

from plc_kit.outputs import VehicleOutputs
from plc_kit.run import run
from plc_kit.vehicle_adapter import VehicleAdapter
from plc_msgs.msg import VehicleStatus
from plc_sim.inlet_node import SimulatedInlet

OPEN, CLOSED = VehicleStatus.OPEN, VehicleStatus.CLOSED
CAPACITY, RESISTANCE, SPEED = 40000.0, 0.1, 60.0  # Wh, ohm, times real time


class OwnBattery(VehicleAdapter):
    """What a vehicle adds to the adapter: its sensors and its outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.soc, self.amperes = 0.65, 0.0
        self.inlet = SimulatedInlet(self, self.tell)  # a real vehicle: your sensors
        self.create_timer(0.1, self.charge)

    def charge(self) -> None:
        self.soc += self.amperes * 380.0 * 0.1 / 3600.0 / CAPACITY * SPEED

    def drive(
        self, outputs: VehicleOutputs
    ) -> None:  # a real vehicle: your contactors, lock, pilot
        self.get_logger().info(f'{outputs}')

    def measure(self) -> VehicleStatus:
        o = self.outputs
        inlet = self.inlet.show(o, voltage=340.0 + 60.0 * self.soc, resistance=RESISTANCE)
        self.amperes = inlet.current
        status = VehicleStatus(soc=self.soc, target_soc=0.8, bulk_soc=0.8, charge_wanted=True)
        status.pack_voltage = 340.0 + 60.0 * self.soc + inlet.current * RESISTANCE
        status.max_voltage, status.max_current, status.max_power = 420.0, 150.0, 60000.0
        status.energy_capacity, status.max_inlet_current = CAPACITY, 200.0
        status.pack_current, status.inlet_voltage, status.inlet_current = inlet[1], *inlet
        status.proximity, status.pilot = True, self.inlet.pilot
        status.contactor_plus, status.contactor_minus, status.lock = (
            CLOSED if closed else OPEN for closed in (o.plus, o.minus, o.lock)
        )
        return status


if __name__ == '__main__':
    run(OwnBattery)
