# SPDX-License-Identifier: Apache-2.0
"""Turn by turn: wait until something is ready, then call all that is, one after the other."""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
import threading
import time
from typing import Any

from rclpy.context import Context
from rclpy.event_handler import EventHandler, QoSPublisherEventType, QoSSubscriptionEventType
from rclpy.exceptions import InvalidHandle
from rclpy.guard_condition import GuardCondition
from rclpy.node import Node
from rclpy.signals import (
    SignalHandlerGuardCondition,
    SignalHandlerOptions,
    get_current_signal_handlers_options,
)
from rclpy.utilities import timeout_sec_to_nsec
from rclpy.waitable import Waitable

from plc_kit.clock import now
from plc_kit.executor.awaiting import Awaiting
from plc_kit.executor.wait_set import KeptWaitSet, try_out
from plc_kit.executor.work import Take, entities, take_waitable

# Each publisher and subscription has two of these, to warn of a wrong partner. To wait for them
# costs four times as much as all else, so they are looked at now and then.
_WARNINGS = (
    QoSPublisherEventType.RCL_PUBLISHER_OFFERED_INCOMPATIBLE_QOS,
    QoSPublisherEventType.RCL_PUBLISHER_INCOMPATIBLE_TYPE,
    QoSSubscriptionEventType.RCL_SUBSCRIPTION_REQUESTED_INCOMPATIBLE_QOS,
    QoSSubscriptionEventType.RCL_SUBSCRIPTION_INCOMPATIBLE_TYPE,
)
_NOW_AND_THEN = 1.0  # s
_LAST_MOMENT, _BETWEEN_LOOKS = 5.0, 0.001  # s between a signal and the end of contexts, at most

_Work = tuple[Any, Take, Any]  # what is to be held while it is taken, how, and from what


class Turns:
    """The turns of one thread. Entities may come and go in callbacks and in other threads."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._bell = GuardCondition(None, None, context=context)
        try_out(context, self._bell)
        self._interrupted = (
            None
            if get_current_signal_handlers_options() == SignalHandlerOptions.NO
            else SignalHandlerGuardCondition(context)
        )
        self._in_turn = threading.RLock()  # a callback may take turns itself, or end them
        self._over = False
        self._stale = True  # the entities are others than those of the wait set
        self._due: deque[_Work] = deque()  # found ready; an exception leaves some to the next turn
        self._looked = now()  # for warnings
        self._kept: tuple[KeptWaitSet, ...] = ()  # what is waited for, and warnings
        self.awaiting = Awaiting(self.ring)

    def ring(self) -> None:
        """End the wait of this turn, or of the next."""
        with suppress(InvalidHandle):  # it has ended
            self._bell.trigger()

    def look_anew(self) -> None:
        """An entity came or went."""
        self._stale = True
        self.ring()

    def take(self, timeout: float | None, nodes: Callable[[], list[Node]]) -> bool:
        """Wait until something of `nodes` is ready, `timeout` s at most, and call all that is.

        False: there are no more turns, since it has ended or has no context any more.
        """
        with self._in_turn:
            if self._ended():
                return False
            went_on = self.awaiting.go_on() or bool(self._due)
            if not self._over:  # a task may have ended it
                self._find(0 if went_on else timeout_sec_to_nsec(timeout), nodes)
            if self._ended():
                return False
            self._call_due()
        return True

    def end(self, timeout: float | None) -> bool:
        """Take no more turns; tell whether the present one ended, within `timeout` s."""
        self._over = True
        self.ring()
        patience = -1 if timeout is None or timeout < 0 else timeout
        if not self._in_turn.acquire(timeout=patience):
            return False
        try:
            self._let_go()
        finally:
            self._in_turn.release()
        return True

    def _let_go(self) -> None:
        self._release()
        self._due.clear()
        self.awaiting.clear()
        self._bell.destroy()
        if self._interrupted is not None:
            self._interrupted.destroy()
            self._interrupted = None

    def _release(self) -> None:
        for one in self._kept:
            one.release()
        self._kept = ()

    def _gather(self, nodes: list[Node]) -> None:
        self._release()
        found = [one for node in nodes for one in entities(node)]
        self._work = {one.handle.pointer: (one.handle, take, one) for _, one, take in found}
        handles = [(kind, one.handle) for kind, one, _ in found]
        bells = [one for one in (self._bell, self._interrupted) if one is not None]
        handles += [('guard_condition', one.handle) for one in bells]
        waitables = [one for node in nodes for one in node.waitables]
        self._kept = (
            KeptWaitSet(self._context, handles, [one for one in waitables if not _warns(one)]),
            KeptWaitSet(self._context, [], [one for one in waitables if _warns(one)]),
        )

    def _ended(self) -> bool:
        return self._over or not self._context.ok()

    def _find(self, timeout: int, nodes: Callable[[], list[Node]]) -> None:
        try:
            if self._stale:
                self._stale = False  # first: what changes from now on makes it stale again
                self._gather(nodes())
            self._wait(timeout)
        except RuntimeError:  # rcl's, if the context was shut down in between
            if self._context.ok():
                raise

    def _wait(self, timeout: int) -> None:
        kept, warnings = self._kept
        pointers, waitables = kept.wait(timeout)
        if self._interrupted is not None and self._interrupted.handle.pointer in pointers:
            self._await_the_end()
        self._found(waitables)
        self._due += [self._work[one] for one in pointers if one in self._work]
        if now() >= self._looked + _NOW_AND_THEN:
            self._looked = now()
            self._found(warnings.wait(0)[1])

    def _await_the_end(self) -> None:
        """At a signal rclpy rings first, and then shuts its contexts down without a word."""
        end = now() + _LAST_MOMENT
        while self._context.ok() and now() < end:
            time.sleep(_BETWEEN_LOOKS)

    def _found(self, waitables: list[Waitable]) -> None:
        self._due += [(one, take_waitable, one) for one in waitables]

    def _call_due(self) -> None:
        while self._due and not self._over:
            held, take, entity = self._due.popleft()
            try:
                with held:
                    call = take(entity)
            except InvalidHandle:  # destroyed since it was found ready
                continue
            if call is not None:
                self.awaiting.begin(call())


def _warns(waitable: Waitable) -> bool:
    return isinstance(waitable, EventHandler) and waitable.event_type in _WARNINGS
