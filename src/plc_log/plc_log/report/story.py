# SPDX-License-Identifier: Apache-2.0
"""The timeline of a page: each stage with its events, repeated ones as one row."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import median
from typing import Any

from plc_log.events import Event, Kind
from plc_log.recording import Recording
from plc_log.verdict import span


def story_of(recording: Recording) -> list[dict[str, Any]]:
    """Return the stages in order, each with its rows; what came before the first is one too."""
    found = []
    steps = recording.steps
    edges = [recording.begin, *(step.begin for step in steps), float('inf')]
    names = ['', *(step.name for step in steps)]
    for name, begin, end in zip(names, edges[:-1], edges[1:], strict=True):
        events = [event for event in recording.events if begin <= event.time < end]
        if events or name:
            rows = list(_rows(events, recording.begin))
            found.append({'stage': name, 'time': round(begin - recording.begin, 6), 'rows': rows})
    return found


def _rows(events: Iterable[Event], begin: float) -> Iterator[dict[str, Any]]:
    """Rows in the order of their first events; modem frames do not break a run of messages."""
    runs: list[list[Event]] = []
    open_runs: dict[bool, list[Event]] = {}  # by whether it is the modem's
    for event in events:
        is_modem = event.kind is Kind.MODEM
        run = open_runs.get(is_modem)
        if run is None or _alike(run[-1]) != _alike(event):
            run = open_runs[is_modem] = []
            runs.append(run)
        run.append(event)
    return (_row(run, begin) for run in runs)


def _alike(event: Event) -> tuple[Any, ...]:
    """What is told as one row: the rounds of one request, the same frame of the same sender."""
    if event.kind is Kind.V2G and not event.flawed:
        return Kind.V2G, event.name[:-3]
    return event.kind, event.name, event.source, event.flawed


def _row(run: list[Event], begin: float) -> dict[str, Any]:
    first, last = run[0], run[-1]
    row = {
        'time': round(first.time - begin, 6),
        'kind': str(first.kind),
        'side': str(first.side),
        'name': first.name,
        'text': _text(last),
        'flawed': first.flawed,
    }
    if first.kind is Kind.V2G and not first.flawed and len(run) > 1:
        return row | _rounds(run)
    return row | ({'count': len(run)} if len(run) > 1 else {})


def _rounds(run: list[Event]) -> dict[str, Any]:
    asked = [event.time for event in run if event.name.endswith('Req')]
    gaps = [b - a for a, b in pairwise(asked)]
    pace = (
        f'one each {span(median(gaps))}, {span(run[-1].time - run[0].time)} in all · '
        if gaps
        else ''
    )
    both = {'name': run[0].name[:-3], 'side': 'both', 'text': pace + _text(run[-1])}
    return both | ({'count': len(asked)} if len(asked) > 1 else {})


def _text(event: Event) -> str:
    return ' · '.join(f'{label} {text}'.strip() for label, text in event.values.items())
