# SPDX-License-Identifier: Apache-2.0
"""`plc-log timeline FILE…`: what happened in a recorded session, when, and between whom."""

from collections.abc import Iterator
from pathlib import Path
import sys
from typing import TextIO

from plc_log.each import each, parser
from plc_log.events import Event, Kind, Side
from plc_log.facts import Facts, facts_of
from plc_log.recording import Recording, read
from plc_log.stages import Step
from plc_log.verdict import span, verdict

VERB = 'timeline'
_COLUMNS = ('file', 'frames', '88E1', 'SLAC', 'SDP', 'V2G', 'undecoded bytes')
_COLOURS = {Kind.SLAC: 36, Kind.MODEM: 90, Kind.SDP: 35, Kind.TCP: 33, Kind.V2G: 32}
_ARROWS = {Side.VEHICLE: 'vehicle ─▶', Side.CHARGER: '◀─ charger', Side.UNKNOWN: ''}
_RED, _BOLD, _GREY = 31, 1, 90
_LONG = 1.0  # s; a wait that is worth seeing


def main(arguments: list[str] | None = None) -> int:
    """Print timelines; 1: a file could be read in part only, 2: not at all."""
    command = parser(
        VERB,
        'Print what happened in recorded charging sessions, stage by stage: SLAC, SDP, TCP, each '
        'V2G message, how long each was waited for, and how much there was.',
    )
    command.add_argument('--stages', action='store_true', help='the stages, not each message')
    options = command.parse_args(arguments)
    pages = _Pages(sys.stdout, Side(options.side), options.stages)
    return each(VERB, options.files, pages.print, shown=not sys.stdout.isatty())


class _Pages:
    """Prints one timeline after the other."""

    def __init__(self, out: TextIO, side: Side, brief: bool) -> None:
        self._out, self._side, self._brief = out, side, brief
        self._coloured = out.isatty()

    def print(self, path: Path) -> list[str]:
        """Print one; returns what could not be read."""
        recording = read(path, self._side)
        facts = facts_of(recording)
        self._write(self._head(facts))
        if not self._brief:
            self._write(self._lines(recording))
        self._write(self._stages(recording))
        self._write(self._unusual(facts))
        self._out.write(_table(recording))
        return recording.flaws

    def _write(self, lines: Iterator[str]) -> None:
        self._out.writelines(f'{line.rstrip()}\n' for line in lines)

    def _colour(self, text: str, colour: int) -> str:
        return f'\x1b[{colour}m{text}\x1b[0m' if self._coloured else text

    def _head(self, facts: Facts) -> Iterator[str]:
        yield self._colour(facts.recording.name, _BOLD)
        yield verdict(facts)
        sockets = {e.side: e.source for e in facts.recording.events if e.kind is Kind.TCP}
        yield f'vehicle  {facts.vehicle_mac}  {sockets.get(Side.VEHICLE, "")}  {facts.evccid}'
        yield f'charger  {facts.charger_mac}  {sockets.get(Side.CHARGER, "")}  {facts.evseid}'
        yield ''

    def _lines(self, recording: Recording) -> Iterator[str]:
        steps, before = list(recording.steps), recording.begin
        for event in recording.events:
            while steps and steps[0].begin <= event.time:
                yield self._colour(_heading(steps.pop(0)), _BOLD)
            yield self._line(event, recording.begin, event.time - before)
            before = event.time
        yield ''

    def _line(self, event: Event, begin: float, wait: float) -> str:
        values = '  '.join(f'{label} {text}'.strip() for label, text in event.values.items())
        kind = self._colour(
            f'{event.kind:5}', _RED if event.flawed else _COLOURS.get(event.kind, _BOLD)
        )
        waited = self._colour(f'{_plus(wait):>9}', _BOLD if wait >= _LONG else _GREY)
        who = _ARROWS[event.side] if event.kind is not Kind.STATE else str(event.side)
        at = f'{event.time - begin:12.6f}'
        return f'{at} {waited}  {kind}  {who or event.source:17}  {event.name:26}  {values}'

    def _stages(self, recording: Recording) -> Iterator[str]:
        for step in recording.steps:
            begins = step.begin - recording.begin
            yield f'{begins:12.3f} s  {step.name:20}{span(step.duration):>10}'
        if recording.steps:
            yield ''

    def _unusual(self, facts: Facts) -> Iterator[str]:
        for one in facts.findings:
            at = one.time - facts.recording.begin
            times = f' ({one.count} times)' if one.count > 1 else ''
            level = self._colour(f'{one.level.name.lower():6}', _RED if not one.level else _BOLD)
            yield f'{at:12.3f} s  {level}{one.text}{times} [{", ".join(one.cited)}]'


def _heading(step: Step) -> str:
    return f'── {step.name} ── {span(step.duration)} '.ljust(72, '─')


def _plus(wait: float) -> str:
    return '' if wait < 0.0005 else f'+{wait:.3f}'


def _table(recording: Recording) -> str:
    rows = (_COLUMNS, ['---'] * len(_COLUMNS), [recording.name, *recording.counts.row()])
    return '\n' + ''.join(f'| {" | ".join(map(str, row))} |\n' for row in rows)


if __name__ == '__main__':
    sys.exit(main())
