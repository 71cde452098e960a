# SPDX-License-Identifier: Apache-2.0
"""An executor of one thread that keeps its wait set.

rclpy's SingleThreadedExecutor gathers all entities of all nodes, and makes a wait set and a task,
for each callback; that cost more than all the protocol's own work.
"""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from typing import Any

from rclpy.context import Context
from rclpy.event_handler import EventHandler, QoSPublisherEventType, QoSSubscriptionEventType
from rclpy.exceptions import InvalidHandle
from rclpy.executors import Executor, TimeoutObject
from rclpy.impl.implementation_singleton import rclpy_implementation as _rclpy
from rclpy.node import Node
from rclpy.task import Future
from rclpy.utilities import timeout_sec_to_nsec
from rclpy.waitable import NumberOfEntities, Waitable

from plc_kit.clock import now

# Kinds of entities as the wait set names them, by what a node calls its own; in calling order.
_KINDS = {
    'timer': 'timers',
    'subscription': 'subscriptions',
    'guard_condition': 'guards',
    'client': 'clients',
    'service': 'services',
}

# Each publisher and subscription has two of these, to warn of a wrong partner. To wait for them
# costs four times as much as all else, so they are looked at now and then.
_WARNINGS = (
    QoSPublisherEventType.RCL_PUBLISHER_OFFERED_INCOMPATIBLE_QOS,
    QoSPublisherEventType.RCL_PUBLISHER_INCOMPATIBLE_TYPE,
    QoSSubscriptionEventType.RCL_SUBSCRIPTION_REQUESTED_INCOMPATIBLE_QOS,
    QoSSubscriptionEventType.RCL_SUBSCRIPTION_INCOMPATIBLE_TYPE,
)
_NOW_AND_THEN = 1.0  # s


