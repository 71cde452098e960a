# SPDX-License-Identifier: Apache-2.0
"""Recordings: real ones where they are at hand, and made ones."""

import os
from pathlib import Path

from hypothesis import settings
import pytest

# Whose machine is busy has a slow test, not a wrong one.
settings.register_profile('unhurried', deadline=None)
settings.load_profile('unhurried')


@pytest.fixture(scope='session')
def captures():
    """The folder of real sessions; a user's machine has none."""
    repository = Path(__file__).parents[3]
    shared = Path(os.environ.get('CCS_SHARED', repository.parent / 'shared'))
    folder = shared / 'captures'
    if not folder.is_dir():
        pytest.skip(f'the captures are not at {folder}')
    return folder
