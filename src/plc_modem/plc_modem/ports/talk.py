# SPDX-License-Identifier: Apache-2.0
"""A talk with a modem in one thread, without a node: to look at it before anything runs."""

from collections.abc import Iterator
import queue
import time
from typing import Protocol

from scapy.packet import Packet

from plc_kit.interface import Interface
from plc_modem.homeplug import (
    BROADCAST,
    LOCAL_MODEM,
    MalformedMme,
    Mme,
    build,
    dissect,
    is_homeplug,
)
from plc_modem.modem import Send
from plc_modem.ports.ethernet import EthernetPort
from plc_modem.ports.spi_bus import Spi
from plc_modem.qca7005.host import Event, Qca7005Host, Received, Steps as BusSteps, play
from plc_modem.qca7005.registers import Register, read, value
from plc_modem.upkeep import Done, Steps, Upkeep

_POLL = 0.005  # s between two looks at a bus


class Wire(Protocol):
    """Where a modem is."""

    def send(self, octets: bytes) -> object:
        """Give the modem a frame."""

    def hear(self, patience: float) -> bytes | None:
        """Return the next HomePlug frame; None: there was none for so long (s)."""

    def close(self) -> None:
        """Let it go."""


class EthernetWire:
    """A modem at an interface."""

    def __init__(self, interface: Interface) -> None:
        """Raises NoAccess, NoSuchInterface, NetworkUnavailable."""
        self._heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._port = EthernetPort(interface, self._heard.put)
        self.send, self.close = self._port.send, self._port.close

    def hear(self, patience: float) -> bytes | None:
        try:
            return self._heard.get(timeout=max(0.0, patience))
        except queue.Empty:
            return None


class SpiWire:
    """A QCA7005 at an SPI bus; what is no HomePlug frame is dropped."""

    def __init__(self, bus: Spi) -> None:
        self._bus, self.close = bus, bus.close
        self.host = Qca7005Host()
        self._heard: list[bytes] = []

    def send(self, octets: bytes) -> bool:
        self._poll()  # so that the modem is found first
        taken = self.host.send(octets)
        self._play(self.host.flush(time.monotonic()))
        return taken

    def hear(self, patience: float) -> bytes | None:
        end = time.monotonic() + patience
        while not self._heard and time.monotonic() < end:
            self._poll()
            time.sleep(_POLL)
        return self._heard.pop(0) if self._heard else None

    def _poll(self) -> None:
        for event in self._play(self.host.poll(time.monotonic())):
            if isinstance(event, Received) and is_homeplug(event.octets):
                self._heard.append(event.octets)

    def read(self, register: Register) -> int:
        """Read a register as it is."""
        return value(self._transfer(read(register)))

    def _play(self, steps: BusSteps) -> list[Event]:
        return play(steps, self._transfer)

    def _transfer(self, octets: bytes) -> bytes:
        try:
            return bytes(self._bus.xfer2(octets))
        except OSError:  # as if nobody were there
            return b'\xff' * len(octets)


class Talk:
    """Asks a modem, and waits for what it answers."""

    def __init__(self, wire: Wire, host: str) -> None:
        """`host`: the address to ask from, lower-case hex with colons."""
        self._wire, self._host = wire, host

    def ask(
        self, message: Packet, kind: type[Packet], patience: float, modem: str = ''
    ) -> Mme | None:
        """Ask the local modem, and return its answer; None: it has none in that time (s)."""
        for mme in self._heard_after(message, LOCAL_MODEM, patience):
            if isinstance(mme.message, kind) and mme.source == (modem or mme.source):
                return mme
        return None

    def ask_all(self, message: Packet, kind: type[Packet], patience: float) -> list[Mme]:
        """Ask every modem of the AVLN, and return what they answer in that time (s)."""
        heard = self._heard_after(message, BROADCAST, patience)
        return [mme for mme in heard if isinstance(mme.message, kind)]

    def _heard_after(self, message: Packet, to: str, patience: float) -> Iterator[Mme]:
        self._wire.send(build(Mme(to, self._host, message)))
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            if (mme := self._next(left)) is not None:
                yield mme

    def do(self, steps: Steps, modem: str) -> Done:
        """Play a job at the modem with that address to its end."""
        upkeep = Upkeep(self._host)
        events = upkeep.begin(steps, time.monotonic(), modem)
        while not (done := [event for event in events if isinstance(event, Done)]):
            for event in events:
                if isinstance(event, Send):
                    self._wire.send(build(event.mme))
            assert upkeep.deadline is not None
            mme = self._next(upkeep.deadline - time.monotonic())
            now = time.monotonic()
            events = upkeep.tick(now) if mme is None else upkeep.receive(mme, now)
        return done[0]

    def _next(self, patience: float) -> Mme | None:
        octets = self._wire.hear(patience)
        if octets is None:
            return None
        try:
            mme = dissect(octets)
        except MalformedMme:
            return None
        return mme if mme.destination == self._host else None
