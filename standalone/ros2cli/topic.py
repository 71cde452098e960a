# SPDX-License-Identifier: Apache-2.0
"""`ros2 topic list`, `echo`, `hz`, `info` and `pub`."""

from argparse import Namespace
from collections import deque
from functools import reduce
import itertools
import statistics
import time
from typing import Any

from ros2cli.graph import load, node, publishers_qos, settled, show_names, spin, topic_class, until
from ros2cli.table import argument, flag, verb
from ros2cli.text import fill_from_yaml, to_csv, to_yaml


def list_topics(args: Namespace) -> None:
    """Output a list of available topics."""
    with node() as own:
        show_names(settled(own.get_topic_names_and_types), args)


def echo(args: Namespace) -> str | None:
    """Output messages from a topic."""
    texts: deque[str] = deque()
    with node() as own:
        kind = topic_class(own, args.topic_name, args.message_type)
        if kind is None:
            return 'Could not determine the type for the passed topic'
        qos = publishers_qos(own, args.topic_name)
        _override(qos, args)
        own.create_subscription(
            kind, args.topic_name, lambda message: texts.append(_text(args, message)), qos
        )

        def go_on() -> bool:
            while texts:
                print(texts.popleft(), flush=True)
                if args.once:
                    return False
            return True

        spin(own, go_on)
    return None


def _text(args: Namespace, message: Any) -> str:
    truncate = None if args.full_length else args.truncate_length
    try:
        message = reduce(getattr, args.field.split('.') if args.field else [], message)
    except AttributeError as error:
        raise RuntimeError(f"Invalid field '{args.field}': {error}") from None
    if args.csv:
        return to_csv(message, truncate)
    if hasattr(message, 'SLOT_TYPES'):
        return to_yaml(message, truncate, args.no_arr) + '---'
    return f'{message}\n---'


def _override(qos: Any, args: Namespace) -> None:
    for policy in ('reliability', 'durability'):
        if given := getattr(args, f'qos_{policy}'):
            setattr(qos, policy, type(getattr(qos, policy)).get_from_short_key(given))


def hz(args: Namespace) -> None:
    """Print the average publishing rate to screen."""
    times: deque[float] = deque(maxlen=args.window)
    printed, shown = time.monotonic(), 0.0

    def go_on() -> bool:
        nonlocal printed, shown
        if time.monotonic() - printed >= 1.0:
            printed = time.monotonic()
            if len(times) > 1 and times[-1] != shown:
                shown = times[-1]
                print(rate(list(times)), flush=True)
        return True

    with node() as own:
        kind = topic_class(own, args.topic_name, None)
        kind = kind or topic_class(own, args.topic_name, None, float('inf'))
        qos = publishers_qos(own, args.topic_name, depth=1000)
        own.create_subscription(
            kind, args.topic_name, lambda _: times.append(time.monotonic()), qos, raw=True
        )
        spin(own, go_on)


def rate(times: list[float]) -> str:
    """Return the two lines on the seconds between messages."""
    gaps = [after - before for before, after in itertools.pairwise(times)]
    mean = statistics.fmean(gaps)
    return (
        f'average rate: {1 / mean:.3f}\n\tmin: {min(gaps):.3f}s max: {max(gaps):.3f}s '
        f'std dev: {statistics.pstdev(gaps, mean):.5f}s window: {len(times)}'
    )


def info(args: Namespace) -> str | None:
    """Print information about a topic."""
    with node() as own:
        topic = own.resolve_topic_name(args.topic_name)
        types = until(lambda: dict(own.get_topic_names_and_types()).get(topic))
        if not types:
            return f"Unknown topic '{args.topic_name}'"
        asks = (own.get_publishers_info_by_topic, own.get_subscriptions_info_by_topic)
        ends = settled(lambda: [ask(topic) for ask in asks])
    gap = '\n\n' if args.verbose else '\n'
    print(f'Type: {types[0] if len(types) == 1 else types}', end=gap)
    for title, infos in zip(('Publisher', 'Subscription'), ends, strict=True):
        print(f'{title} count: {len(infos)}', end=gap)
        for line in infos if args.verbose else []:
            print(line, end=gap)
    return None


def pub(args: Namespace) -> str | None:
    """Publish a message to a topic."""
    from rclpy.qos import QoSProfile

    times, wanted = (1 if args.once else args.times), args.wait_matching_subscriptions
    wanted = (1 if times else 0) if wanted is None else wanted
    qos = QoSProfile(depth=args.qos_depth)
    _override(qos, args)
    message = load('msg', args.message_type)()
    if refused := fill_from_yaml(message, args.values):
        return refused
    with node() as own:
        publisher = own.create_publisher(type(message), args.topic_name, qos)
        while not until(lambda: publisher.get_subscription_count() >= wanted, 1.0):
            print(f'Waiting for at least {wanted} matching subscription(s)...', flush=True)
        print('publisher: beginning loop')
        count = 0
        while not times or count < times:
            time.sleep(1.0 / args.rate if count else 0.0)
            count += 1
            if args.print and count % args.print == 0:
                print(f'publishing #{count}: {message!r}\n', flush=True)
            publisher.publish(message)
        time.sleep(0.1)  # so that the message reaches the wire
    return None


TOPIC = argument('topic_name', "Name of the ROS topic (e.g. '/chatter')")
QOS = tuple(
    argument(f'--qos-{policy}', f'Quality of service {policy} setting')
    for policy in ('reliability', 'durability')
)
VERBS = {
    'echo': verb(
        echo,
        TOPIC,
        argument('message_type', "Type of the ROS message (e.g. 'std_msgs/String')", nargs='?'),
        flag('--csv', 'Output all recursive fields separated by commas'),
        argument('--field', 'Echo a selected field of a message'),
        flag('--once', 'Print the first message received and then exit.'),
        flag('-f', '--full-length', 'Output all elements for arrays, bytes, and string'),
        argument(
            '-l', '--truncate-length', 'The length to truncate arrays to', type=int, default=128
        ),
        flag('--no-arr', "Don't print array fields of messages"),
        *QOS,
    ),
    'hz': verb(
        hz, TOPIC, argument('-w', '--window', 'window size, in messages', type=int, default=10000)
    ),
    'info': verb(info, TOPIC, flag('-v', '--verbose', 'Prints detailed information')),
    'list': verb(
        list_topics,
        flag('-t', '--show-types', 'Additionally show the topic type', dest='types'),
        flag('-c', '--count-topics', 'Only display the number of topics discovered', dest='count'),
        flag('--include-hidden-topics', 'Consider hidden topics as well', dest='hidden'),
    ),
    'pub': verb(
        pub,
        TOPIC,
        argument('message_type', "Type of the ROS message (e.g. 'std_msgs/String')"),
        argument('values', 'Values to fill the message with in YAML', nargs='?', default='{}'),
        argument('-r', '--rate', 'Publishing rate in Hz (default: 1)', type=float, default=1.0),
        argument('-p', '--print', 'Only print every N-th message', type=int, default=1),
        flag('-1', '--once', 'Publish one message and exit'),
        argument('-t', '--times', 'Publish this often and then exit', type=int, default=0),
        argument(
            '-w', '--wait-matching-subscriptions', 'Wait for that many subscriptions', type=int
        ),
        argument('--qos-depth', 'Queue size setting', type=int, default=10),
        *QOS,
    ),
}
