# SPDX-License-Identifier: Apache-2.0
"""What happens to processes, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable
import signal
from typing import Any

from launch.events import Event


class RunningProcessEvent(Event):
    """Concerns one process; attributes as `action.process_details`."""

    def __init__(self, *, action: Any, name: str, **details: Any) -> None:
        self.action, self.process_name = action, name
        self.cmd, self.cwd, self.env = details['cmd'], details['cwd'], details['env']
        self.pid: int = details['pid']


class ProcessStarted(RunningProcessEvent):
    """A process runs."""


class ProcessExited(RunningProcessEvent):
    """A process has ended."""

    def __init__(self, *, returncode: int, **details: Any) -> None:
        super().__init__(**details)
        self.returncode = returncode


class ShutdownProcess(Event):
    """Processes are asked to end: SIGINT, then SIGTERM, then SIGKILL."""

    def __init__(self, *, process_matcher: Callable[[Any], bool]) -> None:
        self.process_matcher = process_matcher


class SignalProcess(Event):
    """Processes are sent a signal."""

    def __init__(
        self, *, signal_number: str | int, process_matcher: Callable[[Any], bool]
    ) -> None:
        self.process_matcher = process_matcher
        by_name = isinstance(signal_number, str)
        self.signal = signal.Signals[signal_number] if by_name else signal.Signals(signal_number)
