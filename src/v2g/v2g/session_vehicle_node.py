# SPDX-License-Identifier: Apache-2.0
"""charging/vehicle: what the charger's session tells of the vehicle that is plugged in."""

from collections.abc import Sequence
from dataclasses import asdict

from builtin_interfaces.msg import Time
from rclpy.node import Node

from plc_kit.clock import now, stamp
from plc_kit.qos import LATCHED
from plc_kit.quiet import publisher
from plc_msgs.msg import ChargingVehicle
from v2g.session.events import Event, VehicleTold
from v2g.session.facts import VehicleFacts
from v2g.session.secc.outlet import Outlet

_TIMES = ('plugged_in_at', 'connected_at', 'told_at', 'ended_at')


class VehicleTeller:
    """Publishes at each change, and whenever it is told to."""

    def __init__(self, node: Node, machine: Outlet) -> None:
        self._machine = machine
        self._publisher = publisher(node, ChargingVehicle, 'charging/vehicle', LATCHED)

    def follow(self, events: Sequence[Event]) -> None:
        """Publish each change; none is left out, as an event would be."""
        for event in events:
            if isinstance(event, VehicleTold):
                self._publisher.publish(vehicle_message(event.facts, now()))

    def tell(self) -> None:
        """Publish what is known."""
        self._publisher.publish(vehicle_message(self._machine.notes.facts, now()))


def vehicle_message(facts: VehicleFacts, when: float) -> ChargingVehicle:
    """Everything of charging/vehicle; same names, steady times as the system's."""
    told = asdict(facts)
    told |= {name: _system_time(told[name], when) for name in _TIMES}
    told |= {'protocols': list(facts.protocols), 'status': int(facts.status)}
    return ChargingVehicle(stamp=stamp(), status_name=facts.status.name, **told)


def _system_time(steady: float | None, when: float) -> Time:
    return Time() if steady is None else stamp(when - steady)
