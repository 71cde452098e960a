# SPDX-License-Identifier: Apache-2.0
"""What was unusual in what the two sides said: codes, identities, order and pace."""

from collections.abc import Iterator
from typing import Any

from plc_log.events import Event, Kind, Side
from plc_log.exchanges import Exchange, exchanges, lasted, limits_of, paces
from plc_log.findings.finding import Finding, Level
from plc_log.leaves import value_of
from plc_log.recording import Recording
from v2g.session.din.timing import FIELD, STANDARD
from v2g.session.exchange import Step

_TOTALS = {
    'CableCheck': (Step.CABLE_CHECK, ('R26', 'lesson 68')),
    'PreCharge': (Step.PRECHARGE, ('R26', 'lesson 70')),
    'ContractAuthentication': (Step.AUTHORIZATION, ('R26', 'lesson 53')),
    'ChargeParameterDiscovery': (Step.CHARGE_PARAMETERS, ('R26',)),
}
_SHUT = {
    'EVSE_Shutdown': ('the charger ended the charge (EVSE_Shutdown)', ('R1', 'lesson 73')),
    'EVSE_EmergencyShutdown': ('emergency shutdown of the charger', ('R1', 'lesson 71')),
    'EVSE_Malfunction': ('the charger reported a malfunction', ('R1', 'lesson 75')),
    'EVSE_UtilityInterruptEvent': ('the grid interrupted the charger', ('R1',)),
}
_FAILED = {
    'FAILED_SequenceError': ('R1', 'R15', 'lesson 54'),
    'FAILED_UnknownSession': ('R1', 'R15', 'lesson 49'),
    'Failed_NoNegotiation': ('R15', 'lesson 59'),
}
_ASKED_TO_STOP = ('the charger asked to stop (StopCharging)', ('R1', 'lesson 74'))
_NORMAL_ID, _TEXTLESS = 8, '00'


def findings(recording: Recording) -> Iterator[Finding]:
    """Look at every message, and at every response's time."""
    messages = recording.messages
    pairs = list(exchanges(recording.events))
    yield from _flawed(recording.events)
    yield from _codes(messages)
    yield from _statuses(messages)
    yield from _vehicle_errors(messages)
    yield from _identities(messages)
    yield from _late(pairs)
    yield from _totals(pairs)
    yield from _unanswered(recording, pairs)
    yield from _endings(messages)
    yield from _told(recording)


def _flawed(events: list[Event]) -> Iterator[Finding]:
    if bad := [event for event in events if event.kind is Kind.V2G and event.flawed]:
        text = 'V2G messages that could not be decoded'
        yield Finding(Level.FAULT, bad[0].time, text, ('lesson 65',), len(bad))
    if spare := [event for event in events if event.spare]:
        text = f'the {spare[0].side} sends octets behind the end of its messages'
        yield Finding(Level.NOTE, spare[0].time, text, ('lesson 46',), len(spare))


def _codes(messages: list[Event]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], list[Event]] = {}
    for event in messages:
        code = str(value_of(event.message, 'ResponseCode') or '')
        if code.upper().startswith('FAILED'):
            seen.setdefault((event.name, code), []).append(event)
    for (name, code), several in seen.items():
        cited = _FAILED.get(code, ('R1', 'lesson 86'))
        yield Finding(Level.FAULT, several[0].time, f'{name} says {code}', cited, len(several))


def _statuses(messages: list[Event]) -> Iterator[Finding]:
    seen: dict[str, list[Event]] = {}
    for event in messages:
        code = str(value_of(event.message, 'EVSEStatusCode') or '')
        if code in _SHUT:
            seen.setdefault(code, []).append(event)
        if str(value_of(event.message, 'EVSENotification')) == 'StopCharging':
            seen.setdefault('StopCharging', []).append(event)
    for code, several in seen.items():
        text, cited = _SHUT.get(code, _ASKED_TO_STOP)
        level = Level.NOTE if code in ('EVSE_Shutdown', 'StopCharging') else Level.FAULT
        where = several[0].name
        yield Finding(level, several[0].time, f'{text}, first in {where}', cited, len(several))
        yield from _not_heeded(code, several[0], messages)


def _not_heeded(code: str, first: Event, messages: list[Event]) -> Iterator[Finding]:
    after = [e for e in messages if e.time > first.time and e.name == 'CurrentDemandReq']
    if first.name == 'CurrentDemandRes' and after:
        text = f'the vehicle went on asking for current after {code}'
        yield Finding(Level.ODD, after[0].time, text, ('R1', 'lesson 74', 'lesson 75'), len(after))


