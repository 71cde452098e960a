# SPDX-License-Identifier: Apache-2.0
"""The SECC: the charger's side from plug-in to plug-out."""

from collections.abc import Callable
from dataclasses import replace

from v2g.session.battery import Battery
from v2g.session.cause import Cause, fault
from v2g.session.din import NAMESPACE, timing
from v2g.session.din.charger import DinCharger
from v2g.session.events import Event
from v2g.session.outputs import SupplyOutputs
from v2g.session.part import Conversation, SafeEnd
from v2g.session.readings import STALE, SupplyReading, fresh, measured_at
from v2g.session.secc.authorization import Authorization, Permit
from v2g.session.secc.conversation import DIGITAL, SeccConversation
from v2g.session.secc.outlet import Outlet
from v2g.session.secc.replies import Replies
from v2g.session.secc.safe_end import ChargerSafeEnd
from v2g.session.secc.settings import SeccSettings
from v2g.session.secc.supervision import at_rest, lacking
from v2g.session.side import Phase
from v2g.session.state import SessionState

RETRY_PAUSE = 3.0  # s at 100 %; shorter than the vehicle's own pause (R5)


class Secc(Outlet):
    """Takes readings, messages and time; `command` says what the outputs shall be now."""

    retry_pause = RETRY_PAUSE

    def __init__(self, settings: SeccSettings, entropy: Callable[[int], bytes]) -> None:
        """`entropy(n)` returns n random octets; ValueError where a setting makes no sense."""
        super().__init__(settings.session_retries, settings.unplug_time)
        self._settings, self._entropy = settings, entropy
        self._timers = timing.BY_NAME[settings.timers]
        self._permit = Permit.of_text(settings.authorization)
        self._authorization: Authorization | None = None
        self._supply = SupplyReading()
        self._supply_at: float | None = None
        self.story.state.evse_id = settings.evse_id

    @property
    def command(self) -> SupplyOutputs:
        """What the outputs shall be now."""
        part = self._talk or self._end
        if isinstance(part, SeccConversation | ChargerSafeEnd):
            return part.outputs
        return SupplyOutputs(duty=DIGITAL if self.phase is Phase.CLIMBING else 1.0)

    @property
    def reading(self) -> SupplyReading:
        """What the supply measured last."""
        return self._supply

    def battery(self, now: float) -> Battery:
        """What is known here of the vehicle's battery, for charging/battery_state."""
        if not self.measures(now):
            return Battery()
        supply, soc = self._supply, self.state.soc
        return Battery(self.plugged, supply.voltage, supply.current, soc)

    def authorize(
        self, request_id: int, allowed: bool, reason: str, now: float
    ) -> tuple[bool, str, list[Event]]:
        """Decide whether the vehicle that was asked about may charge (R17)."""
        waiting = self._authorization
        if waiting is None or not waiting.pending or waiting.asked is None:
            return False, 'no vehicle waits for an authorisation', self._settle(now)
        if waiting.asked.request_id != request_id:
            return False, 'this answers the question about another vehicle', self._settle(now)
        waiting.decide(allowed=allowed, reason=reason)
        return True, '', self._settle(now)

    def supply(self, reading: SupplyReading, now: float) -> list[Event]:
        """Take what the power supply tells; what is old is dropped (R6)."""
        if not fresh(reading.age):
            return self._settle(now)
        self._supply, self._supply_at = reading, measured_at(reading.age, now)
        return self._measured(now)

    def _measured(self, now: float) -> list[Event]:
        measured_at = self._supply_at
        if isinstance(self._talk, SeccConversation) and measured_at is not None:
            self._talk.measured(self._supply, measured_at, self._pilot.pilot, now)
        elif isinstance(self._end, ChargerSafeEnd) and measured_at is not None:
            self._end.measured(self._supply, measured_at, now)
        return self._settle(now)

    def _stop_by(self, cause: Cause, now: float) -> None:
        """A normal stop is the vehicle's to carry out: it is asked to."""
        if not cause.fault and isinstance(self._talk, SeccConversation):
            self._talk.stop(cause.reason, now)
        else:
            super()._stop_by(cause, now)

    def _ready(self, now: float) -> str:
        if self._supply_at is None or now - self._supply_at > STALE:
            return 'waiting for supply/status'
        if self._pilot_at is None or now - self._pilot_at > STALE:
            return 'waiting for pilot/status'
        if not self.ladder.known:
            return 'waiting for slac/status and data_link'
        if not self._supply.max_voltage > 0 or not self._supply.max_current > 0:
            return 'the supply does not tell its limits'
        return lacking(self._supply) or at_rest(self._supply) or self._supply.fault

    def _converse(self, connection_id: int, now: float) -> Conversation:
        replies = Replies(connection_id, NAMESPACE, DinCharger(), self._entropy)
        request_id = int.from_bytes(self._entropy(8), 'little')
        self._authorization = Authorization(self._permit, request_id, self.story)
        talk = SeccConversation(
            replies, self._settings, self._timers, self._authorization, self.notes, now
        )
        assert self._supply_at is not None  # nothing begins without a reading
        talk.measured(self._supply, self._supply_at, self._pilot.pilot, now)
        return talk

    def _part(self, talk: Conversation, cause: Cause, now: float) -> SafeEnd:
        assert isinstance(talk, SeccConversation)
        if self._authorization is not None:
            self._authorization.withdraw()
        assert self._supply_at is not None  # nothing begins without a reading
        return ChargerSafeEnd(talk, cause, self.story, self._supply_at, now)

    def _done(self, end: SafeEnd) -> None:
        """Outputs are off; nothing of them is kept."""

    def _over(self, cause: Cause, now: float, *, energised: bool = False) -> None:
        """Who was denied is tried no more before an unplug, however it took that (R17)."""
        super()._over(self._as_denied(cause), now, energised=energised)

    def _as_denied(self, cause: Cause) -> Cause:
        asked = self._authorization
        if asked is None or not asked.denied or cause.latch:  # a latch meets the next one too
            return cause
        if asked.reason in cause.reason:
            return replace(cause, retry=False)
        return replace(cause, reason=f'{asked.reason} ({cause.reason})', retry=False)

    def _watch(self, now: float) -> Cause | None:
        until = self._fresh_until
        if until is not None and now >= until:
            return fault('STALE_INPUT', 'supply/status or pilot/status is stale')
        if not self._pilot.pilot.plugged:
            return fault('PILOT_LOST', f'the control pilot shows {self._pilot.pilot.name}')
        if self._supply.fault:
            return fault('SUPPLY_FAULT', self._supply.fault, retry=False)
        if self._supply.lease_lapsed or self._pilot.lease_lapsed:
            return fault('LEASE_LAPSED', 'supply or pilot has not got its commands in time')
        return None

    @property
    def _fresh_until(self) -> float | None:
        if self._supply_at is None or self._pilot_at is None:
            return None
        return min(self._supply_at, self._pilot_at) + STALE

    def _forget(self, now: float) -> None:
        self._authorization = None
        state = self.state
        self.story.state = SessionState('evse', attempt=state.attempt, evse_id=state.evse_id)
