# SPDX-License-Identifier: Apache-2.0
"""A look at the ROS graph: a node of our own, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import os
import time
from typing import Any

import rclpy
from rclpy.expand_topic_name import expand_topic_name
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions

DISCOVERY = 5.0  # s that something may take to show up


@contextmanager
def node() -> Iterator[Node]:
    """Give a hidden node; Ctrl-C raises KeyboardInterrupt in the caller."""
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    own = Node(f'_ros2cli_{os.getpid()}', start_parameter_services=False, enable_rosout=False)
    try:
        yield own
    finally:
        own.destroy_node()
        rclpy.try_shutdown()


def until(found: Callable[[], Any], seconds: float = DISCOVERY) -> Any:
    """Ask until the answer is not empty or the time is over; return the last answer."""
    end = time.monotonic() + seconds
    while not (answer := found()) and time.monotonic() < end:
        time.sleep(0.02)
    return answer


def settled(ask: Callable[[], Any], quiet: float = 0.5) -> Any:
    """Return the answer once it has not changed for `quiet` seconds."""
    answer, since = ask(), time.monotonic()
    while time.monotonic() - since < quiet:
        time.sleep(0.02)
        if (newer := ask()) != answer:
            answer, since = newer, time.monotonic()
    return answer


def spin(own: Node, go_on: Callable[[], bool] = lambda: True) -> None:
    """Serve the node until told otherwise; short turns, so that Ctrl-C is heard."""
    executor = rclpy.executors.SingleThreadedExecutor()
    executor.add_node(own)
    while go_on():
        executor.spin_once(timeout_sec=0.1)


def load(kind: str, name: str) -> Any:
    """Return the class of `pkg/Name` or `pkg/msg/Name`; kind is msg or srv."""
    parts = name.split('/')
    if len(parts) not in (2, 3) or not all(parts):
        raise ValueError(f'The passed {"message" if kind == "msg" else "service"} type is invalid')
    try:
        module = __import__(f'{parts[0]}.{kind}', fromlist=[parts[-1]])
        return getattr(module, parts[-1])
    except (ImportError, AttributeError):
        text = 'message' if kind == 'msg' else 'service'
        raise RuntimeError(f'The passed {text} type is invalid') from None


def topic_class(own: Node, topic: str, given: str | None, patience: float = DISCOVERY) -> Any:
    """Return the class of a topic's messages, None if nobody publishes it."""
    if given:
        return load('msg', given)
    full = expand_topic_name(topic, own.get_name(), own.get_namespace())
    types = until(lambda: dict(own.get_topic_names_and_types()).get(full), patience)
    if not types:
        print(f'WARNING: topic [{topic}] does not appear to be published yet')
        return None
    if len(types) > 1:
        raise RuntimeError(
            f"Cannot echo topic '{full}', as it contains more than one type: [{', '.join(types)}]"
        )
    return load('msg', types[0])


def publishers_qos(own: Node, topic: str) -> QoSProfile:
    """Return the strictest QoS that hears every publisher: reliable and latched if all are."""
    qos = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
    offered = [info.qos_profile for info in own.get_publishers_info_by_topic(topic)]
    for policy, strict in (
        ('reliability', ReliabilityPolicy.RELIABLE),
        ('durability', DurabilityPolicy.TRANSIENT_LOCAL),
    ):
        have = sum(getattr(profile, policy) == strict for profile in offered)
        if offered and have == len(offered):
            setattr(qos, policy, strict)
        elif have:
            weak = type(strict)['BEST_EFFORT' if policy == 'reliability' else 'VOLATILE']
            print(
                f'Some, but not all, publishers are offering {strict!s}. Falling back to '
                f'{weak!s} as it will connect to all publishers'
            )
    return qos


def hidden(name: str) -> bool:
    """Return whether a topic, service or node is one that lists leave out."""
    return any(token.startswith('_') for token in name.split('/'))


def show_names(
    found: list[tuple[str, list[str]]], types: bool, with_hidden: bool, count: bool
) -> None:
    """Print names, sorted, with their types where asked for, or how many there are."""
    shown = sorted(entry for entry in found if with_hidden or not hidden(entry[0]))
    if count:
        print(len(shown))
        return
    for name, kinds in shown:
        print(f'{name} [{", ".join(kinds)}]' if types else name)


def node_names(own: Node, with_hidden: bool = False) -> list[str]:
    """Return the full names of all nodes, sorted."""
    found = settled(lambda: sorted(own.get_node_names_and_namespaces()))
    names = [f'{namespace.rstrip("/")}/{name}' for name, namespace in found]
    return sorted(name for name in names if with_hidden or not hidden(name))
