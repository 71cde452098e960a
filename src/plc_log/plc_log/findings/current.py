# SPDX-License-Identifier: Apache-2.0
"""What was unusual around current: isolation, precharge, limits, welding."""

from collections.abc import Iterator
from typing import Any

from plc_log.events import Event
from plc_log.findings.finding import Finding, Level
from plc_log.inferred import ready_to_charge
from plc_log.leaves import value_of
from plc_log.messages import body_of
from plc_log.recording import Recording

PRECHARGE_CURRENT = 2.0  # A (R10, lesson 92)
CONTACTOR_DIFFERENCE = 20.0  # V between pack and charger when contactors close (R9)
LIVE = 60.0  # V (R3)
OVER = 1.1  # of what was asked for
_TOO_MUCH = 5.0  # A of measuring error


def findings(recording: Recording) -> Iterator[Finding]:
    """Look at every voltage and current that was asked for or told."""
    messages = recording.messages
    yield from _isolation(messages)
    yield from _precharge(messages)
    yield from _contactors(messages)
    yield from _limits(messages)
    yield from _loop(messages)
    yield from _welding(messages)


def _of(messages: list[Event], name: str) -> list[Event]:
    return [event for event in messages if event.name == name]


def _get(event: Event, name: str) -> Any:
    return value_of(event.message, name)


def _isolation(messages: list[Event]) -> Iterator[Finding]:
    for event in _of(messages, 'CableCheckRes'):
        isolation = str(_get(event, 'EVSEIsolationStatus') or '')
        if str(_get(event, 'EVSEProcessing')) == 'Finished' and isolation == 'Invalid':
            text = 'the cable check was Finished with isolation Invalid'
            yield Finding(Level.ODD, event.time, text, ('R9', 'R13', 'lesson 66'))
            break
    for word, level in (('Fault', Level.FAULT), ('Warning', Level.NOTE)):
        found = [e for e in messages if str(_get(e, 'EVSEIsolationStatus')) == word]
        if found:
            text = f'isolation {word}, first in {found[0].name}'
            yield Finding(level, found[0].time, text, ('R1', 'R9'), len(found))


def _precharge(messages: list[Event]) -> Iterator[Finding]:
    answers = _of(messages, 'PreChargeRes')
    if waits := [e for e in answers if str(_get(e, 'EVSEStatusCode')) == 'EVSE_NotReady']:
        text = 'PreChargeRes says EVSE_NotReady'
        yield Finding(Level.ODD, waits[0].time, text, ('R9', 'R13', 'lesson 69'), len(waits))
    asked = _of(messages, 'PreChargeReq')
    if greedy := [e for e in asked if (_get(e, 'EVTargetCurrent') or 0) > PRECHARGE_CURRENT]:
        most = max(_get(event, 'EVTargetCurrent') for event in greedy)
        text = f'the vehicle asks for {most:g} A in PreCharge; 2 A are allowed'
        yield Finding(Level.ODD, greedy[0].time, text, ('R10', 'lesson 92'), len(greedy))


def _contactors(messages: list[Event]) -> Iterator[Finding]:
    target = present = None
    for event in messages:
        if event.name == 'PreChargeReq':
            target = _get(event, 'EVTargetVoltage')
        elif event.name == 'PreChargeRes':
            present = _get(event, 'EVSEPresentVoltage')
        elif event.name == 'PowerDeliveryReq' and ready_to_charge(body_of(event.message)):
            if target and present is not None and abs(target - present) >= CONTACTOR_DIFFERENCE:
                text = (
                    f'contactors closed on {abs(target - present):.0f} V: '
                    f'pack {target:.0f} V, charger {present:.0f} V'
                )
                yield Finding(Level.FAULT, event.time, text, ('R9', 'lesson 70'))
            return


def _limits(messages: list[Event]) -> Iterator[Finding]:
    for event in _of(messages, 'ChargeParameterDiscoveryReq')[:1]:
        if _get(event, 'EVEnergyCapacity') in (0, 0.0):
            text = 'the vehicle tells a capacity of 0'
            yield Finding(Level.NOTE, event.time, text, ('lesson 64',))
    answers = _of(messages, 'ChargeParameterDiscoveryRes')
    if not answers:
        return
    last = answers[-1]
    if _get(last, 'SAScheduleList') is None and hasattr(body_of(last.message), 'SAScheduleList'):
        text = 'ChargeParameterDiscoveryRes has no SAScheduleList'
        yield Finding(Level.NOTE, last.time, text, ('R15', 'lesson 60'))
    yield from _beyond(messages, last)


def _beyond(messages: list[Event], answer: Event) -> Iterator[Finding]:
    highest = _get(answer, 'EVSEMaximumVoltageLimit')
    asked = [e for e in messages if e.name in ('PreChargeReq', 'CurrentDemandReq')]
    over = [e for e in asked if highest and (_get(e, 'EVTargetVoltage') or 0) > highest]
    if over:
        text = f'the vehicle asks for more than the {highest:g} V that the charger can give'
        yield Finding(Level.ODD, over[0].time, text, ('R10', 'R11', 'lesson 92'), len(over))


def _loop(messages: list[Event]) -> Iterator[Finding]:
    target = None
    too_much: list[tuple[Event, float]] = []
    back: list[tuple[Event, float]] = []
    for event in messages:
        if event.name == 'CurrentDemandReq':
            target = max(target or 0.0, _get(event, 'EVTargetCurrent') or 0.0)
        elif event.name == 'CurrentDemandRes' and target is not None:
            current = _get(event, 'EVSEPresentCurrent') or 0.0
            if current > target * OVER + _TOO_MUCH:
                too_much.append((event, current))
            if current < -1.0:
                back.append((event, current))
    if too_much:
        event, current = max(too_much, key=lambda one: one[1])
        text = f'{current:.0f} A flowed; no more than {target:.0f} A had been asked for'
        yield Finding(Level.FAULT, event.time, text, ('R10', 'R13'), len(too_much))
    if back:
        event, current = min(back, key=lambda one: one[1])
        text = f'current flowed out of the pack: {current:.1f} A'
        yield Finding(Level.NOTE, event.time, text, ('lesson 81',), len(back))


def _welding(messages: list[Event]) -> Iterator[Finding]:
    answers = _of(messages, 'WeldingDetectionRes')
    if answers:
        last = _get(answers[-1], 'EVSEPresentVoltage')
        if last is not None and last >= LIVE:
            text = f'welding detection ended with {last:.0f} V at the charger'
            yield Finding(Level.NOTE, answers[-1].time, text, ('R4', 'lesson 78'), len(answers))
