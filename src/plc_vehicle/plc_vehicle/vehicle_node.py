# SPDX-License-Identifier: Apache-2.0
"""A ready-made vehicle: one kind of outputs, one kind of battery, the contract between them."""

from dataclasses import replace
from typing import Any

from std_msgs.msg import Bool

from plc_kit.clock import now, stamp
from plc_kit.diagnostics import OK, WARN, Finding
from plc_kit.one_publisher import SILENCE, hear_one
from plc_kit.outputs import VehicleOutputs
from plc_kit.parameters import declare
from plc_kit.qos import HEARD
from plc_kit.run import run
from plc_kit.vehicle_adapter import VehicleAdapter
from plc_msgs.msg import ControlPilot, VehicleStatus
from plc_vehicle.battery_node import BatteryEar
from plc_vehicle.can_pack import CanSettings
from plc_vehicle.composition import Composition, CompositionSettings, composed
from plc_vehicle.gear_node import OpenLines, Outputs, open_gpiod
from plc_vehicle.inlet import InletSettings
from plc_vehicle.inlet_sensor_node import InletSensor
from plc_vehicle.leave import Leave, LeaveSettings
from plc_vehicle.pack import (
    FixedPack,
    Pack,
    PackReading,
    PackSettings,
    limited,
    or_simulated,
    require_limits,
)
from plc_vehicle.status import status_of

LIMITS = ('max_voltage', 'max_current', 'max_power')


class VehicleNode(VehicleAdapter):
    """Joins outputs and battery; each is a part of its own."""

    def __init__(self, open_lines: OpenLines = open_gpiod, **node_options: Any) -> None:
        super().__init__(**node_options)
        self._gear = Outputs(self)
        self._can: Any = None
        made_of = composed(declare(self, CompositionSettings))
        self._settings = _with_limits(made_of, declare(self, PackSettings))
        inlet = declare(self, InletSettings)
        self._can = self._join_can(made_of, declare(self, CanSettings))
        self._pack = self._make_pack(made_of.battery)
        self._inlet = InletSensor(self, inlet.inlet_topic)
        self._leave = self._ask_leave(declare(self, LeaveSettings).charge_allowed_topic)
        self._gear.open(made_of.outputs, inlet.cable, self._behind, open_lines)

    def measure(self) -> VehicleStatus:
        """What pack and inlet show."""
        self._gear.drive(self.outputs)  # a lock that a former process has left closed
        pack = self._reading()
        sensed, fault = self._inlet.seen(self._gear.sense(), now())
        pack = replace(pack, fault=pack.fault or fault)
        status = VehicleStatus(**status_of(pack, sensed, self._settings))
        status.stamp = stamp(self._inlet.age(now()))
        status.pilot = ControlPilot(state=sensed.pilot, duty=sensed.duty)
        return status

    def drive(self, outputs: VehicleOutputs) -> None:
        """Pass them on."""
        self._gear.drive(outputs)

    def destroy_node(self) -> None:
        """Leave everything off."""
        try:
            super().destroy_node()
        finally:
            self._gear.close()
            if self._can is not None:
                self._can.close()

    def _reading(self) -> PackReading:
        reading = limited(self._pack.reading(now()), self._settings)
        wanted = reading.charge_wanted and self._leave.holds(now())
        return replace(reading, charge_wanted=wanted)

    def _behind(self) -> tuple[float, float]:
        return self._reading().voltage, self._settings.pack_resistance

    def _join_can(self, made_of: Composition, settings: CanSettings) -> Any:
        if not made_of.on_can:
            return None
        from plc_vehicle.can_bridge_node import CanBridge  # who has no CAN needs no libraries

        return CanBridge(self, settings, made_of.tells)

    def _make_pack(self, kind: str) -> Pack:
        if kind == 'can':
            return self._can.pack
        if kind == 'parameters':
            self.get_logger().warning('nothing measures the pack: never charge a real one so')
            return FixedPack(self._settings)
        return BatteryEar(self, self._settings).pack

    def _ask_leave(self, topic: str) -> Leave:
        leave = Leave(topic)

        def heard(msg: Bool) -> None:
            leave.hear(msg.data, now())

        if topic:
            hear_one(self, Bool, topic, heard, HEARD, silence=SILENCE)
        return leave

    def _find(self) -> list[Finding]:
        reading = self._reading()
        level = WARN if reading.fault else OK
        battery = Finding('Battery', level, reading.fault, {'soc': round(reading.soc, 4)})
        return [*super()._find(), battery, *self._find_can()]

    def _find_can(self) -> list[Finding]:
        if self._can is None:
            return []
        counts = {'malformed': self._can.malformed, 'not_sent': self._can.not_sent}
        return [Finding('CAN', WARN if any(counts.values()) else OK, self._can.why, counts)]


def _with_limits(made_of: Composition, settings: PackSettings) -> PackSettings:
    """The user's limits; a battery on CAN tells volts and amperes itself."""
    if made_of.outputs == 'sim':
        return or_simulated(settings)
    require_limits(settings, *(LIMITS[2:] if made_of.battery == 'can' else LIMITS))
    return settings


def main() -> None:
    """Run the ready-made vehicle."""
    run(VehicleNode)
