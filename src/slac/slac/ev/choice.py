# SPDX-License-Identifier: Apache-2.0
"""Which of the chargers that were heard is the one at the other end of the cable (R19)."""

from collections.abc import Mapping
from dataclasses import dataclass

from slac.attenuation import mean, measured


@dataclass(frozen=True)
class Chosen:
    """This one."""

    mac: str


@dataclass(frozen=True)
class Undecided:
    """These are too close to each other, or cannot be believed: the pilot must tell.

    Of a validation's outcome: those that it has not ruled out.
    """

    macs: tuple[str, ...]  # the best heard first
    reason: str
    measured: bool = True  # else the pilot alone may decide
    crowded: bool = False  # another vehicle toggled its pilot at the same time

    @property
    def left_alone(self) -> str:
        """The only one that is not ruled out; empty: there are more, or none."""
        return self.macs[0] if self.measured and len(self.macs) == 1 else ''


def choose(profiles: Mapping[str, bytes], margin: float) -> Chosen | Undecided:
    """Choose by the lowest mean; `profiles` by charger's MAC, one at least, `margin` in dB."""
    means = sorted((mean(p), mac) for mac, p in profiles.items() if measured(p))
    if not means:
        return Undecided(tuple(profiles), 'its attenuation is no measurement', measured=False)
    close = tuple(mac for db, mac in means if db - means[0][0] <= margin)
    if len(close) > 1:
        return Undecided(close, f'{len(close)} chargers are within {margin:.0f} dB')
    return Chosen(means[0][1])
