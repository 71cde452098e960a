# SPDX-License-Identifier: Apache-2.0
"""The vehicle's end of the simulated cable, for a node with a battery of its own."""

from collections.abc import Callable

from rclpy.node import Node

from plc_kit.clock import age, now, stamp
from plc_kit.one_publisher import SILENCE, hear_one
from plc_kit.outputs import VehicleOutputs
from plc_kit.qos import NEWEST
from plc_msgs.msg import CableChargerEnd, CableVehicleEnd, ControlPilot
from plc_sim.cable import (
    NO_CHARGER,
    ChargerEnd,
    FarEnd,
    Flow,
    Pilot,
    VehicleEnd,
    at_inlet,
    pilot_at_inlet,
)


class SimulatedInlet:
    """Shows a pack to the simulated charger, and measures what comes of it.

    `changed` is called when the charger's end has changed. The plug is always in.
    """

    def __init__(self, node: Node, changed: Callable[[], None], cable: str = '/cable') -> None:
        self._changed = changed
        self._charger = FarEnd(NO_CHARGER)
        self._end = VehicleEnd(True, Pilot.B, False, False, 0.0, 1.0)
        self._publisher = node.create_publisher(CableVehicleEnd, f'{cable}/vehicle_end', NEWEST)
        far_end = f'{cable}/charger_end'
        hear_one(node, CableChargerEnd, far_end, self._on_end, NEWEST, silence=SILENCE)

    def show(self, outputs: VehicleOutputs, voltage: float, resistance: float) -> Flow:
        """Show outputs and a pack of so many V (without load) and ohm; return what flows then."""
        self._end = VehicleEnd(
            plugged=True,
            pilot=Pilot(outputs.pilot),
            locked=outputs.lock,
            connected=outputs.plus and outputs.minus,
            pack_voltage=voltage,
            pack_resistance=resistance,
        )
        self._publisher.publish(vehicle_end_message(self._end))
        return at_inlet(self._end, self._charger.at(now()))

    @property
    def pilot(self) -> ControlPilot:
        """The control pilot as the inlet sees it."""
        line = pilot_at_inlet(self._end, self._charger.at(now()))
        return ControlPilot(state=line.state, duty=line.duty)

    def _on_end(self, msg: CableChargerEnd) -> None:
        before = self._charger.at(now())
        self._charger.hear(charger_end(msg), age(msg.stamp), now())
        if self._charger.at(now()) != before:
            self._changed()


def charger_end(msg: CableChargerEnd) -> ChargerEnd:
    """Take over a message."""
    return ChargerEnd(
        duty=msg.duty,
        out_of_order=msg.out_of_order,
        connected=msg.connected,
        voltage=msg.voltage,
        current_limit=msg.current_limit,
        plug_voltage=msg.plug_voltage,
        ac=msg.ac,
        broken_current=msg.broken_current,
    )


def charger_end_message(end: ChargerEnd) -> CableChargerEnd:
    """Return what the charger's end of the cable tells."""
    return CableChargerEnd(stamp=stamp(), **end._asdict())


def vehicle_end(msg: CableVehicleEnd) -> VehicleEnd:
    """Take over a message."""
    return VehicleEnd(
        plugged=msg.plugged,
        pilot=Pilot(msg.pilot_state),
        locked=msg.locked,
        connected=msg.connected,
        pack_voltage=msg.pack_voltage,
        pack_resistance=msg.pack_resistance,
    )


def vehicle_end_message(end: VehicleEnd) -> CableVehicleEnd:
    """Make a message of the vehicle's end."""
    return CableVehicleEnd(
        stamp=stamp(),
        plugged=end.plugged,
        pilot_state=end.pilot,
        locked=end.locked,
        connected=end.connected,
        pack_voltage=end.pack_voltage,
        pack_resistance=end.pack_resistance,
    )
