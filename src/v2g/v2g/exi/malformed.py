# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with an EXI stream; the numbers are those of engine.h."""

from enum import IntEnum


class Fault(IntEnum):
    """Why a stream is refused; both engines find the same one at the same bit."""

    NONE = 0
    HEADER = 1
    TRUNCATED = 2
    EVENT_CODE = 3
    ESCAPE = 4
    WILDCARD = 5
    UNTYPED_CHARACTERS = 6
    OVER_MAXIMUM = 7
    STRING_TABLE = 8
    RANGE = 9
    TOO_LONG = 10
    LENGTH = 11
    CHARACTER = 12
    ROOM = 13
    FLAT = 14


class MalformedExi(ValueError):
    """The octets are no EXI stream of their schema.

    position: the bit, counted from the start, at which the offending part begins.
    expected: what should have been there.
    """

    def __init__(self, position: int, expected: str) -> None:
        super().__init__(f'bit {position}: {expected}')
        self.position = position
        self.expected = expected
