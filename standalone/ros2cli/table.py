# SPDX-License-Identifier: Apache-2.0
"""How a command lists its verbs and their arguments."""

from argparse import Namespace
from collections.abc import Callable
from typing import Any, NamedTuple

Argument = tuple[tuple[str, ...], dict[str, Any]]


class Verb(NamedTuple):
    """What a verb does, its help being the docstring's first line, and what it takes."""

    main: Callable[[Namespace], Any]
    arguments: tuple[Argument, ...]


def verb(main: Callable[[Namespace], Any], *arguments: Argument) -> Verb:
    """Return a verb."""
    return Verb(main, arguments)


def argument(*names: str, **options: Any) -> Argument:
    """Return what `argparse` shall be told of an argument; the last name given is its help."""
    return names[:-1], {'help': names[-1], **options}


def flag(*names: str, **options: Any) -> Argument:
    """Return an argument that is given or not."""
    return argument(*names, action='store_true', **options)
