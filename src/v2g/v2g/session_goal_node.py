# SPDX-License-Identifier: Apache-2.0
"""The action charging/charge: carries goals to the vehicle's machine, and its outcomes back."""

from collections.abc import Callable, Sequence
from math import nan
from typing import Any

from builtin_interfaces.msg import Time
from rclpy.action import ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.node import Node

from plc_kit.clock import age, now
from plc_msgs.action import Charge
from v2g.session.evcc.goal import Goal
from v2g.session.evcc.goals import Goals
from v2g.session.evcc.machine import Evcc
from v2g.session.evcc.outcome import End, Outcome
from v2g.session.events import Event


class _ServerOfEvents(ActionServer):
    """Ends goals when it is told to; no callback lasts as long as a goal does.

    One that awaited a future would be asked at each turn of the executor whether it is done.
    """

    def notify_execute(self, goal_handle: ServerGoalHandle, execute_callback: Any) -> None:
        """Nothing is executed but the session, which goes on anyway."""

    def finish(self, goal_handle: ServerGoalHandle, result: Charge.Result) -> None:
        """Send the result of a goal that is in its last state."""
        super().notify_execute(goal_handle, lambda _: result)


class ChargeAction:
    """Joins the vehicle's machine to charging/charge."""

    def __init__(
        self, node: Node, machine: Evcc, goals: Goals, perform: Callable[[Sequence[Event]], None]
    ) -> None:
        self._node, self._machine, self._perform = node, machine, perform
        self._goals = goals
        self._handle: ServerGoalHandle | None = None  # of the goal that runs
        self._server = _ServerOfEvents(
            node,
            Charge,
            'charging/charge',
            execute_callback=lambda _: None,
            handle_accepted_callback=self._accepted,
            cancel_callback=self._asked_to_cancel,
        )

    def follow(self, events: Sequence[Event]) -> None:
        """Look at what the machine says, and tell the goal's outcome when it is there."""
        if self._goals.running:
            self._end(self._handle, self._goals.follow(events, now()))

    def tell(self) -> None:
        """Publish feedback, where a goal runs."""
        if self._handle is None:
            return
        state, wishes = self._machine.state, self._machine.wishes
        feedback = Charge.Feedback(
            stage=int(state.stage),
            stage_name=state.stage.name,
            reason=state.reason,
            soc=state.soc,
            present_voltage=state.present_voltage,
            present_current=state.present_current,
            energy=wishes.delivered(state),
            remaining_time=wishes.remaining(state, now()),
        )
        self._handle.publish_feedback(feedback)

    def _accepted(self, handle: ServerGoalHandle) -> None:
        """Every goal is accepted: what is refused ends at once, with its sentence."""
        handle.execute()
        outcome, events = self._goals.accept(goal_of(handle.request), now())
        if outcome is None:
            self._handle = handle
            self._node.get_logger().info('a goal of charging/charge is taken')
        self._end(handle, outcome)
        self._perform(events)
        self.tell()

    def _asked_to_cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        """Cancel behind this callback: only then the goal counts as being cancelled."""
        executor = self._node.executor
        assert executor is not None  # it is what calls this
        executor.create_task(self._cancel, handle)
        return CancelResponse.ACCEPT

    def _cancel(self, handle: ServerGoalHandle) -> None:
        if handle is self._handle:
            outcome, events = self._goals.cancel(now())
            self._end(handle, outcome)
            self._perform(events)

    def _end(self, handle: ServerGoalHandle | None, outcome: Outcome | None) -> None:
        if handle is None or outcome is None:
            return
        if handle is self._handle:
            self.tell()
            self._handle = None
        match outcome.end:
            case End.SUCCEEDED:
                handle.succeed()
            case End.CANCELED:
                handle.canceled()
            case End.ABORTED:
                handle.abort()
        self._server.finish(handle, result_of(outcome))


def goal_of(request: Charge.Goal) -> Goal:
    """Read a request; what is 0 is not given."""
    return Goal(
        target_soc=request.target_soc or nan,
        energy=request.energy or nan,
        departure=_seconds_to(request.departure),
        max_current=request.max_current or nan,
        max_power=request.max_power or nan,
    )


def _seconds_to(when: Time) -> float:
    return -age(when) if when.sec or when.nanosec else nan


def result_of(outcome: Outcome) -> Charge.Result:
    """Write an outcome."""
    return Charge.Result(
        error_code=int(outcome.code),
        error=outcome.error,
        reason=outcome.reason,
        energy=outcome.energy,
        soc=outcome.soc,
    )
