# SPDX-License-Identifier: Apache-2.0
"""What of a session outlives its node, so that none begins by itself after a restart (R5, R6)."""

from dataclasses import dataclass
import json
from typing import Any


@dataclass(frozen=True)
class Kept:
    """What the next start of this node must know."""

    served: bool = False  # an attempt has begun since the plug went in
    latched: str = ''  # why only charging/reset helps

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
