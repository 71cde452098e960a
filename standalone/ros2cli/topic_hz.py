# SPDX-License-Identifier: Apache-2.0
"""Print the average publishing rate to screen."""

from __future__ import annotations

import argparse
from collections import deque
import statistics
import time

from ros2cli.graph import node, publishers_qos, spin, topic_class


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    parser.add_argument('topic_name', help="Name of the ROS topic to listen to (e.g. '/chatter')")
    parser.add_argument(
        '-w', '--window', type=int, default=10000, metavar='WINDOW',
        help='window size, in # of messages, for calculating rate (default: 10000)',
    )  # fmt: skip


def main(args: argparse.Namespace) -> None:
    """Print it each second in which messages came."""
    gaps: deque[float] = deque(maxlen=max(1, args.window - 1))
    last, printed, at_print = None, time.monotonic(), 0
    count = 0

    def on_message(_: bytes) -> None:
        nonlocal last, count
        now = time.monotonic()
        if last is not None:
            gaps.append(now - last)
        last, count = now, count + 1

    def go_on() -> bool:
        nonlocal printed, at_print
        if time.monotonic() - printed >= 1.0:
            if gaps and count != at_print:
                print(report(gaps), flush=True)
            printed, at_print = time.monotonic(), count
        return True

    with node() as own:
        if (kind := topic_class(own, args.topic_name, None)) is None:
            kind = topic_class(own, args.topic_name, None, patience=float('inf'))
        qos = publishers_qos(own, own.resolve_topic_name(args.topic_name))
        own.create_subscription(kind, args.topic_name, on_message, qos, raw=True)
        spin(own, go_on)


def report(gaps: deque[float]) -> str:
    """Return the two lines on the seconds between messages."""
    mean = statistics.fmean(gaps)
    return (
        f'average rate: {1 / mean:.3f}\n\tmin: {min(gaps):.3f}s max: {max(gaps):.3f}s '
        f'std dev: {statistics.pstdev(gaps, mean):.5f}s window: {len(gaps) + 1}'
    )
