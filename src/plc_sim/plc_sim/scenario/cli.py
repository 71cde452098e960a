# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_sim scenarios`: plays them, prints the table; status 1 if one ends otherwise."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
import sys

from plc_sim.scenario.bag import recorded
from plc_sim.scenario.graph_node import play as play_in_graph
from plc_sim.scenario.record import Record, complaints
from plc_sim.scenario.report import HEAD, line
from plc_sim.scenario.scenario import Scenario
from plc_sim.scenario.table import SCENARIOS, UnknownScenario, scenario
from plc_sim.scenario.virtual import Play


def main() -> None:
    """Run the command."""
    try:
        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)


def run(words: list[str]) -> int:
    """Play the scenarios named, or all; return the exit status."""
    options = _parser().parse_args(words)
    try:
        rows = [scenario(name) for name in options.names] or list(SCENARIOS.values())
    except UnknownScenario as error:
        print(f'scenarios: {error}', file=sys.stderr)
        return 2
    if options.list:
        print('\n'.join(f'{row.name}: {row.story}' for row in rows))
        return 0
    virtual = [row.name for row in rows if row.incidents]
    if options.graph and virtual:
        print(f'scenarios: in virtual time only: {", ".join(virtual)}', file=sys.stderr)
        return 2
    play = play_in_graph if options.graph else partial(_play, options.record)
    try:
        return _table(rows, play, options.patience)
    except OSError as error:
        print(f'scenarios: cannot record: {error}', file=sys.stderr)
        return 2


def _table(rows: list[Scenario], play: Callable[[Scenario], Record], patience: float) -> int:
    bad = 0
    print(HEAD)
    for row in rows:
        record = play(row)
        wrong = complaints(row, record, patience)
        bad += bool(wrong)
        print(line(row, record, wrong), flush=True)
    print(f'{len(rows)} scenarios, {len(rows) - bad} as expected, {bad} NOT')
    return 1 if bad else 0


def _play(folder: Path | None, row: Scenario) -> Record:
    return Play(row).run() if folder is None else recorded(row, folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='scenarios', description='Partners and hardware that misbehave, and what comes of it.'
    )
    parser.add_argument('names', nargs='*', metavar='NAME', help='scenarios; none: all')
    parser.add_argument('--graph', action='store_true', help='launch each for real')
    parser.add_argument(
        '--patience',
        type=float,
        default=0.0,
        help='s that a busy machine may add to pilot B and open contactors',
    )
    parser.add_argument(
        '--record',
        type=Path,
        metavar='FOLDER',
        help='a bag of each there, of what both sessions were told; not of --graph',
    )
    parser.add_argument('--list', action='store_true', help='only tell what there is')
    return parser
