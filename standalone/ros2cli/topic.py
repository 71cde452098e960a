# SPDX-License-Identifier: Apache-2.0
"""`ros2 topic list`, `echo`, `hz`, `info` and `pub`."""

from collections import deque
from functools import reduce
import itertools
import statistics
import time
from typing import Any

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile

from plc_log.recorder import load, publishers_qos
from ros2cli.graph import node, received, settled, show_names, topic_class, until
from ros2cli.text import fill_from_yaml, to_yaml


def list_(*, show_types: bool = False) -> None:
    """Output a list of available topics."""
    with node() as own:
        show_names(settled(own, own.get_topic_names_and_types), show_types)


def echo_(
    topic_name: str,
    message_type: str = '',
    *,
    field: str = '',
    once: bool = False,
    full_length: bool = False,
) -> str | None:
    """Output messages from a topic."""
    with node() as own:
        kind = load('msg', message_type) if message_type else topic_class(own, topic_name)
        if kind is None:
            return 'Could not determine the type for the passed topic'
        for message in received(own, kind, topic_name, _qos(own, topic_name, depth=5)):
            print(_shown(message, field, full_length) + '---', flush=True)
            if once:
                break
    return None


def _qos(own: Node, topic: str, depth: int) -> QoSProfile:
    """Return with which QoS its publishers are heard, once there is one.

    A topic is known by its subscribers too; who listens as volatile then misses what is latched.
    """
    name = own.resolve_topic_name(topic)
    until(lambda: own.get_publishers_info_by_topic(name), float('inf'))
    return publishers_qos(own, topic, depth)


def _shown(message: Any, field: str, full_length: bool) -> str:
    try:
        selected = reduce(getattr, field.split('.') if field else [], message)
    except AttributeError as error:
        raise RuntimeError(f"Invalid field '{field}': {error}") from None
    is_message = hasattr(selected, 'SLOT_TYPES')
    return to_yaml(selected, full_length) if is_message else f'{selected}\n'


def hz_(topic_name: str, *, window: int = 10000) -> None:
    """Print the average publishing rate to screen."""
    times: deque[float] = deque(maxlen=window)
    printed = time.monotonic()
    with node() as own:
        kind = topic_class(own, topic_name) or topic_class(own, topic_name, float('inf'))
        qos = _qos(own, topic_name, depth=1000)
        for _ in received(own, kind, topic_name, qos, raw=True):
            times.append(time.monotonic())
            if len(times) > 1 and times[-1] - printed >= 1.0:
                printed = times[-1]
                print(_rate(list(times)), flush=True)


def _rate(times: list[float]) -> str:
    gaps = [after - before for before, after in itertools.pairwise(times)]
    mean = statistics.fmean(gaps)
    return (
        f'average rate: {1 / mean:.3f}\n\tmin: {min(gaps):.3f}s max: {max(gaps):.3f}s '
        f'std dev: {statistics.pstdev(gaps, mean):.5f}s window: {len(times)}'
    )


def info_(topic_name: str, *, verbose: bool = False) -> str | None:
    """Print information about a topic."""
    with node() as own:
        topic = own.resolve_topic_name(topic_name)
        types = until(lambda: dict(own.get_topic_names_and_types()).get(topic))
        if not types:
            return f"Unknown topic '{topic_name}'"
        asks = (own.get_publishers_info_by_topic, own.get_subscriptions_info_by_topic)
        ends = settled(own, lambda: [ask(topic) for ask in asks])
    gap = '\n\n' if verbose else '\n'
    print(f'Type: {types[0] if len(types) == 1 else types}', end=gap)
    for title, infos in zip(('Publisher', 'Subscription'), ends, strict=True):
        print(f'{title} count: {len(infos)}', end=gap)
        for line in infos if verbose else []:
            print(line, end=gap)
    return None


def pub_(
    topic_name: str,
    message_type: str,
    values: str = '{}',
    *,
    rate: float = 1.0,
    once: bool = False,
    qos_durability: str = 'volatile',
) -> None:
    """Publish a message to a topic."""
    durability = DurabilityPolicy.get_from_short_key(qos_durability)
    message = load('msg', message_type)()
    fill_from_yaml(message, values)
    with node() as own:
        qos = QoSProfile(depth=10, durability=durability)
        publisher = own.create_publisher(type(message), topic_name, qos)
        while once and not until(publisher.get_subscription_count, 1.0):
            print('Waiting for at least 1 matching subscription(s)...', flush=True)
        time.sleep(0.7 if once else 0.0)  # a subscriber matches us later than we match it
        print('publisher: beginning loop')
        for count in [1] if once else itertools.count(1):
            print(f'publishing #{count}: {message!r}\n', flush=True)
            publisher.publish(message)
            time.sleep(0.1 if once else 1.0 / rate)  # also so that it reaches the wire
