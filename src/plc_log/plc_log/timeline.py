# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_log timeline FILE…`: what happened in a recorded session, and when."""

import argparse
from pathlib import Path
import sys
from typing import TextIO

from plc_log.capture import Capture, Unreadable
from plc_log.dissection import Dissection
from plc_log.events import Counts, Event, Kind

_COLUMNS = ('file', 'frames', '88E1', 'SLAC', 'SDP', 'V2G', 'undecoded bytes')
_COLOURS = {Kind.SLAC: 36, Kind.MODEM: 90, Kind.SDP: 35, Kind.TCP: 33, Kind.V2G: 32}
_RED = 31


def main(arguments: list[str] | None = None) -> int:
    """Print timelines; 1: a file could be read in part only, 2: not at all."""
    options = _parser().parse_args(arguments)
    try:
        return max(_print(path, sys.stdout) for path in options.files)
    except (BrokenPipeError, KeyboardInterrupt):
        sys.stderr.close()  # the reader went away: nothing is left to be said
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='timeline',
        description='Print what happened in a recorded charging session: SLAC, SDP, TCP, each V2G '
        'message, and at the end how much there was of each.',
    )
    parser.add_argument('files', nargs='+', type=Path, metavar='FILE', help='a pcap or pcapng')
    return parser


def _print(path: Path, out: TextIO) -> int:
    try:
        capture = Capture(path)
    except Unreadable as error:
        sys.stderr.write(f'timeline: {error}\n')
        return 2
    dissection = Dissection()
    _print_events(dissection, capture, out)
    out.write(_table(path, dissection.counts))
    if capture.flaw:
        sys.stderr.write(f'timeline: {capture.flaw}\n')
    return 1 if capture.flaw else 0


def _print_events(dissection: Dissection, capture: Capture, out: TextIO) -> None:
    begin: float | None = None
    coloured = out.isatty()
    for event in dissection.events(capture):
        begin = event.time if begin is None else begin
        out.write(_line(event, event.time - begin, coloured) + '\n')


def _line(event: Event, since: float, coloured: bool) -> str:
    values = '  '.join(f'{label} {text}'.strip() for label, text in event.values.items())
    colour = _RED if event.flawed else _COLOURS[event.kind]
    kind = f'{event.kind:5}'
    kind = f'\x1b[{colour}m{kind}\x1b[0m' if coloured else kind
    return f'{since:12.6f}  {kind}  {event.source:34}  {event.name:28}  {values}'.rstrip()


def _table(path: Path, counts: Counts) -> str:
    name = path.name.removesuffix(path.suffix)
    rows = (_COLUMNS, ['---'] * len(_COLUMNS), [name, *counts.row()])
    return '\n' + ''.join(f'| {" | ".join(map(str, row))} |\n' for row in rows)


if __name__ == '__main__':
    sys.exit(main())
