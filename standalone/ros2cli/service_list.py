# SPDX-License-Identifier: Apache-2.0
"""Output a list of available services."""

from __future__ import annotations

import argparse

from ros2cli.graph import node, settled, show_names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    add = parser.add_argument
    add('-t', '--show-types', action='store_true', help='Additionally show the service type')
    add('-c', '--count-services', action='store_true', help='Only display the number of services')
    add('--include-hidden-services', action='store_true', help='Consider hidden services as well')


def main(args: argparse.Namespace) -> None:
    """Print them."""
    with node() as own:
        found = settled(own.get_service_names_and_types)
    show_names(found, args.show_types, args.include_hidden_services, args.count_services)
