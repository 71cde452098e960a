# SPDX-License-Identifier: Apache-2.0
"""`ros2 interface show`."""

import re

from plc_log.bag.interfaces import lines

COMMENT = re.compile(r'\s*#(?=(?:[^"\']*["\'][^"\']*["\'])*[^"\']*$).*')


def show_(type: str, *, all_comments: bool = False, no_comments: bool = False) -> None:
    """Output the interface definition."""
    _show(type, not no_comments, all_comments, '')


def _show(identifier: str, comments: bool, below: bool, indent: str) -> None:
    for line, inner in lines(identifier):
        text = line if comments else COMMENT.sub('', line)
        if text or comments:
            print(f'{indent}{text}' if text else '')
        if inner:
            _show(inner, below, below, indent + '\t')
