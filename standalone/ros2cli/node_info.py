# SPDX-License-Identifier: Apache-2.0
"""Output information about a node."""

from __future__ import annotations

import argparse
import sys

from rclpy.action.graph import (
    get_action_client_names_and_types_by_node as action_clients,
    get_action_server_names_and_types_by_node as action_servers,
)

from ros2cli.graph import hidden, node, node_names, until


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    parser.add_argument('node_name', help='Fully qualified node name to request information')
    parser.add_argument('--include-hidden', action='store_true', help='Display hidden names too')


def main(args: argparse.Namespace) -> str | None:
    """Print it."""
    with node() as own:
        until(lambda: args.node_name in node_names(own, True))
        count = node_names(own, args.include_hidden).count(args.node_name)
        if not count:
            return f"Unable to find node '{args.node_name}'"
        if count > 1:
            print(
                f'There are {count} nodes in the graph with the exact name "{args.node_name}". '
                'You are seeing information about only one of them.',
                file=sys.stderr,
            )
        namespace, name = args.node_name.rsplit('/', 1)
        key = (name, namespace or '/')
        print(args.node_name)
        for title, found in (
            ('Subscribers', own.get_subscriber_names_and_types_by_node(*key)),
            ('Publishers', own.get_publisher_names_and_types_by_node(*key)),
            ('Service Servers', own.get_service_names_and_types_by_node(*key)),
            ('Service Clients', own.get_client_names_and_types_by_node(*key)),
            ('Action Servers', action_servers(own, *key)),
            ('Action Clients', action_clients(own, *key)),
        ):
            print(f'  {title}:')
            lines = [
                f'    {topic}: {", ".join(types)}'
                for topic, types in sorted(found)
                if args.include_hidden or not hidden(topic)
            ]
            print('\n'.join(lines))
    return None
