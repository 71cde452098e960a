# SPDX-License-Identifier: Apache-2.0
"""`ros2 node list` and `info`."""

from collections.abc import Callable
from functools import partial
import sys
from typing import Any

from rclpy.action import graph as actions
from rclpy.node import Node

from ros2cli.graph import hidden, node, node_names, settled, until

TITLES = (
    'Subscribers', 'Publishers', 'Service Servers', 'Service Clients', 'Action Servers',
    'Action Clients',
)  # fmt: skip


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
        namespace, _, name = node_name.rpartition('/')
        key = (name, namespace or '/')
        if not until(lambda: key in own.get_node_names_and_namespaces()):
            return f"Unable to find node '{node_name}'"
        found = settled(own, lambda: [ask(*key) for ask in _questions(own)])
        count = own.get_node_names_and_namespaces().count(key)
        if count > 1:
            print(
                f'There are {count} nodes in the graph with the exact name "{node_name}". '
                'You are seeing information about only one of them.',
                file=sys.stderr,
            )
        print(node_name)
        for title, answer in zip(TITLES, found, strict=True):
            shown = sorted(item for item in answer if include_hidden or not hidden(item[0]))
            print(f'  {title}:')
            print('\n'.join(f'    {topic}: {", ".join(types)}' for topic, types in shown))
    return None


def _questions(own: Node) -> tuple[Callable[[str, str], list[Any]], ...]:
    return (
        own.get_subscriber_names_and_types_by_node,
        own.get_publisher_names_and_types_by_node,
        own.get_service_names_and_types_by_node,
        own.get_client_names_and_types_by_node,
        partial(actions.get_action_server_names_and_types_by_node, own),
        partial(actions.get_action_client_names_and_types_by_node, own),
    )


VERBS = {'info': info, 'list': list_nodes}
