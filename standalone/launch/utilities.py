# SPDX-License-Identifier: Apache-2.0
"""What hears signals for a launch, and makes text of substitutions."""

from collections.abc import Callable

from launch.substitution import normalize as normalize_to_list_of_substitutions, perform

__all__ = [
    'AsyncSafeSignalManager',
    'normalize_to_list_of_substitutions',
    'perform_substitutions',
]
perform_substitutions = perform


class AsyncSafeSignalManager:
    """Calls a handler for each signal that has come, when the loop has time for it.

    It hears those alone for which Python has a handler, too. A SIGTERM ends the process unless a
    launch file changes that, and a SIGINT that was ignored from the start stays ignored.
    """

    __current: 'AsyncSafeSignalManager | None' = None

    def __init__(self) -> None:
        self._handlers: dict[int, Callable[[int], object]] = {}

    def enter(self) -> None:
        AsyncSafeSignalManager.__current = self

    def handle(self, signum: int, handler: Callable[[int], object]) -> None:
        self._handlers[signum] = handler

    def heard(self, numbers: bytes) -> None:
        for number in numbers:
            if number in self._handlers:
                self._handlers[number](number)
