# SPDX-License-Identifier: Apache-2.0
"""`ros2 topic list`, `echo`, `hz`, `info` and `pub`."""

from collections import deque
from functools import reduce
import itertools
import statistics
import time
from typing import Any

from rclpy.qos import QoSProfile

from ros2cli.graph import load, node, publishers_qos, settled, show_names, spin, topic_class, until
from ros2cli.text import fill_from_yaml, to_csv, to_yaml

say = print  # an option of `pub` has its name


def list_topics(
    *, show_types: bool = False, count_topics: bool = False, include_hidden_topics: bool = False
) -> None:
    """Output a list of available topics.

    show_types: Additionally show the topic type
    count_topics: Only display the number of topics discovered
    include_hidden_topics: Consider hidden topics as well
    """
    with node() as own:
        found = settled(own, own.get_topic_names_and_types)
    show_names(found, show_types, count_topics, include_hidden_topics)


def echo(
    topic_name: str,
    message_type: str = '',
    *,
    csv: bool = False,
    field: str = '',
    once: bool = False,
    full_length: bool = False,
    truncate_length: int = 128,
    no_arr: bool = False,
    qos_reliability: str = '',
    qos_durability: str = '',
) -> str | None:
    """Output messages from a topic.

    topic_name: Name of the ROS topic to listen to (e.g. '/chatter')
    message_type: Type of the ROS message (e.g. 'std_msgs/msg/String')
    csv: Output all recursive fields separated by commas (e.g. for plotting)
    field: Echo a selected field of a message
    once: Print the first message received and then exit.
    full_length: Output all elements for arrays, bytes, and string
    truncate_length: The length to truncate arrays, bytes, and string to (default: 128)
    no_arr: Don't print array fields of messages
    qos_reliability: Quality of service reliability setting to subscribe with
    qos_durability: Quality of service durability setting to subscribe with
    """
    truncate = None if full_length else truncate_length
    messages: deque[Any] = deque()

    def go_on() -> bool:
        while messages:
            message = select(messages.popleft(), field)
            if csv:
                print(to_csv(message, truncate), flush=True)
            elif hasattr(message, 'SLOT_TYPES'):
                print(to_yaml(message, truncate, no_arr) + '---', flush=True)
            else:
                print(f'{message}\n---', flush=True)
            if once:
                return False
        return True

    with node() as own:
        kind = topic_class(own, topic_name, message_type)
        if kind is None:
            return 'Could not determine the type for the passed topic'
        qos = publishers_qos(own, topic_name)
        _override(qos, qos_reliability, qos_durability)
        own.create_subscription(kind, topic_name, lambda message: messages.append(message), qos)
        spin(own, go_on)
    return None


def select(message: Any, field: str) -> Any:
    """Return a field such as `header.stamp` of a message, the message itself for none."""
    try:
        return reduce(getattr, field.split('.') if field else [], message)
    except AttributeError as error:
        raise RuntimeError(f"Invalid field '{field}': {error}") from None


def _override(qos: Any, reliability: str, durability: str) -> None:
    for policy, given in (('reliability', reliability), ('durability', durability)):
        if given:
            setattr(qos, policy, type(getattr(qos, policy)).get_from_short_key(given))


def hz(topic_name: str, *, window: int = 10000) -> None:
    """Print the average publishing rate to screen.

    topic_name: Name of the ROS topic to listen to (e.g. '/chatter')
    window: window size, in # of messages, for calculating rate (default: 10000)
    """
    times: deque[float] = deque(maxlen=window)
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
        kind = topic_class(own, topic_name, '') or topic_class(own, topic_name, '', float('inf'))
        qos = publishers_qos(own, topic_name, depth=1000)
        note = lambda _: times.append(time.monotonic())  # noqa: E731
        own.create_subscription(kind, topic_name, note, qos, raw=True)
        spin(own, go_on)


def rate(times: list[float]) -> str:
    """Return the two lines on the seconds between messages."""
    gaps = [after - before for before, after in itertools.pairwise(times)]
    mean = statistics.fmean(gaps)
    return (
        f'average rate: {1 / mean:.3f}\n\tmin: {min(gaps):.3f}s max: {max(gaps):.3f}s '
        f'std dev: {statistics.pstdev(gaps, mean):.5f}s window: {len(times)}'
    )


def info(topic_name: str, *, verbose: bool = False) -> str | None:
    """Print information about a topic.

    topic_name: Name of the ROS topic to get info (e.g. '/chatter')
    verbose: Prints detailed information like the node name, namespace, type hash, and QoS Profile
    """
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


def pub(
    topic_name: str,
    message_type: str,
    values: str = '{}',
    *,
    rate: float = 1.0,
    print: int = 1,
    once: bool = False,
    times: int = 0,
    wait_matching_subscriptions: int = -1,
    qos_depth: int = 10,
    qos_reliability: str = '',
    qos_durability: str = '',
) -> str | None:
    """Publish a message to a topic.

    topic_name: Name of the ROS topic to publish to (e.g. '/chatter')
    message_type: Type of the ROS message (e.g. 'std_msgs/String')
    values: Values to fill the message with in YAML format (e.g. 'data: Hello World')
    rate: Publishing rate in Hz (default: 1)
    print: Only print every N-th published message (default: 1)
    once: Publish one message and exit
    times: Publish this number of times and then exit
    wait_matching_subscriptions: Wait until finding the specified number of subscriptions
    qos_depth: Queue size setting to publish with
    qos_reliability: Quality of service reliability setting to publish with
    qos_durability: Quality of service durability setting to publish with
    """
    times, wanted = (1 if once else times), wait_matching_subscriptions
    wanted = (1 if times else 0) if wanted < 0 else wanted
    qos = QoSProfile(depth=qos_depth)
    _override(qos, qos_reliability, qos_durability)
    message = load('msg', message_type)()
    if refused := fill_from_yaml(message, values):
        return refused
    with node() as own:
        publisher = own.create_publisher(type(message), topic_name, qos)
        while not until(lambda: publisher.get_subscription_count() >= wanted, 1.0):
            say(f'Waiting for at least {wanted} matching subscription(s)...', flush=True)
        time.sleep(0.7 if wanted else 0.0)  # a subscriber matches us later than we match it
        say('publisher: beginning loop')
        count = 0
        while not times or count < times:
            time.sleep(1.0 / rate if count else 0.0)
            count += 1
            if print and count % print == 0:
                say(f'publishing #{count}: {message!r}\n', flush=True)
            publisher.publish(message)
        time.sleep(0.1)  # so that the message reaches the wire
    return None


VERBS = {'echo': echo, 'hz': hz, 'info': info, 'list': list_topics, 'pub': pub}
