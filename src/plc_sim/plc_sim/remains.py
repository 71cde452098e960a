# SPDX-License-Identifier: Apache-2.0
"""What of a simulated vehicle outlives its computer: plug, lock and charge stay where they are."""

from dataclasses import dataclass
import json
from math import nan
from typing import Any


@dataclass(frozen=True)
class Remains:
    """How a vehicle was when its computer stopped."""

    plugged: bool = False
    locked: bool = False
    soc: float = nan  # 0..1; NaN: it was never plugged in

    def worth_keeping(self, kept: 'Remains') -> bool:
        """Tell whether it is another than what was kept last: from the first plug-in on.

        Less than a tenth of a per cent of charge makes no difference.
        """
        moved = (self.plugged, self.locked) != (kept.plugged, kept.locked)
        return moved or abs(self.soc - kept.soc) >= 0.001

    def to_text(self) -> str:
        """Return it as a line of JSON."""
        return json.dumps({'plugged': self.plugged, 'locked': self.locked, 'soc': self.soc})

    @classmethod
    def of_text(cls, text: str) -> 'Remains | None':
        """Read such a line; None: it is none."""
        try:
            told: Any = json.loads(text)
            return cls(bool(told['plugged']), bool(told['locked']), float(told['soc']))
        except (ValueError, TypeError, KeyError):
            return None
