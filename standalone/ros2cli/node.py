# SPDX-License-Identifier: Apache-2.0
"""`ros2 node list` and `info`."""

from argparse import Namespace
import sys

from rclpy.action import graph as actions

from ros2cli.graph import hidden, node, node_names, until
from ros2cli.table import argument, flag, verb


def list_nodes(args: Namespace) -> None:
    """Output a list of available nodes."""
    with node() as own:
        names = node_names(own, args.all)
    print(len(names) if args.count_nodes else '\n'.join(names))


def info(args: Namespace) -> str | None:
    """Output information about a node."""
    full = args.node_name
    with node() as own:
        until(lambda: full in node_names(own, True))
        count = node_names(own, args.include_hidden).count(full)
        if not count:
            return f"Unable to find node '{full}'"
        if count > 1:
            print(
                f'There are {count} nodes in the graph with the exact name "{full}". '
                'You are seeing information about only one of them.',
                file=sys.stderr,
            )
        namespace, name = full.rsplit('/', 1)
        key = (name, namespace or '/')
        print(full)
        for title, found in (
            ('Subscribers', own.get_subscriber_names_and_types_by_node(*key)),
            ('Publishers', own.get_publisher_names_and_types_by_node(*key)),
            ('Service Servers', own.get_service_names_and_types_by_node(*key)),
            ('Service Clients', own.get_client_names_and_types_by_node(*key)),
            ('Action Servers', actions.get_action_server_names_and_types_by_node(own, *key)),
            ('Action Clients', actions.get_action_client_names_and_types_by_node(own, *key)),
        ):
            shown = sorted(item for item in found if args.include_hidden or not hidden(item[0]))
            print(f'  {title}:')
            print('\n'.join(f'    {topic}: {", ".join(types)}' for topic, types in shown))
    return None


VERBS = {
    'info': verb(
        info,
        argument('node_name', 'Fully qualified node name to request information'),
        flag('--include-hidden', 'Display hidden topics, services, and actions as well'),
    ),
    'list': verb(
        list_nodes,
        flag('-a', '--all', 'Display all nodes even hidden ones'),
        flag('-c', '--count-nodes', 'Only display the number of nodes discovered'),
    ),
}
