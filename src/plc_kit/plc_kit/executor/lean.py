# SPDX-License-Identifier: Apache-2.0
"""The executor as rclpy, nodes and users know one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import inspect
from typing import Any

from rclpy.context import Context
from rclpy.executors import Executor, TimeoutObject
from rclpy.node import Node
from rclpy.task import Future

from plc_kit.clock import now
from plc_kit.executor.turns import Turns


class LeanExecutor(Executor):
    """Runs callbacks one after the other in the thread that spins, as SingleThreadedExecutor.

    A turn calls all that is ready. Callback groups do not count: there is one thread. An exception
    of a callback or task leaves spin(); one of a future's done callback is rclpy's own warning.
    Timers are called without rclpy's TimerInfo.
    """

    def __init__(self, *, context: Context | None = None) -> None:
        super().__init__(context=context)  # first, or its __del__ complains
        self.__turns = Turns(self.context)
        self.context.on_shutdown(self.wake)

    def wake(self) -> None:
        """Look anew at what there is to wait for; nodes call it when an entity comes or goes."""
        self.__turns.look_anew()

    def add_node(self, node: Node) -> bool:
        added = super().add_node(node)
        self.wake()
        return added

    def remove_node(self, node: Node) -> None:
        super().remove_node(node)
        self.wake()

    def create_task(self, callback: Any, *args: Any, **kwargs: Any) -> Future:  # type: ignore[override]
        """Run a function, coroutine function or coroutine in the next turn, from any thread."""
        bare = inspect.iscoroutine(callback)
        return self.__turns.awaiting.create_task(
            callback if bare else _called(callback, *args, **kwargs)
        )

    def shutdown(self, timeout_sec: float | None = None) -> bool:
        """End spinning, from any thread; False: the callback that runs took too long."""
        return self.__turns.end(timeout_sec) and super().shutdown(timeout_sec)

    def spin(self) -> None:
        while self.__take(None):
            pass

    def spin_once(self, timeout_sec: float | None = None) -> None:
        """Wait until something is ready, `timeout_sec` at most, and call all that is."""
        self.__take(timeout_sec)

    def spin_until_future_complete(self, future: Future, timeout_sec: float | None = None) -> None:
        end = now() + timeout_sec if timeout_sec is not None and timeout_sec >= 0 else None
        with self.__woken_by(future):
            while not _settled(future):
                going = self.__take(None if end is None else max(0.0, end - now()))
                if not going or (end is not None and now() >= end):
                    return

    def spin_once_until_future_complete(
        self, future: Future, timeout_sec: float | TimeoutObject | None = None
    ) -> None:
        left = timeout_sec.timeout if isinstance(timeout_sec, TimeoutObject) else timeout_sec
        with self.__woken_by(future):
            if not _settled(future):
                self.__take(left)

    def __take(self, timeout: float | None) -> bool:
        return self.__turns.take(timeout, self.get_nodes)

    @contextmanager
    def __woken_by(self, future: Future) -> Iterator[None]:
        def ring(_: Future) -> None:
            self.__turns.ring()

        future.add_done_callback(ring)
        try:
            yield
        finally:
            future.remove_done_callback(ring)


async def _called(callback: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    returned = callback(*args, **kwargs)
    return await returned if inspect.iscoroutine(returned) else returned


def _settled(future: Future) -> bool:
    return bool(future.done() or future.cancelled())