def _vehicle_errors(messages: list[Event]) -> Iterator[Finding]:
    seen: dict[str, list[Event]] = {}
    for event in messages:
        code = str(value_of(event.message, 'EVErrorCode') or 'NO_ERROR')
        if code not in ('NO_ERROR', 'NoData'):
            seen.setdefault(code, []).append(event)
    for code, several in seen.items():
        text = f'the vehicle reports {code}'
        yield Finding(Level.FAULT, several[0].time, text, ('R10', 'lesson 81'), len(several))


def _identities(messages: list[Event]) -> Iterator[Finding]:
    for event in messages:
        if event.name == 'SessionSetupRes':
            session = bytes(event.message.Header.SessionID)
            if len(session) != _NORMAL_ID:
                text = f'the SessionID has {len(session)} octets'
                yield Finding(Level.NOTE, event.time, text, ('lesson 48',))
            if _hex(value_of(event.message, 'EVSEID')) == _TEXTLESS:
                yield Finding(Level.NOTE, event.time, 'the EVSEID is a single 00', ('lesson 89',))
            return


def _hex(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _late(pairs: list[Exchange]) -> Iterator[Finding]:
    for pace in paces(pairs):
        if pace.late:
            text = (
                f'{pace.name}Res came up to {pace.slowest:.2f} s after its request; '
                f'the standard allows {pace.standard:g} s'
            )
            cited = ('R26', 'lesson 45' if pace.name == 'PowerDelivery' else 'lesson 44')
            yield Finding(Level.ODD, pace.slowest_at, text, cited, pace.late)


def _totals(pairs: list[Exchange]) -> Iterator[Finding]:
    for name, (step, cited) in _TOTALS.items():
        own = [pair for pair in pairs if pair.name == name]
        took = lasted(own)
        if took > STANDARD.total[step]:
            text = (
                f'{name} lasted {took:.1f} s; the standard allows {STANDARD.total[step]:g} s, '
                f'we wait {FIELD.total[step]:g} s'
            )
            level = Level.FAULT if took > FIELD.total[step] else Level.ODD
            yield Finding(level, own[0].request.time, text, cited)


def _unanswered(recording: Recording, pairs: list[Exchange]) -> Iterator[Finding]:
    open_ends = [pair for pair in pairs if pair.response is None]
    if open_ends and pairs[-1].response is None and _just_asked(recording, pairs[-1].request):
        open_ends.pop()
    if open_ends:
        last = open_ends[-1]
        text = f'{last.request.name} was never answered'
        level = Level.FAULT if last is pairs[-1] else Level.ODD
        cited = ('R1', 'lesson 84' if last.name == 'SessionStop' else 'lesson 86')
        yield Finding(level, last.request.time, text, cited, len(open_ends))


def _just_asked(recording: Recording, request: Event) -> bool:
    """Tell whether a recording ends before a response is due."""
    return recording.begin + recording.duration - request.time < limits_of('')[0]


def _endings(messages: list[Event]) -> Iterator[Finding]:
    if not messages:
        return
    names = {event.name for event in messages}
    if 'SessionStopReq' not in names:
        text = f'the session has no SessionStop; its last message is {messages[-1].name}'
        yield Finding(Level.ODD, messages[-1].time, text, ('R2',))
    elif 'PowerDeliveryReq' not in names and 'PreChargeReq' in names:
        [stop, *_] = (event for event in messages if event.name == 'SessionStopReq')
        text = 'SessionStop straight from PreCharge'
        yield Finding(Level.ODD, stop.time, text, ('R2', 'lesson 80'))
    elif 'CurrentDemandRes' in names and 'WeldingDetectionReq' not in names:
        text = 'SessionStop without welding detection'
        yield Finding(Level.NOTE, messages[-1].time, text, ('R4', 'lesson 79'))


def _told(recording: Recording) -> Iterator[Finding]:
    for side, story in recording.stories.items():
        if story.outcome == 'FAILED' and story.steps:
            text = f'the {side or "session"} says it failed in {story.last_stage}: {story.reason}'
            yield Finding(Level.FAULT, story.steps[-1].end, text, ('R1', 'R5'))
    own = recording.stories.get(Side.VEHICLE)
    tries = sum(step.name == 'SLAC' for step in own.steps) if own else 0
    if own and tries > 1:
        text = f'the vehicle began {tries} times'
        yield Finding(Level.ODD, own.steps[0].begin, text, ('R5',), tries)
