# SPDX-License-Identifier: Apache-2.0
"""Recordings of real sessions, where they stand beside the repository: a user's machine has none.

Their README says of each what is in it and how it ends; what tests must know of one stands here.
"""

from collections.abc import Iterator, Mapping, Sequence
import os
from pathlib import Path

import pytest
from scapy.utils import RawPcapReader

SHARED = Path(os.environ.get('CCS_SHARED', Path(__file__).resolve().parents[2] / 'shared'))
FOLDER = SHARED / 'captures'
FILES = sorted(FOLDER.glob('*.pcap*'))

SHORTEST = 60  # octets of an Ethernet frame without its check sequence
VLAN = b'\x81\x00'  # ethertype; two octets of tag follow, and the ethertype of what is inside


def named(*beginnings: str) -> list[Path]:
    """Return the files whose names begin so."""
    return [file for file in FILES if file.name.startswith(beginnings)]


CUT = named('2023-04-18_mercedes-eqe', '2023-04-18_subaru-solterra')  # inside of their last frame
UNCLEAN = named('2023-10-04_xpeng', 'tux-evse_bench_tls12')  # a sender's memory as padding
WITHOUT_SLAC = named('tux-evse_bench_tls13')  # a handshake on loopback
WITH_SECRETS = WITHOUT_SLAC  # its TLS keys, in a block of the file
WITH_SLAC = [file for file in FILES if file not in WITHOUT_SLAC]

SECRETS_ARE_DAMAGE = {
    'tux-evse_bench_tls13': '22.4: a block of TLS secrets is taken for a damaged file',
}


def each_of(
    files: Sequence[Path], failing: Mapping[str, str] | None = None
) -> pytest.MarkDecorator:
    """Parametrize `file`; `failing`: by a file's beginning the row that says what fails there."""

    def marks(file: Path) -> list[pytest.MarkDecorator]:
        rows = [row for name, row in (failing or {}).items() if file in named(name)]
        return [pytest.mark.xfail(strict=True, reason=row) for row in rows]

    found = [pytest.param(file, marks=marks(file), id=file.name[:40]) for file in files]
    absent = pytest.param(None, marks=pytest.mark.skip(f'no captures in {FOLDER}'), id='none')
    return pytest.mark.parametrize('file', found or [absent])


def frames_of(file: Path) -> Iterator[tuple[float, bytes]]:
    """Yield time (s) and octets of each frame as a station gets it: without a VLAN tag."""
    with RawPcapReader(str(file)) as reader:
        for octets, about in reader:
            if hasattr(about, 'tshigh'):
                time = ((about.tshigh << 32) + about.tslow) / about.tsresol
            else:
                time = about.sec + about.usec / 1e6
            yield time, _untagged(octets)


def _untagged(octets: bytes) -> bytes:
    """What is left is filled up to Ethernet's shortest again, as a switch does."""
    if octets[12:14] != VLAN:
        return octets
    return (octets[:12] + octets[16:]).ljust(SHORTEST, b'\0')


def flawed(said: str) -> list[Path]:
    """Return the files that a verb of plc-log called damaged on stderr."""
    return [Path(line.split(': ')[1]) for line in said.splitlines()]
