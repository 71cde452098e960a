# SPDX-License-Identifier: Apache-2.0
"""A stream of stamped messages between two nodes that may live in one process.

In one process a message is handed over as it is; DDS carries it only for those who listen outside,
a recorder or `ros2 topic echo`. The topic looks the same from there, who publishes to it is heard.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
import threading
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile

from plc_kit.inbox import Inbox
from plc_kit.quiet import publisher, subscription

_Place = tuple[int, str]  # domain and whole name of a topic
_listeners: defaultdict[_Place, list['NearSubscription']] = defaultdict(list)


class NearSubscription:
    """Hears each message once, however it comes, in the node's own executor.

    What is published there, too, is heard before publish() returns: to wake for it anew costs as
    much as a session's own work. So who listens must not publish what its partner listens to.
    """

    def __init__(
        self, node: Node, kind: type, topic: str, heard: Callable[[Any], None], qos: QoSProfile
    ) -> None:
        self._heard = heard
        self._thread: int | None = None  # that of the executor, once it has called
        # Stamps handed over: as many as may be on their way through DDS, on either end.
        self._known: deque[tuple[int, int]] = deque(maxlen=2 * qos.depth)
        self._inbox = Inbox[Any](node, self._read, room=qos.depth)
        self._subscription = subscription(node, kind, topic, self._from_afar, qos)
        self._place = (node.context.get_domain_id(), self._subscription.topic_name)
        _listeners[self._place].append(self)

    @property
    def full(self) -> bool:
        """It has as many messages unread as its QoS has depth."""
        return self._inbox.full

    def hand_over(self, message: Any) -> None:
        """Take a message of this process, from any thread."""
        self._known.append(_stamp(message))
        if threading.get_ident() == self._thread and self._inbox.empty:
            self._heard(message)
        else:
            self._inbox.put(message, anyway=True)  # its publisher has asked for room

    def _read(self, message: Any) -> None:
        self._thread = threading.get_ident()
        self._heard(message)

    def _from_afar(self, message: Any) -> None:
        if _stamp(message) not in self._known:
            self._heard(message)

    def close(self) -> None:
        """Hear nothing from this process any more; the node destroys the rest."""
        with suppress(ValueError):  # closed already
            _listeners[self._place].remove(self)


class NearPublisher:
    """Publishes to the listeners of this process, and by DDS where there are others."""

    def __init__(self, node: Node, kind: type, topic: str, qos: QoSProfile) -> None:
        self._publisher = publisher(node, kind, topic, qos)
        self._place = (node.context.get_domain_id(), self._publisher.topic_name)

    @property
    def listeners(self) -> int:
        """How many subscriptions DDS knows, those of this process among them."""
        return int(self._publisher.get_subscription_count())

    def publish(self, message: Any) -> bool:
        """Publish, from any thread. False: a listener here has no room, and nobody is told."""
        near = _listeners.get(self._place, ())
        if any(listener.full for listener in near):
            return False
        for listener in near:
            listener.hand_over(message)
        if not near or self.listeners > len(near):
            self._publisher.publish(message)
        return True


def _stamp(message: Any) -> tuple[int, int]:
    return message.stamp.sec, message.stamp.nanosec
