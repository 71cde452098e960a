# SPDX-License-Identifier: Apache-2.0
"""A vehicle that was let in, on its way to a session: how long it is waited for (R21)."""

from slac.timing import TT_MATCH_JOIN, V2G_SECC_COMMUNICATION_SETUP_TIMEOUT

_A_TOGGLE = 2  # edges: from B to C and back


class Arrival:
    """Belongs to one matching; `deadline` says when the vehicle has missed its time."""

    def __init__(self, edges: int | None, timers: str, now: float) -> None:
        """`edges`: between B and C on our pilot so far, None: nobody counts them."""
        self._edges = edges
        self._setup_time = V2G_SECC_COMMUNICATION_SETUP_TIMEOUT[timers]
        self.deadline: float | None = now + TT_MATCH_JOIN[timers]
        self._in_avln = self._asked = False

    def joined(self, now: float) -> None:
        """The AVLN stands: wait for SDP."""
        self._in_avln = True
        self.deadline = now + self._setup_time

    def approached(self, now: float) -> None:
        """SDP came, or a connection was opened: wait for a session as long, once."""
        if self._in_avln and not self._asked and self.deadline is not None:
            self.deadline = now + self._setup_time
        self._asked = True

    def ended(self) -> None:
        """It has come to a session: it is not waited for any more."""
        self.deadline = None

    def missed(self, now: float) -> str:
        """Say what has not come in its time; empty: there is time left."""
        if self.deadline is None or now < self.deadline:
            return ''
        if not self._in_avln:
            return 'the vehicle did not join the AVLN'
        return (
            f'the vehicle joined, and no {"session by TCP" if self._asked else "SDP"} came from it'
        )

    def is_of_another(self, edges: int | None) -> bool:
        """Tell whether our pilot was toggled meanwhile: nobody who was matched would do that."""
        if self.deadline is None or self._edges is None or edges is None:
            return False
        return edges - self._edges >= _A_TOGGLE
