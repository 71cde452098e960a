# SPDX-License-Identifier: Apache-2.0
"""What happens while a launch description is carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Event:
    """Something that handlers may answer."""

    name = 'launch.Event'


class Shutdown(Event):
    """Everything is to end."""

    name = 'launch.events.Shutdown'

    def __init__(
        self, *, reason: str = 'reason not given', due_to_sigint: bool = False, **_: Any
    ) -> None:
        self.reason, self.due_to_sigint = reason, due_to_sigint


class TimerEvent(Event):
    """The time of a TimerAction has come."""

    def __init__(self, *, timer_action: Any) -> None:
        self.timer_action = timer_action


class IncludeLaunchDescription(Event):
    """A launch description is to be carried out."""

    def __init__(self, launch_description: Any) -> None:
        self.launch_description = launch_description


def matches_action(target_action: Any) -> Callable[[Any], bool]:
    """Return a matcher for the process of that action."""
    return lambda action: action is target_action
