# SPDX-License-Identifier: Apache-2.0
"""Publishers and subscriptions of nodes on the hot path, without default event handlers.

Each of those (incompatible QoS, incompatible type) is asked anew at every wake-up of the executor;
a session node has about thirty, and they cost as much as its work. Whom a node cannot hear,
plc_kit.hearing finds.
"""

from collections.abc import Callable
from typing import Any

from rclpy.event_handler import (
    PublisherEventCallbacks,
    QoSLivelinessChangedInfo,
    SubscriptionEventCallbacks,
)
from rclpy.node import Node
from rclpy.qos import QoSProfile

_NO_EVENTS = PublisherEventCallbacks(use_default_callbacks=False)


def publisher(node: Node, kind: type, topic: str, qos: QoSProfile) -> Any:
    """As Node.create_publisher."""
    return node.create_publisher(kind, topic, qos, event_callbacks=_NO_EVENTS)


def subscription(
    node: Node,
    kind: type,
    topic: str,
    heard: Callable[[Any], None],
    qos: QoSProfile,
    liveliness: Callable[[QoSLivelinessChangedInfo], None] | None = None,
) -> Any:
    """As Node.create_subscription; `liveliness`: told when a publisher dies or comes."""
    events = SubscriptionEventCallbacks(liveliness=liveliness, use_default_callbacks=False)
    return node.create_subscription(kind, topic, heard, qos, event_callbacks=events)
