# SPDX-License-Identifier: Apache-2.0
"""The verdict on a session, in a sentence."""

from math import isnan

from plc_log.facts import Facts
from plc_log.stages import FAILED, FINISHED

WORDS = {
    'SLAC': 'SLAC',
    'AVLN': 'joining the modems',
    'SDP': 'SDP',
    'TCP': 'connecting by TCP',
    'APP_PROTOCOL': 'the choice of a protocol',
    'SESSION_SETUP': 'session setup',
    'SERVICE_DISCOVERY': 'service discovery',
    'SERVICE_SELECTION': 'service selection',
    'AUTHORIZATION': 'authorisation',
    'CHARGE_PARAMETERS': 'the charge parameters',
    'CONNECTOR_LOCK': 'locking the connector',
    'CABLE_CHECK': 'the cable check',
    'PRECHARGE': 'precharge',
    'START': 'starting the current',
    'CHARGE_LOOP': 'the energy loop',
    'STOP': 'stopping the current',
    'WELDING_DETECTION': 'welding detection',
    'SESSION_STOP': 'session stop',
}


def verdict(facts: Facts) -> str:
    """Return what came of it, how much was charged, and why it ended."""
    if not facts.last_stage:
        return 'No charging session is in this recording.'
    taken = _taken(facts)
    where = WORDS.get(facts.last_stage, facts.last_stage)
    reason = facts.reason.rstrip('.')
    until = f' Until then {taken}.' if facts.charged and taken else ''
    match facts.outcome:
        case outcome if outcome == FINISHED and facts.charged:
            because = f'; {reason}' if reason else ''
            return f'A finished charge: {taken}{because}.'
        case outcome if outcome == FINISHED:
            return f'A session that ended as it should, without a charge: {reason or where}.'
        case outcome if outcome == FAILED and facts.charged:
            return f'A charge that failed in {where}: {reason}.{until}'
        case outcome if outcome == FAILED:
            return f'No charge: it failed in {where}: {reason}.'
    return f'The recording ends in {where}, and with it what is known.{until}'


def _taken(facts: Facts) -> str:
    first, last = facts.soc
    parts = [] if isnan(first) else [f'SoC {first * 100:.0f} % to {last * 100:.0f} %']
    if not isnan(facts.energy):
        parts.append(f'{facts.energy / 1000:.2f} kWh')
    if not isnan(loop := facts.lasted('CHARGE_LOOP')):
        parts.append(f'in {span(loop)} of the energy loop')
    if not isnan(peak := facts.peak('power')):
        parts.append(f'at up to {peak / 1000:.1f} kW')
    return ', '.join(parts[:2]) + ''.join(f' {part}' for part in parts[2:])


def span(seconds: float) -> str:
    """Return a duration as a person says it."""
    if isnan(seconds):
        return '-'
    if seconds < 0.9995:
        return f'{seconds * 1000:.0f} ms'
    if seconds < 100:
        return f'{seconds:.1f} s'
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f'{hours}:{minutes:02}:{rest:02} h' if hours else f'{minutes}:{rest:02} min'
