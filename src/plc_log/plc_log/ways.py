# SPDX-License-Identifier: Apache-2.0
"""SDP and TCP as transport/status tells of them, since a bag holds no datagrams of its own."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from plc_log.events import Event, Kind, Side

CONNECTED, CLOSED = 3, 4  # TransportStatus.state


class Ways:
    """Takes each plc_msgs/TransportStatus in order; `is_new` tells that a connection began."""

    def __init__(self, side: Side, has_datagrams: bool) -> None:
        """`side` tells them; where a bag has the SDP datagrams, they are not told twice."""
        self.is_new = False
        self._side, self._silent = side, has_datagrams
        self._link = self._connection = 0
        self._asked = self._offered = ''

    def take(self, status: Any, time: float) -> Iterator[Event]:
        """Return what has changed."""
        self.is_new = status.connection_id not in (0, self._connection)
        if status.link_id != self._link:
            self._link, self._asked, self._offered = status.link_id, '', ''
        if not self._silent:
            yield from self._sdp(status, time)
        yield from self._tcp(status, time)

    def _addresses(self, status: Any) -> tuple[str, str]:
        ends = status.local_address, status.remote_address
        return ends if self._side is Side.VEHICLE else (ends[1], ends[0])

    def _sdp(self, status: Any, time: float) -> Iterator[Event]:
        vehicle, charger = self._addresses(status)
        event = partial(Event, time, Kind.SDP)
        if status.security_asked not in ('', self._asked):
            self._asked = status.security_asked
            values = {'security': self._asked}
            yield event(vehicle, 'SDP request', values, side=Side.VEHICLE)
        if status.security_offered not in ('', self._offered):
            self._offered = status.security_offered
            values = {'server': charger, 'security': self._offered}
            yield event(charger, 'SDP response', values, side=Side.CHARGER)

    def _tcp(self, status: Any, time: float) -> Iterator[Event]:
        vehicle, charger = self._addresses(status)
        event = partial(Event, time, Kind.TCP)
        if status.state == CONNECTED and self.is_new:
            self._connection = status.connection_id
            yield event(vehicle, 'connects', {'to': charger}, side=Side.VEHICLE)
        if status.state == CLOSED and self._connection:
            self._connection = 0
            reason = {'': status.reason} if status.reason else {}
            yield event(str(self._side), 'ends', reason, side=self._side)
