# SPDX-License-Identifier: Apache-2.0
"""What of a session outlives its node, so that none begins by itself after a restart (R5, R6)."""

from dataclasses import dataclass, replace
import json
from typing import Any

UNREADABLE = 'what was latched before cannot be read; only charging/reset helps'


@dataclass(frozen=True)
class Kept:
    """What the next start of this node must know."""

    served: bool = False  # an attempt has begun since the plug went in
    latched: str = ''  # why only charging/reset helps

    @property
    def latch_text(self) -> str:
        """What is latched, as a line of JSON."""
        return json.dumps(self.latched)

    def heeding(self, latch_text: str | None) -> 'Kept':
        """The same with such a line; None: nothing was left. What cannot be read is a latch."""
        if self.latched or latch_text is None:
            return self
        try:
            latched: Any = json.loads(latch_text)
        except ValueError:
            latched = None
        return replace(self, latched=latched if isinstance(latched, str) else UNREADABLE)

    def to_text(self) -> str:
        """Return it as a line of JSON."""
        return json.dumps({'served': self.served, 'latched': self.latched})

    @classmethod
    def of_text(cls, text: str | None) -> 'Kept':
        """Read such a line; None: nothing was left. What cannot be read counts as served."""
        if text is None:
            return cls()
        try:
            told: Any = json.loads(text)
            return cls(bool(told['served']), str(told['latched']))
        except (ValueError, TypeError, KeyError):
            return cls(served=True)
