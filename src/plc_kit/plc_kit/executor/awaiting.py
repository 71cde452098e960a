# SPDX-License-Identifier: Apache-2.0
"""Callbacks and tasks that await something: each goes on in a turn, once what it awaits is there.

A future of rclpy 7.1.9 and later hands itself over when it is awaited, and tells when it is done.
One before hands over None: who awaits it is asked again in each turn. It wakes nobody by itself,
so whoever completes it in another thread calls the executor's wake().
"""

from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
import inspect
from typing import Any

from rclpy.task import Future


@dataclass(eq=False, slots=True)
class _Task:
    coroutine: Coroutine[Any, Any, Any]
    outcome: Future | None  # None: of a callback, which nobody waits for


class Awaiting:
    """What has begun or is to begin; may be added to, and completed, in any thread."""

    def __init__(self, ring: Callable[[], None]) -> None:
        """`ring` makes the executor take another turn."""
        self._ring = ring
        self._due: deque[_Task] = deque()
        self._told: set[_Task] = set()  # by what they await, when it is done
        self._asked: deque[tuple[_Task, Any]] = deque()  # with what each awaited when last asked

    def create_task(self, coroutine: Coroutine[Any, Any, Any]) -> Future:
        """Step it from the next turn on, and return the future of its result."""
        outcome = Future()
        task = _Task(coroutine, outcome)
        outcome.add_done_callback(lambda _: self._resume(task))  # a cancelled one is closed
        self._resume(task)
        return outcome

    def begin(self, returned: Any) -> None:
        """Take what a callback returned: a coroutine is stepped to where it awaits something."""
        if inspect.iscoroutine(returned):
            self._step(_Task(returned, None))

    def go_on(self) -> bool:
        """Give all that is due its turn, and tell whether anything went on."""
        if not self._due and not self._asked:  # as nearly always
            return False
        went_on = bool(self._due)
        for _ in range(len(self._due)):
            self._step(self._due.popleft())
        for _ in range(len(self._asked)):
            task, awaited = self._asked.popleft()
            self._step(task)
            went_on |= _awaited_by(task.coroutine) is not awaited
        return went_on

    def clear(self) -> None:
        """Close all of them: the executor has ended."""
        for task in (*self._due, *self._told, *(task for task, _ in self._asked)):
            task.coroutine.close()
        self._due.clear()
        self._told.clear()
        self._asked.clear()

    def _resume(self, task: _Task) -> None:
        self._told.discard(task)
        self._due.append(task)
        self._ring()

    def _step(self, task: _Task) -> None:
        outcome = task.outcome
        if outcome is not None and (outcome.done() or outcome.cancelled()):
            task.coroutine.close()
            return
        try:
            self._suspend(task, task.coroutine.send(None))
        except StopIteration as end:
            if outcome is not None:
                outcome.set_result(end.value)
        except Exception as error:
            if outcome is not None:
                outcome.set_exception(error)
                outcome.exception()  # it is told here, by leaving spin()
            raise

    def _suspend(self, task: _Task, handed_over: Any) -> None:
        if handed_over is None:
            self._asked.append((task, _awaited_by(task.coroutine)))
        elif isinstance(handed_over, Future):
            self._told.add(task)
            handed_over.add_done_callback(lambda _: self._resume(task))
        else:
            raise TypeError(f'a callback awaits {handed_over!r}, which is no future of rclpy')


def _awaited_by(waiting: Any) -> Any:
    """Return what a coroutine awaits at its innermost; another object than before: it went on."""
    while (inner := getattr(waiting, 'cr_await', None)) is not None:
        waiting = inner
    return waiting
