# SPDX-License-Identifier: Apache-2.0
"""What moves, and needs its time for it: a contactor's pole, a lock's motor."""


class Actuator:
    """Follows what it is told after a delay; its feedback is where it really is."""

    def __init__(self, delay: float) -> None:
        self.delay = delay  # s
        self.wanted = False
        self.closed = False
        self.deadline: float | None = None  # s, when it arrives
        self.welds = False  # once closed it stays closed, whatever it is told
        self.broken = False  # open, whatever it is told

    def drive(self, closed: bool, now: float) -> None:
        """Tell it where to go."""
        if closed == self.wanted:
            return
        self.wanted = closed
        stays = closed == self.closed or (self.welds and self.closed)
        self.deadline = None if stays else now + self.delay
        self.tick(now)

    def tick(self, now: float) -> None:
        """Arrive, if it is time."""
        if self.deadline is not None and now >= self.deadline:
            self.closed, self.deadline = self.wanted, None
        self.closed = self.closed and not self.broken
