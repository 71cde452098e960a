# SPDX-License-Identifier: Apache-2.0
"""`ros2 node list` and `info`."""

from functools import partial
import sys

from rclpy.action import graph as actions

from ros2cli.graph import hidden, node, node_names, settled, until


def list_(*, all: bool = False) -> None:
    """Output a list of available nodes."""
    with node() as own:
        print('\n'.join(node_names(own, all)))


def info_(node_name: str) -> str | None:
    """Output information about a node."""
    namespace, _, name = node_name.rpartition('/')
    key = (name, namespace or '/')
    with node() as own:
        questions = {
            'Subscribers': own.get_subscriber_names_and_types_by_node,
            'Publishers': own.get_publisher_names_and_types_by_node,
            'Service Servers': own.get_service_names_and_types_by_node,
            'Service Clients': own.get_client_names_and_types_by_node,
            'Action Servers': partial(actions.get_action_server_names_and_types_by_node, own),
            'Action Clients': partial(actions.get_action_client_names_and_types_by_node, own),
        }
        if not until(lambda: key in own.get_node_names_and_namespaces()):
            return f"Unable to find node '{node_name}'"
        found = settled(own, lambda: {title: ask(*key) for title, ask in questions.items()})
        count = own.get_node_names_and_namespaces().count(key)
    if count > 1:
        many = f'There are {count} nodes in the graph with the exact name "{node_name}".'
        print(many, 'You are seeing information about only one of them.', file=sys.stderr)
    print(node_name)
    for title, entries in found.items():
        shown = sorted(entry for entry in entries if not hidden(entry[0]))
        print(f'  {title}:')
        print('\n'.join(f'    {topic}: {", ".join(types)}' for topic, types in shown))
    return None
