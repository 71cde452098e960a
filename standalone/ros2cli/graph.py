# SPDX-License-Identifier: Apache-2.0
"""A look at the ROS graph: a node of our own, and what it finds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import importlib
import os
import time
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions

DISCOVERY = 5.0  # s that something may take to show up
QUIET = 1.0  # s without a change after which everything is thought to have shown up
ALONE = 3.2  # s: Fast DDS repeats itself every 3 s


@contextmanager
def node(name: str = '') -> Iterator[Node]:
    """Give a node, hidden unless named; Ctrl-C raises KeyboardInterrupt in the caller."""
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    name = name or f'_ros2cli_{os.getpid()}'
    own = Node(name, start_parameter_services=False, enable_rosout=False)
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


def spin(own: Node, go_on: Callable[[], bool] = lambda: True) -> None:
    """Serve the node until told otherwise, in short turns, so that Ctrl-C is heard."""
    executor = SingleThreadedExecutor()
    executor.add_node(own)
    while go_on():
        executor.spin_once(timeout_sec=0.1)


def load(kind: str, name: str) -> Any:
    """Return the class of `pkg/Name` or `pkg/msg/Name`; kind is msg or srv."""
    package, *_, last = f'/{name}'.split('/')[1:] if '/' in name else ('', '')
    try:
        return getattr(importlib.import_module(f'{package}.{kind}'), last)
    except (ImportError, AttributeError, ValueError):
        word = 'message' if kind == 'msg' else 'service'
        raise RuntimeError(f'The passed {word} type is invalid') from None


def topic_class(own: Node, topic: str, given: str | None, patience: float = DISCOVERY) -> Any:
    """Return the class of a topic's messages, None if nobody publishes it."""
    full = own.resolve_topic_name(topic)
    if given:
        return load('msg', given)
    types = until(lambda: dict(own.get_topic_names_and_types()).get(full), patience)
    if not types:
        print(f'WARNING: topic [{topic}] does not appear to be published yet', flush=True)
        return None
    if len(types) > 1:
        kinds = ', '.join(types)
        raise RuntimeError(
            f"Cannot echo topic '{topic}', as it contains more than one type: [{kinds}]"
        )
    return load('msg', types[0])


def publishers_qos(own: Node, topic: str, depth: int = 5) -> QoSProfile:
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
            print(
                f'Some, but not all, publishers are offering {strict!s}. Falling back to '
                f'{getattr(qos, policy)!s} as it will connect to all publishers'
            )
    return qos


def hidden(name: str) -> bool:
    """Return whether a topic, service or node is one that lists leave out."""
    return any(token.startswith('_') for token in name.split('/'))


def show_names(found: list[Any], types: bool, count: bool, with_hidden: bool) -> None:
    """Print names, sorted, with their types where asked for, or how many there are."""
    shown = sorted(entry for entry in found if with_hidden or not hidden(entry[0]))
    lines = [f'{name} [{", ".join(kinds)}]' if types else name for name, kinds in shown]
    print(len(shown) if count else '\n'.join(lines))


def node_names(own: Node, with_hidden: bool = False) -> list[str]:
    """Return the full names of all nodes, sorted."""
    found = settled(own, lambda: sorted(own.get_node_names_and_namespaces()))
    names = [f'{namespace.rstrip("/")}/{name}' for name, namespace in found]
    return sorted(name for name in names if with_hidden or not hidden(name))


def ready_client(own: Node, kind: Any, service: str, *, waiting: str = '') -> Any:
    """Return a client once its service hears it and it hears the service; else waits."""
    client = own.create_client(kind, service)
    if waiting and not client.service_is_ready():
        print(waiting, flush=True)
    while not client.wait_for_service(0.1):
        pass
    return client


def call(own: Node, client: Any, request: Any) -> Any:
    """Return what a service answers."""
    future = client.call_async(request)
    spin(own, lambda: not future.done())
    return future.result()
