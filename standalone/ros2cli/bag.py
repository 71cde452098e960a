# SPDX-License-Identifier: Apache-2.0
"""`ros2 bag record`, `info` and `play`."""

from collections.abc import Iterator
from pathlib import Path
import signal
import time
from typing import Any

from rclpy.duration import Duration
from rclpy.exceptions import NameValidationException
from rclpy.node import Node

from plc_kit.readable import readable
from plc_log.bag.reader import Contents, contents
from plc_log.bag.writer import BagWriter
from plc_log.recorder import Recorder, load, profile
from ros2cli.graph import node, spin

LISTING = 19  # columns before the value in `bag info`


def record_(
    topics: list[str], *, all: bool = False, output: str = '', storage: str = 'mcap'
) -> str | None:
    """Record ROS data to a bag."""
    if not topics and not all:
        return '[ERROR] [ros2bag]: Must specify only one option out of --all, --topics'
    if storage != 'mcap':
        return f"[ERROR] [ros2bag]: No storage could be initialized for '{storage}'."
    folder = Path(output or time.strftime('rosbag2_%Y_%m_%d-%H_%M_%S'))
    if folder.exists():
        return f"[ERROR] [ros2bag]: Output folder '{folder}' already exists."
    ended: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: ended.append(number))
    with node('rosbag2_recorder') as own:
        wanted = {own.resolve_topic_name(name) for name in topics}
        recorder = Recorder(own, BagWriter(folder), wanted)
        spin(own, lambda: not ended and recorder.turn())
        recorder.close()
    return None


def info_(bag_path: str) -> None:
    """Print information about a bag to the screen."""
    bag = contents(bag_path)
    if bag.cut:
        print(f'{bag.cut[-1]} was not closed by its recorder; this is what can be read of it:')
    topics = [
        f'Topic: {readable(name)} | Type: {readable(bag.types[name])} | Count: {count}'
        ' | Serialization Format: cdr'
        for name, count in sorted(bag.counts.items())
    ]
    lines = {
        'Files': f'\n{" " * LISTING}'.join(bag.files),
        'Bag size': _size(bag.size),
        'Storage id': bag.storage,
        'ROS Distro': readable(bag.distro or 'unknown'),
        'Duration': f'{_seconds(bag.last - bag.first)}s',
        'Start': _date(bag.first),
        'End': _date(bag.last),
        'Messages': sum(bag.counts.values()),
        'Topic information': f'\n{" " * LISTING}'.join(topics),
        'Service': 0,
        'Service information': '',
    }
    print(
        '', *((name + ': ').ljust(LISTING) + str(value) for name, value in lines.items()), sep='\n'
    )


def _size(count: float) -> str:
    units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
    index = 0
    while count >= 1024 and index < 4:
        count, index = count / 1024, index + 1
    return f'{count:.{min(index, 1)}f} {units[index]}'


def _seconds(nanoseconds: int) -> str:
    return f'{nanoseconds // 10**9}.{nanoseconds % 10**9:09d}'


def _date(nanoseconds: int) -> str:
    when = time.strftime('%b %e %Y %H:%M:%S', time.localtime(nanoseconds // 10**9))
    return f'{when}.{nanoseconds % 10**9:09d} ({_seconds(nanoseconds)})'


def play_(bag_path: str, *, rate: float = 1.0, delay: float = 0.0) -> None:
    """Play back ROS data from a bag."""
    bag = contents(bag_path)
    with node('rosbag2_player') as own:
        own.get_logger().info(f'Set rate to {rate:g}')
        publishers = dict(_publishers(own, bag))
        time.sleep(delay)
        start = time.monotonic()
        known = (message for message in bag.messages() if message.topic in publishers)
        for message in sorted(known, key=lambda message: message.received):
            due = start + (message.received - bag.first) / 1e9 / rate
            time.sleep(max(0.0, due - time.monotonic()))
            publishers[message.topic].publish(message.cdr)
        for publisher in publishers.values():
            publisher.wait_for_all_acked(Duration(seconds=1))


def _publishers(own: Node, bag: Contents) -> Iterator[tuple[str, Any]]:
    """Give a publisher of each topic whose type is installed here."""
    for name, kind in bag.types.items():
        try:
            message_class = load('msg', kind)
        except RuntimeError:
            _ignored(own, name, f"its type '{kind}' is unknown")
            continue
        try:
            publisher = own.create_publisher(message_class, name, profile(bag.qos[name]))
        except (NameValidationException, RuntimeError):  # rcl's own is a RuntimeError
            _ignored(own, name, 'no publisher has such a name or such QoS')
            continue
        yield name, publisher


def _ignored(own: Node, topic: str, why: str) -> None:
    own.get_logger().warning(readable(f"Ignoring topic '{topic}': {why}"))
