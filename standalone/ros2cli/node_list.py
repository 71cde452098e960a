# SPDX-License-Identifier: Apache-2.0
"""Output a list of available nodes."""

from __future__ import annotations

import argparse

from ros2cli.graph import node, node_names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    add = parser.add_argument
    add('-a', '--all', action='store_true', help='Display all nodes even hidden ones')
    add('-c', '--count-nodes', action='store_true', help='Only display the number of nodes')


def main(args: argparse.Namespace) -> None:
    """Print them."""
    with node() as own:
        names = node_names(own, args.all)
    print(len(names) if args.count_nodes else '\n'.join(names))
