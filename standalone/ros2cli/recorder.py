# SPDX-License-Identifier: Apache-2.0
"""Subscribes to what is to be recorded, as soon as it shows up."""

from collections.abc import Callable
import time
from typing import Any

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from plc_log.bag.writer import BagWriter, qos_dict
from ros2cli.graph import load, publishers_qos

DEPTH = 1000  # messages that may wait for the disk, each topic
LOOK_PERIOD = 0.1  # s


class Recorder:
    """Feeds a bag from a node's subscriptions; call `turn` often."""

    def __init__(
        self, own: Node, bag: BagWriter, choose: Callable[[str], bool], wanted: list[str]
    ) -> None:
        self._node, self._bag, self._choose, self._wanted = own, bag, choose, set(wanted)
        self._known: set[str] = set()
        self._looked = 0
        self._log = own.get_logger()
        self._log.info('Listening for topics...')
        self._log.info('Recording...')

    def turn(self) -> bool:
        """Take what has appeared, and write what is due; True, so that it can go on."""
        now = time.time_ns()
        if now - self._looked >= LOOK_PERIOD * 1e9:
            self._looked = now
            for topic, kinds in self._node.get_topic_names_and_types():
                if topic in self._known or not self._choose(topic):
                    continue
                if offers := self._node.get_publishers_info_by_topic(topic):
                    self._known.add(topic)
                    self._subscribe(topic, kinds[0], offers)
        self._bag.flush(now)
        return True

    def _subscribe(self, topic: str, kind: str, offers: list[Any]) -> None:
        try:
            message_class = load('msg', kind)
        except RuntimeError:
            self._log.warning(f"Topic '{topic}' has unknown type '{kind}'. Not recording it.")
            return
        offered = [qos_dict(offer.qos_profile) for offer in offers]
        self._bag.add_topic(topic, kind, offered, str(offers[0].topic_type_hash))

        def write(cdr: bytes, about: dict[str, int]) -> None:
            now = time.time_ns()
            self._bag.write(topic, cdr, now, about['source_timestamp'] or now)

        qos = publishers_qos(self._node, topic, DEPTH)
        self._node.create_subscription(message_class, topic, write, qos, raw=True)
        self._log.info(f"Subscribed to topic '{topic}'")
        if self._wanted and self._wanted <= self._known:
            self._log.info('All requested topics are subscribed. Stopping discovery...')

    def close(self) -> None:
        """Complete the bag."""
        self._bag.close()
        self._log.info('Recording stopped')


def profile(offered: list[dict[str, Any]]) -> QoSProfile:
    """Return the QoS to play a topic with: its first publisher's."""
    if not offered:
        return QoSProfile(depth=DEPTH)
    first = offered[0]
    return QoSProfile(
        depth=max(first['depth'], 1 if first['durability'] == 'transient_local' else DEPTH),
        reliability=ReliabilityPolicy[first['reliability'].upper()],
        durability=DurabilityPolicy[first['durability'].upper()],
    )
