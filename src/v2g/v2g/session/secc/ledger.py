# SPDX-License-Identifier: Apache-2.0
"""What the vehicle has told and what was delivered, kept for answers and charging/state."""

from math import isfinite, isnan

from v2g.session.evcc.demand import highest, merge
from v2g.session.exchange import Ask, Limits, Step
from v2g.session.readings import SupplyReading
from v2g.session.secc.supervision import Ceiling
from v2g.session.story import Story

NO_ERROR = 'NO_ERROR'  # EVErrorCode


class Ledger:
    """Learns from each request and each reading."""

    def __init__(self, story: Story, now: float) -> None:
        self.vehicle = Limits()
        self.ceiling = Ceiling(0.0, 0.0)
        self._story = story
        self._full_soc = 1.0
        self._counted_at = now

    @property
    def full(self) -> bool:
        """The pack has what it wants."""
        return self._story.state.soc >= self._full_soc

    def learn(self, ask: Ask) -> None:
        """Take what a request tells."""
        state = self._story.state
        if ask.step is Step.CHARGE_PARAMETERS:
            self._limited(ask.limits)
            self._full_soc = ask.full_soc if ask.full_soc > 0 else 1.0
        elif ask.step is Step.CHARGE_LOOP:
            self._limited(merge(self.vehicle, ask.limits))
            state.remaining_time = ask.remaining_time
        if not isnan(ask.soc):
            self._complains(ask.error)
            state.vehicle_error = ask.error
            state.soc = ask.soc if ask.knows_soc else state.soc
        if not isnan(ask.target_voltage):
            state.target_voltage, state.target_current = ask.target_voltage, ask.target_current

    def show(self, supply: SupplyReading) -> None:
        """Take what is measured."""
        state = self._story.state
        state.present_voltage, state.present_current = supply.voltage, supply.current
        state.charger_max_voltage = supply.max_voltage
        state.charger_min_voltage = supply.min_voltage
        state.charger_max_current = supply.max_current
        state.charger_min_current = supply.min_current
        state.charger_max_power = supply.max_power

    def begin(self, now: float) -> None:
        """From here on energy is counted."""
        self._counted_at = now

    def count(self, supply: SupplyReading, now: float) -> None:
        """Add what has flowed since the last call."""
        watts = max(0.0, supply.voltage) * max(0.0, supply.current)
        if isfinite(watts):
            self._story.state.energy += watts * (now - self._counted_at) / 3600
        self._counted_at = now

    def _limited(self, limits: Limits) -> None:
        self.vehicle = limits
        self.ceiling = Ceiling(
            max(self.ceiling.voltage, limits.max_voltage),
            max(self.ceiling.current, limits.max_current),
            highest(self.ceiling.power, limits.max_power),
        )
        state = self._story.state
        state.vehicle_max_voltage = limits.max_voltage
        state.vehicle_max_current = limits.max_current
        state.vehicle_max_power = limits.max_power

    def _complains(self, error: str) -> None:
        """Say once what the vehicle complains of (lesson 81)."""
        if error not in (NO_ERROR, self._story.state.vehicle_error):
            self._story.warn(f'the vehicle reports {error}')
