# SPDX-License-Identifier: Apache-2.0
"""Publishes the journal of a node's machine, while somebody listens."""

from collections.abc import Callable, Mapping
from typing import Any

from rclpy.node import Node

from plc_kit.clock import STEADY, now, stamp
from plc_kit.journal import Journal, Recipe
from plc_kit.qos import RECORD
from plc_kit.quiet import publisher
from plc_kit.written import Hide
from plc_msgs.msg import JournalEntry

PERIOD = 1.0  # s within which who begins to listen is told the whole machine


class JournalTeller:
    """Holds the journal of one machine; `tell` publishes what has come into it."""

    def __init__(
        self,
        node: Node,
        topic: str,
        recipes: Mapping[str, Recipe],
        hide: Hide = lambda value: value,
    ) -> None:
        self._publisher = publisher(node, JournalEntry, topic, RECORD)
        self._journal = Journal(recipes, self._wanted, hide)
        node.create_timer(PERIOD, self.tell, clock=STEADY)

    def told(self, machine: Any, prefix: str = '') -> Any:
        """Return the face through which a machine, or one beside it, is told things."""
        return self._journal.told(machine, prefix)

    def forget(self) -> None:
        """Know no machine until another is told of."""
        self._journal.forget()

    def entropy(self, source: Callable[[int], bytes]) -> Callable[[int], bytes]:
        """Return a source of octets of which each draw is written down."""
        return self._journal.entropy(source)

    def tell(self) -> None:
        """Publish; call it behind all that is urgent."""
        for entry in self._journal.entries(now()):
            self._publisher.publish(
                JournalEntry(
                    stamp=stamp(),
                    machine=entry.machine,
                    sequence=entry.sequence,
                    told=entry.told,
                    json=entry.text,
                )
            )

    def _wanted(self) -> bool:
        return bool(self._publisher.get_subscription_count())
