# SPDX-License-Identifier: Apache-2.0
"""Output messages from a topic."""

from __future__ import annotations

import argparse
from functools import reduce
from typing import Any

from ros2cli.graph import node, publishers_qos, spin, topic_class
from ros2cli.text import plain, to_csv, to_yaml


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    add = parser.add_argument
    add('topic_name', help="Name of the ROS topic to listen to (e.g. '/chatter')")
    add('message_type', nargs='?', help="Type of the ROS message (e.g. 'std_msgs/msg/String')")
    add('--csv', action='store_true', help='Output all recursive fields separated by commas')
    add('--field', metavar='FIELD', help='Echo a selected field of a message')
    add('--once', action='store_true', help='Print the first message received and then exit.')
    add('-f', '--full-length', action='store_true', help='Output all elements for arrays')
    add('-l', '--truncate-length', type=int, default=128, help='The length to truncate arrays to')
    add('--no-arr', action='store_true', help="Don't print array fields of messages")
    for policy in ('reliability', 'durability'):
        add(f'--qos-{policy}', help=f'Quality of service {policy} setting to subscribe with')


def main(args: argparse.Namespace) -> str | None:
    """Print what comes, until Ctrl-C or, with --once, the first message."""
    seen = []
    with node() as own:
        kind = topic_class(own, args.topic_name, args.message_type)
        if kind is None:
            return 'Could not determine the type for the passed topic'
        qos = publishers_qos(own, own.resolve_topic_name(args.topic_name))
        for policy in ('reliability', 'durability'):
            if given := getattr(args, f'qos_{policy}'):
                setattr(qos, policy, type(getattr(qos, policy)).get_from_short_key(given))

        def show(message: Any) -> None:
            if not (args.once and seen):
                print(_text(args, message), flush=True)
            seen.append(True)

        own.create_subscription(kind, args.topic_name, show, qos)
        spin(own, lambda: not (args.once and seen))
    return None


def _text(args: argparse.Namespace, message: Any) -> str:
    truncate = None if args.full_length else args.truncate_length
    if args.field:
        try:
            message = reduce(getattr, args.field.split('.'), message)
        except AttributeError as error:
            raise RuntimeError(f"Invalid field '{args.field}': {error}") from None
    if args.csv:
        return to_csv(message, truncate)
    if hasattr(message, 'SLOT_TYPES'):
        return to_yaml(message, truncate, args.no_arr) + '---'
    return f'{plain(message, truncate) if isinstance(message, str) else message}\n---'
