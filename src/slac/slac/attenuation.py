# SPDX-License-Identifier: Apache-2.0
"""Arithmetic on attenuation profiles: one octet of dB for each carrier group."""

from collections.abc import Sequence

from plc_modem.homeplug.matching import GROUPS

# For a modem that measures nothing (R20): the one that every car tested took (lesson 4).
SYNTHETIC = bytes([9] * (GROUPS - 3) + [15, 19, 25])


def mean_profile(profiles: Sequence[bytes], offset: int = 0) -> bytes:
    """Average each carrier group over the sounds heard, half up, and add an offset in dB.

    Profiles of different lengths: as many groups as the shortest has. What was measured stays a
    measurement: the offset leads neither to 0 nor to 0xFF (lesson 4).
    """
    count = len(profiles)
    sums = (sum(group) for group in zip(*profiles, strict=False))
    means = ((2 * s + count) // (2 * count) for s in sums)
    return bytes(min(max(m + offset, min(m, 1)), max(m, 254)) for m in means)


def mean(profile: bytes) -> float:
    """Return the mean attenuation of a profile in dB; NaN for one without groups."""
    return sum(profile) / len(profile) if profile else float('nan')


def measured(profile: bytes) -> bool:
    """Tell whether a profile can be a measurement: some groups, not all of them 0 or 0xFF."""
    return any(profile) and set(profile) != {0xFF}
