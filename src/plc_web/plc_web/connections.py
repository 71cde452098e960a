# SPDX-License-Identifier: Apache-2.0
"""What keeps connections that bring nothing from taking the place of those that do."""

import asyncio
from ipaddress import ip_address

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from plc_web.access import network_of
from plc_web.gate import UPLOAD

MOST_AT_ALL = 128
_PATIENCE = 10.0  # s for a whole request
_MOST_OF_ONE = 32  # connections of an address


class Connection(H11Protocol):
    """Closes itself where no whole request comes in time, or its address has enough others.

    This computer itself is always let in: the keeper asks from there.
    """

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        host = self.client[0] if self.client else ''
        if _is_here(host):
            self.limit_concurrency = None
        elif self._of(network_of(host)) > _MOST_OF_ONE:
            transport.abort()
            return
        self._wait()

    def _of(self, network: str) -> int:
        clients = [getattr(one, 'client', None) for one in self.connections]
        return sum(one is not None and network_of(one[0]) == network for one in clients)

    def _wait(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(_PATIENCE, self._look)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        if self._is_served:
            self._wait()
        else:
            self.transport.close()

    @property
    def _is_served(self) -> bool:
        """Whether it waits for the answer to a whole request, or brings a release."""
        if self.cycle is None or self.cycle.response_complete:
            return False
        return not self.cycle.more_body or self.scope['path'] == UPLOAD

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()  # goes on with what was sent behind the request

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._stop_waiting()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
