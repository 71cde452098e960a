# SPDX-License-Identifier: Apache-2.0
"""`plc-log compare …`: two or some sessions side by side, or thousands of them by charger."""

import argparse
from pathlib import Path
import sys
import tempfile

from plc_log.each import refused, say
from plc_log.progress import tracked
from plc_log.rows import UNREADABLE, found_in, rows_of, write
from plc_log.sessions import Sessions, in_columns

VERB = 'compare'
_SIDE_BY_SIDE = 5  # sessions that stand beside each other; more are a list


def main(arguments: list[str] | None = None) -> int:
    """Compare; 1: some could not be read, 2: there is nothing to read, or no such query."""
    options = _parser().parse_args(arguments)
    paths = found_in(options.places)
    if not paths:
        return refused(VERB, 'no bag and no capture is there')
    try:
        with tempfile.TemporaryDirectory(prefix='plc_log_') as folder:
            file = options.parquet or Path(folder) / 'sessions.parquet'
            write(tracked(rows_of(paths, options.jobs), len(paths), VERB), file)
            return _show(Sessions(file), options, len(paths))
    except OSError as error:
        return refused(VERB, f'{error.filename}: {error.strerror}')
    except KeyboardInterrupt:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=VERB,
        description='Compare recorded sessions: durations, limits, how and why they ended; a few '
        'side by side, a folder of them by charger.',
    )
    parser.add_argument(
        'places', nargs='+', type=Path, metavar='PLACE',
        help='bags, captures, or folders with bags and captures in them',
    )  # fmt: skip
    parser.add_argument('--sessions', action='store_true', help='list every session of a folder')
    parser.add_argument('--parquet', type=Path, metavar='FILE', help='keep the table of sessions')
    parser.add_argument(
        '--sql', metavar='QUERY', help='ask the table `sessions` in SQL instead (DuckDB)'
    )
    parser.add_argument(
        '--jobs', type=int, default=0, help='processes (default: one for each processor)'
    )
    return parser


def _show(sessions: Sessions, options: argparse.Namespace, count: int) -> int:
    if options.sql:
        return _answer(sessions, options.sql)
    if count <= _SIDE_BY_SIDE:
        sys.stdout.write(in_columns(sessions.rows()))
    else:
        if options.sessions or count <= 40:
            sys.stdout.write(sessions.listed() + '\n')
        sys.stdout.write(sessions.by_charger())
    unreadable = [row for row in sessions.rows() if row['outcome'] == UNREADABLE or row['flaw']]
    for row in unreadable:
        sentence = row['reason'] if row['outcome'] == UNREADABLE else row['flaw']
        say(VERB, sentence)
    return int(bool(unreadable))


def _answer(sessions: Sessions, query: str) -> int:
    try:
        sys.stdout.write(sessions.ask(query))
    except ValueError as error:
        return refused(VERB, str(error))
    return 0


if __name__ == '__main__':
    sys.exit(main())
