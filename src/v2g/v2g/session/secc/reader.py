# SPDX-License-Identifier: Apache-2.0
"""The SECC of an AC wallbox: reads the state of charge, then gets out of the way (R18)."""

from collections.abc import Callable
from dataclasses import replace

from v2g.session.battery import Battery
from v2g.session.cause import Cause, fault
from v2g.session.din import NAMESPACE
from v2g.session.din.charger import DinCharger
from v2g.session.events import Event
from v2g.session.outputs import PilotOutputs
from v2g.session.part import Conversation, SafeEnd
from v2g.session.readings import STALE
from v2g.session.secc.outlet import Outlet
from v2g.session.secc.reader_settings import ReaderSettings
from v2g.session.secc.reading import NothingLive, Reading
from v2g.session.secc.replies import Replies
from v2g.session.side import UNPLUG_TIME, Phase
from v2g.session.stage import Stage
from v2g.session.state import SessionState

DIGITAL = 0.05  # duty of the pilot
_TRYING = (Phase.IDLE, Phase.CLIMBING, Phase.TALKING)


class Reader(Outlet):
    """Takes readings, messages and time; `command` says what is asked of the pilot's owner.

    One try to a plug-in, and whatever comes of it the owner is asked to go on with AC.
    """

    retry_pause = 0.0
    purpose = Stage.CHARGE_PARAMETERS

    def __init__(self, settings: ReaderSettings, entropy: Callable[[int], bytes]) -> None:
        super().__init__(retries=0, unplug_time=UNPLUG_TIME)
        self._settings, self._entropy = settings, entropy
        self._until: float | None = None  # when the vehicle goes on to AC without having told
        self.story.state.evse_id = settings.evse_id

    @property
    def command(self) -> PilotOutputs:
        """What is asked of the pilot's owner now; after an emergency stop nothing charges (R5)."""
        if self.phase is Phase.OVER:
            return PilotOutputs(ac=not self.latched)
        trying = self.phase in (Phase.CLIMBING, Phase.TALKING)
        return PilotOutputs(duty=DIGITAL if trying else 1.0)

    def battery(self, now: float) -> Battery:
        """What is known here of the vehicle's battery, for charging/battery_state."""
        if not self.measures(now):
            return Battery()
        return replace(Battery(), present=self.plugged, percentage=self.notes.facts.soc)

    @property
    def deadline(self) -> float | None:
        due = (super().deadline, self._until if self.phase in _TRYING else None)
        return min((when for when in due if when is not None), default=None)

    def _settle(self, now: float) -> list[Event]:
        if self.phase in _TRYING and self.plugged and not self.latched:
            self._until = self._until or now + self._settings.reader_timeout
            if now >= self._until:
                self._give_up(now)
        else:
            self._until = None
        return super()._settle(now)

    def _begin(self, now: float) -> None:
        self._until = now + self._settings.reader_timeout  # 5 % from here on
        super()._begin(now)

    def _give_up(self, now: float) -> None:
        state = self.state
        waits = f': {state.reason}' if state.reason else ''
        reason = f'{state.stage.name} when {self._settings.reader_timeout:.0f} s were over{waits}'
        cause = fault('READER_TIMEOUT', reason, retry=False)
        if self.phase is Phase.TALKING:
            self._stop_by(cause, now)
        else:
            self._served = True
            self._over(cause, now)

    def _ready(self, now: float) -> str:
        if self._pilot_at is None or now - self._pilot_at > STALE:
            return 'waiting for pilot/status'
        return '' if self.ladder.known else 'waiting for slac/status and data_link'

    def _converse(self, connection_id: int, now: float) -> Conversation:
        replies = Replies(connection_id, NAMESPACE, DinCharger(), self._entropy)
        return Reading(replies, self._settings, self.notes, now)

    def _part(self, talk: Conversation, cause: Cause, now: float) -> SafeEnd:
        assert isinstance(talk, Reading)
        return NothingLive(talk, cause)

    def _done(self, end: SafeEnd) -> None:
        """No output was on."""

    def _watch(self, now: float) -> Cause | None:
        if self._fresh_until is not None and now >= self._fresh_until:
            return fault('STALE_INPUT', 'pilot/status is stale', retry=False)
        if not self.plugged:
            return fault('PILOT_LOST', f'the control pilot shows {self._pilot.pilot.name}')
        if self._pilot.lease_lapsed:
            return fault('LEASE_LAPSED', "the pilot's owner has not got its commands in time")
        return None

    @property
    def _fresh_until(self) -> float | None:
        return None if self._pilot_at is None else self._pilot_at + STALE

    def _forget(self, now: float) -> None:
        state = self.state
        self.story.state = SessionState('evse', attempt=state.attempt, evse_id=state.evse_id)
