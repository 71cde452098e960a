# SPDX-License-Identifier: Apache-2.0
"""charging/link: what the session node tells of the way to the other side."""

from collections.abc import Collection

from rclpy.node import Node

from plc_kit.clock import now, stamp
from plc_kit.qos import LATCHED
from plc_kit.quiet import publisher
from plc_msgs.msg import ChargingLink, LinkLayer
from v2g.session.layers import Layers, reached
from v2g.session.side import Side
from v2g.session.state import SessionState


class LinkTeller:
    """Publishes the ladder of a side at each change, and whenever it is told to."""

    def __init__(self, node: Node) -> None:
        self._layers = Layers()
        self._told: object = None
        self._publisher = publisher(node, ChargingLink, 'charging/link', LATCHED)

    def heard(self) -> None:
        """A message of the other side has come."""
        self._layers.heard(now())

    def tell(
        self, side: Side, state: SessionState, gone: Collection[str], *, anyway: bool = False
    ) -> None:
        """Publish what has changed; `gone`: nodes that have died."""
        layers = self._layers.look(side.ladder, state, now(), gone)
        telling = [layer.told for layer in layers]
        if telling == self._told and not anyway:
            return
        self._told = telling
        told = [
            LinkLayer(name=one.name, level=one.level, age=one.age, reason=one.reason)
            for one in layers
        ]
        self._publisher.publish(ChargingLink(stamp=stamp(), layers=told, reached=reached(layers)))
