# SPDX-License-Identifier: Apache-2.0
"""Where every node's executable begins, before anything heavy is imported.

Python answers a SIGINT that comes while it imports with a traceback, and a node imports for a
second. Nothing has begun then, so the process just ends.
"""

import importlib
import os
from pathlib import Path
import signal
import sys

UNTIL_READY = (signal.SIGINT, signal.SIGTERM)


def main() -> None:
    """Run PACKAGE/NAME_node.py as lib/PACKAGE/NAME."""
    for number in UNTIL_READY:
        signal.signal(number, leave_at_once)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, UNTIL_READY)  # a launch file blocks them till here
    package, name = Path(sys.argv[0]).parts[-2:]
    importlib.import_module(f'{package}.{name}_node').main()


def leave_at_once(*_: object) -> None:
    """End without a word: no output was driven, no node is in the graph."""
    os._exit(0)
