# SPDX-License-Identifier: Apache-2.0
"""`ros2 bag record`, `info` and `play`."""

from collections.abc import Callable
from pathlib import Path
import signal
import time

from plc_log.bag.reader import contents

LISTING = 19  # columns before the value in `bag info`


def record(
    positional_topics: list[str],
    *,
    topics: list[str],
    all: bool = False,
    output: str = '',
    storage: str = 'mcap',
) -> str | None:
    """Record ROS data to a bag.

    positional_topics: List of topics to record.
    topics: List of topics to record.
    all: Record all topics
    output: Destination of the bagfile to create, defaults to a timestamped folder
    storage: Storage identifier to be used; only mcap is known here
    """
    from plc_log.bag.writer import BagWriter
    from ros2cli.graph import hidden, node, spin
    from ros2cli.recorder import Recorder

    wanted = [*positional_topics, *topics]
    if not wanted and not all:
        return '[ERROR] [ros2bag]: Must specify only one option out of --all, --topics'
    if storage != 'mcap':
        return f"[ERROR] [ros2bag]: No storage could be initialized for '{storage}'."
    folder = Path(output or time.strftime('rosbag2_%Y_%m_%d-%H_%M_%S'))
    if folder.exists():
        return f"[ERROR] [ros2bag]: Output folder '{folder}' already exists."
    ended = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.append(True))
    with node('rosbag2_recorder') as own:
        names = [own.resolve_topic_name(name) for name in wanted]
        choose: Callable[[str], bool] = (
            (lambda name: not hidden(name)) if all else names.__contains__
        )
        recorder = Recorder(own, BagWriter(folder), choose, names)
        spin(own, lambda: recorder.turn() and not ended)
        recorder.close()
    return None


def info(bag_path: str) -> None:
    """Print information about a bag to the screen.

    bag_path: Bag to open
    """
    bag = contents(bag_path)
    if bag.cut:
        print(f'{bag.cut[-1]} was not closed by its recorder; this is what can be read of it:')
    topics = [
        f'Topic: {name} | Type: {bag.types[name]} | Count: {count} | Serialization Format: cdr\n'
        for name, count in sorted(bag.counts.items())
    ]
    margin = ' ' * LISTING
    print(
        f'\nFiles:             {f"{chr(10)}{margin}".join(bag.files)}\n'
        f'Bag size:          {_size(bag.size)}\n'
        f'Storage id:        mcap\nROS Distro:        {bag.distro}\n'
        f'Duration:          {_seconds(bag.last - bag.first)}s\n'
        f'Start:             {_date(bag.first)}\nEnd:               {_date(bag.last)}\n'
        f'Messages:          {sum(bag.counts.values())}\n'
        f'Topic information: {margin.join(topics) or chr(10)}'
        'Service:           0\nService information: '
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


def play(bag_path: str, *, rate: float = 1.0, topics: list[str], delay: float = 0.0) -> None:
    """Play back ROS data from a bag.

    bag_path: Bag to open
    rate: rate at which to play back messages. Valid range > 0.0.
    topics: topics to replay, separated by space. If none specified, all topics will be replayed.
    delay: Sleep duration before play (each loop), in seconds.
    """
    from rclpy.duration import Duration

    from ros2cli.graph import load, node
    from ros2cli.recorder import profile

    bag = contents(bag_path)
    log = time.monotonic
    with node('rosbag2_player') as own:
        own.get_logger().info(f'Set rate to {rate:g}')
        chosen = [name for name in bag.types if not topics or name in topics]
        publishers = {
            name: own.create_publisher(load('msg', bag.types[name]), name, profile(bag.qos[name]))
            for name in chosen
        }
        time.sleep(delay)
        start = log()
        for message in sorted(bag.messages(), key=lambda message: message.received):
            if message.topic in publishers:
                due = start + (message.received - bag.first) / 1e9 / rate
                time.sleep(max(0.0, due - log()))
                publishers[message.topic].publish(message.cdr)
        for publisher in publishers.values():
            publisher.wait_for_all_acked(Duration(seconds=1))


VERBS = {'info': info, 'play': play, 'record': record}
