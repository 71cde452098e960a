# SPDX-License-Identifier: Apache-2.0
"""`ros2 interface show`."""

from argparse import Namespace
import re

from bag.interfaces import lines

from ros2cli.table import argument, flag, verb

COMMENT = re.compile(r'\s*#(?=(?:[^"\']*["\'][^"\']*["\'])*[^"\']*$).*')


def show(args: Namespace) -> None:
    """Output the interface definition."""
    _show(args.type, not args.no_comments, args.all_comments, '')


def _show(identifier: str, comments: bool, below: bool, indent: str) -> None:
    for line, inner in lines(identifier):
        text = line if comments else COMMENT.sub('', line)
        if text or comments:
            print(f'{indent}{text}' if text else '')
        if inner:
            _show(inner, below, below, indent + '\t')


VERBS = {
    'show': verb(
        show,
        argument('type', "Show an interface definition (e.g. 'std_msgs/msg/String')"),
        flag('--all-comments', 'Show all comments, including for nested interface definitions'),
        flag('--no-comments', 'Show no comments or whitespace'),
    )
}
