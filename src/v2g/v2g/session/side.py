# SPDX-License-Identifier: Apache-2.0
"""What both sides do around a conversation: plug, attempts, the way up, retries, latches (R5)."""

from abc import ABC, abstractmethod
from enum import Enum

from v2g.session.cause import Cause, fault, wish
from v2g.session.events import Ended, Event
from v2g.session.kept import Kept
from v2g.session.ladder import Ladder
from v2g.session.part import Conversation, SafeEnd
from v2g.session.readings import (
    DataLinkReading,
    LinkReading,
    ModemReading,
    ModemState,
    SlacReading,
)
from v2g.session.stage import Stage
from v2g.session.story import Story

MAX_EARLY = 8  # messages kept until their connection is told
LASTS = 5.0  # s after which a wait is worth a line in the log
UNPLUG_TIME = 3.0  # s the plug must be seen out before it counts as pulled (R5, R18)


class Phase(Enum):
    """Where a side stands."""

    IDLE = 'idle'
    CLIMBING = 'on the way to a connection'
    TALKING = 'in a conversation'
    ENDING = 'in its safe end'
    PAUSING = 'between two attempts'
    OVER = 'over until unplug or reset'
    PERMITTED = 'reset, and not started'


class Side(ABC):
    """A vehicle or a charger between plug-in and plug-out.

    Every input returns what happened; `deadline` says when tick() is due.
    """

    retry_pause: float  # s between two attempts
    begins_itself = False  # a session is this side's own wish, not the vehicle's at its plug
    waits_for_start = 'unplug and plug in again'  # after a reset
    purpose = Stage.CHARGE_LOOP  # a session that has come there has done what it is for

    def __init__(self, role: str, retries: int, unplug_time: float = UNPLUG_TIME) -> None:
        self.story = Story(role)
        self.ladder = Ladder()
        self.phase = Phase.IDLE
        self.latched = ''  # why only charging/reset helps
        self._retries = retries
        self._left = retries
        self._started_anew = False  # behind a reset, and nothing has begun by it yet
        self._served = False  # an attempt has begun since the plug went in, by this node or before
        self._used_attempts = 0  # of a session node before this one; told once it asks for a link
        self._resume_at = 0.0  # before that no attempt begins (R5)
        self._settled_at = 0.0
        self._waited = ''  # what for, without its figures
        self._mention_at: float | None = None  # when that is said in the log
        self._paused = False  # the pause is over, something else is waited for
        self._unplug_time = unplug_time
        self._out_since: float | None = None
        self._leaving = False
        self._stopped_in = Stage.IDLE
        self._connection_id = 0
        self._early: list[tuple[int, int, bytes]] = []  # came before the connection was told
        self._talk: Conversation | None = None
        self._end: SafeEnd | None = None

    # What the sides do differently

    @property
    @abstractmethod
    def plugged(self) -> bool:
        """The plug is in, as far as is known."""

    @property
    @abstractmethod
    def unplugged(self) -> bool:
        """The plug is known to be out."""

    @abstractmethod
    def _ready(self, now: float) -> str:
        """Why no attempt may begin now; empty: it may."""

    @abstractmethod
    def _lacks_plug(self) -> str:
        """What plug or pilot lack for an attempt, as a sentence; empty: nothing."""

    def _lacks_partner(self) -> str:
        """What plug or pilot lack for SLAC, as a sentence; empty: nothing."""
        return self._lacks_plug()

    @abstractmethod
    def _converse(self, connection_id: int, now: float) -> Conversation:
        """Begin to talk."""

    @abstractmethod
    def _part(self, talk: Conversation, cause: Cause, now: float) -> SafeEnd:
        """Begin the safe end of a conversation."""

    @abstractmethod
    def _done(self, end: SafeEnd) -> None:
        """Take over the outputs of an end that is done."""

    @abstractmethod
    def _watch(self, now: float) -> Cause | None:
        """What is wrong with the readings, while there is a conversation or an end."""

    @abstractmethod
    def _forget(self, now: float) -> None:
        """Values of the last session that mean nothing to the next."""

    # What a node started anew must know of the one before it (R5, R6)

    @property
    def kept(self) -> Kept:
        """What must outlive this node."""
        latching = self._end.cause.latching if self._end is not None else ''
        return Kept(served=self._served, latched=self.latched or latching)

    def recall(self, kept: Kept, now: float) -> None:
        """Take over what the node before this one has left; the next input returns the events."""
        self._served, self.latched = kept.served, kept.latched
        if kept.served or kept.latched:
            self._restarted(now)

    def _restarted(self, now: float) -> None:
        why = f'this node was restarted; {self.latched or "unplug, or call charging/reset"}'
        self._say(why)
        self._over(fault('RESTARTED', why, retry=False), now)

    # Inputs of both sides

    def modem(self, reading: ModemReading, now: float) -> list[Event]:
        """Take what is known of the modem; a connection that stands outlives all but a command."""
        self.ladder.modem = reading
        if reading.state is ModemState.INACTIVE:
            self._stop_by(wish(reading.reason), now)
        return self._settle(now)

    def slac(self, reading: SlacReading, now: float) -> list[Event]:
        if self.ladder.set_slac(reading):
            self._meet_slac(now)
        return self._settle(now)

    def data_link(self, reading: DataLinkReading, now: float) -> list[Event]:
        if self.ladder.set_data_link(reading):
            self._meet_slac(now)
        return self._settle(now)

    def _meet_slac(self, now: float) -> None:
        """A node that is restarted never resumes (R6)."""
        self._used_attempts = self.ladder.attempts
        if self.ladder.restarted and self.phase is not Phase.OVER:
            self._restarted(now)

    def link(self, reading: LinkReading, now: float) -> list[Event]:
        self.ladder.link = reading
        return self._settle(now)

    def receive(
        self, connection_id: int, payload_type: int, payload: bytes, now: float
    ) -> list[Event]:
        """Take a V2GTP message; one of another connection is dropped.

        The first may come before transport/status tells of its connection: two topics have no
        common order.
        """
        if self.phase is Phase.CLIMBING:
            self._early = [*self._early[1 - MAX_EARLY :], (connection_id, payload_type, payload)]
        elif connection_id == self._connection_id:
            if self._talk is not None:
                self._talk.receive(payload_type, payload, now)
            elif self._end is not None:
                self._end.receive(payload_type, payload, now)
        return self._settle(now)

    def node_lost(self, name: str, now: float) -> list[Event]:
        """A node of this side has died: in a session a fault (R7)."""
        self._stop_by(fault('NODE_DIED', f'the node {name} died'), now)
        return self._settle(now)

    def stop(self, now: float, reason: str = 'stop was asked for') -> list[Event]:
        """End by R1, normal; also where a session ends already, nothing follows it."""
        self._stop_by(wish(reason), now)
        if self.active:
            self._left = 0
        if self.phase in (Phase.CLIMBING, Phase.PAUSING):
            self._over(wish(reason), now)
        return self._settle(now)

    def emergency_stop(self, now: float) -> list[Event]:
        """End by R1, fault, and stay so until reset."""
        cause = fault('EMERGENCY_STOP', 'emergency stop', retry=False, latch=True)
        self._stop_by(cause, now)
        if self.phase not in (Phase.TALKING, Phase.ENDING):
            self._over(cause, now)
        return self._settle(now)

    def end(self, now: float, *, is_fault: bool, reason: str) -> list[Event]:
        """This program shall end (R7): a normal stop, or a fault, and nothing after it."""
        self._leaving = True
        if is_fault:
            self._stop_by(fault('TOLD_TO_END', reason, retry=False), now)
        return self.stop(now, reason)

    def reset(self, now: float) -> tuple[bool, str, list[Event]]:
        """Take back latches; refused while a session runs, without effect on the way up to one."""
        if self.active:
            return False, 'a session is running', []
        if self.phase is Phase.CLIMBING:
            return True, 'nothing to reset: a session is on its way', self._settle(now)
        waits = bool(self.latched) or (self.phase is Phase.OVER and self.begins_itself)
        self.latched, self._left = '', self._retries
        self.story.state.error = self.story.state.reason = ''
        if waits or self.phase is Phase.PERMITTED:
            self._hold()
        else:
            self._let_begin(now)
        return True, 'reset', self._settle(now)

    def start(self, now: float) -> list[Event]:
        """Somebody wants a session: what was reset may begin (R5)."""
        if self.phase is Phase.PERMITTED:
            self._started_anew = True
            self._let_begin(now)
        return self._settle(now)

    def take_back(self) -> None:
        """Nobody wants it any more; what has not begun by it waits again."""
        if self._started_anew and self.phase in (Phase.IDLE, Phase.PAUSING):
            self._hold()

    def _hold(self) -> None:
        self.phase, self._started_anew = Phase.PERMITTED, False
        self.story.state.reason = f'reset; to begin, {self.waits_for_start}'
        self.story.enter(Stage.IDLE)
        self.story.tell()

    def _let_begin(self, now: float) -> None:
        self._served = False
        self.phase = Phase.PAUSING if now < self._resume_at else Phase.IDLE
        self.story.state.reason = ''
        self.story.enter(Stage.IDLE)

    def tick(self, now: float) -> list[Event]:
        """Let time pass."""
        return self._settle(now)

    @property
    def active(self) -> bool:
        """Outputs may be live."""
        return self.phase in (Phase.TALKING, Phase.ENDING)

    @property
    def deadline(self) -> float | None:
        """When tick() is due next (s, steady clock)."""
        due = (self._phase_deadline, self._mention_at)
        return min((when for when in due if when is not None), default=None)

    @property
    def _phase_deadline(self) -> float | None:
        part = self._talk or self._end
        if part is not None:
            fresh = self._fresh_until
            stale = fresh is not None and fresh <= self._settled_at  # known already
            due = (part.deadline, None if stale else fresh)
            return min((when for when in due if when is not None), default=None)
        return None if self.phase is not Phase.PAUSING or self._paused else self._resume_at

    @property
    @abstractmethod
    def _fresh_until(self) -> float | None:
        """When the oldest reading becomes stale."""

    def measures(self, now: float) -> bool:
        """What was measured last is no older than it may be."""
        return self._fresh_until is not None and now <= self._fresh_until

    @property
    def leaving(self) -> bool:
        """This program was told to end: no session begins any more."""
        return self._leaving

    # From phase to phase

    def _settle(self, now: float) -> list[Event]:
        self._settled_at = now
        if self._talk is not None:
            self._talk.tick(now)
            self._look_after(self._talk, now)
        if self._end is not None:
            self._look_after_end(self._end, now)
        self._look_for_unplug(now)
        self._paused = self.phase is Phase.PAUSING and now >= self._resume_at
        if self.phase is Phase.IDLE or self._paused:
            self._try(now)
        if self.phase is Phase.CLIMBING:
            self._climb(now)
        self._mention(now)
        return self.story.take()

    def _mention(self, now: float) -> None:
        """Say a wait that lasts in the log, once."""
        waits = self.phase in (Phase.IDLE, Phase.CLIMBING, Phase.TALKING)
        what = self.story.state.reason.partition(':')[0] if waits else ''
        if what != self._waited:
            self._waited, self._mention_at = what, now + LASTS if what else None
        elif self._mention_at is not None and now >= self._mention_at:
            self._mention_at = None
            self.story.note(self.story.state.reason)

    def _look_after(self, talk: Conversation, now: float) -> None:
        cause = talk.cause or self._amiss(now)
        gone = self.ladder.lost(self._connection_id)
        if cause is None and gone:
            cause = fault('CONNECTION_LOST', gone)
        if cause is None:
            self.story.state.reason = talk.waits_for(now)
            return
        self._finish_talk(talk, cause, now)
        if gone and self._end is not None:
            self._end.disconnected(now)

    def _finish_talk(self, talk: Conversation, cause: Cause, now: float) -> None:
        self._talk, self.phase = None, Phase.ENDING
        self._stopped_in = self.story.state.stage
        self._say(cause.reason, cause.error)
        self.story.state.error = cause.error
        self._end = self._part(talk, cause, now)

    def _look_after_end(self, end: SafeEnd, now: float) -> None:
        if self.ladder.lost(self._connection_id):
            end.disconnected(now)
        cause = self._amiss(now)
        if cause is not None:
            end.worsen(cause, now)
        end.tick(now)
        self.story.state.error, self.story.state.reason = end.cause.error, end.cause.reason
        if end.done:
            self._end = None
            self._done(end)
            self._over(end.cause, now, energised=end.energised)

    def _amiss(self, now: float) -> Cause | None:
        if self.ladder.link.carrier:
            return self._watch(now)
        return fault('CARRIER_LOST', 'the charging interface has lost its carrier')

    def _stop_by(self, cause: Cause, now: float) -> None:
        if self._talk is not None:
            self._finish_talk(self._talk, cause, now)
        elif self._end is not None and cause.fault:
            self._end.worsen(cause, now)

    def _look_for_unplug(self, now: float) -> None:
        """A plug that is out ends the way up at once, but is a new one only after a while.

        A node of the cable that is started anew looks like a short unplug, and nothing may follow
        a session by that (R5, R6).
        """
        self._forget_plug_of_before(now)
        if not self.unplugged:
            self._out_since = None
            return
        self._out_since = now if self._out_since is None else self._out_since
        out = now - self._out_since >= self._unplug_time
        at_rest = (Phase.PAUSING, Phase.OVER, Phase.PERMITTED)
        if self.phase is Phase.CLIMBING or (out and self.phase in at_rest):
            self._unplugged(now)
        if out and not self.active:
            self._left, self._served, self._started_anew = self._retries, False, False
            self._vehicle_left()

    @abstractmethod
    def _vehicle_left(self) -> None:
        """The plug has been out long enough for the next one to be another vehicle's."""

    def _forget_plug_of_before(self, now: float) -> None:
        """Readings that were stale do not tell where the plug was all the time."""
        if self._fresh_until is None or now > self._fresh_until:
            self._out_since = None

    def _unplugged(self, now: float) -> None:
        self.phase = Phase.IDLE
        before = self.story.state
        self._forget(now)
        self.story.state.stage = before.stage
        if self.latched:
            self.story.state.error, self.story.state.reason = before.error, before.reason
        self.story.enter(Stage.IDLE)

    def _try(self, now: float) -> None:
        wait = self.latched or self._ready(now) or self._lacks_plug()
        if not wait and self.plugged and not self._leaving:
            self._begin(now)
        elif wait:
            self.story.state.reason = wait

    def _begin(self, now: float) -> None:
        state = self.story.state
        state.attempt = max(state.attempt, self._used_attempts) + 1
        state.error = state.reason = state.protocol = ''
        state.stage = Stage.IDLE
        self._forget(now)
        self.ladder.begin(state.attempt)
        self.story.absent = self.ladder.absent
        self.phase, self._served, self._started_anew = Phase.CLIMBING, True, False
        self.story.tell()

    def _climb(self, now: float) -> None:
        self.story.absent = self.ladder.absent
        lacks = '' if self.ladder.ready else self._lacks_partner()
        self.story.state.reason = lacks or self.ladder.waits_for(self.begins_itself)
        self.story.climb(self.ladder.rung)
        self._show_slac()
        connection_id, obstacle = self.ladder.connection, self.ladder.obstacle
        if connection_id is not None:
            self._connection_id, self.phase = connection_id, Phase.TALKING
            self.story.state.active, self.story.state.reason = True, ''
            self._talk = self._converse(connection_id, now)
            self._hear_early(connection_id, now)
        elif obstacle is not None:
            self._over(obstacle, now)

    def _hear_early(self, connection_id: int, now: float) -> None:
        early, self._early = self._early, []
        for other_id, payload_type, payload in early:
            if other_id == connection_id and self._talk is not None:
                self._talk.receive(payload_type, payload, now)

    def _show_slac(self) -> None:
        state, slac = self.story.state, self.ladder.slac
        if state.stage in (Stage.SLAC, Stage.AVLN) and slac and slac.attempt == state.attempt:
            self.story.enter(state.stage, max(slac.checkpoint, state.checkpoint))

    def _over(self, cause: Cause, now: float, *, energised: bool = False) -> None:
        """Outputs are safe: another attempt, or the end."""
        if self.phase is not Phase.ENDING:
            self._stopped_in = self.story.state.stage
        self._connection_id, self._resume_at = 0, now + self.retry_pause
        again = bool(cause.error) and cause.retry and not (cause.latch or energised)
        again = again and self._left > 0 and self.plugged and not self._leaving
        if cause.latch:
            self.latched = cause.latching
        state = self.story.state
        state.active, state.error, state.reason = False, cause.error, cause.reason
        state.rest()
        if again:
            self._pause(cause)
        else:
            self.phase = Phase.OVER
            self.story.enter(Stage.FAILED if cause.error else Stage.FINISHED)
        self.story.tell()
        self.story.add(Ended(cause.error, cause.reason, self._stopped_in, not again, self.purpose))

    def _pause(self, cause: Cause) -> None:
        self._left -= 1
        self.phase = Phase.PAUSING
        self.story.state.reason = f'{cause.reason}; next attempt in {self.retry_pause:.0f} s'
        self.story.enter(Stage.SAFE_END)

    def _say(self, reason: str, error: str = 'restarted') -> None:
        self.story.state.reason = reason
        if reason:
            (self.story.warn if error else self.story.note)(reason)
