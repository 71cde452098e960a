# SPDX-License-Identifier: Apache-2.0
"""`plc-log report FILE…`: one HTML page for each recorded session."""

import argparse
from pathlib import Path
import sys

from plc_log.capture import Unreadable
from plc_log.events import Side
from plc_log.facts import facts_of
from plc_log.progress import tracked
from plc_log.recording import read
from plc_log.report.content import content_of
from plc_log.report.page import page
from plc_log.targets import Targets


def main(arguments: list[str] | None = None) -> int:
    """Write pages; 1: a file could be read in part only, 2: not at all."""
    options = _parser().parse_args(arguments)
    targets = Targets(options.output, 'html')
    if targets.is_file and len(options.files) > 1:
        sys.stderr.write('report: several pages need a folder: -o FOLDER\n')
        return 2
    files = tracked(options.files, len(options.files), 'report')
    try:
        return max(_write(path, targets, Side(options.side)) for path in files)
    except (BrokenPipeError, KeyboardInterrupt):
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='report',
        description='Write one self-contained HTML page for each recorded session: the verdict, '
        'the timeline, plots, every V2G message, and what was unusual.',
    )
    parser.add_argument(
        'files', nargs='+', type=Path, metavar='FILE', help='a pcap, a pcapng, or a bag'
    )
    parser.add_argument(
        '-o', '--output', type=Path, help='the page, or a folder (default: NAME.html, here)'
    )
    parser.add_argument(
        '--side', choices=('vehicle', 'charger'), default='', help='whose view of a bag of both'
    )
    return parser


def _write(path: Path, targets: Targets, side: Side) -> int:
    try:
        recording = read(path, side)
        target = targets.of(path)
        target.write_text(page(content_of(facts_of(recording))), encoding='utf-8')
    except Unreadable as error:
        sys.stderr.write(f'report: {error}\n')
        return 2
    except OSError as error:
        sys.stderr.write(f'report: {error.filename}: {error.strerror}\n')
        return 2
    sys.stdout.write(f'{target}\n')
    for flaw in recording.flaws:
        sys.stderr.write(f'report: {flaw}\n')
    return 1 if recording.flaws else 0


if __name__ == '__main__':
    sys.exit(main())
