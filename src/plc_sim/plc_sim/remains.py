# SPDX-License-Identifier: Apache-2.0
"""What of a simulated vehicle outlives its computer: plug, lock and charge stay where they are."""

from dataclasses import dataclass
import json
from typing import Any


@dataclass(frozen=True)
class Remains:
    """How a vehicle was when its computer stopped."""

    plugged: bool
    locked: bool
    soc: float  # 0..1

    def to_text(self) -> str:
        """Return it as a line of JSON; less than a tenth of a per cent of charge is not told."""
        soc = round(self.soc, 3)
        return json.dumps({'plugged': self.plugged, 'locked': self.locked, 'soc': soc})

    @classmethod
    def of_text(cls, text: str | None) -> 'Remains | None':
        """Read such a line; None: it is none."""
        try:
            told: Any = json.loads(text or '')
            return cls(bool(told['plugged']), bool(told['locked']), float(told['soc']))
        except (ValueError, TypeError, KeyError):
            return None
