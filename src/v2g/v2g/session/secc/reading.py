# SPDX-License-Identifier: Apache-2.0
"""The talk with a vehicle that is only asked for its state of charge (R18)."""

from collections.abc import Callable
from dataclasses import replace
from math import inf

from v2g.session import waits
from v2g.session.cause import Cause, wish
from v2g.session.exchange import Answer, Ask, Health, Limits, Notification, Step
from v2g.session.readings import Isolation
from v2g.session.secc.notes import VehicleNotes
from v2g.session.secc.reader_settings import ReaderSettings
from v2g.session.secc.replies import Replies
from v2g.session.secc.setup import set_up
from v2g.session.stage import Stage

PATIENCE = 3.0  # s from the first ChargeParameterDiscoveryReq on (R18)
FAREWELL = 1.0  # s that a vehicle has for SessionStop once its numbers have repeated themselves
RIPPLE = 1.0  # A, as chargers tell it
_ENDED = 'the vehicle ended the session before it told its state of charge'
_EMPTY = 'the vehicle tells a state of charge of 0 % and no other, which some mean as none'


class Reading:
    """Answers up to ChargeParameterDiscovery, which stays Ongoing; nothing is ever Finished there.

    What it has learnt counts whatever ends it, a broken connection too.
    """

    def __init__(
        self, replies: Replies, settings: ReaderSettings, notes: VehicleNotes, now: float
    ) -> None:
        self.replies = replies
        self.cause: Cause | None = None
        self._settings, self._notes, self._story = settings, notes, notes.story
        self._told: object = None  # state of charge and capacity, as told last
        self._until = inf
        self._heard_at = now

    @property
    def deadline(self) -> float | None:
        return None if self._until == inf else self._until

    def receive(self, payload_type: int, payload: bytes, now: float) -> None:
        if self.cause is not None or not self.replies.open:
            return
        self._heard_at = now
        heard = self.replies.hear(payload_type, payload, self._story)
        self._notes.offered(self.replies.offered)
        if isinstance(heard, Cause):
            self._refused(heard, now)
        elif heard.step is Step.APP_PROTOCOL:
            self._story.climb(Stage.APP_PROTOCOL)
            self._story.state.protocol = self.replies.dialect.name
        else:
            self._answer(heard, now)

    def tick(self, now: float) -> None:
        if now >= self._until:
            self.cause = self.cause or self.verdict(Cause(_EMPTY, 'VALUE_MISSING', retry=False))

    def waits_for(self, now: float) -> str:
        """What it waits for, as a sentence; empty: for what has just been asked."""
        return waits.NEXT_REQUEST if now >= self._heard_at + waits.PATIENCE else ''

    def close(self) -> None:
        """End the connection."""
        self.replies.close(self._story)

    def verdict(self, cause: Cause) -> Cause:
        """What the end comes to: whoever has told the numbers was read; a latch stays one."""
        if not self._notes.has_numbers:
            return cause
        self._notes.vouch()
        return cause if cause.latch else wish('the vehicle was read')

    def _refused(self, cause: Cause, now: float) -> None:
        if self.replies.refused is not None:
            self._notes.learn(self.replies.refused, now)
        self.cause = self.verdict(cause)

    def _answer(self, ask: Ask, now: float) -> None:
        self._notes.learn(ask, now)
        if ask.knows_soc:
            self._story.state.soc = ask.soc
        if ask.step <= Step.CHARGE_PARAMETERS:
            self._story.climb(ask.step.stage)
        else:
            self._story.enter(ask.step.stage)
        answer = _ANSWERS.get(ask.step, Reading._plain)(self, ask, now)
        answer = replace(answer, session_id=self.replies.session_id)
        self.replies.reply(answer, self._story, close=ask.step is Step.SESSION_STOP)
        self._story.state.response_code = answer.code

    def _setup(self, ask: Ask, now: float) -> Answer:
        return set_up(ask, self.replies, self._story, self._settings.evse_id)

    def _plain(self, ask: Ask, now: float) -> Answer:
        return Answer(step=ask.step, health=Health.NOT_READY, isolation=Isolation.INVALID)

    def _parameters(self, ask: Ask, now: float) -> Answer:
        told = (ask.soc, ask.energy_capacity)
        if self._until == inf:
            self._until = now + PATIENCE
        if told == self._told and ask.knows_soc:
            self._notes.vouch()
            self._until = min(self._until, now + FAREWELL)
        self._told = told
        return Answer(
            step=ask.step,
            ongoing=True,
            health=Health.READY,
            notification=Notification.STOP,
            isolation=Isolation.INVALID,
            limits=self._limits,
            schedule_power=self._settings.max_power,
        )

    def _end(self, ask: Ask, now: float) -> Answer:
        self.cause = self.verdict(Cause(_ENDED, 'VEHICLE_STOPS'))
        return Answer(step=ask.step)

    @property
    def _limits(self) -> Limits:
        s = self._settings
        return Limits(
            max_voltage=s.max_voltage,
            min_voltage=s.min_voltage,
            max_current=s.max_current,
            min_current=s.min_current,
            max_power=s.max_power,
            ripple=RIPPLE,
        )


_ANSWERS: dict[Step, Callable[[Reading, Ask, float], Answer]] = {
    Step.SESSION_SETUP: Reading._setup,
    Step.CHARGE_PARAMETERS: Reading._parameters,
    Step.SESSION_STOP: Reading._end,
}


class NothingLive:
    """The end of a reading: no output was ever on, so only the connection is closed."""

    energised = False
    done = True
    deadline = None

    def __init__(self, talk: Reading, cause: Cause) -> None:
        self.cause = talk.verdict(cause)
        talk.close()

    def receive(self, payload_type: int, payload: bytes, now: float) -> None:
        """Nothing is answered any more."""

    def tick(self, now: float) -> None:
        """Nothing is waited for."""

    def worsen(self, cause: Cause, now: float) -> None:
        if cause.latch:
            self.cause = cause

    def disconnected(self, now: float) -> None:
        """It is closed."""
