# SPDX-License-Identifier: Apache-2.0
"""How a field of a settings dataclass is described; nothing of ROS is in here."""

from dataclasses import field, fields
from enum import Enum
from typing import Any

CHOICES = 'one of '  # how a constraint begins that lists what a value may be
JOINT = '; '  # between two constraints


class Change(Enum):
    """When a parameter may change; the value is the constraint that its descriptor has."""

    AT_START = ''
    ANY_TIME = 'may change at any time'
    LOWER = 'may change at any time, in a session only downwards'


def setting(
    default: Any,
    about: str,
    low: Any = None,
    high: Any = None,
    choices: tuple[Any, ...] = (),
    change: Change = Change.AT_START,
) -> Any:
    """Describe one parameter: its default, a sentence with its unit, what it may be, and when."""
    notes = {'about': about, 'low': low, 'high': high, 'choices': choices, 'change': change}
    return field(default=default, metadata=notes)


def mutable(settings: Any) -> list[str]:
    """Return the names of those that may change while a node runs; of a class or an instance."""
    return [f.name for f in fields(settings) if f.metadata['change'] is not Change.AT_START]


def raised(old: Any, new: Any) -> list[str]:
    """Return the names of the limits that are higher in `new` settings than in `old` ones."""
    limits = (f.name for f in fields(old) if f.metadata['change'] is Change.LOWER)
    return [name for name in limits if not getattr(new, name) <= getattr(old, name)]


def constraint(choices: tuple[Any, ...], change: Change) -> str:
    """Return what a descriptor says beside range and type."""
    told = [CHOICES + ', '.join(map(str, choices))] if choices else []
    return JOINT.join([*told, change.value] if change.value else told)
