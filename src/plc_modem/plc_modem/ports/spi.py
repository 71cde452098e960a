# SPDX-License-Identifier: Apache-2.0
"""A QCA7005 at an SPI bus: HomePlug frames to whoever hears, all else through a TAP interface."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
import math
import os
import select
import threading
import time

from plc_kit.interface import Interface
from plc_modem.homeplug import is_homeplug
from plc_modem.ports.spi_bus import SpiSettings, open_interrupt, open_spi
from plc_modem.ports.tap import Tap
from plc_modem.qca7005.host import Event, Qca7005Host, Received, Started, Steps, Stopped, play

_FLOATING = b'\xff'  # what a bus reads on which nothing drives


class SpiPort:
    """Sends from any thread; `heard` and `noticed` are called in the port's own, or a sender's."""

    def __init__(
        self,
        interface: Interface,
        settings: SpiSettings,
        heard: Callable[[bytes], None],
        noticed: Callable[[Started | Stopped], object],
    ) -> None:
        """Make the interface and find the modem at the bus.

        `heard` gets HomePlug frames, `noticed` that the modem has started or is gone. Raises
        NoAccess.
        """
        self._heard, self._noticed = heard, noticed
        with ExitStack() as opened:
            self._tap = opened.enter_context(closing(Tap(interface, settings.tap_mac)))
            self._bus = opened.enter_context(closing(open_spi(settings, interface)))
            self._interrupt = opened.enter_context(closing(open_interrupt(settings.spi_interrupt)))
            self._opened = opened.pop_all()
        self._period = self._interrupt.fallback or settings.spi_poll
        self._host = Qca7005Host()
        self._lock = threading.Lock()
        self._until, self._end = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True, name='SPI port')
        self._thread.start()

    @property
    def counts(self) -> dict[str, int]:
        """What went wrong on the bus, how often."""
        return {**self._host.counts, 'octets of garbage': self._host.splitter.garbage}

    def send(self, octets: bytes) -> bool:
        """Give a whole frame to the modem; False: there is none, the frame is lost."""
        with self._lock:
            taken = self._host.send(octets)
            events = self._play(self._host.flush(time.monotonic()))
        self._tell(events)
        return taken

    def close(self) -> None:
        """Hear and send nothing any more."""
        os.close(self._end)
        self._thread.join()
        os.close(self._until)
        self._opened.close()

    def _run(self) -> None:
        poll = select.poll()
        tap, interrupt = self._tap.fileno(), self._interrupt.fileno()
        for fd in (self._until, tap, interrupt):
            if fd is not None:
                poll.register(fd, select.POLLIN)
        self._poll()  # before the kernel's first frames, which need a modem
        due = 0.0
        while True:
            left = max(0.0, due - time.monotonic())
            ready = {fd for fd, _ in poll.poll(math.ceil(left * 1000))}
            if self._until in ready:
                return
            if tap in ready and not self._from_kernel():
                poll.unregister(tap)
            if interrupt in ready:
                self._interrupt.acknowledge()
                due = 0.0
            if time.monotonic() >= due:
                self._poll()
                due = time.monotonic() + self._period

    def _poll(self) -> None:
        with self._lock:
            events = self._play(self._host.poll(time.monotonic()))
        self._tell(events)

    def _from_kernel(self) -> bool:
        """Give the modem what the kernel sends; False: the interface was taken away."""
        try:
            while (frame := self._tap.read()) is not None:
                self.send(frame)
        except OSError:
            return False
        return True

    def _play(self, steps: Steps) -> list[Event]:
        return play(steps, self._transfer)

    def _transfer(self, octets: bytes) -> bytes:
        try:
            return bytes(self._bus.xfer2(octets))
        except OSError:  # as if nobody were there; the host finds out
            return _FLOATING * len(octets)

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case Received(octets) if is_homeplug(octets):
                    self._heard(octets)
                case Received(octets):
                    self._tap.write(octets)
                case Started() | Stopped():
                    self._noticed(event)
