# SPDX-License-Identifier: Apache-2.0
"""Runs the commands as a user does, in a DDS domain of the test's own."""

from collections.abc import Callable, Iterator
import os
from pathlib import Path
import signal
import subprocess
import time

import pytest

STANDALONE = Path(__file__).parents[1]
PATIENCE = 30.0  # s, on a busy machine

if 'ROS_DISTRO' in os.environ:
    collect_ignore_glob = ['test_*.py']  # a ROS 2 is sourced; nothing of standalone/ is used


class Running:
    """A command that runs on; `lines` grows while it does."""

    def __init__(self, words: list[str], env: dict[str, str], folder: Path) -> None:
        self._log = folder / f'{len(list(folder.glob("*.out")))}.out'
        with self._log.open('w') as out:
            self.process = subprocess.Popen(
                words, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    @property
    def text(self) -> str:
        return self._log.read_text()

    def until(self, wanted: str | Callable[[str], object]) -> str:
        holds = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        end = time.monotonic() + PATIENCE
        while not holds(self.text):
            assert time.monotonic() < end, f'never printed {wanted!r}:\n{self.text}'
            time.sleep(0.02)
        return self.text

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    domain = str(20 + os.getpid() % 100)
    return {**os.environ, 'ROS_DOMAIN_ID': domain, 'ROS_LOG_DIR': str(tmp_path / 'ros_log'),
            'PYTHONUNBUFFERED': '1'}  # fmt: skip


@pytest.fixture
def start(env: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start `ros2 …`, which is ended with the test."""
    running: list[Running] = []

    def go(*words: str) -> Running:
        running.append(Running([str(STANDALONE / 'bin/ros2'), *words], env, tmp_path))
        return running[-1]

    yield go
    for one in running:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait()


@pytest.fixture
def ros2(env: dict[str, str], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `ros2 …` to its end."""

    def go(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(STANDALONE / 'bin/ros2'), *words], env=env, cwd=tmp_path, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=2 * PATIENCE, check=False,
        )  # fmt: skip

    return go
