# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_log record`: writes topics into a bag until their sessions have told their end.

`ros2 bag record` stops with the SIGINT that makes a session end, and has no end of it.
"""

import argparse
from pathlib import Path
import sys

from rclpy.node import Node
from rclpy.utilities import remove_ros_args

from plc_kit.clock import STEADY
from plc_kit.run import CannotStart, run
from plc_log.bag.writer import BagWriter
from plc_log.recorder import LOOK_PERIOD, Recorder

STATE = 'charging/state'


class RecordNode(Node):
    """Told to end, it stays as any other node does (R7), and a little longer."""

    linger = 0.5  # s after the last session's end, for what comes behind it

    def __init__(self) -> None:
        super().__init__('recorder')
        options = _parser().parse_args(remove_ros_args(sys.argv)[1:])
        if options.output.exists():
            raise CannotStart(f'{options.output} exists already; choose another with bag:=FOLDER')
        topics = {self.resolve_topic_name(name) for name in options.topics}
        self.session_topics = [topic for topic in topics if topic.endswith(STATE)]
        self._recorder = Recorder(self, BagWriter(options.output), topics)
        self.create_timer(LOOK_PERIOD, self._recorder.turn, clock=STEADY)

    def destroy_node(self) -> None:
        """Complete the bag."""
        self._recorder.close()
        super().destroy_node()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='record', description='Record topics into a bag, sessions to their end.'
    )
    parser.add_argument('-o', '--output', type=Path, required=True, help='folder of the bag')
    parser.add_argument('topics', nargs='+', metavar='TOPIC')
    return parser


def main() -> None:
    """Run the node."""
    run(RecordNode)
