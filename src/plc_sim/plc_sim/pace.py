# SPDX-License-Identifier: Apache-2.0
"""When a simulated end tells what it is: at its rate, and at once when something changes."""

from collections.abc import Sequence

PERIOD = 0.05  # s, the contract asks for 20 Hz
SLACK = 0.015  # s before its time a state is told, where something woke the node anyway
SECOND_READING = 0.01  # s after a change: who waits for two readings alike does not wait long


class Pace:
    """Says whether a state is to be told now.

    A state is what must change at once to be told (`marks`) and values that may drift by
    `tolerance` each before they are worth a message.
    """

    def __init__(self, tolerance: float) -> None:
        self.deadline = 0.0  # s, when the next telling is due at the latest
        self._not_before = 0.0
        self._tolerance = tolerance
        self._marks: object = None
        self._values: Sequence[float] = ()

    def due(self, marks: object, values: Sequence[float], now: float) -> bool:
        """Tell whether to publish now, and count on it being done."""
        changed = marks != self._marks or self._drifted(values)
        if not changed and now < self._not_before:
            return False
        self.deadline = now + (SECOND_READING if changed else PERIOD)
        self._not_before = self.deadline - (0.0 if changed else SLACK)
        self._marks, self._values = marks, values
        return True

    def _drifted(self, values: Sequence[float]) -> bool:
        return len(values) != len(self._values) or any(
            abs(new - old) > self._tolerance for new, old in zip(values, self._values, strict=True)
        )
