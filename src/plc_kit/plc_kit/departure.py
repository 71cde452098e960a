# SPDX-License-Identifier: Apache-2.0
"""When a node that was told to end may leave: not while a session still needs it (R7)."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from rclpy.node import Node

from plc_kit.clock import STEADY, now
from plc_kit.one_publisher import hear_one
from plc_kit.qos import LATCHED
from plc_kit.signals import WISHES
from plc_msgs.msg import ChargingState

OWN_SIDE = ('charging/state',)  # a node that serves other sessions names them in session_topics
ECHO = 0.5  # s within which a second SIGINT is the first one again
PATIENCE = 8.0  # s a session may take for its safe end
TURN = 5.5  # s in which it begins that end (stop_patience: 5), or who drives its outputs makes it
_LOOK = 0.05  # s between two looks


@runtime_checkable
class RunsSession(Protocol):
    """A node that runs a charging session and ends it when told to."""

    def end_session(self, *, fault: bool, reason: str) -> None:
        """Stop by R1, as normal or as a fault."""

    def session_active(self) -> bool:
        """Tell whether its outputs may still be live."""


@runtime_checkable
class DrivesOutputs(Protocol):
    """A node that drives what a session commands, and may be told to end alone."""

    def ask_for_end(self, *, fault: bool) -> None:
        """Have its status ask the session for an end by R1, as normal or as a fault."""


class Departure:
    """Passes the wish to end to a session, and says when its node may leave."""

    def __init__(self, node: Node, leave: Callable[[], None]) -> None:
        self._node, self._leave = node, leave
        self._deadline: float | None = None
        self._linger = getattr(node, 'linger', 0.0)  # s it stays after nobody needs it any more
        self._free_at = 0.0
        self._active: dict[str, bool] = {}  # by the topic of the session
        self._ends: dict[str, bool] = {}  # the same: whether it has begun its end
        if not isinstance(node, RunsSession):
            for topic in getattr(node, 'session_topics', OWN_SIDE):
                self._watch(topic)

    def told(self, number: int) -> None:
        """Take a signal; the first SIGINT or SIGTERM is a wish, all else a fault."""
        if self._is_echo(number):
            return
        fault = number not in WISHES or self._deadline is not None
        if isinstance(self._node, RunsSession):
            reason = 'the program was told to end' if number in WISHES else 'the launcher is gone'
            self._node.end_session(fault=fault, reason=reason)
        if isinstance(self._node, DrivesOutputs):
            self._node.ask_for_end(fault=fault)
        if self._deadline is None:
            self._deadline = now() + PATIENCE
            self._free_at = now() + self._linger
            self._node.create_timer(_LOOK, self._look, clock=STEADY)
        self._look()

    def _is_echo(self, number: int) -> bool:
        """A launcher passes on what the terminal has sent to the whole group already."""
        told_before = self._deadline is not None and now() < self._deadline - PATIENCE + ECHO
        return told_before and number in WISHES

    def _look(self) -> None:
        needed, when = self._needed(), now()
        if needed:
            self._free_at = when + self._linger
            self._insist(when)
        if (when >= self._free_at and not needed) or when >= (self._deadline or 0):
            self._leave()

    def _insist(self, when: float) -> None:
        """Outputs are not taken away under current: a session that goes on is told in time."""
        late = when >= (self._deadline or 0) - PATIENCE + TURN
        if late and isinstance(self._node, DrivesOutputs) and not all(self._ends.values()):
            self._node.ask_for_end(fault=True)

    def _needed(self) -> bool:
        if isinstance(self._node, RunsSession):
            return self._node.session_active()
        return any(self._active.values())

    def _watch(self, topic: str) -> None:
        def heard(state: ChargingState) -> None:
            self._active[topic] = state.active
            self._ends[topic] = not state.active or state.stage >= ChargingState.STOP

        def lost() -> None:
            self._active[topic] = False

        hear_one(self._node, ChargingState, topic, heard, LATCHED, lost=lost)
