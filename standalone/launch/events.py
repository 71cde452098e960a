# SPDX-License-Identifier: Apache-2.0
"""What happens while a launch description is carried out."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Shutdown:
    """Everything is to end."""

    reason: str = 'reason not given'
    due_to_sigint: bool = False


@dataclass
class ProcessStarted:
    """A process runs."""

    action: Any
    process_name: str
    cmd: list[str]
    pid: int


@dataclass
class ProcessExited(ProcessStarted):
    """A process has ended."""

    returncode: int
