# SPDX-License-Identifier: Apache-2.0
"""Output the interface definition."""

from __future__ import annotations

import argparse
import os
import re

from ament_index_python.packages import get_package_share_directory

NESTED = re.compile(r'\s*((?P<package>\w+)/(?:msg/)?)?(?P<name>[A-Z]\w*)(\[[<=\d]*\])?\s+\w+')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    parser.add_argument('type', help="Show an interface definition (e.g. 'std_msgs/msg/String')")
    group = parser.add_mutually_exclusive_group()
    group.add_argument('--all-comments', action='store_true', help='Show all comments')
    group.add_argument('--no-comments', action='store_true', help='Show no comments')


def main(args: argparse.Namespace) -> None:
    """Print it, the types it uses indented below their fields."""
    show(args.type, comments=not args.no_comments, below=args.all_comments)


def path(identifier: str) -> str:
    """Return the file of an interface such as `std_msgs/msg/String`."""
    parts = identifier.split('/')
    if len(parts) != 3:
        raise ValueError(f"Invalid name '{identifier}'. Expected three parts separated by '/'")
    package, kind, name = parts
    try:
        found = os.path.join(get_package_share_directory(package), kind, f'{name}.{kind}')
    except LookupError:
        raise RuntimeError(f"Unknown package '{package}'") from None
    if not os.path.exists(found):
        raise RuntimeError(f"Could not find the interface '{found}'")
    return found


def nested(line: str, package: str) -> str | None:
    """Return the type of a line's field, None where it is none of a package."""
    match = NESTED.match(line)
    return match and f'{match["package"] or package}/msg/{match["name"]}'


def show(identifier: str, comments: bool, below: bool, indent: str = '') -> None:
    """Print the lines of an interface, each type within it after its field."""
    with open(path(identifier), encoding='utf-8') as file:
        for line in map(str.rstrip, file):
            text = line if comments else _bare(line)
            if text or comments:
                print(f'{indent}{text}' if text else '')
            if inner := nested(line, identifier.split('/')[0]):
                show(inner, below, below, indent + '\t')


def _bare(line: str) -> str:
    return re.sub(r'\s*#(?=(?:[^"\']*["\'][^"\']*["\'])*[^"\']*$).*', '', line)
