# SPDX-License-Identifier: Apache-2.0
"""Long work shows how far it is, on stderr, where a person looks on."""

from collections.abc import Iterable, Iterator
import sys
from typing import TypeVar

One = TypeVar('One')


def tracked(several: Iterable[One], total: int, what: str) -> Iterator[One]:
    """Give one after the other behind a bar; without a terminal, or for a single one, no bar."""
    if total < 2 or not sys.stderr.isatty():
        yield from several
        return
    from rich.console import Console  # 0.1 s that a single file need not wait for
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(several, description=what, total=total, console=console, transient=True)
