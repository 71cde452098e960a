# SPDX-License-Identifier: Apache-2.0
"""Where every node's executable begins, before anything heavy is imported.

Python answers a SIGINT that comes while it imports with a traceback, and a node imports for a
second. Nothing has begun then, so the process just ends.
"""

from collections.abc import Sequence
import importlib
import os
from pathlib import Path
import signal
import sys

from plc_kit.command_line import sorted_out
from plc_kit.reach import settle
from plc_kit.readable import is_utf_8, readable
from plc_kit.refusal import complain, refuse
from plc_kit.variables import refuse_misspelt

UNTIL_READY = (signal.SIGINT, signal.SIGTERM)
WITH_WORDS = ('record',)  # looks at its words itself; the others have parameters


def main() -> None:
    """Run PACKAGE/NAME_node.py as lib/PACKAGE/NAME."""
    for number in UNTIL_READY:
        signal.signal(number, leave_at_once)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, UNTIL_READY)  # a launch file blocks them till here
    _mind_the_words()
    _mind_the_reach()
    package, name = Path(sys.argv[0]).parts[-2:]
    if name not in WITH_WORDS:
        _refuse_words(sys.argv[1:])
    importlib.import_module(f'{package}.{name}_node').main()


def _mind_the_words() -> None:
    """Refuse what no parameter can hold."""
    for word in sys.argv:
        if not is_utf_8(word):
            refuse(f'{readable(word)} is no text in UTF-8')


def _refuse_words(words: Sequence[str]) -> None:
    """Refuse what is none of ROS: role:=evse without -p before it would change nothing."""
    for of_ros, word in sorted_out(words):
        if not of_ros:
            refuse(f'{word} is nothing here; a parameter is given by --ros-args -p NAME:=VALUE')


def _mind_the_reach() -> None:
    """Settle how far the graph reaches (R27): a middleware that is not there ends an import."""
    try:
        refuse_misspelt(os.environ)
        _, said = settle(os.environ)
    except ValueError as error:
        refuse(str(error))
    if said:
        complain(said)


def leave_at_once(*_: object) -> None:
    """End without a word: no output was driven, no node is in the graph."""
    os._exit(0)
