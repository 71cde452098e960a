# SPDX-License-Identifier: Apache-2.0
"""A sensor of the inlet's voltage behind a topic, as a part of a node."""

from dataclasses import replace

from rclpy.node import Node
from std_msgs.msg import Float32

from plc_kit.clock import now
from plc_kit.one_publisher import SILENCE, hear_one
from plc_kit.qos import HEARD
from plc_vehicle.gear import Sensed
from plc_vehicle.inlet import HeardInlet


class InletSensor:
    """Adds what a topic tells to what the gear senses; without a topic it adds nothing."""

    def __init__(self, node: Node, topic: str) -> None:
        self._heard = HeardInlet(topic) if topic else None
        if topic:
            hear_one(node, Float32, topic, self._on_volts, HEARD, silence=SILENCE)

    def seen(self, sensed: Sensed, when: float) -> tuple[Sensed, str]:
        """Return both together, and why the sensor cannot be relied on."""
        if self._heard is None:
            return sensed, ''
        volts = self._heard.voltage(when)
        return replace(sensed, inlet_voltage=volts), self._heard.fault(when)

    def age(self, when: float) -> float:
        """Seconds since the inlet was measured."""
        return 0.0 if self._heard is None else self._heard.age(when)

    def _on_volts(self, msg: Float32) -> None:
        if self._heard is not None:
            self._heard.hear(msg.data, now())
