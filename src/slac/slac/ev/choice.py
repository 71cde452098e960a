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
    """These are too close to each other, or cannot be believed: the pilot must tell."""

    macs: tuple[str, ...]
    reason: str


def choose(profiles: Mapping[str, bytes], margin: float) -> Chosen | Undecided:
    """Choose by the lowest mean; `profiles` by charger's MAC, one at least, `margin` in dB."""
    means = sorted((mean(p), mac) for mac, p in profiles.items() if measured(p))
    if not means:
        return Undecided(tuple(profiles), 'its attenuation is no measurement')
    close = tuple(mac for db, mac in means if db - means[0][0] <= margin)
    if len(close) > 1:
        return Undecided(close, f'{len(close)} chargers are within {margin:.0f} dB')
    return Chosen(means[0][1])
