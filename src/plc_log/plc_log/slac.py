# SPDX-License-Identifier: Apache-2.0
"""What chargers reported of the vehicle's M-Sounds: attenuation for each carrier group."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from plc_log.events import Event

_START, _REPORT = 'CM_START_ATTEN_CHAR.IND', 'CM_ATTEN_CHAR.IND'
_ANSWER, _MATCH = 'CM_ATTEN_CHAR.RSP', 'CM_SLAC_MATCH.CNF'


@dataclass
class Report:
    """One charger's CM_ATTEN_CHAR.IND; the first where it came again."""

    time: float
    charger: str  # MAC
    groups: bytes  # dB each, as many as it gave
    sounds: int
    after_start: float  # s since the first START of its matching; 0: none was recorded
    answered: bool = False  # CM_ATTEN_CHAR.RSP followed
    matched: bool = False  # CM_SLAC_MATCH.CNF followed

    @property
    def mean(self) -> float:
        """DB over all groups; 0 where there are none."""
        return sum(self.groups) / len(self.groups) if self.groups else 0.0


class _Key(NamedTuple):
    charger: str
    run_id: bytes


def reports(events: Iterable[Event]) -> list[Report]:
    """Return each charger's report in the order in which they came."""
    found: dict[_Key, Report] = {}
    started: dict[bytes, float] = {}
    for event in events:
        run_id = bytes(getattr(event.message, 'RunID', b''))
        if event.name == _START:
            started.setdefault(run_id, event.time)
        elif event.name == _REPORT:
            begun = started.get(run_id, event.time)
            found.setdefault(_Key(event.source, run_id), _report(event, begun))
        elif event.name == _ANSWER:
            _newest(found, run_id=run_id).answered = True
        elif event.name == _MATCH:
            _newest(found, charger=event.source).matched = True
    return list(found.values())


def _report(event: Event, begun: float) -> Report:
    groups, sounds = bytes(event.message.Groups), event.message.NumSounds
    return Report(event.time, event.source, groups, sounds, event.time - begun)


def _newest(found: dict[_Key, Report], charger: str = '', run_id: bytes = b'') -> Report:
    """Return the newest report of a charger, or of a matching, or one that nobody sees."""
    for key, report in reversed(found.items()):
        if charger == key.charger or run_id == key.run_id:
            return report
    return Report(0.0, '', b'', 0, 0.0)
