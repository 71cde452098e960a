# SPDX-License-Identifier: Apache-2.0
"""The motor of an inlet's lock: two directions, a run time, a feedback."""


class LockMotor:
    """Runs when it is told otherwise than before, until its feedback or its time says so."""

    def __init__(self, run_time: float, *, assume: bool) -> None:
        self._run_time, self._assume = run_time, assume
        self._wanted: bool | None = None  # None: nobody has said; a restarted motor stands still
        self._until = 0.0  # s

    def want(self, locked: bool, now: float) -> None:
        """Lock or unlock."""
        if locked != self._wanted:
            self._wanted, self._until = locked, now + self._run_time

    def runs(self, feedback: bool | None, now: float) -> tuple[bool, bool]:
        """Tell which direction is driven now: (lock, unlock)."""
        busy = self._wanted is not None and feedback != self._wanted and now < self._until
        return busy and bool(self._wanted), busy and not self._wanted

    def locked(self, feedback: bool | None, now: float) -> bool | None:
        """Tell where it is; None: nobody knows."""
        if feedback is not None or not self._assume:
            return feedback
        return self._wanted if now >= self._until else None
