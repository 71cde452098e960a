# SPDX-License-Identifier: Apache-2.0
"""The two parts of a session as a side sees them: its conversation, then its safe end."""

from typing import Protocol

from v2g.session.cause import Cause


class Conversation(Protocol):
    """The messages of one connection."""

    cause: Cause | None  # set: end it

    @property
    def deadline(self) -> float | None:
        """When tick() is due."""

    def receive(self, payload_type: int, payload: bytes, now: float) -> None:
        """Take a message."""

    def tick(self, now: float) -> None:
        """Let time pass."""

    def waits_for(self, now: float) -> str:
        """What something else than the next message is waited for, as a sentence; empty: none."""


class SafeEnd(Protocol):
    """The way from a conversation to safe outputs."""

    cause: Cause
    energised: bool  # contactors were closed: no second attempt
    done: bool

    @property
    def deadline(self) -> float | None:
        """When tick() is due."""

    def receive(self, payload_type: int, payload: bytes, now: float) -> None:
        """Take a message."""

    def tick(self, now: float) -> None:
        """Let time pass."""

    def worsen(self, cause: Cause, now: float) -> None:
        """Something more went wrong."""

    def disconnected(self, now: float) -> None:
        """The connection is gone."""
