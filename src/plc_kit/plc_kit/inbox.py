# SPDX-License-Identifier: Apache-2.0
"""How another thread hands something to a node: put() there, read in the executor here (R30)."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from rclpy.node import Node

from plc_kit.clock import now

ROOM = 1000  # letters that nobody has read
SPELL = 0.005  # s of reading; then timers, readings and commands have their turn

T = TypeVar('T')


class Inbox(Generic[T]):
    """A mailbox whose letters are read by the node's own executor, one after the other.

    It is read for SPELL at a time, so whoever fills it blinds nobody, and it holds `room` letters.
    """

    def __init__(self, node: Node, read: Callable[[T], None], room: int = ROOM) -> None:
        self._letters: deque[T] = deque()
        self._read, self._room = read, room
        self._bell = node.create_guard_condition(self._read_some)

    @property
    def empty(self) -> bool:
        """No letter waits to be read."""
        return not self._letters

    @property
    def full(self) -> bool:
        """There is no room for another letter."""
        return len(self._letters) >= self._room

    def put(self, letter: T, *, anyway: bool = False) -> bool:
        """Hand over from any thread; order is kept. False: there is no room, it is dropped.

        `anyway` is for what must arrive and is bounded elsewhere.
        """
        if self.full and not anyway:
            return False
        self._letters.append(letter)  # deque.append is atomic: no lock needed
        self._bell.trigger()
        return True

    def _read_some(self) -> None:
        end = now() + SPELL
        while self._letters:
            self._read(self._letters.popleft())
            if now() >= end:
                self._bell.trigger()
                return
