# SPDX-License-Identifier: Apache-2.0
"""The EVCC: the vehicle's side from plug-in to plug-out."""

from dataclasses import replace
from math import inf, isnan, nan

from plc_kit.setting import raised
from v2g.session import waits
from v2g.session.battery import Battery, measured
from v2g.session.cause import Cause, fault, wish
from v2g.session.din import NAMESPACE, timing
from v2g.session.din.vehicle import DinVehicle
from v2g.session.evcc.conversation import EvccConversation
from v2g.session.evcc.demand import Demand
from v2g.session.evcc.dialogue import Dialogue
from v2g.session.evcc.goal import Wishes
from v2g.session.evcc.safe_end import VehicleSafeEnd
from v2g.session.evcc.settings import EvccSettings
from v2g.session.evcc.supervision import ailing, lacking, overheated, unlocked
from v2g.session.evcc.unlock import RELEASE_CURRENT, UNLOCK_TIME, live, why_locked
from v2g.session.events import Event
from v2g.session.outputs import VehicleOutputs
from v2g.session.part import Conversation, SafeEnd
from v2g.session.readings import (
    STALE,
    PilotState,
    SlacReading,
    SlacState,
    Switch,
    VehicleReading,
    fresh,
    measured_at,
)
from v2g.session.side import Phase, Side
from v2g.session.stage import Stage
from v2g.session.state import SessionState

RETRY_PAUSE = 5.0  # s in state B before another attempt (R5)
TOGGLE = 0.4  # s of C at most in SLAC's validation (TP_EV_vald_state_duration, R8)
TOGGLE_REST = 0.1  # s of B at least behind it
MOST_TOGGLES = 9  # in an attempt: three matchings (C_conn_max_match) of three


