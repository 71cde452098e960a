# SPDX-License-Identifier: Apache-2.0
"""How another thread hands something to a node: put() there, handled in the executor here."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from rclpy.node import Node

T = TypeVar('T')


class Inbox(Generic[T]):
    """A mailbox whose letters are read by the node's own executor, one after the other."""

    def __init__(self, node: Node, read: Callable[[T], None]) -> None:
        self._letters: deque[T] = deque()
        self._read = read
        self._bell = node.create_guard_condition(self._read_all)

    @property
    def empty(self) -> bool:
        """No letter waits to be read."""
        return not self._letters

    def put(self, letter: T) -> None:
        """Hand over from any thread; order is kept."""
        self._letters.append(letter)  # deque.append is atomic: no lock needed
        self._bell.trigger()

    def _read_all(self) -> None:
        while self._letters:
            self._read(self._letters.popleft())
