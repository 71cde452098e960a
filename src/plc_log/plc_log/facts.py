# SPDX-License-Identifier: Apache-2.0
"""A session in one row: who, when, how far, how much, and why it ended."""

from dataclasses import dataclass, field
from math import inf, isnan, nan
from typing import Any

from plc_kit.readable import readable
from plc_log.events import Event, Kind, Side
from plc_log.exchanges import Pace, exchanges, paces
from plc_log.findings import Finding, Level, findings
from plc_log.leaves import protocol_of, value_of
from plc_log.recording import Recording
from plc_log.series import Series, series_of
from plc_log.slac import Report, reports
from plc_log.stages import FAILED, FINISHED, SAFE_END, Step

UNKNOWN = 'UNKNOWN'  # the recording ends before the session does
_CHARGER_STOPS = ('EVSE_Shutdown', 'StopCharging')


@dataclass
class Facts:
    """What is known of a session; NaN and empty: not known. Times in s, else V, A, W, Wh, dB."""

    recording: Recording
    series: Series
    findings: list[Finding]
    reports: list[Report]
    paces: list[Pace]
    outcome: str = UNKNOWN  # FINISHED, FAILED, UNKNOWN
    reason: str = ''
    ended_by: str = ''  # vehicle, charger
    last_stage: str = ''  # in which it ended, or went wrong
    protocol: str = ''
    evccid: str = ''
    evseid: str = ''
    vehicle_mac: str = ''
    charger_mac: str = ''
    soc: tuple[float, float] = (nan, nan)
    energy: float = nan
    limits: dict[str, float] = field(default_factory=dict)  # by their names in DIN 70121

    @property
    def charger(self) -> str:
        """By what a charger is known again: its EVSEID, or else the MAC of its SLAC."""
        return self.evseid if self.evseid not in ('', '00') else self.charger_mac or 'unknown'

    @property
    def attenuation(self) -> float:
        """Mean of the charger that was matched, dB."""
        matched = [report for report in self.reports if report.matched] or self.reports
        return matched[-1].mean if matched else nan

    @property
    def charged(self) -> bool:
        """Whether the energy loop was reached."""
        return any(step.name == 'CHARGE_LOOP' for step in self.recording.steps)

    def lasted(self, stage: str) -> float:
        """Return how long a stage lasted in all, s; NaN where it was not reached."""
        found = [step.duration for step in self.recording.steps if step.name == stage]
        return sum(found) if found else nan

    def peak(self, column: str) -> float:
        """Return the highest value of a column of `series`."""
        return max((v for v in getattr(self.series, column) if not isnan(v)), default=nan)


def facts_of(recording: Recording) -> Facts:
    """Work out everything there is to say."""
    messages = recording.messages
    slac = [event for event in recording.events if event.kind is Kind.SLAC and not event.flawed]
    facts = Facts(
        recording,
        series_of(messages),
        findings(recording),
        reports(slac),
        paces(exchanges(recording.events)),
    )
    _identify(facts, slac, messages)
    _measure(facts)
    _judge(facts, messages)
    return facts


def _identify(facts: Facts, slac: list[Event], messages: list[Event]) -> None:
    for event in messages:
        match event.name:
            case 'SessionSetupReq':
                facts.evccid = identity(value_of(event.message, 'EVCCID'))
            case 'SessionSetupRes':
                facts.evseid = identity(value_of(event.message, 'EVSEID'))
            case 'ChargeParameterDiscoveryReq' | 'ChargeParameterDiscoveryRes':
                facts.limits |= _limits(event.message)
    for event in slac:
        if event.side is Side.VEHICLE and not facts.vehicle_mac:
            facts.vehicle_mac = event.source
        if event.side is Side.CHARGER:
            facts.charger_mac = facts.charger_mac or event.source
        if event.name == 'CM_SLAC_MATCH.CNF':
            facts.charger_mac = event.source
    if messages:
        facts.protocol, _ = protocol_of(messages[-1].message)


def identity(value: Any) -> str:
    """Return an EVCCID or EVSEID as text where it is text, else in hex."""
    if not isinstance(value, bytes):
        return '' if value is None else readable(str(value))
    text = value.rstrip(b'\0')
    printable = len(text) > 1 and all(0x20 < octet < 0x7F for octet in text)
    return text.decode() if printable else value.hex()


def _limits(message: Any) -> dict[str, float]:
    names = (
        'EVMaximumVoltageLimit',
        'EVMaximumCurrentLimit',
        'EVMaximumPowerLimit',
        'EVEnergyCapacity',
        'EVSEMaximumVoltageLimit',
        'EVSEMinimumVoltageLimit',
        'EVSEMaximumCurrentLimit',
        'EVSEMaximumPowerLimit',
    )
    found = {name: value_of(message, name) for name in names}
    return {name: float(value) for name, value in found.items() if value is not None}


def _measure(facts: Facts) -> None:
    known = [soc for soc in facts.series.soc if not isnan(soc)]
    facts.soc = (known[0], known[-1]) if known else (nan, nan)
    story = facts.recording.story
    told = story.energy if story else 0.0  # right at any speed of a simulation
    facts.energy = told or (facts.series.energy if facts.charged else nan)
    facts.last_stage = _stage_at(facts.recording.steps, inf)


def _judge(facts: Facts, messages: list[Event]) -> None:
    faults = [one for one in facts.findings if one.level is Level.FAULT]
    fault = min(faults, key=lambda one: one.time, default=None)
    facts.ended_by = _ended_by(messages)
    story = facts.recording.story
    if story and story.outcome:
        facts.outcome, facts.reason = story.outcome, story.reason or (fault.text if fault else '')
    elif any(event.name == 'SessionStopRes' for event in messages) and facts.charged:
        facts.outcome, facts.reason = FINISHED, f'the {facts.ended_by} ended it'
    elif fault:
        facts.outcome, facts.reason = FAILED, fault.text
        facts.last_stage = _stage_at(facts.recording.steps, fault.time)
    elif any(event.name == 'SessionStopReq' for event in messages):
        facts.outcome, facts.reason = FAILED, 'the vehicle left before current flowed'
        facts.last_stage = _stage_at(
            [s for s in facts.recording.steps if s.name != 'SESSION_STOP'], inf
        )
    else:
        facts.reason = 'the recording ends before the session does'


def _stage_at(steps: list[Step], time: float) -> str:
    """Return the stage of a time, or the last before it; a safe end is no stage of its own."""
    begun = [step.name for step in steps if step.begin <= time and step.name != SAFE_END]
    return begun[-1] if begun else ''


def _ended_by(messages: list[Event]) -> str:
    """Tell who wanted the end: the vehicle, unless the charger had said so before."""
    for event in messages:
        if str(value_of(event.message, 'EVSEStatusCode')) in _CHARGER_STOPS:
            return str(Side.CHARGER)
        if str(value_of(event.message, 'EVSENotification')) in _CHARGER_STOPS:
            return str(Side.CHARGER)
        if event.name == 'SessionStopReq':
            break
    return str(Side.VEHICLE)
