# SPDX-License-Identifier: Apache-2.0
"""Many recordings as rows of one table, read by every processor at once."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
import os
from pathlib import Path
import signal
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from plc_kit.readable import readable
from plc_log.bag.files import is_named
from plc_log.bag.reader import found
from plc_log.capture import Unreadable
from plc_log.each import unforeseen
from plc_log.facts import Facts, facts_of
from plc_log.findings import Level
from plc_log.recording import read
from plc_log.verdict import WORDS
from plc_log.when import utc

UNREADABLE = 'UNREADABLE'
_CAPTURES = ('.pcap', '.pcapng')
_PORTION = 4  # recordings that a process takes at a time
_AT_ONCE = 500  # rows in a group of the Parquet file
STAGES = tuple(WORDS)
_TEXTS = ('name', 'path', 'charger', 'evseid', 'charger_mac', 'evccid', 'vehicle_mac', 'protocol')
_ENDS = ('outcome', 'last_stage', 'reason', 'ended_by')
_NUMBERS = (
    'duration_s', 'soc_first', 'soc_last', 'energy_wh', 'peak_w', 'peak_v', 'peak_a',
    'attenuation_db', 'vehicle_max_v', 'vehicle_max_a', 'charger_max_v', 'charger_max_a',
    'charger_max_w', 'slowest_answer_s',
)  # fmt: skip
_COUNTS = ('messages', 'undecoded', 'faults', 'odd')
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (*_TEXTS, *_ENDS)),
        ('begin', pa.timestamp('us', 'UTC')),
        *((name, pa.float64()) for name in _NUMBERS),
        *((name, pa.int64()) for name in _COUNTS),
        *((f'{stage}_s', pa.float64()) for stage in STAGES),
        ('flaw', pa.string()),
    ]
)

Row = dict[str, Any]


def found_in(places: Iterable[Path]) -> list[Path]:
    """Return every recording in these places: bags and captures, folders of them, in order."""
    return [one for place in places for one in _found(place)]


def _found(place: Path) -> list[Path]:
    if not place.is_dir() or found(place).files:
        return [place]
    there = list(place.rglob('*'))
    bags = {file.parent for file in there if is_named(file)}
    captures = {file for file in there if file.suffix in _CAPTURES}
    return sorted(bags | captures)


def rows_of(paths: list[Path], processes: int = 0) -> Iterator[Row]:
    """Give a row for each, in their order, as soon as it is there."""
    workers = min(processes or os.cpu_count() or 1, len(paths))
    if workers < 2:
        yield from map(row_of, paths)
        return
    with ProcessPoolExecutor(workers) as pool:
        try:
            with _sheltered():
                rows = pool.map(row_of, paths, chunksize=_PORTION)
            yield from rows
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _sheltered() -> Iterator[None]:
    """Whoever is begun here never hears an interrupt: it is this process that ends the others."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def row_of(path: Path) -> Row:
    """Return one row; of what cannot be read, with the reason in a sentence."""
    try:
        return _row(facts_of(read(path)))
    except Unreadable as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001  no file ends what is done to a folder of them
        reason = unforeseen(path, error)
    return {**_named(path.name, path), 'outcome': UNREADABLE, 'reason': reason}


def _named(name: str, path: Path) -> Row:
    """Parquet has texts in UTF-8 alone, and a file may be called otherwise."""
    return {'name': readable(name), 'path': readable(str(path))}


def _row(facts: Facts) -> Row:
    recording, limit = facts.recording, facts.limits.get
    levels = [one.level for one in facts.findings]
    return {
        **_named(recording.name, recording.path),
        **{name: getattr(facts, name) for name in (*_TEXTS[2:], *_ENDS)},
        'begin': utc(recording.begin),
        'duration_s': recording.duration,
        'soc_first': facts.soc[0],
        'soc_last': facts.soc[1],
        'energy_wh': facts.energy,
        'peak_w': facts.peak('power'),
        'peak_v': facts.peak('voltage'),
        'peak_a': facts.peak('current'),
        'attenuation_db': facts.attenuation,
        'vehicle_max_v': limit('EVMaximumVoltageLimit'),
        'vehicle_max_a': limit('EVMaximumCurrentLimit'),
        'charger_max_v': limit('EVSEMaximumVoltageLimit'),
        'charger_max_a': limit('EVSEMaximumCurrentLimit'),
        'charger_max_w': limit('EVSEMaximumPowerLimit'),
        'slowest_answer_s': max((pace.slowest for pace in facts.paces), default=None),
        'messages': recording.counts.v2g,
        'undecoded': recording.counts.undecoded,
        'faults': levels.count(Level.FAULT),
        'odd': levels.count(Level.ODD),
        **{f'{stage}_s': facts.lasted(stage) for stage in STAGES},
        'flaw': '; '.join(recording.flaws),
    }


def write(rows: Iterable[Row], path: Path) -> None:
    """Write rows as they come into a Parquet file; NaN becomes null."""
    with pyarrow.parquet.ParquetWriter(path, SCHEMA, compression='zstd') as writer:
        portion: list[Row] = []
        for row in rows:
            portion.append(row)
            if len(portion) == _AT_ONCE:
                writer.write_table(_table(portion))
                portion = []
        writer.write_table(_table(portion))


def _table(rows: list[Row]) -> pa.Table:
    known = [{name: None if value != value else value for name, value in r.items()} for r in rows]
    return pa.Table.from_pylist(known, SCHEMA)
