# SPDX-License-Identifier: Apache-2.0
"""A command ends by itself: what its owner does when nobody renews it (R6).

Nothing of ROS is in here, so that a model, a GPIO owner and a CAN bridge share it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
import math

MAX_AGE = 1.0  # s, an older stamp is a played-back bag or a stuck queue
MAX_VALID_FOR = 2.0  # s


class Refused(ValueError):
    """This command is not obeyed; the text says why."""


@dataclass(frozen=True)
class Terms:
    """What every command carries (plc_msgs/Lease), its stamp as an age."""

    session_id: int
    sequence: int
    valid_for: float  # s from its arrival
    age: float  # s since it was given


class Lease:
    """The right to command one set of outputs: held by one session at a time, until it lapses."""

    def __init__(self) -> None:
        self.deadline: float | None = None  # s, steady; None: nobody holds it
        self._session_id = 0
        self._sequence = -1

    def renew(
        self, terms: Terms, now: float, *, safe: bool, setpoints: Iterable[float] = ()
    ) -> None:
        """Take a command that comes now, or raise Refused and change nothing.

        `safe`: it asks for safe outputs only. The first command must, and the first after a lapse,
        so that nothing closes again behind a hiccup.
        """
        self._check(terms, now, safe, setpoints)
        self._session_id, self._sequence = terms.session_id, terms.sequence
        self.deadline = now + terms.valid_for

    def lapsed(self, now: float) -> bool:
        """Tell whether the outputs must be safe now."""
        return self.deadline is None or now >= self.deadline

    def _check(self, terms: Terms, now: float, safe: bool, setpoints: Iterable[float]) -> None:
        if not all(map(math.isfinite, (*setpoints, terms.valid_for, terms.age))):
            raise Refused('a number in it is not finite')
        if abs(terms.age) > MAX_AGE:
            raise Refused(f'its stamp is {terms.age:.1f} s old')
        if not 0 < terms.valid_for <= MAX_VALID_FOR:
            raise Refused(f'valid_for is {terms.valid_for:.1f} s; at most {MAX_VALID_FOR} s')
        if terms.session_id == self._session_id:
            if terms.sequence <= self._sequence:
                raise Refused('its sequence number is not newer')
        elif not self.lapsed(now):
            raise Refused('another session holds the lease')
        if self.lapsed(now) and not safe:
            raise Refused('the lease has lapsed; ask for safe outputs first')
