# SPDX-License-Identifier: Apache-2.0
"""`plc-log export FILE…`: to pcapng for Wireshark, to CSV, to Parquet."""

import argparse
from pathlib import Path
import sys

from plc_log.capture import Unreadable
from plc_log.events import Side
from plc_log.progress import tracked
from plc_log.recording import read
from plc_log.targets import Targets
from plc_log.wire import Wire

FORMATS = ('pcapng', 'csv', 'parquet')


def main(arguments: list[str] | None = None) -> int:
    """Export; 1: a file could be read in part only, 2: not at all."""
    options = _parser().parse_args(arguments)
    kind = options.format or _ending(options.output) or FORMATS[0]
    targets = Targets(options.output, kind)
    if kind not in FORMATS:
        sys.stderr.write(f'export: .{kind} is none of {", ".join(FORMATS)}\n')
        return 2
    if targets.is_file and len(options.files) > 1:
        sys.stderr.write('export: several files need a folder: -o FOLDER\n')
        return 2
    try:
        files = tracked(options.files, len(options.files), 'export')
        return max(_export(path, targets, kind, options) for path in files)
    except (BrokenPipeError, KeyboardInterrupt):
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='export',
        description='Export recorded sessions: frames with their times as pcapng (keys replaced), '
        'or a table of every V2G message as CSV or Parquet.',
    )
    parser.add_argument(
        'files', nargs='+', type=Path, metavar='FILE', help='a pcap, a pcapng, or a bag'
    )
    parser.add_argument(
        '-o', '--output', type=Path, help='the file, or a folder (default: NAME.FORMAT, here)'
    )
    parser.add_argument(
        '--format', choices=FORMATS, help='default: by the ending of the output, else pcapng'
    )
    parser.add_argument(
        '--table', choices=('messages', 'events'), default='messages',
        help='rows of CSV or Parquet: V2G messages (default), or everything on the timeline',
    )  # fmt: skip
    parser.add_argument(
        '--side', choices=('vehicle', 'charger'), default='', help='whose view of a bag of both'
    )
    return parser


def _ending(output: Path | None) -> str:
    return '' if output is None or output.is_dir() else output.suffix[1:]


def _export(path: Path, targets: Targets, kind: str, options: argparse.Namespace) -> int:
    try:
        target = targets.of(path)
        told, flaws = (_frames if kind == 'pcapng' else _rows)(path, target, options)
    except Unreadable as error:
        sys.stderr.write(f'export: {error}\n')
        return 2
    except ModuleNotFoundError as error:
        sys.stderr.write(f'export: {kind} needs the Python package {error.name}\n')
        return 2
    except OSError as error:
        sys.stderr.write(f'export: {error.filename}: {error.strerror}\n')
        return 2
    sys.stdout.write(f'{target}: {told}\n')
    for flaw in flaws:
        sys.stderr.write(f'export: {flaw}\n')
    return 1 if flaws else 0


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
