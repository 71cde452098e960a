# SPDX-License-Identifier: Apache-2.0
"""How a process says in a sentence that it cannot start, and ends; it needs nothing but Python."""

import os
from pathlib import Path
import signal
import sys
from typing import NoReturn

CANNOT_START = 78  # EX_CONFIG of sysexits.h: trying again is of no use


def refuse(sentence: str) -> NoReturn:
    """End with CANNOT_START and the sentence, on stderr and for the launch file."""
    _tell_refusal(sentence)
    end_with(CANNOT_START)


def refuse_at_once(sentence: str) -> NoReturn:
    """Do so without taking anything down: nodes that were made may hang in Fast DDS for ever."""
    _tell_refusal(sentence)
    sys.stderr.flush()
    os._exit(CANNOT_START)


def _tell_refusal(sentence: str) -> None:
    tell_reason(sentence)
    complain(sentence)


def end_with(status: int) -> NoReturn:
    """End with a status, also where a SIGINT comes while Python takes itself down.

    It has given up its handlers by then, so that a launcher would see a process that died.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(status)


def tell_reason(sentence: str) -> None:
    """Leave a last sentence where the launch file looks for it."""
    if path := os.environ.get('CCS_REASON'):
        Path(path).write_text(sentence)


def complain(sentence: str) -> None:
    """Say something on stderr, with the program's name."""
    sys.stderr.write(f'{sys.argv[0].rsplit("/", 1)[-1]}: {sentence}\n')
