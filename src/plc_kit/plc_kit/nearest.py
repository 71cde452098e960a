# SPDX-License-Identifier: Apache-2.0
"""What somebody may have meant who wrote a name that nobody has."""

from collections.abc import Collection
from difflib import get_close_matches

ALIKE = 0.6  # of 1, as difflib measures it: it may have been meant
THE_SAME = 0.9  # a letter more, less or changed: it cannot but have been meant


def nearest(name: str, known: Collection[str], alike: float = ALIKE) -> str:
    """Return the name most like it, best one of the same letters; '' where none is alike."""
    found = get_close_matches(name, known, 3, alike)
    return min(found, key=lambda one: sorted(one) != sorted(name), default='')


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return the end of a sentence: the name most like it, or '' where none is alike."""
    meant = nearest(name, known)
    return f'; did you mean {meant}?' if meant else ''
