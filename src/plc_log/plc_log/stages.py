# SPDX-License-Identifier: Apache-2.0
"""A session told by its charging/state: the stages one after the other, and how it ended."""

from dataclasses import dataclass, field
from math import isnan, nan
from typing import Any

from plc_kit.readable import readable

FINISHED, FAILED, SAFE_END, IDLE = 'FINISHED', 'FAILED', 'SAFE_END', 'IDLE'


@dataclass(slots=True)
class Step:
    """A stage, from its beginning to the next one's."""

    name: str
    begin: float  # s
    end: float

    @property
    def duration(self) -> float:
        """How long it lasted, s."""
        return self.end - self.begin


@dataclass(slots=True)
class Story:
    """What one side tells of its session; take() each plc_msgs/ChargingState in order.

    A retry (R5) is part of the same story; what counts is how the last attempt ended.
    """

    role: str = ''
    protocol: str = ''
    steps: list[Step] = field(default_factory=list)
    first_soc: float = nan  # 0..1
    last_soc: float = nan
    energy: float = 0.0  # Wh
    peak_power: float = nan  # W
    outcome: str = ''  # FINISHED, FAILED; empty: it did not end
    reason: str = ''
    _going: bool = False  # a stage lasts

    @property
    def duration(self) -> float:
        """From the first stage to the end, s."""
        return self.steps[-1].end - self.steps[0].begin if self.steps else 0.0

    @property
    def last_stage(self) -> str:
        """The stage in which it ended, or went wrong."""
        names = [step.name for step in self.steps if step.name != SAFE_END]
        return names[-1] if names else IDLE

    def take(self, message: Any, time: float) -> None:
        """Take the next state, of `time` (s)."""
        stage = readable(message.stage_name)
        self.role = readable(message.role) or self.role
        self.protocol = readable(message.protocol) or self.protocol
        self._step(stage, time)
        self._read(message)
        if stage in (FINISHED, FAILED):
            self.outcome = stage
        if stage in (FINISHED, FAILED, SAFE_END):
            self.reason = readable(message.reason) or self.reason

    def _step(self, stage: str, time: float) -> None:
        was_going, self._going = self._going, stage not in (IDLE, FINISHED, FAILED)
        if was_going:
            self.steps[-1].end = time
        if self._going and not (was_going and self.steps[-1].name == stage):
            self.steps.append(Step(stage, time, time))
            self.outcome = ''  # else of an earlier attempt

    def _read(self, message: Any) -> None:
        if not isnan(message.soc):
            self.first_soc = message.soc if isnan(self.first_soc) else self.first_soc
            self.last_soc = message.soc
        self.energy = max(self.energy, message.energy)
        power = message.present_voltage * message.present_current
        if not isnan(power):
            self.peak_power = power if isnan(self.peak_power) else max(self.peak_power, power)
