# SPDX-License-Identifier: Apache-2.0
"""How a field of a settings dataclass is described; nothing of ROS is in here."""

from dataclasses import field
from typing import Any


def setting(
    default: Any, about: str, low: Any = None, high: Any = None, choices: tuple[Any, ...] = ()
) -> Any:
    """Describe one parameter: its default, a sentence with its unit, and what it may be."""
    notes = {'about': about, 'low': low, 'high': high, 'choices': choices}
    return field(default=default, metadata=notes)
