# SPDX-License-Identifier: Apache-2.0
"""Output a list of available topics."""

from __future__ import annotations

import argparse

from ros2cli.graph import node, settled, show_names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    add = parser.add_argument
    add('-t', '--show-types', action='store_true', help='Additionally show the topic type')
    add('-c', '--count-topics', action='store_true', help='Only display the number of topics')
    add('--include-hidden-topics', action='store_true', help='Consider hidden topics as well')


def main(args: argparse.Namespace) -> None:
    """Print them."""
    with node() as own:
        found = settled(own.get_topic_names_and_types)
    show_names(found, args.show_types, args.include_hidden_topics, args.count_topics)
