# SPDX-License-Identifier: Apache-2.0
"""A software QCA7005 behind the face of spidev, at an end of the simulated power line.

It is named as an SPI device is: `sim`, or with faults `sim,garbage@40,reset@ip200`: each strikes
once that many frames have passed, in either direction; `ip`: that are no HomePlug frames.
"""

from collections.abc import Iterable
from dataclasses import dataclass
import socket
import threading
import time

from plc_kit.interface import Interface
from plc_modem.homeplug import is_homeplug
from plc_sim.ports.forwarding import open_end
from plc_sim.qca7005 import Fault, SoftwareQca7005

_LONGEST = 2048  # octets, more than any Ethernet frame


class BadFault(ValueError):
    """No fault of that name; the text is a sentence for the user."""


@dataclass(frozen=True)
class Due:
    """A fault, and when it strikes."""

    frame: int
    fault: Fault
    ip: bool = False  # counted are frames that are no HomePlug frames


def read_faults(text: str) -> list[Due]:
    """Read `sim,FAULT@FRAME,…`; raises BadFault."""
    faults = []
    for one in text.split(',')[1:]:
        name, _, frame = one.partition('@')
        try:
            ip = frame.startswith('ip')
            faults.append(Due(int(frame.removeprefix('ip') or 0), Fault(name), ip))
        except ValueError as error:
            known = ', '.join(fault.value for fault in Fault)
            raise BadFault(f'{one!r} is no FAULT@FRAME; faults are {known}') from error
    return sorted(faults, key=lambda due: due.frame)


class SimulatedSpi:
    """Has what spidev.SpiDev has, and is a modem; its other side are frames on a wire."""

    def __init__(self, wire: socket.socket, faults: Iterable[Due] = ()) -> None:
        """`wire`: a packet socket. `faults`: after how many frames each strikes."""
        self.modem = SoftwareQca7005()
        self._wire = wire
        self._faults = list(faults)
        self._frames = {False: 0, True: 0}  # all, and those that are no HomePlug frames
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
            self._count(frame, now)
            self.modem.hear(frame, now)

    def _send(self) -> None:
        while self.modem.to_line:
            frame = self.modem.to_line.popleft()
            self._count(frame, time.monotonic())
            try:
                self._wire.send(frame)
            except OSError:  # the line is down; the frame is lost
                continue

    def _count(self, frame: bytes, now: float) -> None:
        self._frames[False] += 1
        self._frames[True] += not is_homeplug(frame)
        due = [one for one in self._faults if one.frame <= self._frames[one.ip]]
        for one in due:
            self._faults.remove(one)
            self.modem.inject(one.fault, now)


def open_simulated(text: str, interface: Interface) -> SimulatedSpi:
    """Put a software modem at the wire whose place `interface`, a TAP, has taken."""
    faults = read_faults(text)
    if not interface.network:
        raise BadFault(f'spi:={text} needs interface:=NAME@NETWORK of a simulated network')
    wire = Interface(f'{interface.name}-wire', interface.network)
    return SimulatedSpi(open_end(wire), faults)
