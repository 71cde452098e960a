# SPDX-License-Identifier: Apache-2.0
"""A wire with three stations: a vehicle, a charger, and somebody else."""

import os
from pathlib import Path
import subprocess

import pytest

from plc_kit.interface import Interface
from plc_kit.network import Network, NetworkUnavailable

MACS = {'pev': '02:70:65:76:00:01', 'evse': '02:65:76:73:65:01', 'evil': '02:65:76:69:6c:01'}


class Wire:
    """The stations' interfaces, joined by a bridge where the power line would be."""

    def __init__(self, network: Network) -> None:
        self.network = network
        for name in MACS:
            setattr(self, name, Interface(name, network.name))

    def ip(self, *lines: str) -> None:
        """Run `ip` commands inside the network."""
        pid = str(self.network.pid)
        own_users = os.stat('/proc/self/ns/user').st_ino
        users = os.stat(f'/proc/{pid}/ns/user').st_ino
        enter = ['nsenter', '-t', pid, '-n']
        if users != own_users:
            enter += ['-U', '--preserve-credentials']
        text = '\n'.join(lines)
        subprocess.run([*enter, 'ip', '-batch', '-'], input=text, text=True, check=True)


@pytest.fixture(scope='session')
def wire():
    try:
        network = Network(f'transport-{os.getpid()}', MACS.items())
    except NetworkUnavailable as error:
        pytest.skip(str(error))
    with network:
        joined = Wire(network)
        joined.ip(
            'link add name line type bridge mcast_snooping 0',
            *(f'link set dev {name}-modem master line' for name in MACS),
            'link set dev line up',
        )
        yield joined


@pytest.fixture(scope='session')
def captures():
    repository = Path(__file__).parents[4]
    shared = Path(os.environ.get('CCS_SHARED', repository.parent / 'shared'))
    folder = shared / 'captures'
    if not folder.is_dir():
        pytest.skip(f'the captures are not at {folder}')
    return folder
