# SPDX-License-Identifier: Apache-2.0
"""A software QCA7005 behind the face of spidev, at an end of the simulated power line.

It is named as an SPI device is: `sim`, or with faults `sim,garbage@40,reset@120`: each strikes
once that many frames have passed, in either direction.
"""

from collections import deque
from collections.abc import Iterable
import socket
import threading
import time

from plc_kit.interface import Interface
from plc_sim.ports.forwarding import open_end
from plc_sim.qca7005 import Fault, SoftwareQca7005

_LONGEST = 2048  # octets, more than any Ethernet frame


class BadFault(ValueError):
    """No fault of that name; the text is a sentence for the user."""


def read_faults(text: str) -> list[tuple[int, Fault]]:
    """Read `sim,FAULT@FRAME,…`; raises BadFault."""
    faults = []
    for one in text.split(',')[1:]:
        name, _, frame = one.partition('@')
        try:
            faults.append((int(frame or 0), Fault(name)))
        except ValueError as error:
            known = ', '.join(fault.value for fault in Fault)
            raise BadFault(f'{one!r} is no FAULT@FRAME; faults are {known}') from error
    return sorted(faults, key=lambda fault: fault[0])


class SimulatedSpi:
    """Has what spidev.SpiDev has, and is a modem; its other side are frames on a wire."""

    def __init__(self, wire: socket.socket, faults: Iterable[tuple[int, Fault]] = ()) -> None:
        """`wire`: a packet socket. `faults`: after how many frames each strikes."""
        self.modem = SoftwareQca7005()
        self._wire = wire
        self._faults = deque(faults)
        self._frames = 0
        self._lock = threading.Lock()

    def xfer2(self, values: Iterable[int]) -> list[int]:
        """Do one transfer, as spidev does."""
        with self._lock:
            now = time.monotonic()
            self._hear(now)
            answer = self.modem.transfer(bytes(values), now)
            self._send()
        return list(answer)

    xfer3 = xfer2

    def close(self) -> None:
        """Unplug it from the line."""
        self._wire.close()

    def _hear(self, now: float) -> None:
        while True:
            try:
                frame = self._wire.recv(_LONGEST, socket.MSG_DONTWAIT)
            except OSError:  # nothing there, or the line is down
                return
            self._count(now)
            self.modem.hear(frame, now)

    def _send(self) -> None:
        while self.modem.to_line:
            frame = self.modem.to_line.popleft()
            self._count(time.monotonic())
            try:
                self._wire.send(frame)
            except OSError:  # the line is down; the frame is lost
                continue

    def _count(self, now: float) -> None:
        self._frames += 1
        while self._faults and self._faults[0][0] <= self._frames:
            self.modem.inject(self._faults.popleft()[1], now)


def open_simulated(text: str, interface: Interface) -> SimulatedSpi:
    """Put a software modem at the wire whose place `interface`, a TAP, has taken."""
    faults = read_faults(text)
    if not interface.network:
        raise BadFault(f'spi:={text} needs interface:=NAME@NETWORK of a simulated network')
    wire = Interface(f'{interface.name}-wire', interface.network)
    return SimulatedSpi(open_end(wire), faults)
