# SPDX-License-Identifier: Apache-2.0
"""What happened to the side under test, and whether it is what its scenario expects."""

from dataclasses import dataclass, field
from math import inf, nan
from typing import Protocol

from plc_sim.referee import BREAKING_CURRENT, TOUCHABLE, Rule as Foul, Sight
from plc_sim.scenario.scenario import Scenario
from v2g.session.evcc.outcome import Code, code_of
from v2g.session.stage import Stage

IN_B = 0.1  # s from a fault to pilot B (R1); of a charger: to a current under 5 A (R14)
IN_B_AFTER_STOP = 2.1  # s of a normal stop: PowerDeliveryRes is waited for 2 s (R1)
OPEN_AFTER_FAULT = 2.0  # s
OPEN_AFTER_STOP = 5.0  # s
ENDINGS = (
    Stage.STOP,
    Stage.WELDING_DETECTION,
    Stage.SESSION_STOP,
    Stage.FINISHED,
    Stage.SAFE_END,
    Stage.FAILED,
)


class Told(Protocol):
    """Of charging/state, the session's own or the message."""

    @property
    def stage(self) -> int: ...
    @property
    def error(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def active(self) -> bool: ...
    @property
    def attempt(self) -> int: ...


class Result(Protocol):
    """Of the action charging/charge, the session's own or the message."""

    @property
    def error(self) -> str: ...
    @property
    def reason(self) -> str: ...


@dataclass
class Record:
    """Is told what can be seen, in order; `tests` is the side it looks after."""

    tests: str
    since: Stage | None = None  # the misbehaviour begins with it, not where it was seen
    began: float = inf  # s, when the misbehaviour began, or what a person did
    noticed_at: float = inf  # s, when the session began to end
    acts: int = 0  # of script and hardware
    stage: Stage = Stage.IDLE  # the last before the end
    error: str = ''
    reason: str = ''
    over: bool = False  # the first session is
    ended_at: float = inf
    attempts: int = 0
    again: bool = False  # another attempt has begun
    off_at: float = nan  # s, pilot B; of a charger: little current. NaN: there was nothing to do
    open_at: float = nan  # s; NaN: they were not closed
    seen: Sight | None = None
    flowed: float = nan  # A, when the first person did something
    fouls: set[tuple[str, Foul]] = field(default_factory=set)  # side and rule
    code: int | None = None  # error_code of the vehicle's goal; None: it has no result yet
    result: tuple[str, str] = ('', '')  # its error and reason
    answers: list[tuple[str, bool]] = field(default_factory=list)  # to people
    _active: bool = False
    _on: bool = False
    _closed: bool = False

    def acted(self, now: float, *, counts: bool) -> None:
        """Script or hardware has misbehaved; `counts`: the end is due from there on."""
        self.acts += 1
        if counts and self.since is None:
            self.began = min(self.began, now)

    def done(self, now: float) -> None:
        """A person has done something."""
        if self.began == inf and self.seen is not None:
            self.flowed = self.seen.inlet_current
        self.began = min(self.began, now)

    def answered(self, what: str, *, granted: bool) -> None:
        """A service has answered a person."""
        self.answers.append((what, granted))

    def look(self, seen: Sight, now: float) -> None:
        """See pilot, lock, contactors, volts and amperes as they are now."""
        self.seen = seen
        mine = self.tests == 'pev'
        on = seen.wants_energy if mine else seen.output_current > BREAKING_CURRENT
        closed = bool(seen.vehicle_connected if mine else seen.charger_connected)
        if not self.over or now < self.ended_at + 1.0:
            self.off_at = now if self._on and not on else self.off_at
            self.open_at = now if self._closed and not closed else self.open_at
        self._on, self._closed = on, closed

    def state(self, told: Told, now: float) -> None:
        """Take charging/state of the side under test."""
        if self.over:
            self.again = self.again or told.attempt > self.attempts
            return
        if told.stage in ENDINGS:
            self.noticed_at = min(self.noticed_at, now)
        else:
            self.stage = Stage(told.stage)
        if self.stage is self.since:
            self.began = min(self.began, now)
        self.over = self._active and not told.active
        self._active = told.active
        if self.over:
            self.ended_at, self.attempts = now, told.attempt
            self.error, self.reason = told.error, told.reason.partition('; next attempt')[0]

    def resulted(self, code: int, told: Result) -> None:
        """Take the result of the vehicle's goal."""
        self.code, self.result = code, (told.error, told.reason)

    @property
    def off_after(self) -> float:
        """S from the misbehaviour to pilot B, or little current; NaN: it was so before."""
        return self.off_at - self.began

    @property
    def open_after(self) -> float:
        """S from the misbehaviour to open contactors; NaN: they were open before."""
        return self.open_at - self.began


def complaints(scenario: Scenario, record: Record, patience: float = 0.0) -> list[str]:
    """Everything that is not as expected; empty: all is.

    patience: s that a busy machine may add to pilot B and open contactors.
    """
    end = scenario.end
    if not record.over:
        return ['the session does not end']
    wrong = _different(scenario, record)
    wrong += _late(scenario, record, patience)
    if end.error and end.reason not in record.reason:
        wrong.append(f'reason {record.reason!r} lacks {end.reason!r}')
    if end.error and not record.reason:
        wrong.append('no reason')
    wrong += _result(scenario, record)
    wrong += _answers(scenario, record)
    if end.amperes is not None and not end.amperes[0] <= record.flowed <= end.amperes[1]:
        wrong.append(f'{record.flowed:.0f} A flow')
    if record.fouls != set(end.fouls):
        told = ', '.join(f'{side} {rule}' for side, rule in sorted(record.fouls)) or 'nothing'
        wrong.append(f'the referee calls {told}')
    return wrong


def _different(scenario: Scenario, record: Record) -> list[str]:
    end = scenario.end
    pairs = [
        ('stage', end.stage.name, record.stage.name),
        ('error', end.error, end.error if record.error in end.also else record.error),
        ('another attempt', end.retry, record.again),
    ]
    if scenario.tests == 'pev' and record.seen is not None:
        pairs.append(('locked', end.locked, bool(record.seen.locked)))
    return [f'{name} {was!r}, not {due!r}' for name, due, was in pairs if due != was]


def _result(scenario: Scenario, record: Record) -> list[str]:
    """The goal's result says what charging/state says; with another attempt the goal goes on."""
    if scenario.tests != 'pev' or record.again:
        return []
    if record.code is None:
        return ['the goal has no result']
    told = (record.error, record.reason)
    wrong = [] if record.result == told else [f'the result says {record.result}, not {told}']
    if record.error and (record.code == Code.FAILED or record.code != code_of(record.error)):
        wrong.append(f'the result has the code {record.code}')
    return wrong


def _answers(scenario: Scenario, record: Record) -> list[str]:
    """Each deed has had its answer, and it is the one due."""
    due = sorted((deed.what, deed.granted) for deed in scenario.deeds)
    told = sorted(record.answers)
    words = ', '.join(f'{what} {"granted" if yes else "refused"}' for what, yes in told)
    return [] if told == due else [f'people were answered: {words or "nothing"}']


def _late(scenario: Scenario, record: Record, patience: float) -> list[str]:
    end, wrong = scenario.end, []
    due = end.notice + patience
    if (scenario.misbehaves and not record.acts) or (scenario.deeds and record.began == inf):
        return ['nothing was done']
    if end.fault and record.noticed_at > record.began + due + IN_B:
        wrong.append(f'not noticed for {record.noticed_at - record.began:.3f} s')
    off = IN_B if end.fault else IN_B_AFTER_STOP
    opened = OPEN_AFTER_FAULT if end.fault else OPEN_AFTER_STOP
    if record.off_after > due + off:
        wrong.append(f'not off for {record.off_after - end.notice:.3f} s')
    if record.open_after > due + opened:
        wrong.append(f'not open for {record.open_after - end.notice:.1f} s')
    seen = record.seen
    if seen is not None and not end.fouls:
        wrong += _unsafe(scenario.tests, seen)
    return wrong


def _unsafe(tests: str, seen: Sight) -> list[str]:
    """What is not safe when all is over."""
    wrong = []
    if seen.vehicle_connected if tests == 'pev' else seen.charger_connected:
        wrong.append('its contactors are closed')
    if tests == 'pev' and seen.wants_energy:
        wrong.append('the pilot shows C')
    if tests == 'evse' and seen.output_voltage > TOUCHABLE:
        wrong.append('the output is live')
    return wrong
