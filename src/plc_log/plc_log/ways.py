# SPDX-License-Identifier: Apache-2.0
"""TCP as transport/status tells of it, since a bag holds no segments."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from plc_log.events import Event, Kind, Side

CONNECTED, CLOSED = 3, 4  # TransportStatus.state


class Ways:
    """Takes each plc_msgs/TransportStatus in order; `is_new` tells that a connection began."""

    def __init__(self, side: Side) -> None:
        """`side` tells them."""
        self.is_new = False
        self._side = side
        self._connection = 0

    def take(self, status: Any, time: float) -> Iterator[Event]:
        """Return what has changed."""
        self.is_new = status.connection_id not in (0, self._connection)
        vehicle, charger = self._addresses(status)
        event = partial(Event, time, Kind.TCP)
        if status.state == CONNECTED and self.is_new:
            self._connection = status.connection_id
            yield event(vehicle, 'connects', {'to': charger}, side=Side.VEHICLE)
        if status.state == CLOSED and self._connection:
            self._connection = 0
            reason = {'': status.reason} if status.reason else {}
            yield event(str(self._side), 'ends', reason, side=self._side)

    def _addresses(self, status: Any) -> tuple[str, str]:
        ends = status.local_address, status.remote_address
        return ends if self._side is Side.VEHICLE else (ends[1], ends[0])
