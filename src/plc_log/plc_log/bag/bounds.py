# SPDX-License-Identifier: Apache-2.0
"""How much may come out of one file, which may be anybody's: asked before memory is taken."""

LARGEST = 1 << 28  # octets of a record, chunk, message or row
ANY = 1 << 24  # octets that the smallest file may unfold to
RATIO = 100  # octets that each octet of a larger one may; ours unfold to some ten


class TooLarge(ValueError):
    """What a file holds is more than any recorder writes into one of its size."""

    def __init__(self) -> None:
        super().__init__('it unfolds to more than a recording of its size')


class Budget:
    """What is left of that for a file of `size` octets."""

    def __init__(self, size: int) -> None:
        self._left = ANY + RATIO * size

    def take(self, octets: int) -> int:
        """Return how many octets may be unfolded, all of those asked for; raises TooLarge."""
        if octets > min(self._left, LARGEST):
            raise TooLarge
        self._left -= octets
        return octets
