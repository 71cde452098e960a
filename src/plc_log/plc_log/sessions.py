# SPDX-License-Identifier: Apache-2.0
"""The table of sessions, asked by DuckDB over Parquet, and how it looks in a terminal."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO
from math import nan
from pathlib import Path
import sys
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plc_kit.readable import readable
from plc_log.rows import STAGES, Row
from plc_log.verdict import span

_WIDE = 220  # columns of a table that no terminal shows
_COLOURS = {'FINISHED': 'green', 'FAILED': 'red', 'UNREADABLE': 'red'}
_BY_CHARGER = """
    select coalesce(charger, 'unknown') as charger, count(*) as sessions,
        count(*) filter (outcome = 'FINISHED') as finished,
        count(*) filter (outcome = 'FAILED') as failed,
        round(100.0 * count(*) filter (outcome = 'FINISHED') / count(*), 0) as "finished %",
        round(median(SLAC_s), 2) as "SLAC s", round(median(CABLE_CHECK_s), 1) as "cable check s",
        round(median(PRECHARGE_s), 1) as "precharge s", round(median(CHARGE_LOOP_s)) as "loop s",
        round(sum(energy_wh) / 1000, 2) as "kWh", round(max(peak_w) / 1000, 1) as "peak kW",
        round(median(attenuation_db), 1) as "dB", round(max(slowest_answer_s), 2) as "slowest s",
        mode(case when outcome <> 'FINISHED' then reason end) as "most often failed by"
    from sessions group by 1 order by sessions desc, charger
"""
_LISTED = """
    select coalesce(charger, 'unknown') as charger, name,
        strftime(sessions.begin, '%Y-%m-%d %H:%M') as begin,
        outcome, last_stage as "in",
        round(100 * soc_first) as "SoC %", round(100 * soc_last) as "to %",
        round(energy_wh / 1000, 2) as "kWh", round(duration_s, 1) as "s",
        round(attenuation_db, 1) as "dB", faults, odd, reason
    from sessions order by charger, sessions.begin, name
"""


class Sessions:
    """A Parquet file of sessions, as the SQL table `sessions`."""

    def __init__(self, file: Path) -> None:
        self._database = duckdb.connect(':memory:')
        self._database.execute("set timezone = 'UTC'")
        self._database.execute(f"create view sessions as from read_parquet('{_quoted(file)}')")

    def rows(self) -> list[Row]:
        """Return every session in the order in which they were given."""
        cursor = self._database.execute('select * from sessions')
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def by_charger(self) -> str:
        """Return a line for each charger: how its sessions went."""
        return self.ask(_BY_CHARGER)

    def listed(self) -> str:
        """Return a line for each session, those of a charger together."""
        return self.ask(_LISTED)

    def ask(self, query: str) -> str:
        """Return the answer as a table; ValueError says what is wrong with the query."""
        try:
            cursor = self._database.execute(query)
            names, values = [c[0] for c in cursor.description or ()], cursor.fetchall()
        except duckdb.Error as error:
            raise ValueError(str(error).splitlines()[0]) from error
        return _drawn(names, values)


def _quoted(file: Path) -> str:
    return str(file).replace("'", "''")


def _drawn(names: Sequence[str], values: Iterable[Sequence[Any]]) -> str:
    table = Table(box=None, pad_edge=False, header_style='bold')
    for name in names:
        text = name in ('charger', 'name', 'begin', 'outcome', 'in', 'reason') or ' by' in name
        table.add_column(Text(name), justify='left' if text else 'right', overflow='fold')
    for row in values:
        table.add_row(*map(_cell, row))
    return _text(table)


def _cell(value: Any) -> Text:
    """Return a value as it stands there: what the other side told may look like markup."""
    text = '' if value is None else f'{value:g}' if isinstance(value, float) else str(value)
    return Text(readable(text), style=_COLOURS.get(text, ''))


def _text(table: Table) -> str:
    terminal = sys.stdout.isatty()
    out = StringIO()
    width = None if terminal else _WIDE
    console = Console(file=out, width=width, force_terminal=terminal or None, highlight=False)
    console.print(table)
    return '\n'.join(line.rstrip() for line in out.getvalue().splitlines()) + '\n'


def in_columns(rows: list[Row]) -> str:
    """Return some sessions beside each other, a line for each thing to compare."""
    table = Table(box=None, pad_edge=False, header_style='bold')
    table.add_column('')
    for row in rows:
        table.add_column(Text(readable(str(row['name']))), overflow='fold')
    for name, values in _lines(rows):
        if any(values):
            table.add_row(name, *map(_cell, values))
    return _text(table)


def _lines(rows: list[Row]) -> Iterable[tuple[str, list[str]]]:
    def of(name: str, unit: str = '', scale: float = 1.0, digits: int = 1) -> list[str]:
        return [_number(row[name], unit, scale, digits) for row in rows]

    yield 'outcome', of('outcome')
    yield 'reason', of('reason')
    yield 'ended in', of('last_stage')
    yield 'begin', [_when(row['begin']) for row in rows]
    yield 'charger', of('charger')
    yield 'vehicle', [row['evccid'] or row['vehicle_mac'] or '' for row in rows]
    yield 'protocol', of('protocol')
    yield 'lasted', of('duration_s', 's')
    yield 'SoC at first', of('soc_first', '%', 0.01, 0)
    yield 'SoC at last', of('soc_last', '%', 0.01, 0)
    yield 'energy', of('energy_wh', 'kWh', 1000, 2)
    yield 'peak power', of('peak_w', 'kW', 1000)
    yield 'peak voltage', of('peak_v', 'V')
    yield 'peak current', of('peak_a', 'A')
    yield 'attenuation', of('attenuation_db', 'dB')
    yield 'vehicle takes', [_limits(row, 'vehicle') for row in rows]
    yield 'charger gives', [_limits(row, 'charger') for row in rows]
    for stage in STAGES:
        yield stage, [span(nan if (t := row[f'{stage}_s']) is None else t) for row in rows]
    yield 'slowest answer', of('slowest_answer_s', 's', 1, 3)
    yield 'messages', of('messages')
    yield 'octets undecoded', of('undecoded')
    yield 'faults', of('faults')
    yield 'odd', of('odd')


def _number(value: Any, unit: str, scale: float, digits: int) -> str:
    if isinstance(value, float):
        return f'{value / scale:.{digits}f} {unit}'
    return '' if value is None else str(value)


def _limits(row: Row, side: str) -> str:
    volts, amperes = row[f'{side}_max_v'], row[f'{side}_max_a']
    return '' if volts is None else f'{volts:.0f} V, {amperes or 0:.0f} A'


def _when(begin: datetime | None) -> str:
    return '' if begin is None else f'{begin:%Y-%m-%d %H:%M:%S}'
