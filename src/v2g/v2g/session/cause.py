# SPDX-License-Identifier: Apache-2.0
"""Why a session ends, and how: the two ways of R1."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """The reason of a stop.

    fault: stop by R1's fault branch. error: a word for programs; empty where the session ends
    as it should. retry: another attempt may help (R5). latch: only charging/reset helps.
    """

    reason: str
    error: str = ''
    fault: bool = False
    retry: bool = True
    latch: bool = False

    @property
    def latching(self) -> str:
        """Why nothing begins any more; empty: it does not latch."""
        return f'{self.reason}; only charging/reset helps' if self.latch else ''


def fault(error: str, reason: str, *, retry: bool = True, latch: bool = False) -> Cause:
    """A stop by R1's fault branch."""
    return Cause(reason, error, fault=True, retry=retry, latch=latch)


def wish(reason: str) -> Cause:
    """A normal stop of a session that has done what it was for."""
    return Cause(reason)
