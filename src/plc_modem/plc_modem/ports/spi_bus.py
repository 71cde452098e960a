# SPDX-License-Identifier: Apache-2.0
"""The SPI bus that a QCA7005 is at, through the kernel's spidev, and its INT line."""

from dataclasses import dataclass
import fcntl
import importlib
from typing import Any, Protocol

from plc_kit.interface import Interface
from plc_kit.setting import setting
from plc_modem.ports.ethernet import NoAccess

_SIMULATED = 'sim'
_SIMULATION = 'plc_sim.ports.spi'  # by name, since plc_sim builds on this package


@dataclass(frozen=True)
class SpiSettings:
    """How a QCA7005 is reached."""

    spi: str = setting('/dev/spidev0.0', 'QCA7005: its SPI device; sim: one in software')
    spi_mode: int = setting(3, 'QCA7005: SPI mode, clock polarity and phase', 0, 3)
    spi_clock: float = setting(8.0, 'QCA7005: SPI clock (MHz)', 0.1, 16.0)
    spi_poll: float = setting(0.01, 'QCA7005: time between two polls (s)', 0.001, 0.1)
    spi_interrupt: str = setting(
        '', 'QCA7005: GPIO of its INT line as CHIP:LINE, e.g. /dev/gpiochip0:25; empty: poll only'
    )
    tap_mac: str = setting('', 'QCA7005: MAC address of the TAP interface; empty: a lasting one')


class Spi(Protocol):
    """What is needed of an SPI device; spidev.SpiDev has it."""

    def xfer2(self, values: Any, /) -> Any:
        """Clock octets out while chip select is low; return those that came in."""

    def close(self) -> None:
        """Let it go."""


def open_spi(settings: SpiSettings, interface: Interface) -> Spi:
    """Open the bus; raises NoAccess with a sentence.

    A simulated one ends at the simulated wire that `interface` has taken the place of.
    """
    if settings.spi.partition(',')[0] == _SIMULATED:
        simulation = importlib.import_module(_SIMULATION)
        simulated: Spi = simulation.open_simulated(settings.spi, interface)
        return simulated
    import spidev  # here, since a computer without SPI does not need it

    bus = spidev.SpiDev()
    try:
        bus.open_path(settings.spi)
        bus.mode = settings.spi_mode
        bus.max_speed_hz = round(settings.spi_clock * 1e6)
        fcntl.flock(bus.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        bus.close()
        raise NoAccess(_why(settings.spi, error)) from error
    opened: Spi = bus
    return opened


def _why(path: str, error: OSError) -> str:
    match error:
        case BlockingIOError():
            what = 'is in use by another program, a modem node most likely; stop that first'
        case FileNotFoundError():
            what = 'is not there; on a Raspberry Pi put dtparam=spi=on into config.txt'
        case PermissionError():
            what = 'is not open to this user; type: sudo usermod -aG spi "$USER", and log in anew'
        case _:
            what = f'cannot be used: {error.strerror}'
    return f'{path} {what}; or choose another with spi:=PATH'


class NoInterrupt:
    """A modem whose INT line is not wired."""

    fallback: float | None = None

    def fileno(self) -> int | None:
        return None

    def acknowledge(self) -> None:
        """Nothing to acknowledge."""

    def close(self) -> None:
        """Nothing to let go."""


class Interrupt(NoInterrupt):
    """A rising INT line; fileno() is readable after one."""

    fallback = 0.1  # s, longest time between two polls: a missed edge must not stop everything

    def __init__(self, where: str) -> None:
        """Take the line CHIP:LINE; raises NoAccess."""
        import gpiod

        chip, _, line = where.rpartition(':')
        if not chip or not line.isdecimal():
            raise NoAccess(f'spi_interrupt {where!r} is no CHIP:LINE such as /dev/gpiochip0:25')
        wanted = gpiod.LineSettings(edge_detection=gpiod.line.Edge.RISING)
        try:
            self._request = gpiod.request_lines(
                chip, consumer='qca7005', config={int(line): wanted}
            )
        except (OSError, ValueError) as error:
            why = getattr(error, 'strerror', None) or error
            raise NoAccess(f'the INT line {where} cannot be used: {why}') from error

    def fileno(self) -> int:
        return int(self._request.fd)

    def acknowledge(self) -> None:
        """Take note of the edges there were."""
        self._request.read_edge_events()

    def close(self) -> None:
        """Let the line go."""
        self._request.release()


def open_interrupt(where: str) -> NoInterrupt:
    """Return the INT line at CHIP:LINE, or one that never comes."""
    return Interrupt(where) if where else NoInterrupt()