class Evcc(Side):
    """Takes readings, messages and time; `command` says what the outputs shall be now."""

    retry_pause = RETRY_PAUSE
    waits_for_start = (
        'send a goal of charging/charge, set autostart from false to true, or plug in again'
    )
    begins_itself = True

    def __init__(self, settings: EvccSettings, evcc_id: bytes) -> None:
        super().__init__('pev', settings.session_retries, settings.unplug_time)
        self._settings = settings
        self._timers = timing.BY_NAME[settings.timers]
        self.wishes = Wishes(settings)
        self.identify(evcc_id)
        self._reading = VehicleReading()
        self._read_at: float | None = None
        self._idle_outputs = VehicleOutputs()
        self._found_locked_at: float | None = None  # by a node that was started anew
        self._toggled_at = -inf  # when SLAC's validation last began to want C
        self._toggled = 0, 0  # the attempt, and how often in it

    @property
    def state(self) -> SessionState:
        """Everything of charging/state."""
        return self.story.state

    @property
    def command(self) -> VehicleOutputs:
        """What the outputs shall be now."""
        part = self._talk or self._end
        if isinstance(part, EvccConversation | VehicleSafeEnd):
            return part.outputs
        if self._toggles:
            return replace(self._idle_outputs, pilot=PilotState.C)
        return self._idle_outputs

    @property
    def _toggles(self) -> bool:
        """SLAC's validation shows C: before there is any link, and never for long (R8, R19)."""
        slac = self.ladder.slac
        if slac is None or not slac.show_c or slac.attempt != self.state.attempt:
            return False
        wanted = slac.state is SlacState.MATCHING
        at_rest = self.phase is Phase.CLIMBING and not self.ladder.ready
        at_rest = at_rest and self._reading.plugged and not self._reading.any_closed
        at_rest = at_rest and not live(self._reading)
        short = self._settled_at < self._toggled_at + TOGGLE
        return wanted and at_rest and short and self.measures(self._settled_at)

    @property
    def deadline(self) -> float | None:
        """When tick() is due next (s, steady clock)."""
        due = super().deadline
        if not self._toggles:
            return due
        end = self._toggled_at + TOGGLE
        return end if due is None else min(due, end)

    def slac(self, reading: SlacReading, now: float) -> list[Event]:
        """Take where SLAC stands."""
        before = self.ladder.slac
        if reading.show_c and not (before is not None and before.show_c):
            self._begin_toggle(reading.attempt, now)
        return super().slac(reading, now)

    def _begin_toggle(self, attempt: int, now: float) -> None:
        """Show C once more, unless SLAC wants it too often, or too soon again (R8)."""
        before, count = self._toggled
        count = count if before == attempt else 0
        if count < MOST_TOGGLES and now >= self._toggled_at + TOGGLE + TOGGLE_REST:
            self._toggled_at, self._toggled = now, (attempt, count + 1)

    def check(self, settings: EvccSettings) -> None:
        """Raise ValueError where these cannot count now: limits only fall while a session runs."""
        if self.active and (names := raised(self._settings, settings)):
            raise ValueError(f'while a session runs {names[0]} may only be lowered')

    def adjust(self, settings: EvccSettings, now: float) -> list[Event]:
        """Heed other settings from now on; `autostart` given anew starts what was reset (R5)."""
        anew = settings.autostart and not self._settings.autostart
        self._settings = settings
        self.wishes.limit(settings)
        return self.start(now) if anew else self._settle(now)

    def identify(self, evcc_id: bytes) -> None:
        """Be known by another EVCCID from the next session on."""
        self._demand = Demand(self._settings, evcc_id, self.wishes.limited)
        self.story.state.evcc_id = evcc_id.hex() if any(evcc_id) else ''

    @property
    def reading(self) -> VehicleReading:
        """What the vehicle measured last."""
        return self._reading

    @property
    def plugged(self) -> bool:
        return self._reading.plugged

    @property
    def unplugged(self) -> bool:
        return self._read_at is not None and self._reading.unplugged

    def vehicle(self, reading: VehicleReading, now: float) -> list[Event]:
        """Take what the vehicle measures; what is old is dropped (R6)."""
        if not fresh(reading.age):
            return self._settle(now)
        if not self.heard:
            self._keep_locked(reading, now)
        self._forget_plug_of_before(now)
        self._reading, self._read_at = reading, measured_at(reading.age, now)
        self._heed_goal(now)
        self.story.state.soc = reading.soc
        part = self._talk or self._end
        if isinstance(part, EvccConversation | VehicleSafeEnd):
            part.vehicle(self.wishes.aimed(reading), now)
        else:
            self._unlock_what_was_found(reading, now)
        return self._settle(now)

    def _unlock_what_was_found(self, reading: VehicleReading, now: float) -> None:
        """A restarted node has the time of every end for it (R3)."""
        age = UNLOCK_TIME if self._found_locked_at is None else now - self._found_locked_at
        if age < UNLOCK_TIME and not why_locked(reading, age):
            self._idle_outputs, self._found_locked_at = VehicleOutputs(), None

    def _heed_goal(self, now: float) -> None:
        """End what has reached the target of charging/charge, or is out of time."""
        why = self.wishes.departed(now)
        if self._talk is not None and self.state.stage is Stage.CHARGE_LOOP:
            aimed = self.wishes.aimed(self._reading)
            why = self.wishes.reached(aimed, self.state) or why
            self.wishes.met |= bool(why)
        if why and self._talk is not None:
            self._stop_by(wish(why), now)
        elif why and self.phase in (Phase.CLIMBING, Phase.PAUSING):
            self._over(wish(why), now)

    def battery(self, now: float) -> Battery:
        """The pack for charging/battery_state; unknown once vehicle/status is stale."""
        if not self.measures(now):
            return Battery()
        reading, state = self._reading, self.state
        told = state.present_current if state.stage is Stage.CHARGE_LOOP else nan
        amperes = measured(reading.pack_current, reading.inlet_current, told)
        return Battery(True, reading.pack_voltage, amperes, reading.soc, state.stage)

    def drive_lock(self, now: float) -> bool:
        """The vehicle must not move: plugged, locked or live, or nobody knows (R31)."""
        reading = self._reading
        out = not reading.proximity and reading.pilot is PilotState.A
        away = out and not reading.any_closed and reading.lock is not Switch.CLOSED
        return not (self.measures(now) and away) or self.active or bool(live(reading))

    @property
    def heard(self) -> bool:
        """Something is known of the vehicle: before, nothing is asked of its outputs."""
        return self._read_at is not None

    def _keep_locked(self, reading: VehicleReading, now: float) -> None:
        """A node that was started anew must not unlock what another has locked (R3, R6)."""
        if reading.lock is not Switch.OPEN and why_locked(reading, 0.0):
            self._found_locked_at = now
            self._idle_outputs = VehicleOutputs(lock=True)

    def release_lock(self, now: float) -> tuple[bool, str, list[Event]]:
        """Unlock by the operator's own responsibility (R3); refused above 1 A."""
        if self.active:
            return False, 'a session is running', []
        if not self.heard or now - (self._read_at or 0.0) > STALE:
            return False, 'vehicle/status is stale', []
        behind_open = self._reading.open and isnan(self._reading.inlet_current)
        amperes = 0.0 if behind_open else abs(self._reading.current)
        if not amperes <= RELEASE_CURRENT:
            return False, f'{amperes:.1f} A flow', []
        self._idle_outputs = VehicleOutputs()
        return True, 'the plug is unlocked', self._settle(now)

    def _ready(self, now: float) -> str:
        if self._read_at is None or now - self._read_at > STALE:
            return 'waiting for vehicle/status'
        if not self.ladder.known:
            return 'waiting for slac/status and data_link'
        if self._idle_outputs.lock:
            return 'the plug is still locked after the last session; see charging/release_lock'
        if self._reading.fault or self._reading.weld_suspected:
            return self._reading.fault or 'the vehicle suspects a welded contactor'
        hot = overheated(self._reading, self._settings.inlet_temperature_limit)
        if hot is not None:
            return hot.reason
        if why_not := lacking(self._reading) or live(self._reading):
            return why_not
        if not self._reading.charge_wanted:
            return 'the vehicle does not want to charge'
        return self.wishes.waits_for

    def _lacks_plug(self) -> str:
        return waits.for_plug(self._reading)

    def _lacks_partner(self) -> str:
        return self._lacks_plug() or waits.for_duty(self._reading.duty)

    def _converse(self, connection_id: int, now: float) -> Conversation:
        dialogue = Dialogue(connection_id, NAMESPACE, DinVehicle(), self._timers)
        aimed = self.wishes.aimed(self._reading)
        return EvccConversation(
            dialogue, self._demand, self._settings, self._timers, self.story, aimed, now
        )

    def _part(self, talk: Conversation, cause: Cause, now: float) -> SafeEnd:
        assert isinstance(talk, EvccConversation)
        assert self._read_at is not None  # nothing begins without a reading
        return VehicleSafeEnd(talk, cause, self.story, self._read_at, now)

    def _vehicle_left(self) -> None:
        """A vehicle keeps no notes of itself."""

    def _done(self, end: SafeEnd) -> None:
        assert isinstance(end, VehicleSafeEnd)
        self._idle_outputs = VehicleOutputs(lock=end.outputs.lock)
        self._found_locked_at = None

    def _watch(self, now: float) -> Cause | None:
        until = self._fresh_until
        if until is not None and now >= until:
            # Its node may have been started anew: nothing follows by itself (R6).
            return fault('STALE_INPUT', 'vehicle/status is stale', retry=False)
        if self._end is None:
            return None
        return ailing(self._reading) or unlocked(self._reading, self.command)

    @property
    def _fresh_until(self) -> float | None:
        return None if self._read_at is None else self._read_at + STALE

    def _forget(self, now: float) -> None:
        fresh = SessionState('pev', attempt=self.state.attempt, evcc_id=self.state.evcc_id)
        self.story.state = replace(fresh, soc=self._reading.soc)
