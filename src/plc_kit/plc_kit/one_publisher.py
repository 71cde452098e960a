# SPDX-License-Identifier: Apache-2.0
"""One publisher of a topic is believed: the first that is heard, for as long as it lives (R6).

Whoever publishes beside it, a second node, a bag that is played, somebody at a shell, is counted
and told of. Which publisher a message comes from the executor says (plc_kit.executor.identified);
where it cannot, as under rclpy's own, all are believed.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from rclpy.event_handler import QoSLivelinessChangedInfo
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile

from plc_kit.alarm import Alarm
from plc_kit.clock import now
from plc_kit.executor.identified import GID
from plc_kit.live import is_live
from plc_kit.quiet import subscription

SILENCE = 1.0  # s after which whoever tells readings has ended; they are stale after half of it
_SOON = 0.15  # s behind a change in DDS until the graph has it
_LOOKED = 0.1  # s that what the graph told of publishers counts: a stranger may flood
_MOST = 8  # strangers whose last state is kept
_UNKNOWN = '_NODE_NAME_UNKNOWN_'  # of a node that DDS knows, and the graph not yet
_SAME_HOST = slice(4)  # of a GID: Fast DDS has its vendor and the host there


def hear_one(
    node: Node,
    kind: type,
    topic: str,
    heard: Callable[[Any], None],
    qos: QoSProfile,
    *,
    silence: float | None = None,
    lost: Callable[[], None] | None = None,
    liveliness: Callable[[QoSLivelinessChangedInfo], None] | None = None,
) -> 'OnePublisher':
    """Subscribe to the messages of one publisher.

    silence: s without a message after which another may take its place; None: only when it has
    left the graph, or was started anew. lost: called when it has died, or another has its place;
    for latched topics, of which a message that was sent at another time than it was stamped is not
    heard. liveliness: called with the counts of DDS, where there is no `lost`.
    """
    latched = qos.durability == DurabilityPolicy.TRANSIENT_LOCAL

    def publishers() -> dict[bytes, str]:
        offers = node.get_publishers_info_by_topic(node.resolve_topic_name(topic))
        return {
            bytes(one.endpoint_gid): f'{one.node_namespace.rstrip("/")}/{one.node_name}'
            for one in offers
        }

    one = OnePublisher(heard, publishers, latched, silence, lost or (lambda: None))
    told = _watching(node, one) if lost else liveliness
    subscription(node, kind, topic, cast(Any, one), qos, told)
    return one


def _watching(node: Node, one: 'OnePublisher') -> Callable[[QoSLivelinessChangedInfo], None]:
    """Return what takes the counts of DDS, which does not say whose lease it speaks of."""
    alarm = Alarm(node, one.miss)

    def changed(info: QoSLivelinessChangedInfo) -> None:
        if info.not_alive_count_change > 0:
            one.mourn()  # a lease has run out: in doubt it was the one's
        elif info.not_alive_count_change < 0 < info.alive_count_change:
            one.revive()  # and goes on: that of a node that stood still for a second
        elif info.alive_count_change < 0:
            alarm.set(now() + _SOON)  # the graph knows in a moment who has left

    return changed


class OnePublisher:
    """The callback of a subscription."""

    def __init__(
        self,
        heard: Callable[[Any], None],
        publishers: Callable[[], dict[bytes, str]],
        latched: bool = False,
        silence: float | None = None,
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        """`publishers` tells those in the graph, by GID, with their node's full name."""
        self._heard, self._publishers, self._lost = heard, publishers, lost
        self._latched, self._silence = latched, silence
        self._believed: bytes | None = None
        self._last = 0.0  # when it was heard
        self.lives: bool | None = None  # None: it was not heard yet
        self._graph: dict[bytes, str] = {}
        self._looked = -_LOOKED
        self._kept: dict[bytes, Any] = {}  # the last state of each that is not believed
        self._refused: dict[bytes, int] = {}  # how many messages of each
        self.strangers = 0  # messages, over all

    def __call__(self, message: Any, info: Mapping[str, Any]) -> None:
        """Take a message: pass it on, or count it."""
        gid, fresh = _gid_of(info), is_live(message, info)
        if gid is not None and gid != self._believed and not self._may_follow(gid):
            self._refuse(gid, message if self._latched and fresh else None)
            return
        if fresh and gid is not None:
            self._believe(gid)
        if fresh or not self._latched:
            self._pass_on(message)

    def mourn(self) -> None:
        """The one that is believed is gone; said once of each."""
        if self.lives:
            self.lives = False
            self._lost()

    def revive(self) -> None:
        """It was not gone after all."""
        if self.lives is False:
            self.lives = True

    def miss(self) -> None:
        """See whether the one that is believed has left the graph; all, where it is not known."""
        there = self._known()
        if not there or (self._believed is not None and self._believed not in there):
            self.mourn()

    def look(self) -> str:
        """Look at who is there still; return a sentence of those that are not believed."""
        for gid, message in list(self._kept.items()):
            if gid in self._kept and self._may_follow(gid):
                self._believe(gid)
                self._pass_on(message)
        self.miss()
        known = self._known()
        there = [gid for gid in self._refused if gid in known]
        self._refused = {gid: self._refused[gid] for gid in there}
        self._kept = {gid: self._kept[gid] for gid in there if gid in self._kept}
        told = [f'{self._refused[gid]} of {known[gid]}' for gid in there]
        one = known.get(self._believed or b'', 'its publisher')
        return f'{", ".join(told)} not believed beside {one}' if told else ''

    def _pass_on(self, message: Any) -> None:
        self.lives = True
        self._heard(message)

    def _refuse(self, gid: bytes, state: Any) -> None:
        self.strangers += 1
        self._refused[gid] = self._refused.get(gid, 0) + 1
        if state is not None and (gid in self._kept or len(self._kept) < _MOST):
            self._kept[gid] = state

    def _believe(self, gid: bytes) -> None:
        before, self._believed, self._last = self._believed, gid, now()
        if gid == before:
            return
        self._kept.pop(gid, None)
        self._refused.pop(gid, None)
        self._looked = -_LOOKED  # the graph of before may not have it
        self.mourn()

    def _may_follow(self, gid: bytes) -> bool:
        if self._believed is None:
            return True
        if self._silence is not None and now() - self._last > self._silence:
            return True
        known = self._known()
        return self._believed not in known or self._is_anew(gid, self._believed, known)

    def _is_anew(self, gid: bytes, believed: bytes, graph: dict[bytes, str]) -> bool:
        """Tell whether it is the same node, started again: its claim says that the first is dead.

        Who tells readings needs no claim: silence says it.
        """
        same = gid[_SAME_HOST] == believed[_SAME_HOST] and graph.get(gid) == graph[believed]
        return same and self._silence is None and _UNKNOWN not in graph[believed]

    def _known(self) -> dict[bytes, str]:
        if now() - self._looked >= _LOOKED:
            self._graph, self._looked = self._publishers(), now()
        return self._graph


def _gid_of(info: Mapping[str, Any]) -> bytes | None:
    """Return the publisher's GID; rclpy's own executor tells it since rclpy 9, in another form."""
    told = info.get(GID)
    return bytes(told['data']) if isinstance(told, Mapping) else told
