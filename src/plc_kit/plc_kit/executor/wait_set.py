# SPDX-License-Identifier: Apache-2.0
"""What is waited for, kept from one wait to the next.

The one place that rests on a name of rclpy that is not public.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from rclpy.context import Context
from rclpy.exceptions import InvalidHandle
from rclpy.guard_condition import GuardCondition
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.waitable import Waitable

# The wait set's kinds, in the order of its arguments; and those a node has, in calling order.
_KINDS = ('subscription', 'guard_condition', 'timer', 'client', 'service', 'event')
_CALLED = ('timer', 'subscription', 'guard_condition', 'client', 'service')

# What `work` takes by the handles of entities.
_TAKEN_BY = {
    'Timer': ('is_timer_ready', 'call_timer'),
    'Subscription': ('take_message',),
    'Client': ('take_response',),
    'Service': ('service_take_request',),
}


class OtherRclpy(RuntimeError):
    """This rclpy's wait set is not the one that is known here."""


class KeptWaitSet:
    """A wait set and what it points to, which nobody's destroying takes away before release()."""

    def __init__(
        self, context: Context, handles: Iterable[tuple[str, Any]], waitables: Iterable[Waitable]
    ) -> None:
        """`handles` have their kind with them; what is destroyed already is left out."""
        self._held = ExitStack()
        kept = [(kind, handle) for kind, handle in handles if self._hold(handle)]
        self._waitables = [one for one in waitables if self._hold(one)]
        self._set = rclpy_implementation.WaitSet(*self._room(kept), context.handle)
        self._additions = [(getattr(self._set, f'add_{kind}'), handle) for kind, handle in kept]
        kinds = {kind for kind, _ in kept}
        self._kinds = [kind for kind in _CALLED if kind in kinds]

    def _hold(self, destroyable: Any) -> bool:
        try:
            self._held.enter_context(destroyable)
        except InvalidHandle:
            return False
        return True

    def _room(self, kept: list[tuple[str, Any]]) -> list[int]:
        kinds = [kind for kind, _ in kept]
        needs = [waitable.get_num_entities() for waitable in self._waitables]
        return [
            kinds.count(kind) + sum(getattr(need, f'num_{kind}s') for need in needs)
            for kind in _KINDS
        ]

    def wait(self, timeout: int) -> tuple[list[int], list[Waitable]]:
        """Wait `timeout` ns at most, without end if negative; return what is ready.

        That is the pointers of handles, and waitables, which tell by themselves.
        """
        self._set.clear_entities()  # waiting takes out what is not ready
        for add, handle in self._additions:
            add(handle)
        waitables = [one for one in self._waitables if self._told(one.add_to_wait_set) is None]
        self._set.wait(timeout)
        ready = [one for kind in self._kinds for one in self._set.get_ready_entities(kind)]
        return ready, [one for one in waitables if self._told(one.is_ready)]

    def _told(self, ask: Callable[[Any], Any]) -> Any:
        try:
            return ask(self._set)
        except InvalidHandle:  # another thread has just destroyed it
            return False

    def release(self) -> None:
        """Let go of everything: what was destroyed meanwhile ends now."""
        self._held.close()


def try_out(context: Context, bell: GuardCondition) -> None:
    """Raise OtherRclpy unless a bell that rings is found ready, and handles can be taken by."""
    try:
        for name, methods in _TAKEN_BY.items():
            for method in methods:
                getattr(getattr(rclpy_implementation, name), method)
        trial = KeptWaitSet(context, [('guard_condition', bell.handle)], [])
        bell.trigger()
        ready, _ = trial.wait(0)
        trial.release()
        if bell.handle.pointer not in ready:
            raise LookupError('its wait set does not tell what is ready')
    except (AttributeError, TypeError, LookupError) as error:
        raise OtherRclpy(str(error)) from error
