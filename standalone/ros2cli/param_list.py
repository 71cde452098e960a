# SPDX-License-Identifier: Apache-2.0
"""Output a list of available parameters."""

from __future__ import annotations

import argparse

from rcl_interfaces.srv import ListParameters

from ros2cli.graph import node, node_names
from ros2cli.parameters import absolute, ask, call


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    parser.add_argument('node_name', nargs='?', help='Name of the ROS node')
    parser.add_argument('--include-hidden-nodes', action='store_true', help='Hidden nodes too')


def main(args: argparse.Namespace) -> None:
    """Print the names, of one node or of all."""
    request, service = ListParameters.Request(), 'list_parameters'
    if args.node_name:
        found = {None: ask(args.node_name, ListParameters, service, request)}
    else:
        with node() as own:
            names = node_names(own, args.include_hidden_nodes)
            found = {name: call(own, name, ListParameters, service, request) for name in names}
    for name, response in found.items():
        if response is not None:
            print(*([f'{absolute(name)}:'] if name else []), sep='\n', end='\n' if name else '')
            for parameter in sorted(response.result.names):
                print(f'  {parameter}')
