# SPDX-License-Identifier: Apache-2.0
"""What the verbs that take files have in common: one after the other, and what each lacks said."""

import argparse
from collections.abc import Callable
from pathlib import Path
import sys
from traceback import extract_tb

from plc_kit.readable import readable
from plc_log.capture import Unreadable
from plc_log.progress import tracked

FAULT = 'a fault of ros2_ccs, which its authors want to see with the file'
READ, PARTLY, NOT = 0, 1, 2  # status of a verb: all of it, some, nothing could be read
Do = Callable[[Path], list[str]]  # returns sentences about what could not be read


def parser(verb: str, description: str) -> argparse.ArgumentParser:
    """Return a parser of the files and of the side whose view is taken."""
    made = argparse.ArgumentParser(prog=verb, description=description)
    made.add_argument(
        'files', nargs='+', type=Path, metavar='FILE', help='a pcap, a pcapng, or a bag'
    )
    made.add_argument(
        '--side', choices=('vehicle', 'charger'), default='', help='whose view of a bag of both'
    )
    return made


def each(verb: str, paths: list[Path], do: Do, *, shown: bool = True) -> int:
    """Do it to each file; returns the worst status. `shown`: how far it is may be seen."""
    try:
        files = tracked(paths, len(paths) if shown else 1, verb)
        return max(_done(verb, path, do) for path in files)
    except (BrokenPipeError, KeyboardInterrupt):
        sys.stderr.close()  # the reader went away: nothing is left to be said
        return PARTLY


def _done(verb: str, path: Path, do: Do) -> int:
    try:
        flaws = do(path)
    except Unreadable as error:
        return refused(verb, str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        return refused(verb, f'{error.filename or path}: {error.strerror or error}')
    except Exception as error:  # noqa: BLE001  no file keeps the others from being read
        return refused(verb, unforeseen(path, error))
    for flaw in flaws:
        say(verb, flaw)
    return PARTLY if flaws else READ


def unforeseen(path: Path, error: Exception) -> str:
    """Return a sentence about a fault of ours; where it is goes to whoever mends it."""
    at = extract_tb(error.__traceback__)[-1]
    where = f'{Path(at.filename).name}:{at.lineno}'
    return f'{path}: {FAULT}: {type(error).__name__} at {where}: {error}'


def tell(sentence: str) -> None:
    """Say a sentence on stdout: what was done."""
    sys.stdout.write(f'{readable(sentence)}\n')


def say(verb: str, sentence: str) -> None:
    """Say a sentence on stderr."""
    sys.stderr.write(f'{verb}: {readable(sentence)}\n')


def refused(verb: str, sentence: str) -> int:
    """Say why nothing is done; returns the status."""
    say(verb, sentence)
    return NOT
