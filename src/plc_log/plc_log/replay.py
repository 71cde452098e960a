# SPDX-License-Identifier: Apache-2.0
"""`replay BAG…`: recorded inputs, told to the machines of today; whether they decide as then.

Needs nothing of ROS. What it reads is the topics `…/journal`; what it plays is named there.
"""

import argparse
from pathlib import Path
import sys

from plc_kit.journal import Entry
from plc_kit.written import Unreadable as NoEntry
from plc_log.bag.decoded import Bag, Recorded
from plc_log.bag.shapes import JOURNAL
from plc_log.capture import Unreadable
from plc_log.each import say, tell
from plc_log.progress import tracked
from plc_log.replaying import Replay

VERB = 'replay'


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each machine; 0: all decide as then, 1: one does not, 2: none is there."""
    options = _parser().parse_args(arguments)
    try:
        bags = tracked(options.bags, len(options.bags), VERB)
        return max(_replay(path, options.machine) for path in bags)
    except KeyboardInterrupt:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=VERB,
        description='Tell the machines of today what those of a recorded session were told, and '
        'say whether they decide the same: the first difference, or none.',
        epilog='The status is 0 where all decide as then, 1 where one does not, 2 where a bag '
        'holds nothing that can be played.',
    )
    parser.add_argument('bags', nargs='+', type=Path, metavar='BAG', help='folder of a bag')
    parser.add_argument(
        '--machine', default='', metavar='WORD', help='only topics with it, such as pev/session'
    )
    return parser


def _replay(path: Path, machine: str) -> int:
    try:
        bag = Bag(path)
        replays = replays_of(bag, machine)
    except (Unreadable, NoEntry, OSError) as error:
        say(VERB, f'{path}: {error}'.replace(f'{path}: {path}', f'{path}', 1))
        return 2
    if bag.flaw:
        say(VERB, bag.flaw)
    for topic, replay in replays.items():
        tell(f'{path}  {verdict(topic, replay)}')
    if not any(replay.played for replay in replays.values()):
        say(VERB, f'{path} holds no journal that can be played')
        return 2
    return int(any(replay.difference for replay in replays.values()))


def replays_of(bag: Bag, machine: str = '') -> dict[str, Replay]:
    """Return how each journal of a bag went, by its topic; raises NoEntry, Unreadable."""
    replays: dict[str, Replay] = {}
    for recorded in bag.messages(JOURNAL):
        if machine not in recorded.topic:
            continue
        replay = replays.setdefault(recorded.topic, Replay())
        if replay.difference is None:
            _take(replay, recorded)
    return replays


def _take(replay: Replay, recorded: Recorded) -> None:
    try:
        replay.take(_entry(recorded))
    except RecursionError:
        raise NoEntry(f'{recorded.topic} holds an entry that is nested too deeply') from None


def _entry(recorded: Recorded) -> Entry:
    """Return what a message tells; raises NoEntry where its definition is another's."""
    message = recorded.message
    try:
        return Entry(message.machine, message.sequence, message.told, message.json)
    except AttributeError as error:
        raise NoEntry(f'{recorded.topic} holds no entries of a journal: {error}') from None


def verdict(topic: str, replay: Replay) -> str:
    """Return in a line what became of a journal."""
    what = f'{topic}  {replay.machine}  {replay.played} inputs'
    if replay.skipped:
        what += f' ({replay.skipped} more are told of before the whole machine is)'
    if replay.difference is not None:
        return f'{what}  DIFFERENT: {replay.difference}'
    if not replay.played:
        return f'{what}  nothing can be played'
    if replay.missing:
        return f'{what}  not whole: {replay.missing} entries are missing; all else is identical'
    return f'{what}  identical'


if __name__ == '__main__':
    sys.exit(main())
