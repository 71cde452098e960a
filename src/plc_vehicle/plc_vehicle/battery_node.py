# SPDX-License-Identifier: Apache-2.0
"""A pack that a sensor_msgs/BatteryState tells of, as a part of a node."""

from builtin_interfaces.msg import Time
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import BatteryState

from plc_kit.clock import age, now
from plc_kit.one_publisher import SILENCE, hear_one
from plc_kit.qos import HEARD
from plc_vehicle.battery_state import NotTaken, reading_of
from plc_vehicle.pack import HeardPack, PackSettings


class BatteryEar:
    """Hears the topic, and judges stamps by the computer's time, by /clock, or not at all."""

    def __init__(self, node: Node, settings: PackSettings) -> None:
        self.pack = HeardPack(settings.battery_topic, settings.battery_timeout)
        self._stamps, self._clock = settings.battery_stamps, Time()
        topic = settings.battery_topic
        hear_one(node, BatteryState, topic, self._hear, HEARD, silence=SILENCE)
        if self._stamps == 'clock':
            node.create_subscription(Clock, '/clock', self._on_clock, HEARD)

    def _on_clock(self, msg: Clock) -> None:
        self._clock = msg.clock

    def _hear(self, msg: BatteryState) -> None:
        told = (msg.voltage, msg.current, msg.percentage, msg.power_supply_health)
        try:
            self.pack.hear(reading_of(*told, self._age(msg.header.stamp)), now())
        except NotTaken as reason:
            self.pack.reject(str(reason))

    def _age(self, told_at: Time) -> float | None:
        """How old a message is, in s; None: it does not say, or is not asked."""
        if self._stamps == 'none' or told_at == Time():
            return None
        if self._stamps == 'system':
            return age(told_at)
        if self._clock == Time():
            raise NotTaken('nothing is heard on /clock')
        return age(told_at) - age(self._clock)
