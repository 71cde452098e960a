# SPDX-License-Identifier: Apache-2.0
"""What stands on the page, as JSON: numbers in SI units, times in s since the first event."""

from math import isfinite
from typing import Any

from plc_log.exchanges import exchanges, lasted
from plc_log.facts import Facts
from plc_log.findings import RULES, Finding
from plc_log.report.shapes import packed
from plc_log.report.story import story_of
from plc_log.series import COLUMNS
from plc_log.verdict import span, verdict
from plc_log.when import utc

NOTHING = '\N{EN DASH}'


def content_of(facts: Facts) -> dict[str, Any]:
    """Return everything the page shows."""
    recording = facts.recording
    return {
        'name': recording.name,
        'source': 'bag' if recording.is_bag else 'capture',
        'begin': when(recording.begin),
        'duration': recording.duration,
        'verdict': verdict(facts),
        'outcome': facts.outcome,
        'flaws': recording.flaws,
        'tiles': _tiles(facts),
        'sides': _sides(facts),
        'stages': [
            {'name': s.name, 'begin': s.begin - recording.begin, 'end': s.end - recording.begin}
            for s in recording.steps
        ],
        'findings': [_finding(one, recording.begin) for one in facts.findings],
        'series': _series(facts),
        'attenuation': _attenuation(facts),
        'paces': [_pace(pace, recording.begin) for pace in facts.paces],
        'responses': _responses(facts),
        'story': story_of(recording),
        'messages': packed(recording.messages, recording.begin),
        'undecoded': recording.counts.undecoded,
    }


def when(time: float) -> str:
    """Return a time of the calendar, UTC; empty where the recorder had none."""
    date = utc(time)
    return f'{date:%Y-%m-%d %H:%M:%S} UTC' if date else ''


def number(value: float, unit: str, digits: int = 1) -> str:
    """Return a value with its unit; a dash where it is not known."""
    return f'{value:.{digits}f} {unit}' if isfinite(value) else NOTHING


def _tiles(facts: Facts) -> list[dict[str, str]]:
    told = dict.fromkeys(f'{soc * 100:.0f}' for soc in facts.soc if isfinite(soc))
    slowest = max(facts.paces, key=lambda pace: pace.slowest, default=None)
    late = (span(slowest.slowest), f'{slowest.name}Res') if slowest else (NOTHING, '')
    counts, loop = facts.recording.counts, span(facts.lasted('CHARGE_LOOP'))
    tiles = [
        ('State of charge', ' → '.join(told) + ' %' if told else NOTHING, ''),
        ('Energy', number(facts.energy / 1000, 'kWh', 2), f'in {loop} of the energy loop'),
        ('Peak power', _peak(facts, 'power', 'kW', 1, 1000), _peak(facts, 'current', 'A at most')),
        ('Cable check', span(_asked_for(facts, 'CableCheck')), 'first request to last answer'),
        ('Precharge', span(_asked_for(facts, 'PreCharge')), _peak(facts, 'voltage', 'V at most')),
        ('Attenuation', number(facts.attenuation, 'dB'), 'mean of the matched charger'),
        ('Slowest answer', *late),
        ('Messages', f'{counts.v2g}', f'{counts.undecoded} octets undecoded'),
    ]
    return [
        {'label': label, 'value': value, 'note': '' if value == NOTHING else note}
        for label, value, note in tiles
    ]


def _peak(facts: Facts, column: str, unit: str, digits: int = 0, scale: float = 1) -> str:
    return number(facts.peak(column) / scale, unit, digits)


def _asked_for(facts: Facts, name: str) -> float:
    return lasted(one for one in exchanges(facts.recording.events) if one.name == name)


def _sides(facts: Facts) -> dict[str, list[list[str]]]:
    limit = facts.limits.get
    nothing = float('nan')
    return {
        'vehicle': [
            ['EVCCID', facts.evccid or NOTHING],
            ['MAC', facts.vehicle_mac or NOTHING],
            ['Protocol', facts.protocol.upper() or NOTHING],
            ['Capacity', number(limit('EVEnergyCapacity', nothing) / 1000, 'kWh')],
            ['Maximum', _maximum(facts.limits, 'EVMaximum')],
        ],
        'charger': [
            ['EVSEID', facts.evseid or NOTHING],
            ['MAC', facts.charger_mac or NOTHING],
            ['Attenuation', number(facts.attenuation, 'dB')],
            ['From', number(limit('EVSEMinimumVoltageLimit', nothing), 'V', 0)],
            ['Maximum', _maximum(facts.limits, 'EVSEMaximum')],
        ],
    }


def _maximum(limits: dict[str, float], prefix: str) -> str:
    parts = [
        number(limits.get(f'{prefix}{what}Limit', float('nan')) / scale, unit, 0)
        for what, unit, scale in (('Voltage', 'V', 1), ('Current', 'A', 1), ('Power', 'kW', 1000))
    ]
    return ', '.join(part for part in parts if part != NOTHING) or NOTHING


def _finding(one: Finding, begin: float) -> dict[str, Any]:
    cited = [{'name': name, 'title': RULES.get(name, '')} for name in one.cited]
    level = one.level.name.lower()
    return {
        'level': level,
        'time': one.time - begin,
        'text': one.text,
        'cited': cited,
        'count': one.count,
    }


def _series(facts: Facts) -> dict[str, list[float]]:
    series, begin = facts.series, facts.recording.begin
    columns = {name: getattr(series, name) for name in (*COLUMNS, 'power')}
    return {'time': [round(time - begin, 6) for time in series.time], **columns}


def _attenuation(facts: Facts) -> list[dict[str, Any]]:
    return [
        {
            'charger': one.charger,
            'groups': list(one.groups),
            'mean': one.mean,
            'matched': one.matched,
        }
        for one in facts.reports
    ]


def _pace(pace: Any, begin: float) -> dict[str, Any]:
    return {
        'name': pace.name,
        'count': pace.count,
        'unanswered': pace.unanswered,
        'median': pace.median,
        'slowest': pace.slowest,
        'at': pace.slowest_at - begin,
        'standard': pace.standard,
        'field': pace.field,
        'late': pace.late,
        'round': pace.round,
    }


def _responses(facts: Facts) -> list[list[Any]]:
    """Return [time of the request, name, s waited] of each answered request."""
    begin = facts.recording.begin
    return [
        [round(one.request.time - begin, 6), one.name, round(one.waited, 6)]
        for one in exchanges(facts.recording.events)
        if one.waited is not None
    ]
