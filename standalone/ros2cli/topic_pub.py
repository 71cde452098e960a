# SPDX-License-Identifier: Apache-2.0
"""Publish a message to a topic."""

from __future__ import annotations

import argparse
import time

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from ros2cli.graph import load, node
from ros2cli.text import fill_from_yaml


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    add = parser.add_argument
    add('topic_name', help="Name of the ROS topic to publish to (e.g. '/chatter')")
    add('message_type', help="Type of the ROS message (e.g. 'std_msgs/String')")
    add('values', nargs='?', default='{}', help='Values to fill the message with in YAML format')
    add('-r', '--rate', metavar='N', type=float, default=1.0, help='Publishing rate in Hz')
    add('-p', '--print', metavar='N', type=int, default=1, help='Only print every N-th message')
    add('-1', '--once', action='store_true', help='Publish one message and exit')
    add('-t', '--times', type=int, default=0, help='Publish this number of times and then exit')
    add('-w', '--wait-matching-subscriptions', type=int, help='Wait for that many subscriptions')
    add('--qos-depth', type=int, default=10, help='Queue size setting to publish with')
    add('--qos-reliability', default='reliable', help='Reliability setting to publish with')
    add('--qos-durability', default='volatile', help='Durability setting to publish with')


def main(args: argparse.Namespace) -> str | None:
    """Publish, until Ctrl-C or as often as asked for."""
    times = 1 if args.once else args.times
    wanted = args.wait_matching_subscriptions
    wanted = (1 if times else 0) if wanted is None else wanted
    qos = QoSProfile(
        depth=args.qos_depth,
        reliability=ReliabilityPolicy.get_from_short_key(args.qos_reliability),
        durability=DurabilityPolicy.get_from_short_key(args.qos_durability),
    )
    with node() as own:
        message = load('msg', args.message_type)()
        if refused := fill_from_yaml(message, args.values):
            return refused
        publisher = own.create_publisher(type(message), args.topic_name, qos)
        waited = 0.0
        while publisher.get_subscription_count() < wanted:
            if waited % 1.0 < 0.05:
                print(f'Waiting for at least {wanted} matching subscription(s)...', flush=True)
            time.sleep(0.05)
            waited += 0.05
        print('publisher: beginning loop')
        count = 0
        while not times or count < times:
            if count:
                time.sleep(1.0 / args.rate)
            count += 1
            if args.print and count % args.print == 0:
                print(f'publishing #{count}: {message!r}\n', flush=True)
            publisher.publish(message)
        time.sleep(0.1)  # so that the message reaches the wire
    return None
