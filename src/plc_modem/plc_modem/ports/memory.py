# SPDX-License-Identifier: Apache-2.0
"""A port that ends in this process: what is sent stays in a list, what comes is told by a test."""

from collections.abc import Callable


class MemoryPort:
    """The same face as EthernetPort, without a wire."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self.sent: list[bytes] = []
        self.hear = heard  # call it to let a frame come

    def send(self, octets: bytes) -> bool:
        """Keep a frame."""
        self.sent.append(octets)
        return True

    def close(self) -> None:
        """Nothing to do."""
