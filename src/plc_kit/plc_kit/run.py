# SPDX-License-Identifier: Apache-2.0
"""The way every process of this project starts and ends."""

from collections.abc import Callable
import sys

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future

from plc_kit.departure import Departure
from plc_kit.inbox import Inbox
from plc_kit.signals import Signals, die_with_parent


class CannotStart(RuntimeError):
    """A node cannot do its work here; the text is a sentence for the user."""


def run(*make_nodes: Callable[[], Node]) -> None:
    """Run nodes in one process until they are told to end and no session needs them any more.

    The status is 1, with one sentence on standard error, where a node cannot start.
    """
    die_with_parent()
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    nodes: list[Node] = []
    try:
        for make_node in make_nodes:
            nodes.append(make_node())
    except (ValueError, CannotStart) as error:
        sys.stderr.write(f'{sys.argv[0].rsplit("/", 1)[-1]}: {error}\n')
        sys.exit(1)
    _spin(nodes)
    for node in nodes:
        node.destroy_node()
    rclpy.try_shutdown()


def _spin(nodes: list[Node]) -> None:
    executor = SingleThreadedExecutor()
    everyone_left = Future(executor=executor)
    staying = set(nodes)

    def leave(node: Node) -> None:
        staying.discard(node)
        if not staying and not everyone_left.done():
            everyone_left.set_result(None)

    departures = [Departure(node, lambda node=node: leave(node)) for node in nodes]  # type: ignore[misc]

    def told(number: int) -> None:
        for departure in departures:
            departure.told(number)

    inbox = Inbox[int](nodes[0], told)
    signals = Signals(inbox.put)
    for node in nodes:
        executor.add_node(node)
    executor.spin_until_future_complete(everyone_left)
    del signals
    executor.shutdown()
