# SPDX-License-Identifier: Apache-2.0
"""A CAN bus as a part of a node: a battery from it, and the session's story to it."""

from rclpy.node import Node

from plc_kit.clock import STEADY, now
from plc_kit.inbox import Inbox
from plc_kit.one_publisher import hear_one
from plc_kit.qos import LATCHED
from plc_msgs.msg import ChargingState
from plc_vehicle.can_map import CanFrame, CanMap, MalformedFrame, Story
from plc_vehicle.can_pack import CanPack, CanSettings
from plc_vehicle.ports.bus import Bus, dbc_text

PERIOD = 0.1  # s between two rounds of what is told


class CanBridge:
    """Reads the pack, and tells what charging/state says."""

    def __init__(self, node: Node, settings: CanSettings, tells: str) -> None:
        self._node = node
        self._map = CanMap(dbc_text(settings.can_dbc), tells)
        self.pack = CanPack()
        self.malformed = self.not_sent = 0
        self.why = ''  # of the last one
        self._story = Story()
        self._inbox = Inbox[CanFrame](node, self._read)
        self._bus = Bus(settings, self._inbox.put)
        hear_one(node, ChargingState, 'charging/state', self._on_state, LATCHED)
        node.create_timer(PERIOD, self._tell, clock=STEADY)

    def close(self) -> None:
        """Leave the bus."""
        self._bus.close()

    def _read(self, frame: CanFrame) -> None:
        try:
            self.pack.hear(self._map.read(frame), now())
        except MalformedFrame as error:
            self.malformed, self.why = self.malformed + 1, str(error)

    def _on_state(self, msg: ChargingState) -> None:
        self._story = Story(
            stage=msg.stage,
            soc=msg.soc,
            max_voltage=msg.charger_max_voltage,
            max_current=msg.charger_max_current,
            present_voltage=msg.present_voltage,
            present_current=msg.present_current,
            target_voltage=msg.target_voltage,
            target_current=msg.target_current,
            mac=_octets(msg.evcc_id),
            attempt=msg.attempt,
        )

    def _tell(self) -> None:
        for frame in self._map.tell(self._story):
            if why := self._bus.send(frame):
                self.not_sent += 1
                if why != self.why:
                    self._node.get_logger().warning(f'CAN: a frame was not sent: {why}')
                self.why = why


def _octets(text: str) -> bytes:
    """A MAC as octets; zeros for what is none."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return bytes(6)
