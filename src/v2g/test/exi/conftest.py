# SPDX-License-Identifier: Apache-2.0
import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get('CCS_SHARED', Path(__file__).parents[4] / '../shared')).resolve()


@pytest.fixture(scope='session')
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f'{SHARED} is absent: it is no part of the repository')
    return SHARED
