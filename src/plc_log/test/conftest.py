# SPDX-License-Identifier: Apache-2.0
"""Recordings: real ones where they are at hand, and made ones."""

from captured import FOLDER
from charge_frames import whole_charge
from hypothesis import settings
import pytest

from plc_log import import_, pcapng

# Whose machine is busy has a slow test, not a wrong one.
settings.register_profile('unhurried', deadline=None)
settings.load_profile('unhurried')


@pytest.fixture(scope='session')
def captures():
    """The folder of real sessions; a user's machine has none."""
    if not FOLDER.is_dir():
        pytest.skip(f'the captures are not at {FOLDER}')
    return FOLDER


@pytest.fixture(scope='session')
def golden(captures):
    """A real car at a real charger, the whole session."""
    [path] = captures.glob('spi_ioniq_*')
    return path


@pytest.fixture
def recorded(tmp_path):
    """Write a made charge as a capture; returns its path."""

    def write(charge, name='charge'):
        path = tmp_path / f'{name}.pcapng'
        pcapng.write(path, charge.frames)
        return path

    return write


@pytest.fixture
def capture(recorded):
    """A whole charge as a capture."""
    return recorded(whole_charge())


@pytest.fixture
def bag(capture, tmp_path, capsys):
    """The same as a bag."""
    assert import_.main(['-o', str(tmp_path / 'bags'), str(capture)]) == 0
    capsys.readouterr()
    return tmp_path / 'bags' / 'charge'
