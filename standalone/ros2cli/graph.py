# SPDX-License-Identifier: Apache-2.0
"""A look at the ROS graph: a node of our own, and what it finds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import os
import time
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions

from plc_log.recorder import load

DISCOVERY = 5.0  # s that something may take to show up
QUIET = 1.0  # s without a change after which everything is thought to have shown up
ALONE = 3.2  # s: Fast DDS repeats itself every 3 s


@contextmanager
def node(name: str = '') -> Iterator[Node]:
    """Give a node, hidden unless named; Ctrl-C raises KeyboardInterrupt in the caller."""
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    name = name or f'_ros2cli_{os.getpid()}'
    own = Node(name, start_parameter_services=False, enable_rosout=False)
    executor = SingleThreadedExecutor()  # the node itself holds it only weakly
    executor.add_node(own)
    try:
        yield own
    finally:
        own.destroy_node()
        rclpy.try_shutdown()


def until(ask: Callable[[], Any], seconds: float = DISCOVERY) -> Any:
    """Ask until the answer is not empty or the time is over; return the last answer."""
    end = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < end:
        time.sleep(0.02)
    return answer


def settled(own: Node, ask: Callable[[], Any]) -> Any:
    """Return the answer once it has not changed for QUIET seconds, ALONE while no node shows."""
    answer, since = ask(), time.monotonic()
    while time.monotonic() - since < (QUIET if len(own.get_node_names()) > 1 else ALONE):
        time.sleep(0.02)
        if (newer := ask()) != answer:
            answer, since = newer, time.monotonic()
    return answer


def received(own: Node, kind: Any, topic: str, qos: QoSProfile, **raw: bool) -> Iterator[Any]:
    """Give each message of a topic, for ever."""
    messages: list[Any] = []
    own.create_subscription(kind, topic, lambda message: messages.append(message), qos, **raw)
    while True:
        spin(own, lambda: not messages)
        yield messages.pop(0)


def spin(own: Node, go_on: Callable[[], bool]) -> None:
    """Serve the node until told otherwise, in short turns, so that Ctrl-C is heard."""
    while go_on():
        own.executor.spin_once(timeout_sec=0.1)


def topic_class(own: Node, topic: str, patience: float = DISCOVERY) -> Any:
    """Return the class of a topic's messages, None if nobody publishes it."""
    full = own.resolve_topic_name(topic)
    types = until(lambda: dict(own.get_topic_names_and_types()).get(full), patience)
    if not types:
        print(f'WARNING: topic [{topic}] does not appear to be published yet', flush=True)
        return None
    if len(types) > 1:
        text = f"Cannot echo topic '{topic}', as it contains more than one type"
        raise RuntimeError(f'{text}: [{", ".join(types)}]')
    return load('msg', types[0])


def hidden(name: str) -> bool:
    """Return whether a topic, service or node is one that lists leave out."""
    return any(token.startswith('_') for token in name.split('/'))


def show_names(found: list[Any], types: bool) -> None:
    """Print names, sorted, with their types where asked for."""
    shown = sorted(entry for entry in found if not hidden(entry[0]))
    print('\n'.join(f'{name} [{", ".join(kinds)}]' if types else name for name, kinds in shown))


def node_names(own: Node, with_hidden: bool = False) -> list[str]:
    """Return the full names of all nodes, sorted."""
    found = settled(own, lambda: sorted(own.get_node_names_and_namespaces()))
    names = [f'{namespace.rstrip("/")}/{name}' for name, namespace in found]
    return sorted(name for name in names if with_hidden or not hidden(name))


def answer(own: Node, future: Any) -> Any:
    """Return what a service answers."""
    spin(own, lambda: not future.done())
    return future.result()
