# SPDX-License-Identifier: Apache-2.0
"""What was unusual in SLAC and with the modems."""

from collections.abc import Iterator
from itertools import pairwise

from plc_log.events import Event, Kind
from plc_log.findings.finding import Finding, Level
from plc_log.recording import Recording
from plc_log.slac import Report, reports
from slac.timing import C_EV_MATCH_MNBC

START_LATE = 0.1  # s after CM_SLAC_PARM.CNF; some chargers give up much later (lesson 8)
SOUND_SPACING = (0.018, 0.052)  # s; 20 to 50 ms, and what a recorder's clock blurs (R23)
REPORT_LATE = 1.2  # s after the first START, TT_EV_atten_results


def findings(recording: Recording) -> Iterator[Finding]:
    """Look at every frame of SLAC."""
    frames = [e for e in recording.events if e.kind in (Kind.SLAC, Kind.MODEM)]
    yield from _flawed(frames)
    slac = [event for event in frames if event.kind is Kind.SLAC and not event.flawed]
    yield from _asked_often(slac)
    yield from _unmatched(slac)
    yield from _run_ids(slac)
    yield from _starts(slac)
    yield from _sounds(slac)
    yield from _reports(reports(slac))


def _flawed(frames: list[Event]) -> Iterator[Finding]:
    if bad := [event for event in frames if event.flawed]:
        why = bad[0].values.get('malformed', '')
        text = f'HomePlug frames that cannot be what their MMTYPE says: {why}'
        yield Finding(Level.ODD, bad[0].time, text, ('lesson 21',), len(bad))


def _named(slac: list[Event], name: str) -> list[Event]:
    return [event for event in slac if event.name == name]


def _asked_often(slac: list[Event]) -> Iterator[Finding]:
    asked = 0
    for event in slac:
        asked += event.name == 'CM_SLAC_PARM.REQ'
        if event.name == 'CM_SLAC_PARM.CNF':
            if asked > 2:
                text = f'a charger answered after {asked} CM_SLAC_PARM.REQ'
                yield Finding(Level.NOTE, event.time, text, ('lesson 58',), asked)
            return


def _unmatched(slac: list[Event]) -> Iterator[Finding]:
    asked = _named(slac, 'CM_SLAC_PARM.REQ')
    if asked and not _named(slac, 'CM_SLAC_MATCH.CNF'):
        heard = _named(slac, 'CM_SLAC_PARM.CNF')
        why = f'its last frame is {slac[-1].name}' if heard else 'no charger answered'
        text = f'SLAC began and never came to CM_SLAC_MATCH.CNF: {why}'
        yield Finding(Level.FAULT, slac[-1].time, text, ('lesson 1', 'lesson 58'))


def _run_ids(slac: list[Event]) -> Iterator[Finding]:
    asked: set[str] = set()
    for event in slac:
        run_id = event.values.get('RunID', '')
        if event.name == 'CM_SLAC_PARM.REQ':
            asked.add(run_id)
        elif event.name == 'CM_SLAC_PARM.CNF' and asked and run_id not in asked:
            text = f'the charger answered RunID {run_id}, which no vehicle had sent'
            yield Finding(Level.FAULT, event.time, text, ('lesson 1',))
            return


def _starts(slac: list[Event]) -> Iterator[Finding]:
    confirmed = None
    for event in slac:
        if event.name == 'CM_SLAC_PARM.CNF':
            confirmed = event.time
        elif event.name == 'CM_START_ATTEN_CHAR.IND' and confirmed is not None:
            if (late := event.time - confirmed) > START_LATE:
                text = f'the first CM_START_ATTEN_CHAR came {late * 1000:.0f} ms after the CNF'
                yield Finding(Level.NOTE, event.time, text, ('lesson 8',))
            return


def _sounds(slac: list[Event]) -> Iterator[Finding]:
    sounds = _named(slac, 'CM_MNBC_SOUND.IND')
    gaps = [(b.time - a.time, b.time) for a, b in pairwise(sounds)]
    low, high = SOUND_SPACING
    wrong = [(gap, when) for gap, when in gaps if gap < 0.3 and not low <= gap <= high]
    if wrong:
        gap, when = max(wrong)
        text = f'M-Sounds were not 20 to 50 ms apart, but up to {gap * 1000:.0f} ms'
        yield Finding(Level.ODD, when, text, ('R23', 'lesson 9'), len(wrong))


def _reports(found: list[Report]) -> Iterator[Finding]:
    for report in found:
        for level, text, cited in _of_report(report):
            yield Finding(level, report.time, f'{report.charger} {text}', cited)
    chargers = {report.charger for report in found}
    if len(chargers) > 1:
        text = f"{len(chargers)} chargers reported: the vehicle is heard on a neighbour's cable"
        yield Finding(Level.NOTE, found[0].time, text, ('R19', 'lesson 12'))


def _of_report(report: Report) -> Iterator[tuple[Level, str, tuple[str, ...]]]:
    if set(report.groups) in (set(), {0}, {0xFF}):
        text = 'reported a profile of nothing but one extreme, which no modem measures'
        yield Level.ODD, text, ('R19', 'R20', 'lesson 4')
    elif len(set(report.groups)) == 1:
        text = f'reported the same {report.mean:.0f} dB for every carrier group: invented'
        yield Level.NOTE, text, ('R20', 'lesson 4')
    if report.sounds != C_EV_MATCH_MNBC:
        text = f'counted {report.sounds} of {C_EV_MATCH_MNBC} sounds'
        yield Level.NOTE, text, ('lesson 6',)
    if not report.answered:
        yield Level.ODD, 'reported, and no CM_ATTEN_CHAR.RSP followed', ('R19', 'lesson 11')
    if report.after_start > REPORT_LATE:
        text = f'reported {report.after_start:.2f} s after the first START'
        yield Level.ODD, text, ('R26', 'lesson 10')
