# SPDX-License-Identifier: Apache-2.0
"""What a charge is for: the targets and limits of one goal, in a session's vehicle."""

from dataclasses import dataclass, replace
from math import inf, isnan, nan

from v2g.session.evcc.demand import least, or_else, target_soc
from v2g.session.evcc.settings import EvccSettings
from v2g.session.readings import VehicleReading
from v2g.session.state import SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Of charging/charge; NaN: not given."""

    target_soc: float = nan  # 0..1
    energy: float = nan  # Wh from now
    departure: float = nan  # s from now
    max_current: float = nan  # A
    max_power: float = nan  # W

    @property
    def wrong(self) -> str:
        """Why it cannot be a goal; empty: it can."""
        if self.target_soc > 1:
            return f'target_soc is {self.target_soc:g}; it may be 0 to 1'
        if self.departure <= 0:
            return f'departure was {-self.departure:.0f} s ago'
        for name in ('target_soc', 'energy', 'max_current', 'max_power'):
            value = getattr(self, name)
            if value < 0 or value == inf:
                return f'{name} is {value:g}'
        return ''


class Wishes:
    """What the vehicle's session heeds of the goal; without one, the vehicle's own wishes.

    Neither goes beyond the limits of the settings.
    """

    def __init__(self, settings: EvccSettings) -> None:
        self._settings = settings
        self._goal: Goal | None = None
        self._accepted_at = 0.0
        self._attempt, self._energy = 0, 0.0  # of the session at that time
        self.met = False

    def take(self, goal: Goal, state: SessionState, now: float) -> None:
        """Have a goal from now on."""
        self._goal, self._accepted_at, self.met = goal, now, False
        self._attempt, self._energy = state.attempt, state.energy

    def limit(self, settings: EvccSettings) -> None:
        """Heed other limits from now on."""
        self._settings = settings

    def beyond(self, goal: Goal) -> str:
        """Why a goal cannot be reached within the limits; empty: it can."""
        most = self._settings.target_soc
        if goal.target_soc > most:
            return f'target_soc is {goal.target_soc:g}; the parameter target_soc is {most:g}'
        return ''

    def drop(self) -> None:
        """Have none."""
        self._goal = None

    @property
    def waits_for(self) -> str:
        """Why no charge may begin; empty: it may."""
        idle = self._goal is None and not self._settings.autostart
        return 'waiting for a goal of charging/charge' if idle else ''

    def aimed(self, reading: VehicleReading) -> VehicleReading:
        """The reading with the goal's target in place of the vehicle's own, and none too high."""
        goal = self._goal or Goal()
        wanted = or_else(goal.target_soc, target_soc(reading))
        return replace(reading, target_soc=min(wanted, self._settings.target_soc))

    def limited(self, reading: VehicleReading) -> VehicleReading:
        """The reading with limits as low as they are wanted: to be asked for, not watched."""
        goal = self._goal or Goal()
        most_current, most_power = self._limit('max_current'), self._limit('max_power')
        return replace(
            reading,
            max_current=least(reading.max_current, goal.max_current, most_current),
            max_power=least(reading.max_power, goal.max_power, most_power),
        )

    def _limit(self, name: str) -> float:
        """A limit of the settings; NaN where it is at its default, the highest there is."""
        value: float = getattr(self._settings, name)
        return nan if value >= getattr(EvccSettings, name) else value

    def delivered(self, state: SessionState) -> float:
        """Wh since the goal was accepted."""
        return state.energy - (self._energy if state.attempt == self._attempt else 0.0)

    def departed(self, now: float) -> str:
        """A sentence once it is time to depart; empty before."""
        late = self._goal is not None and now - self._accepted_at >= self._goal.departure
        return 'it is time to depart' if late else ''

    def reached(self, reading: VehicleReading, state: SessionState) -> str:
        """Which target is reached, as a sentence; empty: none yet."""
        goal = self._goal
        if goal is None:
            return ''
        if reading.soc >= or_else(goal.target_soc, target_soc(reading)):
            return f'the pack has reached {reading.soc:.0%}'
        if self.delivered(state) >= goal.energy:
            return f'{goal.energy:.0f} Wh are delivered'
        return ''

    def remaining(self, state: SessionState, now: float) -> float:
        """S until the first target at the present power; NaN: not known."""
        goal = self._goal or Goal()
        watts = state.present_voltage * state.present_current
        missing = goal.energy - self.delivered(state)
        by_energy = 3600 * missing / watts if watts > 0 else nan
        until = self._accepted_at + goal.departure - now
        by_soc = state.remaining_time if watts > 0 else nan
        left = least(by_soc, by_energy, until)
        return left if isnan(left) else max(0.0, left)
