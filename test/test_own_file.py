# SPDX-License-Identifier: Apache-2.0
"""Files of a launch lie in the folder of the user's own, and go with the launcher."""

import errno
import os
from pathlib import Path
import subprocess
import sys
import tempfile

from plc_bringup import own_file
import pytest

from plc_kit.private import lock

NAMES = (
    'import sys; from plc_bringup.own_file import new_name;'
    ' print(new_name("session.memory"), flush=True); sys.stdin.read()'
)


@pytest.fixture
def launcher(tmp_path, monkeypatch):
    """Start a launcher that names a file; returns it, and the file's path."""
    monkeypatch.setenv('XDG_STATE_HOME', str(tmp_path))
    running = []

    def start():
        pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE}
        one = subprocess.Popen((sys.executable, '-c', NAMES), text=True, **pipes)
        running.append(one)
        return one, Path(one.stdout.readline().strip())

    yield start
    for one in running:
        one.kill()
        one.communicate()


def test_desk_8_a_memory_of_a_launch_lies_where_nobody_else_may_write(launcher, tmp_path):
    one, file = launcher()
    assert file.parent.parent == tmp_path / 'ros2_ccs'
    assert file.parent.stat().st_mode & 0o777 == 0o700
    one.communicate('')
    assert not file.parent.exists()


def test_desk_8_what_a_killed_launcher_left_goes_with_the_next_and_no_others_does(launcher):
    killed, left = launcher()
    _, others = launcher()
    killed.kill()
    killed.wait()
    assert left.parent.exists()
    launcher()
    assert not left.parent.exists() and others.parent.exists()


def test_desk_8_a_user_without_a_home_of_his_own_launches_all_the_same(launcher, tmp_path):
    (tmp_path / 'ros2_ccs').write_text('no folder')
    _, file = launcher()
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_desk_8_a_launch_that_finds_no_room_there_holds_no_other_up(tmp_path, monkeypatch):
    def full(prefix, dir=None):
        if dir is not None:
            raise OSError(errno.ENOSPC, 'No space left on device')
        return room

    room = tempfile.TemporaryDirectory(dir=tmp_path)
    monkeypatch.setenv('XDG_STATE_HOME', str(tmp_path))
    monkeypatch.setattr(tempfile, 'TemporaryDirectory', full)
    assert own_file._folder.__wrapped__() is room
    number = lock(tmp_path / 'ros2_ccs' / 'launches.lock')
    assert number is not None
    os.close(number)
