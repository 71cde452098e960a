# SPDX-License-Identifier: Apache-2.0
"""What a test latches is no other test's, and not the user's (R6)."""

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope='session', autouse=True)
def _state_home_of_modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('XDG_STATE_HOME', str(tmp_path_factory.mktemp('state')))
        yield


@pytest.fixture(autouse=True)
def _state_home_of_a_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('XDG_STATE_HOME', str(tmp_path / 'state'))
