# SPDX-License-Identifier: Apache-2.0
"""What is known of one side: its last messages, and whether a session may be running."""

from collections import deque
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from plc_msgs.msg import ChargingState
from plc_web.plain import plain

STEP = 2.0  # s between two points of the history
_KEPT = 1800  # points: an hour


@dataclass
class Side:
    """One namespace, e.g. /pev."""

    name: str
    state: ChargingState | None = None
    alive: bool = False  # the session node publishes
    latest: dict[str, Any] = field(default_factory=dict)  # message by topic
    history: deque[list[float | None]] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def told(self, state: ChargingState, now: float) -> None:
        """Take a state; `now` is the system's time in s."""
        self.state = state
        if not self.history or now - (self.history[-1][0] or 0.0) >= STEP:
            values = (state.soc, state.present_voltage, state.present_current)
            self.history.append([round(now, 1), *map(_number, values)])

    def busy(self) -> str:
        """Return in a sentence why outputs may be live; empty: they are not.

        A session node that has died, or has not spoken yet, leaves it in doubt.
        """
        if self.state is None:
            return 'the session node has not told yet where it stands' if self.alive else ''
        if not self.state.active:
            return ''
        stage = self.state.stage_name
        if not self.alive:
            return f'the session node has died in {stage}'
        return f'a session runs ({stage})'

    def forget(self) -> None:
        """The graph is down: nothing that was heard holds any more."""
        self.state, self.alive = None, False
        self.latest.clear()

    def snapshot(self) -> dict[str, Any]:
        """Return all of it as JSON can carry it."""
        told = {
            topic.replace('/', '_'): plain(message) for topic, message in dict(self.latest).items()
        }
        state = None if self.state is None else plain(self.state)
        return {
            'name': self.name,
            'alive': self.alive,
            'busy': self.busy(),
            'state': state,
            **told,
        }


def _number(value: float) -> float | None:
    return round(value, 4) if isfinite(value) else None
