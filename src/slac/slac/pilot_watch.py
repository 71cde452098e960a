# SPDX-License-Identifier: Apache-2.0
"""The control pilot as it was last told, as long as it is told (R13)."""

from slac.timing import PILOT_TIMEOUT
from slac.values import Pilot


class PilotWatch:
    """Holds the last look; `deadline` says when it is too old."""

    def __init__(self) -> None:
        self.seen = Pilot()
        self.deadline: float | None = None

    def look(self, pilot: Pilot, now: float) -> Pilot:
        """Take a look and return the one before it."""
        before, self.seen = self.seen, pilot
        self.deadline = now + PILOT_TIMEOUT if pilot.plugged else None
        return before

    def lapsed(self, now: float) -> bool:
        """Tell whether nobody has told of the plugged pilot for too long."""
        return self.deadline is not None and now >= self.deadline
