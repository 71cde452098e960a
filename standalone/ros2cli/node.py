# SPDX-License-Identifier: Apache-2.0
"""`ros2 node list` and `info`."""

import sys

from rclpy.action import graph as actions

from ros2cli.graph import hidden, node, node_names, until


def list_nodes(*, all: bool = False, count_nodes: bool = False) -> None:
    """Output a list of available nodes.

    all: Display all nodes even hidden ones
    count_nodes: Only display the number of nodes discovered
    """
    with node() as own:
        names = node_names(own, all)
    print(len(names) if count_nodes else '\n'.join(names))


def info(node_name: str, *, include_hidden: bool = False) -> str | None:
    """Output information about a node.

    node_name: Fully qualified node name to request information
    include_hidden: Display hidden topics, services, and actions as well
    """
    with node() as own:
        until(lambda: node_name in node_names(own, True))
        count = node_names(own, include_hidden).count(node_name)
        if not count:
            return f"Unable to find node '{node_name}'"
        if count > 1:
            print(
                f'There are {count} nodes in the graph with the exact name "{node_name}". '
                'You are seeing information about only one of them.',
                file=sys.stderr,
            )
        namespace, name = node_name.rsplit('/', 1)
        key = (name, namespace or '/')
        print(node_name)
        for title, found in (
            ('Subscribers', own.get_subscriber_names_and_types_by_node(*key)),
            ('Publishers', own.get_publisher_names_and_types_by_node(*key)),
            ('Service Servers', own.get_service_names_and_types_by_node(*key)),
            ('Service Clients', own.get_client_names_and_types_by_node(*key)),
            ('Action Servers', actions.get_action_server_names_and_types_by_node(own, *key)),
            ('Action Clients', actions.get_action_client_names_and_types_by_node(own, *key)),
        ):
            shown = sorted(item for item in found if include_hidden or not hidden(item[0]))
            print(f'  {title}:')
            print('\n'.join(f'    {topic}: {", ".join(types)}' for topic, types in shown))
    return None


VERBS = {'info': info, 'list': list_nodes}
