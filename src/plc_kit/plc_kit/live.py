# SPDX-License-Identifier: Apache-2.0
"""States as their nodes tell them, not as a bag does that is played back (R6).

A latched state may be hours old when it is read, so its age says nothing. But a node sends it when
it stamps it, and a player sends it later: DDS tells when a message was sent.
"""

from collections.abc import Mapping
from typing import Any

_PLAYED = 1.0  # s between stamp and sending from which on a message is a bag's
_NANO = 1_000_000_000


def is_live(message: Any, info: Mapping[str, Any]) -> bool:
    """Tell whether a message was sent when it was stamped; one without a stamp counts as live."""
    if not hasattr(message, 'stamp'):
        return True
    stamped = int(message.stamp.sec * _NANO + message.stamp.nanosec)
    return bool(abs(info['source_timestamp'] - stamped) < _PLAYED * _NANO)
