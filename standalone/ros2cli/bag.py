# SPDX-License-Identifier: Apache-2.0
"""`ros2 bag record`, `info` and `play`."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
import signal
import time

from bag.reader import contents

from ros2cli.table import argument, flag, verb

LISTING = 19  # columns before the value in `bag info`


def record(args: Namespace) -> str | None:
    """Record until SIGINT or SIGTERM."""
    from bag.writer import BagWriter

    from ros2cli.graph import hidden, node, spin
    from ros2cli.recorder import Recorder

    wanted = [*args.positional_topics, *(args.topics or [])]
    if not wanted and not args.all:
        return '[ERROR] [ros2bag]: Must specify only one option out of --all, --topics'
    folder = Path(args.output or time.strftime('rosbag2_%Y_%m_%d-%H_%M_%S'))
    if folder.exists():
        return f"[ERROR] [ros2bag]: Output folder '{folder}' already exists."
    ended = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.append(True))
    with node('rosbag2_recorder') as own:
        names = [own.resolve_topic_name(name) for name in wanted]
        choose: Callable[[str], bool] = (
            (lambda name: not hidden(name)) if args.all else names.__contains__
        )
        recorder = Recorder(own, BagWriter(folder), choose, names)
        spin(own, lambda: recorder.turn() and not ended)
        recorder.close()
    return None


def info(args: Namespace) -> None:
    """Print what is in a bag."""
    bag = contents(args.bag_path)
    if not bag.closed:
        print(f'{bag.files[-1]} was not closed by its recorder; this is what can be read of it:')
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


def play(args: Namespace) -> None:
    """Publish the messages of a bag again, with their distances in time and their QoS."""
    from rclpy.duration import Duration

    from ros2cli.graph import load, node
    from ros2cli.recorder import profile

    bag = contents(args.bag_path)
    log = time.monotonic
    with node('rosbag2_player') as own:
        own.get_logger().info(f'Set rate to {args.rate:g}')
        chosen = [name for name in bag.types if not args.topics or name in args.topics]
        publishers = {
            name: own.create_publisher(load('msg', bag.types[name]), name, profile(bag.qos[name]))
            for name in chosen
        }
        time.sleep(args.delay)
        start = log()
        for message in sorted(bag.messages(), key=lambda message: message.received):
            if message.topic in publishers:
                due = start + (message.received - bag.first) / 1e9 / args.rate
                time.sleep(max(0.0, due - log()))
                publishers[message.topic].publish(message.cdr)
        for publisher in publishers.values():
            publisher.wait_for_all_acked(Duration(seconds=1))


PATH = argument('bag_path', 'Bag to open')
VERBS = {
    'info': verb(info, PATH),
    'play': verb(
        play,
        PATH,
        argument('-r', '--rate', 'rate at which to play back messages', type=float, default=1.0),
        argument('--topics', 'topics to replay; default is all', nargs='+'),
        argument(
            '-d', '--delay', 'Sleep duration before play, in seconds', type=float, default=0.0
        ),
    ),
    'record': verb(
        record,
        argument('positional_topics', 'List of topics to record.', nargs='*'),
        argument('--topics', 'List of topics to record.', nargs='+'),
        flag('-a', '--all', 'Record all topics'),
        argument('-o', '--output', 'Destination of the bag to be created'),
        argument('-s', '--storage', 'Storage identifier', default='mcap', choices=['mcap']),
    ),
}
