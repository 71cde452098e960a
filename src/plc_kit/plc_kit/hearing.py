# SPDX-License-Identifier: Apache-2.0
"""An input whose absence looks like "no" is heard however it is offered, or it is told (R5)."""

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from rclpy.node import Node
from rclpy.qos import (
    DurabilityPolicy,
    QoSCompatibility,
    QoSProfile,
    ReliabilityPolicy,
    qos_check_compatible,
)
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo

from plc_kit.one_publisher import OnePublisher
from plc_kit.qos import ALARMS
from plc_kit.quiet import subscription
from plc_kit.readable import readable

_LATCHED = DurabilityPolicy.TRANSIENT_LOCAL
_BEST_EFFORT = ReliabilityPolicy.BEST_EFFORT


def hear_all(node: Node, kind: type, topic: str, heard: Callable[[Any], None]) -> None:
    """Subscribe so that each message is heard as well as its publisher offers it.

    Best effort hears everybody; reliable loses nothing of who offers that; latched hears what
    stands since before this node. Who offers more is heard two or three times.
    """
    for qos in ALARMS:
        subscription(node, kind, topic, heard, qos)


class Hearing:
    """Finds who publishes what a node subscribes to, and is not heard, or not believed."""

    def __init__(self, node: Node) -> None:
        self._node, self._known = node, set[str]()
        self._said = dict[str, str]()  # of strangers, by topic

    def unheard(self) -> list[str]:
        """A sentence for each such publisher of now; the log gets it once."""
        found = list(self._look())
        for sentence in found:
            if sentence not in self._known:
                self._node.get_logger().error(sentence)
        self._known.update(found)
        return found

    def strangers(self) -> list[str]:
        """A sentence for each topic on which others publish beside the one that is believed.

        The log gets it again, once a second at most, for as long as they go on.
        """
        found = {}
        for one in self._node.subscriptions:
            if isinstance(one.callback, OnePublisher) and (told := one.callback.look()):
                found[one.topic_name] = readable(f'{one.topic_name}: {told}')
        for topic, sentence in found.items():
            if self._said.get(topic) != sentence:
                self._node.get_logger().error(sentence)
        self._said = found
        return list(found.values())

    def _look(self) -> Iterator[str]:
        topic_of = attrgetter('topic_name')
        ours = sorted(self._node.subscriptions, key=topic_of)
        for topic, group in groupby(ours, topic_of):
            listeners = list(group)
            for offer in self._node.get_publishers_info_by_topic(topic):
                if why := objection(offer, listeners):
                    who = f'{offer.node_namespace.rstrip("/")}/{offer.node_name}'
                    yield readable(f'{topic}: {who} is not heard: {why}')


def objection(offer: TopicEndpointInfo, listeners: list[Subscription]) -> str:
    """Why none of a topic's subscriptions hears all that a publisher tells; empty: one does."""
    kind = _type_name(listeners[0].msg_type)
    if offer.topic_type != kind:
        return f'it publishes {offer.topic_type}, and this is a topic of {kind}'
    whys = [_incompatible(offer.qos_profile, one.qos_profile) for one in listeners]
    if all(whys):
        return whys[-1]
    wants_past = any(one.qos_profile.durability == _LATCHED for one in listeners)
    if wants_past and _lost_latch(offer.qos_profile):
        return 'what it latched before: a latch (transient local) has to be reliable, too'
    return ''


def _incompatible(offered: QoSProfile, asked: QoSProfile) -> str:
    compatibility, reason = qos_check_compatible(offered, asked)
    if compatibility != QoSCompatibility.ERROR:
        return ''
    return f'its QoS offers too little ({reason.removeprefix("ERROR: ").rstrip("; ")})'


def _lost_latch(offered: QoSProfile) -> bool:
    """DDS gives nobody who comes later what was sent by best effort."""
    return offered.durability == _LATCHED and offered.reliability == _BEST_EFFORT


def _type_name(kind: Any) -> str:
    package, folder, *_ = kind.__module__.split('.')
    return f'{package}/{folder}/{kind.__name__}'
