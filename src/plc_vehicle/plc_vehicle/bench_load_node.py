# SPDX-License-Identifier: Apache-2.0
"""A bench load as a vehicle: joins the model to topics, decides nothing."""

from dataclasses import replace
from math import nan
from typing import Any

from plc_kit.clock import now, stamp
from plc_kit.one_publisher import hear_one
from plc_kit.outputs import VehicleOutputs
from plc_kit.parameters import declare
from plc_kit.qos import LATCHED
from plc_kit.run import run
from plc_kit.vehicle_adapter import VehicleAdapter
from plc_msgs.msg import ChargingState, ControlPilot, VehicleStatus
from plc_vehicle.bench_load import BenchLoad, LoadSettings
from plc_vehicle.gear_node import OpenLines, Outputs, open_gpiod
from plc_vehicle.inlet import InletSettings
from plc_vehicle.inlet_sensor_node import InletSensor
from plc_vehicle.pack import PackReading, PackSettings
from plc_vehicle.status import status_of

BATTERY_TOPIC = 'battery_state'  # nobody may tell of a pack there


class BenchLoadNode(VehicleAdapter):
    """Contactors, lock and pilot of a bench, and a load instead of a pack."""

    def __init__(self, open_lines: OpenLines = open_gpiod, **node_options: Any) -> None:
        super().__init__(**node_options)
        self._gear, self._load = Outputs(self), BenchLoad(LoadSettings())
        self._told_connected = False
        settings = declare(self, LoadSettings)
        inlet = declare(self, InletSettings)
        self._load = BenchLoad(settings)
        self._inlet = InletSensor(self, inlet.inlet_topic)
        kind = 'gpio' if settings.outputs == 'auto' else settings.outputs
        behind = (0.0, settings.load_resistance)
        self._gear.open(kind, inlet.cable, lambda: behind, open_lines)
        hear_one(self, ChargingState, 'charging/state', self._on_state, LATCHED)

    def measure(self) -> VehicleStatus:
        """What the bench shows; the voltage that was set stands in for a pack's."""
        when = now()
        self._load.tick(when)
        self._drive_load()
        sensed, fault = self._inlet.seen(self._gear.sense(), when)
        heard = BATTERY_TOPIC if self.count_publishers(BATTERY_TOPIC) else ''
        self._load.measured(sensed.inlet_voltage, sensed.inlet_current, heard)
        sensed = replace(
            sensed,
            plus=self._load.feedback(sensed.plus, when),
            minus=self._load.feedback(sensed.minus, when),
        )
        reading = self._reading(fault, sensed.inlet_voltage)
        status = VehicleStatus(**status_of(reading, sensed, _AS_A_PACK))
        status.stamp = stamp(self._inlet.age(when))
        status.pilot = ControlPilot(state=sensed.pilot, duty=sensed.duty)
        return status

    def drive(self, outputs: VehicleOutputs) -> None:
        """Pass them on, the load's contactor by its own rule."""
        self._load.command(outputs.plus and outputs.minus, now())
        self._drive_load()

    def destroy_node(self) -> None:
        """Leave everything off."""
        try:
            super().destroy_node()
        finally:
            self._gear.close()

    def _drive_load(self) -> None:
        connected = self._load.connected
        self._gear.drive(replace(self.outputs, plus=connected, minus=connected))
        if connected != self._told_connected:
            what = 'connected' if connected else 'disconnected'
            self.get_logger().info(f'the load is {what}')
        self._told_connected = connected

    def _reading(self, fault: str, inlet: float) -> PackReading:
        s = self._load.settings
        return PackReading(
            voltage=self._load.voltage(inlet),
            current=nan,
            soc=s.load_soc,
            max_voltage=s.load_voltage,
            max_current=s.load_current,
            max_power=s.load_power,
            charge_wanted=self._load.charge_wanted(now()),
            fault=self._load.fault or fault,
        )

    def _on_state(self, msg: ChargingState) -> None:
        self._load.session(msg.stage, now())


_AS_A_PACK = PackSettings(target_soc=1.0, bulk_soc=1.0)  # a load is never full


def main() -> None:
    """Run the bench load."""
    run(BenchLoadNode)
