# SPDX-License-Identifier: Apache-2.0
"""Something unusual in a session, with the rule or the lesson of the field that it breaks."""

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How much it matters; the worst sorts first."""

    FAULT = 0  # it ended the session, or could have hurt
    ODD = 1  # out of the limits, though the session may have gone on
    NOTE = 2  # worth knowing of this partner


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence; `cited` names rules (`R9`) and lessons (`lesson 66`) of docs/."""

    level: Level
    time: float  # when it was first seen
    text: str
    cited: tuple[str, ...]
    count: int = 1  # how often


RULES = {
    'R1': 'A stop is normal or a fault',
    'R2': 'What the vehicle may still say',
    'R4': 'Welding detection',
    'R5': 'After a stop',
    'R9': 'Before contactors close',
    'R10': 'What is asked for',
    'R11': 'Does this charger fit this pack?',
    'R12': 'Pace',
    'R13': 'When it answers, and what it gives',
    'R15': 'Identity and order',
    'R16': 'Security is negotiated',
    'R19': 'How the vehicle chooses',
    'R20': 'What the charger reports',
    'R21': 'Messages that come again',
    'R22': 'Keys',
    'R23': 'Times on the wire',
    'R26': 'Timers',
}  # titles of docs/rules.md
