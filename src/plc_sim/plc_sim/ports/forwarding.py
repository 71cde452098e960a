# SPDX-License-Identifier: Apache-2.0
"""Frames between the outlets of a line: HomePlug to the model, all else straight across.

What crosses an AVLN is the V2G session itself, so it takes the shortest way: one thread for each
outlet, from packet socket to packet socket.
"""

from collections.abc import Callable, Mapping
import os
import select
import socket
import threading

from plc_kit.interface import Interface

_ALL, _HOMEPLUG = 0x0003, b'\x88\xe1'
_SOL_PACKET, _PACKET_IGNORE_OUTGOING = 263, 23
_LONGEST = 2048  # octets, more than any Ethernet frame


class Forwarding:
    """Owns the sockets at the modems' ends of all outlets."""

    def __init__(
        self,
        interfaces: Mapping[str, Interface],
        heard: Callable[[str, bytes], None],
        routes: Callable[[str], tuple[str, ...]],
        lost: Callable[[], bool],
    ) -> None:
        """`heard` gets HomePlug frames, `routes` and `lost` rule the others; called in threads.

        `interfaces`: by outlet.
        """
        self._heard, self._routes, self._lost = heard, routes, lost
        self._sockets = {outlet: open_end(end) for outlet, end in interfaces.items()}
        self._until, self._end = os.pipe()
        self._threads = [
            threading.Thread(target=self._carry, args=(outlet,), daemon=True, name=outlet)
            for outlet in self._sockets
        ]
        for thread in self._threads:
            thread.start()

    def send(self, outlet: str, octets: bytes) -> None:
        """Hand a frame to the host at an outlet; one that cannot be sent is lost, as on a line."""
        try:
            self._sockets[outlet].send(octets)
        except OSError:
            return

    def close(self) -> None:
        """Carry nothing any more."""
        os.close(self._end)
        for thread in self._threads:
            thread.join()
        os.close(self._until)
        for one in self._sockets.values():
            one.close()

    def _carry(self, outlet: str) -> None:
        own = self._sockets[outlet]
        poll = select.poll()
        poll.register(own, select.POLLIN)
        poll.register(self._until, select.POLLIN)
        while not any(fd == self._until for fd, _ in poll.poll()):
            try:
                frame = own.recv(_LONGEST)
            except OSError:  # an end is down; it may come up again
                continue
            if frame[12:14] == _HOMEPLUG:
                self._heard(outlet, frame)
            else:
                self._cross(outlet, frame)

    def _cross(self, outlet: str, frame: bytes) -> None:
        for other in self._routes(outlet):
            if not self._lost():
                self.send(other, frame)


def open_end(interface: Interface) -> socket.socket:
    """Open a packet socket that hears whatever comes in at an end, and nothing that goes out."""
    opened = interface.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # deaf until it is bound
    opened.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
    opened.bind((interface.name, _ALL))
    return opened
