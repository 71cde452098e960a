# SPDX-License-Identifier: Apache-2.0
"""The charger's way to safe outputs: power off, contactors open, bled, pilot 100 % (R14)."""

from dataclasses import replace
from enum import Enum
from math import inf

from v2g.session.cause import Cause
from v2g.session.exchange import Answer, Ask, Code, Health, Notification, Step
from v2g.session.readings import STALE, SupplyReading, Switch
from v2g.session.secc.conversation import SeccConversation
from v2g.session.secc.regulation import off
from v2g.session.secc.supervision import (
    BEYOND_WORDS,
    DEAD,
    LOW_CURRENT,
    still_live,
    welded,
)
from v2g.session.stage import Stage
from v2g.session.story import Story

CURRENT_DOWN = 1.0  # s, then the contactors open whatever flows
OPENING_TIME = 1.0  # s for feedback
BLEEDING_TIME = 5.0  # s
FAREWELL = 5.0  # s after SessionStopRes, or after the failure, then the charger closes (R2)
_GOODBYES = (Step.STOP, Step.WELDING_DETECTION, Step.SESSION_STOP)


class Part(Enum):
    """One part of the way."""

    CURRENT_DOWN = 'wait for the current'
    OPEN = 'contactors open'
    BLEED = 'output dead'
    FAREWELL = 'the vehicle closes'
    PILOT = 'pilot 100 %'


class ChargerSafeEnd:
    """Switches off first; the vehicle may still say goodbye meanwhile."""

    def __init__(
        self,
        talk: SeccConversation,
        cause: Cause,
        story: Story,
        measured_at: float,
        now: float,
    ) -> None:
        self.cause = cause
        self.energised = talk.started
        self.done = False
        self._stopped = False  # SessionStop was answered
        self._live = False  # the output, after its time, and it was told
        self.outputs = off(talk.outputs)
        self._replies, self._story = talk.replies, story
        self._owed = talk.held  # the answer to it
        self._isolation = talk.cable_check.isolation if talk.cable_check else None
        self._supply, self._measured_at = talk.supply, measured_at
        self._off_at = now if talk.outputs.output else talk.off_at
        self._parts = list(Part)
        self._part = self._parts.pop(0)
        self._until = now + CURRENT_DOWN
        self._farewell_until = now + FAREWELL
        self._show(cause)
        if cause.fault:
            story.enter(Stage.SAFE_END)
        self._run(now)

    @property
    def deadline(self) -> float | None:
        if self.done:
            return None
        goodbye = [self._farewell_until] if self._replies.open else []
        return min([self._until, *goodbye])

    def measured(self, supply: SupplyReading, measured_at: float, now: float) -> None:
        """Take what the supply measured, and when that was."""
        self._supply, self._measured_at = supply, measured_at
        if self._part is Part.FAREWELL:
            self._judge()
        self._run(now)

    def _judge(self) -> None:
        """An output that had its time must be dead."""
        if abs(self._supply.voltage) >= DEAD and not self._live:
            self._live = True
            self._heed(still_live(self._supply))

    def receive(self, payload_type: int, payload: bytes, now: float) -> None:
        if self._replies.open:
            heard = self._replies.hear(payload_type, payload, self._story)
            if isinstance(heard, Ask):
                self._say_goodbye(heard, now)
        self._run(now)

    def tick(self, now: float) -> None:
        owed, self._owed = self._owed, None
        if owed is not None and self._replies.open:
            self._say_goodbye(owed, now)
        self._run(now)

    def _show(self, cause: Cause) -> None:
        """What is beyond words a vehicle sees at the pilot (R14)."""
        live = cause.error == 'ISOLATION_FAULT' and self.energised
        if live or cause.error in BEYOND_WORDS:
            self.outputs = replace(self.outputs, duty=1.0)

    def worsen(self, cause: Cause, now: float) -> None:
        self._heed(cause)

    def _heed(self, cause: Cause) -> None:
        """The output is off already: only what is worse counts."""
        self._show(cause)
        worse = (cause.latch, cause.fault) > (self.cause.latch, self.cause.fault)
        if worse:
            self.cause = cause
        if worse or cause.error == 'OUTPUT_LIVE':
            self._story.warn(cause.reason)

    def disconnected(self, now: float) -> None:
        self._replies.open = False
        self._run(now)

    def _say_goodbye(self, ask: Ask, now: float) -> None:
        """Answer what ends a session; to all else say that this one is over."""
        if ask.step is Step.APP_PROTOCOL:
            return  # too late to begin
        may_ask_on = ask.step in (*_GOODBYES, Step.CHARGE_LOOP, Step.PRECHARGE)
        answer = Answer(
            step=ask.step,
            session_id=self._replies.session_id,
            code=Code.OK.value if may_ask_on else Code.FAILED.value,
            health=self._health,
            notification=Notification.STOP,
            isolation=self._isolation,
            evse_id=b'\x00',
            present_voltage=self._supply.voltage,
            present_current=self._supply.current,
        )
        self._replies.reply(answer, self._story, close=answer.failed)
        if ask.step is Step.SESSION_STOP and not self._stopped:
            self._stopped, self._farewell_until = True, now + FAREWELL

    @property
    def _health(self) -> Health:
        if not self.cause.fault or self.cause.error == 'VEHICLE_LEFT_C':  # no fault of ours (R2)
            return Health.SHUTDOWN
        broken = self.cause.error != 'EMERGENCY_STOP'
        return Health.MALFUNCTION if broken else Health.EMERGENCY

    def _run(self, now: float) -> None:
        if self._replies.open and now >= self._farewell_until:
            self._replies.close(self._story)
        while not self.done and self._over(now):
            self._part = self._parts.pop(0)
            self._begin(now)

    def _begin(self, now: float) -> None:
        match self._part:
            case Part.OPEN:
                self.outputs = replace(self.outputs, contactors=False)
                self._until = now + OPENING_TIME
            case Part.BLEED:
                supply = self._measured(now)
                flows = abs(supply.current) > LOW_CURRENT
                if supply.contactors is Switch.CLOSED or flows:
                    self._heed(welded())
                self._until = now + BLEEDING_TIME
            case Part.FAREWELL:
                self._judge()
                self._until = inf  # as long as the connection stands
            case Part.PILOT:
                self.outputs = replace(self.outputs, duty=1.0)
                self.done = True

    def _over(self, now: float) -> bool:
        supply, late = self._measured(now), now >= self._until
        match self._part:
            case Part.CURRENT_DOWN:
                told = self._measured_at > self._off_at  # one from before says nothing of now
                return (told and abs(supply.current) <= LOW_CURRENT) or late
            case Part.OPEN:
                return supply.contactors is Switch.OPEN or late
            case Part.BLEED:
                return abs(supply.voltage) < DEAD or late
        return not self._replies.open

    def _measured(self, now: float) -> SupplyReading:
        """The last reading; one that shows nothing where it is stale."""
        return self._supply if now < self._measured_at + STALE else SupplyReading()
