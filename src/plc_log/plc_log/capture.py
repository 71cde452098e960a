# SPDX-License-Identifier: Apache-2.0
"""Frames with their times, out of a pcap or pcapng file; what can be read of a cut one."""

from collections.abc import Iterator
from dataclasses import dataclass
import logging
import os
from pathlib import Path
from typing import Any, BinaryIO

from scapy.error import Scapy_Exception
from scapy.utils import RawPcapReader

from plc_log.when import LATEST

ETHERNET = 1  # link type


class Unreadable(ValueError):
    """A file is no capture; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One Ethernet frame as it was recorded."""

    time: float  # s since 1970, or since whenever the recorder began
    octets: bytes


class Capture:
    """Iterates over the frames of a file; afterwards `flaw` tells what was wrong with it."""

    def __init__(self, path: Path) -> None:
        """Open it; raises Unreadable."""
        self.path = path
        self.flaw = ''
        self._foreign = 0
        self._timeless = False  # a frame's time can be none
        try:
            self._file = _Noticing(path.open('rb'))
            reader: Any = RawPcapReader  # it takes files too, whatever its annotations say
            self._reader = reader(self._file)
        except OSError as error:
            raise Unreadable(f'{path}: {error.strerror}') from error
        except (Scapy_Exception, EOFError, AttributeError) as error:
            raise Unreadable(f'{path}: neither a pcap nor a pcapng file') from error

    def __iter__(self) -> Iterator[Frame]:
        warnings = _Warnings()
        log = logging.getLogger('scapy.runtime')
        log.addHandler(warnings)
        log.propagate, propagated = False, log.propagate
        try:
            yield from self._frames()
        finally:
            log.removeHandler(warnings)
            log.propagate = propagated
            self._file.close()
        if warnings.heard or self._file.short or self._timeless:
            self.flaw = f'{self.path}: cut short or damaged; what stands before was read'
        elif self._foreign:
            self.flaw = f'{self.path}: {self._foreign} frames are not of Ethernet'

    def _frames(self) -> Iterator[Frame]:
        time = 0.0
        for octets, about in self._reader:
            before, time = time, self._time(about, time)
            if not time < LATEST:
                self._timeless, time = True, before
            if self._link_type(about) == ETHERNET:
                yield Frame(time, octets)
            else:
                self._foreign += 1

    def _link_type(self, about: Any) -> int:
        """Return the link type, which pcapng has for each interface and pcap for the file."""
        return int(about.linktype if hasattr(about, 'linktype') else self._reader.linktype)

    def _time(self, about: Any, before: float) -> float:
        if hasattr(about, 'usec'):
            return float(about.sec + about.usec * (1e-9 if self._reader.nano else 1e-6))
        if about.tshigh is None:  # a simple packet block has none
            return before
        return float(((about.tshigh << 32) | about.tslow) / about.tsresol)


class _Noticing:
    """A file that remembers whether it ended in the middle of something."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.name = file.name
        self.short = False
        self._left = os.fstat(file.fileno()).st_size

    def read(self, size: int) -> bytes:
        octets = self._file.read(min(size, self._left))  # as much memory as it asks for is taken
        self._left -= len(octets)
        self.short = self.short or 0 < len(octets) < size
        return octets

    def close(self) -> None:
        self._file.close()


class _Warnings(logging.Handler):
    """Hears what scapy has to say of a file."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.heard += 1
