# SPDX-License-Identifier: Apache-2.0
"""`plc-log report FILE…`: one HTML page for each recorded session."""

from pathlib import Path
import sys

from plc_log.each import each, parser, refused, tell
from plc_log.events import Side
from plc_log.facts import facts_of
from plc_log.recording import read
from plc_log.report.content import content_of
from plc_log.report.page import page
from plc_log.targets import Targets

VERB = 'report'


def main(arguments: list[str] | None = None) -> int:
    """Write pages; 1: a file could be read in part only, 2: not at all."""
    command = parser(
        VERB,
        'Write one self-contained HTML page for each recorded session: the verdict, the timeline, '
        'plots, every V2G message, and what was unusual.',
    )
    command.add_argument(
        '-o', '--output', type=Path, help='the page, or a folder (default: NAME.html, here)'
    )
    options = command.parse_args(arguments)
    targets = Targets(options.output, 'html')
    if targets.is_file and len(options.files) > 1:
        return refused(VERB, 'several pages need a folder: -o FOLDER')
    side = Side(options.side)
    return each(VERB, options.files, lambda path: _write(path, targets, side))


def _write(path: Path, targets: Targets, side: Side) -> list[str]:
    recording, target = read(path, side), targets.of(path)
    target.write_text(page(content_of(facts_of(recording))), encoding='utf-8')
    tell(str(target))
    return recording.flaws


if __name__ == '__main__':
    sys.exit(main())
