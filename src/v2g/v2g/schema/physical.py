# SPDX-License-Identifier: Apache-2.0
"""Physical values: floats in V, A, W, Wh and s inside; Multiplier, Unit and Value outside."""

from dataclasses import dataclass
from math import isfinite

LOWEST, HIGHEST = -(2**15), 2**15 - 1  # of Value, an xs:short
FINER = ((-1, 10), (-2, 100), (-3, 1000))
COARSER = ((1, 10), (2, 100), (3, 1000))

# What else may stand for a unit, and how many of ours it is.
SAME = {'V': {'V': 1}, 'A': {'A': 1}, 'W': {'W': 1, 'VA': 1}, 'Wh': {'Wh': 1}}
SAME['s'] = {'s': 1, 'm': 60, 'h': 3600}


@dataclass(frozen=True)
class Physical:
    """A PhysicalValue whose unit the element fixes."""

    unit: str


def scale(value: float) -> tuple[int, int]:
    """Multiplier and Value that lose least of a float; the plainest of those that lose nothing.

    ValueError for what no Value holds: beyond 32767 thousands, infinite, NaN.
    """
    if not isfinite(value):
        raise ValueError(f'{value} is no physical value')
    if LOWEST - 0.5 <= value < HIGHEST + 0.5:
        return _fine(value)
    for multiplier, factor in COARSER:
        scaled = round(value / factor)
        if LOWEST <= scaled <= HIGHEST:
            return multiplier, scaled
    raise ValueError(f'{value:g} does not fit into a physical value')


def _fine(value: float) -> tuple[int, int]:
    best = 0, round(value)
    if best[1] == value:
        return best
    for multiplier, factor in FINER:
        scaled = round(value * factor)
        if not LOWEST <= scaled <= HIGHEST:
            break
        best = multiplier, scaled
        if scaled / factor == value:
            break
    return best


def unscale(multiplier: int, value: int) -> float:
    """The float of a Multiplier and a Value, rounded once."""
    return value / 10**-multiplier if multiplier < 0 else float(value * 10**multiplier)


def in_unit(unit: str, sent: str | None) -> int:
    """How many of `unit` one of the unit sent is; a missing one is ours (DIN allows that).

    ValueError where the two do not measure the same.
    """
    if sent is None:
        return 1
    try:
        return SAME[unit][sent]
    except KeyError:
        raise ValueError(f'a value in {sent} where {unit} is due') from None
