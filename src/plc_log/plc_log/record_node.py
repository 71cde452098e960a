# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_log record`: writes topics into bags until their sessions have told their end.

`ros2 bag record` stops with the SIGINT that makes a session end, and has no end of it.
"""

import argparse
from pathlib import Path
import sys
import threading

from rclpy.utilities import remove_ros_args

from plc_kit.clock import STEADY
from plc_kit.closing import ClosingNode
from plc_kit.run import CannotStart, run
from plc_log.bag.folder import close_all
from plc_log.bag.sessions import SessionBags
from plc_log.bag.writer import BagWriter
from plc_log.recorder import LOOK_PERIOD, Recorder

STATE = 'charging/state'
KEEP = 100  # bags
LIMIT = 256  # MB of a bag


class RecordNode(ClosingNode):
    """Told to end, it stays as any other node does (R7), and a little longer."""

    linger = 0.5  # s after the last session's end, for what comes behind it

    def __init__(self) -> None:
        super().__init__('recorder')
        options = _parser().parse_args(remove_ros_args(sys.argv)[1:])
        topics = {self.resolve_topic_name(name) for name in options.topics}
        self.session_topics = [topic for topic in topics if topic.endswith(STATE)]
        self._recorder = Recorder(self, self._bag(options), topics)
        self.closing.callback(self._recorder.close)
        self.create_timer(LOOK_PERIOD, self._recorder.turn, clock=STEADY)

    def _bag(self, options: argparse.Namespace) -> BagWriter | SessionBags:
        """Make the one bag that was asked for, or those of the sessions to come."""
        one: Path | None = options.output
        if one is not None and one.exists():
            raise CannotStart(f'{one} exists already; choose another with bag:=FOLDER')
        folder = options.bags.expanduser() if one is None else one.parent
        try:
            bag = BagWriter(one) if one else self._sessions(folder, options)
        except OSError as error:
            raise CannotStart(f'no bag can be written: {error}') from None
        threading.Thread(target=close_all, args=(folder, self._tell), daemon=True).start()
        return bag

    def _sessions(self, folder: Path, options: argparse.Namespace) -> SessionBags:
        bags = SessionBags(folder, options.keep, options.limit * 10**6, self._tell)
        self._tell(f'each session is recorded into {folder}')
        return bags

    def _tell(self, sentence: str) -> None:
        self.get_logger().info(sentence)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='record', description='Record topics into bags, sessions to their end.'
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument('-o', '--output', type=Path, help='folder of one bag')
    where.add_argument('--bags', type=Path, help='folder in which each session gets a bag')
    parser.add_argument(
        '--keep', type=_count, default=KEEP, help='bags of sessions that are kept (%(default)s)'
    )
    parser.add_argument(
        '--limit',
        type=_count,
        default=LIMIT,
        help='MB of a bag; then another goes on (%(default)s)',
    )
    parser.add_argument('topics', nargs='+', metavar='TOPIC')
    return parser


def _count(text: str) -> int:
    """Read a number of at least 1; argparse says it in a sentence."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'{text} is no number of at least 1')
    return int(text)


def main() -> None:
    """Run the node."""
    run(RecordNode)
