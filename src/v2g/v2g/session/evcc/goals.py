# SPDX-License-Identifier: Apache-2.0
"""The life of a goal of charging/charge beside the vehicle's machine: one at a time."""

from collections.abc import Iterable

from v2g.session.evcc.goal import Goal
from v2g.session.evcc.machine import Evcc
from v2g.session.evcc.outcome import Code, End, Outcome, code_of
from v2g.session.events import Ended, Event
from v2g.session.side import Phase

BUSY = 'another goal is running; cancel it first'
CANCELED = 'the goal was canceled'
LEAVING = 'TOLD_TO_END'  # error word


class Goals:
    """Accepts a goal, follows the session that serves it, and tells its outcome once."""

    def __init__(self, machine: Evcc) -> None:
        self._machine = machine
        self._running = False
        self._canceled = False

    @property
    def running(self) -> bool:
        """A goal waits for its outcome."""
        return self._running

    def accept(self, goal: Goal, now: float) -> tuple[Outcome | None, list[Event]]:
        """Take a goal, and return its outcome where it ends at once."""
        code, why = self._refusal(goal)
        if code:
            return self._outcome(End.ABORTED, code, code.name, why), []
        self._machine.wishes.take(goal, self._machine.state, now)
        self._running, self._canceled = True, False
        if not self._machine.active and (outcome := self._waiting(now)):
            return outcome, []
        return None, self._machine.start(now)

    def cancel(self, now: float) -> tuple[Outcome | None, list[Event]]:
        """End the goal and its session by R1, normal."""
        self._canceled = True
        if self._machine.phase is Phase.IDLE:
            return self._conclude(End.CANCELED, Code.CANCELED, '', CANCELED), []
        return None, self._machine.stop(now, CANCELED)

    def follow(self, events: Iterable[Event], now: float) -> Outcome | None:
        """Look at what happened, and return the outcome where it ends the goal."""
        if not self._running:
            return None
        for event in events:
            if isinstance(event, Ended) and event.final:
                return self._ended(event)
        return self._waiting(now) if self._machine.phase is Phase.IDLE else None

    def _refusal(self, goal: Goal) -> tuple[Code, str]:
        machine = self._machine
        if self._running:
            return Code.BUSY, BUSY
        if why := goal.wrong or machine.wishes.beyond(goal):
            return Code.INVALID_GOAL, why
        if machine.latched:
            return Code.NOT_READY, machine.latched
        if machine.phase is Phase.ENDING:
            return Code.NOT_READY, f'the session is just ending: {machine.state.reason}'
        if machine.phase is Phase.OVER:
            why = f'the session is over: {machine.state.reason}'
            return Code.NOT_READY, f'{why}; unplug, or call charging/reset'
        return Code.NONE, ''

    def _waiting(self, now: float) -> Outcome | None:
        """A goal that has no session yet may end before one."""
        machine = self._machine
        if machine.leaving:
            reason = 'this node was told to end'
            return self._conclude(End.ABORTED, Code.NODE, LEAVING, reason)
        wishes = machine.wishes
        if why := wishes.reached(wishes.aimed(machine.reading), machine.state):
            return self._conclude(End.SUCCEEDED, Code.NONE, '', why)
        if why := wishes.departed(now):
            reason = f'{why}, and no charge has begun'
            return self._conclude(End.ABORTED, Code.STOPPED, '', reason)
        return None

    def _ended(self, ended: Ended) -> Outcome:
        if ended.error:
            return self._conclude(End.ABORTED, code_of(ended.error), ended.error, ended.reason)
        if self._machine.wishes.met:
            return self._conclude(End.SUCCEEDED, Code.NONE, '', ended.reason)
        if self._canceled:
            return self._conclude(End.CANCELED, Code.CANCELED, '', ended.reason)
        if self._machine.leaving:
            return self._conclude(End.ABORTED, Code.NODE, LEAVING, ended.reason)
        return self._conclude(End.ABORTED, Code.STOPPED, '', ended.reason)

    def _conclude(self, end: End, code: Code, error: str, reason: str) -> Outcome:
        self._running = False
        outcome = self._outcome(end, code, error, reason)
        self._machine.wishes.drop()
        self._machine.take_back()
        return outcome

    def _outcome(self, end: End, code: Code, error: str, reason: str) -> Outcome:
        state = self._machine.state
        energy = self._machine.wishes.delivered(state) if code is not Code.BUSY else 0.0
        return Outcome(end, code, error, reason, energy, state.soc)