class LeanExecutor(Executor):
    """Runs callbacks one after the other in the thread that spins, as SingleThreadedExecutor.

    Entities may come and go in callbacks and in other threads. Callback groups do not count:
    there is one thread. An exception of a callback leaves spin().
    """

    def __init__(self, *, context: Context | None = None) -> None:
        self._stale = True  # the entities are others than those of the wait set
        self._held = ExitStack()  # keeps what the wait set points to, whoever destroys it
        self._waiting: list[Coroutine[Any, Any, None]] = []  # callbacks that await something
        self._looked = now()  # for warnings
        super().__init__(context=context)

    def wake(self) -> None:
        """Look anew at what there is to wait for; nodes call it when an entity comes or goes."""
        self._stale = True
        super().wake()

    def add_node(self, node: Node) -> bool:
        self._stale = True
        return super().add_node(node)

    def remove_node(self, node: Node) -> None:
        self._stale = True
        super().remove_node(node)

    def shutdown(self, timeout_sec: float | None = None) -> bool:
        self._held.close()
        return super().shutdown(timeout_sec)

    def spin_once(self, timeout_sec: float | None = None) -> None:
        """Wait until something is ready, `timeout_sec` at most, and call all that is."""
        self._go_on_with_tasks()
        if self._stale:
            self._gather()
        self._wait(timeout_sec_to_nsec(timeout_sec))
        if not self._is_shutdown and self._context.ok():
            self._call_ready()
            self._look_for_warnings()

    def spin_once_until_future_complete(
        self, future: Future, timeout_sec: float | TimeoutObject | None = None
    ) -> None:
        """As spin_once: who waits for the future has seen to it that it wakes the executor."""
        left = timeout_sec.timeout if isinstance(timeout_sec, TimeoutObject) else timeout_sec
        self.spin_once(left)

    def _gather(self) -> None:
        self._stale = False  # first: what changes from now on makes it stale again
        self._held.close()
        nodes = self.get_nodes()
        self._callbacks: dict[int, tuple[Callable[[Any], Any], Any]] = {}
        handles = {kind: list(self._hold(kind, nodes)) for kind in _KINDS}
        handles['guard_condition'] += [self._guard.handle, self._sigint_gc.handle]
        waitables = [one for node in nodes for one in node.waitables if self._enter(one)]
        self._waitables = [one for one in waitables if not _warns(one)]
        self._warnings = [one for one in waitables if _warns(one)]
        self._wait_set = self._room_for(handles, self._waitables)
        self._additions = [
            (getattr(self._wait_set, f'add_{kind}'), handle)
            for kind, some in handles.items()
            for handle in some
        ]

    def _hold(self, kind: str, nodes: list[Node]) -> Iterator[Any]:
        """Keep all entities of a kind for as long as the wait set may point to them."""
        take = getattr(self, f'_take_{kind}')
        for entity in (one for node in nodes for one in getattr(node, _KINDS[kind])):
            if self._enter(entity.handle):
                self._callbacks[entity.handle.pointer] = (take, entity)
                yield entity.handle

    def _enter(self, destroyable: Any) -> bool:
        try:
            self._held.enter_context(destroyable)
        except InvalidHandle:  # destroyed already
            return False
        return True

    def _room_for(self, handles: dict[str, list[Any]], waitables: list[Waitable]) -> Any:
        kinds = ('subscription', 'guard_condition', 'timer', 'client', 'service')
        count = NumberOfEntities(*(len(handles.get(kind, ())) for kind in kinds))
        for waitable in waitables:
            count += waitable.get_num_entities()
        return _rclpy.WaitSet(
            count.num_subscriptions,
            count.num_guard_conditions,
            count.num_timers,
            count.num_clients,
            count.num_services,
            count.num_events,
            self._context.handle,
        )

    def _wait(self, timeout: int) -> None:
        self._wait_set.clear_entities()  # waiting takes out what is not ready
        for add, handle in self._additions:
            add(handle)
        for waitable in self._waitables:
            waitable.add_to_wait_set(self._wait_set)
        self._wait_set.wait(timeout)

    def _call_ready(self) -> None:
        wait_set, callbacks = self._wait_set, self._callbacks  # these may be others in a moment
        ready = [one for kind in _KINDS for one in wait_set.get_ready_entities(kind)]
        for waitable in [one for one in self._waitables if one.is_ready(wait_set)]:
            self._run(self._take_waitable(waitable))
        for take, entity in [callbacks[one] for one in ready if one in callbacks]:
            if take != self._take_timer or entity.handle.is_timer_ready():  # not just cancelled
                self._run(take(entity))

    def _look_for_warnings(self) -> None:
        if self._stale or now() < self._looked + _NOW_AND_THEN:
            return
        self._looked = now()
        wait_set = self._room_for({}, self._warnings)
        wait_set.clear_entities()
        for warning in self._warnings:
            warning.add_to_wait_set(wait_set)
        wait_set.wait(0)
        for warning in [one for one in self._warnings if one.is_ready(wait_set)]:
            self._run(self._take_waitable(warning))

    def _run(self, execute: Callable[[], Coroutine[Any, Any, None]] | None) -> None:
        """Run a callback to its end, or to where it awaits something; None: it is gone."""
        if execute is not None:
            self._go_on(execute())

    def _go_on(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            coroutine.send(None)
        except StopIteration:
            return
        self._waiting.append(coroutine)

    def _go_on_with_tasks(self) -> None:
        """Give everything that awaits something, and what create_task() was given, its turn."""
        waiting, self._waiting = self._waiting, []
        for coroutine in waiting:
            self._go_on(coroutine)
        with self._tasks_lock:
            tasks = [task for task, *_ in self._tasks]
        for task in tasks:
            task()
            if task.exception() is not None:
                raise task.exception()
        with self._tasks_lock:
            self._tasks = [one for one in self._tasks if not (one[0].done() or one[0].cancelled())]


def _warns(waitable: Waitable) -> bool:
    return isinstance(waitable, EventHandler) and waitable.event_type in _WARNINGS
