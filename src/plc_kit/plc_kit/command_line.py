# SPDX-License-Identifier: Apache-2.0
"""The words of a command line: those from --ros-args to -- are for ROS, the others are not."""

from collections.abc import Iterator, Sequence

FROM, TO = '--ros-args', '--'


def sorted_out(words: Sequence[str]) -> Iterator[tuple[bool, str]]:
    """Return each word but these two, and before it whether it is for ROS."""
    of_ros = False
    for word in words:
        if word in (FROM, TO):
            of_ros = word == FROM
        else:
            yield of_ros, word
