# SPDX-License-Identifier: Apache-2.0
"""Real captures, where they are at hand."""

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get('CCS_SHARED', _REPOSITORY.parent / 'shared'))


@pytest.fixture(scope='session')
def captures():
    """The captures of real sessions, each as (name, list of frames in octets)."""
    files = sorted((SHARED / 'captures').glob('*.pcap*'))
    if not files:
        pytest.skip(f'no captures of real sessions in {SHARED / "captures"}')
    from scapy.utils import RawPcapReader

    def frames(file):
        with RawPcapReader(str(file)) as reader:
            return [octets for octets, *_ in reader]

    return [(file.name, frames(file)) for file in files]
