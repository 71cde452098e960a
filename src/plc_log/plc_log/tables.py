# SPDX-License-Identifier: Apache-2.0
"""A recording as a table: a row for each V2G message, or for each event of the timeline."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from plc_log.events import Event
from plc_log.exchanges import exchanges
from plc_log.leaves import leaves
from plc_log.recording import Recording
from plc_log.when import utc

Row = dict[str, Any]
_COMMON = {
    'time_s': pa.float64(),  # since the first event
    'utc': pa.timestamp('us', 'UTC'),
    'stage': pa.string(),
    'side': pa.string(),
    'message': pa.string(),
}


def messages_of(recording: Recording) -> pa.Table:
    """Return a row for each V2G message, a column for each element; its unit ends its name."""
    waited = {id(one.response): one.waited for one in exchanges(recording.events)}
    rows = []
    for event in recording.messages:
        row = _common(event, recording) | {'answered_after_s': waited.get(id(event))}
        for leaf in leaves(event.message):
            row[f'{leaf.path}_{leaf.unit}' if leaf.unit else leaf.path] = leaf.value
        rows.append(row)
    return _table(rows)


def events_of(recording: Recording) -> pa.Table:
    """Return a row for each event: frames, datagrams, connections, messages, stages."""
    return _table([_common(event, recording) | _told(event) for event in recording.events])


def write(table: pa.Table, path: Path) -> None:
    """Write it as CSV or Parquet, by the file's ending; raises OSError."""
    if path.suffix == '.csv':
        pyarrow.csv.write_csv(table, path)
    else:
        pyarrow.parquet.write_table(table, path, compression='zstd')


def _common(event: Event, recording: Recording) -> Row:
    return {
        'time_s': event.time - recording.begin,
        'utc': utc(event.time),
        'stage': _stage(event.time, recording),
        'side': str(event.side),
        'message': event.name,
    }


def _told(event: Event) -> Row:
    values = ', '.join(f'{label} {text}'.strip() for label, text in event.values.items())
    return {'kind': str(event.kind), 'source': event.source, 'values': values}


def _stage(time: float, recording: Recording) -> str:
    begun = [step.name for step in recording.steps if step.begin <= time]
    return begun[-1] if begun else ''


def _table(rows: list[Row]) -> pa.Table:
    names = dict.fromkeys([*_COMMON, *(name for row in rows for name in row)])
    columns = {
        name: pa.array([row.get(name) for row in rows], _COMMON[name])
        if name in _COMMON
        else _column([row.get(name) for row in rows])
        for name in names
    }
    return pa.table(columns)


def _column(values: list[Any]) -> pa.Array:
    """Return a column of one type: numbers where all are, else text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return pa.array([None if value is None else float(value) for value in values])
    if len(kinds) > 1:
        return pa.array([None if value is None else str(value) for value in values])
    return pa.array(values)
