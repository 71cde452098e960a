# SPDX-License-Identifier: Apache-2.0
"""Feeds a bag from a node's subscriptions; with which QoS to hear a topic, and to play it."""

import importlib
import time
from typing import Any, cast

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from plc_log.bag.sessions import SessionBags
from plc_log.bag.writer import BagWriter, qos_dict

DEPTH = 1000  # messages that may wait, for the disk or to be sent, each topic
LOOK_PERIOD = 0.1  # s


def load(kind: str, name: str) -> Any:
    """Return the class of `pkg/Name` or `pkg/msg/Name`; kind is msg, srv or action."""
    package, *_, last = f'/{name}'.split('/')[1:] if '/' in name else ('', '')
    try:
        return getattr(importlib.import_module(f'{package}.{kind}'), last)
    except (ImportError, AttributeError, ValueError):
        word = {'msg': 'message', 'srv': 'service'}.get(kind, kind)
        raise RuntimeError(f'The passed {word} type is invalid') from None


def publishers_qos(own: Node, topic: str, depth: int) -> QoSProfile:
    """Return the strictest QoS that hears every publisher: reliable and latched if all are."""
    qos = QoSProfile(depth=depth, reliability=ReliabilityPolicy.BEST_EFFORT)
    offers = own.get_publishers_info_by_topic(own.resolve_topic_name(topic))
    for policy, strict in (
        ('reliability', ReliabilityPolicy.RELIABLE),
        ('durability', DurabilityPolicy.TRANSIENT_LOCAL),
    ):
        have = sum(getattr(offer.qos_profile, policy) == strict for offer in offers)
        if offers and have == len(offers):
            setattr(qos, policy, strict)
        elif have:
            print(  # noqa: T201  as `ros2 topic echo` does
                f'Some, but not all, publishers are offering {strict!s}. Falling back to '
                f'{getattr(qos, policy)!s} as it will connect to all publishers'
            )
    return qos


def profile(offered: list[dict[str, Any]]) -> QoSProfile:
    """Return the QoS to play a topic with: its first publisher's."""
    if not offered:
        return QoSProfile(depth=DEPTH)
    first = offered[0]
    durability = DurabilityPolicy[first['durability'].upper()]
    latched = durability is DurabilityPolicy.TRANSIENT_LOCAL
    return QoSProfile(
        depth=max(first['depth'], 1 if latched else DEPTH),
        reliability=ReliabilityPolicy[first['reliability'].upper()],
        durability=durability,
    )


class Recorder:
    """Subscribes to what is to be recorded as soon as it shows up; empty `wanted` means all."""

    def __init__(self, own: Node, bag: BagWriter | SessionBags, wanted: set[str]) -> None:
        self._node, self._bag, self._wanted, self._log = own, bag, wanted, own.get_logger()
        self._known: set[str] = set()
        self._looked = 0
        self._log.info('Listening for topics...')
        self._log.info('Recording...')

    def turn(self) -> bool:
        """Take what has appeared, and write what is due; True, so that it can go on."""
        now = time.monotonic_ns()
        if now - self._looked >= LOOK_PERIOD * 1e9:
            self._looked = now
            for topic, kinds in self._node.get_topic_names_and_types():
                chosen = topic in self._wanted or not (self._wanted or '/_' in topic)
                if chosen and topic not in self._known:
                    self._subscribe(topic, kinds[0])
        self._bag.flush(now)
        return True

    def _subscribe(self, topic: str, kind: str) -> None:
        if not (offers := self._node.get_publishers_info_by_topic(topic)):
            return
        self._known.add(topic)
        try:
            message_class = load('msg', kind)
        except RuntimeError:
            self._log.warning(f"Topic '{topic}' has unknown type '{kind}'. Not recording it.")
            return
        offered = [qos_dict(offer.qos_profile) for offer in offers]
        self._bag.add_topic(topic, kind, offered, str(offers[0].topic_type_hash))

        def write(cdr: bytes, about: Any) -> None:
            now = time.time_ns()
            self._bag.write(topic, cdr, now, about['source_timestamp'] or now)

        qos = publishers_qos(self._node, topic, DEPTH)
        self._node.create_subscription(message_class, topic, cast(Any, write), qos, raw=True)
        self._log.info(f"Subscribed to topic '{topic}'")
        if self._wanted and self._wanted <= self._known:
            self._log.info('All requested topics are subscribed. Stopping discovery...')

    def close(self) -> None:
        """Complete the bag."""
        self._bag.close()
        self._log.info('Recording stopped')
