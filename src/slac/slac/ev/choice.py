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


@dataclass(frozen=True)
class Nobody:
    """None is near enough."""

    reason: str


def choose(
    profiles: Mapping[str, bytes], limit: float, margin: float
) -> Chosen | Undecided | Nobody:
    """Choose by the lowest mean; `profiles` by charger's MAC, `limit` and `margin` in dB."""
    if not profiles:
        return Nobody('no charger reported an attenuation')
    means = sorted((mean(p), mac) for mac, p in profiles.items() if measured(p))
    doubtful = tuple(mac for mac, p in profiles.items() if not measured(p))
    near = [(db, mac) for db, mac in means if db <= limit]
    if not near:
        if doubtful:
            return Undecided(doubtful, 'its attenuation is no measurement')
        return Nobody(f'the nearest charger is {means[0][0]:.0f} dB away')
    close = tuple(mac for db, mac in near if db - near[0][0] <= margin)
    if len(close) > 1:
        return Undecided(close, f'{len(close)} chargers are within {margin:.0f} dB')
    return Chosen(near[0][1])
