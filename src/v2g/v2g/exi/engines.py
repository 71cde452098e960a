# SPDX-License-Identifier: Apache-2.0
"""Which engine runs: the one in C where it is built, else its twin."""

from functools import cache
import logging
from typing import Protocol

from v2g.exi import twin
from v2g.exi.grammar import Flat, Grammar
from v2g.exi.twin import Decoded


class Engine(Protocol):
    """What both engines are: `decode` and `encode` raise twin.Refused, alike."""

    @property
    def NAME(self) -> str: ...  # noqa: N802

    def decode(self, grammar: Grammar, octets: bytes, fragment: bool = False) -> Decoded: ...

    def encode(self, grammar: Grammar, flat: Flat, fragment: bool = False) -> bytes: ...


def engine_named(name: str) -> Engine:
    """`c` or `python`; ImportError where the one in C is not built."""
    if name == twin.NAME:
        return twin
    from v2g.exi import native

    return native


@cache
def default_engine() -> Engine:
    """The engine in C, or the twin, which then says once that it stands in."""
    try:
        return engine_named('c')
    except ImportError as error:
        logging.getLogger('v2g.exi').warning(
            'EXI runs in Python, about ten times slower than in C: %s', error
        )
        return twin
