# SPDX-License-Identifier: Apache-2.0
"""`plc-log export FILE…`: to pcapng for Wireshark, to CSV, to Parquet."""

import argparse
from collections.abc import Callable
from pathlib import Path
import sys

from plc_log.capture import Unreadable
from plc_log.each import each, parser, refused, tell
from plc_log.events import Side
from plc_log.recording import read
from plc_log.targets import Targets
from plc_log.wire import Wire

VERB = 'export'
FORMATS = ('pcapng', 'csv', 'parquet')


def main(arguments: list[str] | None = None) -> int:
    """Export; 1: a file could be read in part only, 2: not at all."""
    options = _parser().parse_args(arguments)
    kind = options.format or _ending(options.output) or FORMATS[0]
    targets = Targets(options.output, kind)
    if kind not in FORMATS:
        return refused(VERB, f'.{kind} is none of {", ".join(FORMATS)}')
    if targets.is_file and len(options.files) > 1:
        return refused(VERB, 'several files need a folder: -o FOLDER')
    write = _frames if kind == 'pcapng' else _rows
    return each(VERB, options.files, lambda path: _export(path, targets.of(path), write, options))


def _parser() -> argparse.ArgumentParser:
    command = parser(
        VERB,
        'Export recorded sessions: frames with their times as pcapng (keys replaced), or a table '
        'of every V2G message as CSV or Parquet.',
    )
    command.add_argument(
        '-o', '--output', type=Path, help='the file, or a folder (default: NAME.FORMAT, here)'
    )
    command.add_argument(
        '--format', choices=FORMATS, help='default: by the ending of the output, else pcapng'
    )
    command.add_argument(
        '--table', choices=('messages', 'events'), default='messages',
        help='rows of CSV or Parquet: V2G messages (default), or everything on the timeline',
    )  # fmt: skip
    return command


def _ending(output: Path | None) -> str:
    return '' if output is None or output.is_dir() else output.suffix[1:]


Write = Callable[[Path, Path, argparse.Namespace], tuple[str, list[str]]]


def _export(path: Path, target: Path, write: Write, options: argparse.Namespace) -> list[str]:
    try:
        told, flaws = write(path, target, options)
    except ModuleNotFoundError as error:
        raise Unreadable(f'{target} needs the Python package {error.name}') from error
    tell(f'{target}: {told}')
    return flaws


def _frames(path: Path, target: Path, options: argparse.Namespace) -> tuple[str, list[str]]:
    from plc_log import pcapng

    wire = Wire(path, Side(options.side))
    return str(pcapng.write(target, wire)), wire.flaws


def _rows(path: Path, target: Path, options: argparse.Namespace) -> tuple[str, list[str]]:
    from plc_log import tables

    recording = read(path, Side(options.side))
    table = (tables.messages_of if options.table == 'messages' else tables.events_of)(recording)
    tables.write(table, target)
    return f'{table.num_rows} rows, {table.num_columns} columns', recording.flaws


if __name__ == '__main__':
    sys.exit(main())
