# SPDX-License-Identifier: Apache-2.0
"""Print information about a topic."""

from __future__ import annotations

import argparse

from ros2cli.graph import node, settled, until


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    parser.add_argument('topic_name', help="Name of the ROS topic (e.g. '/chatter')")
    parser.add_argument(
        '-v', '--verbose', action='store_true',
        help='Prints detailed information like the node name, node namespace, topic type, topic '
        'type hash, GUID, and QoS Profile of the publishers and subscribers to this topic',
    )  # fmt: skip


def main(args: argparse.Namespace) -> str | None:
    """Print it."""
    with node() as own:
        topic = own.resolve_topic_name(args.topic_name)
        types = until(lambda: dict(own.get_topic_names_and_types()).get(topic))
        if not types:
            return f"Unknown topic '{args.topic_name}'"
        ends = settled(
            lambda: (
                own.get_publishers_info_by_topic(topic),
                own.get_subscriptions_info_by_topic(topic),
            )
        )
    gap = '\n\n' if args.verbose else '\n'
    print(f'Type: {types[0] if len(types) == 1 else types}', end=gap)
    for title, infos in zip(('Publisher', 'Subscription'), ends, strict=True):
        print(f'{title} count: {len(infos)}', end=gap)
        for info in infos if args.verbose else []:
            print(info, end=gap)
    return None
