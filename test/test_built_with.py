# SPDX-License-Identifier: Apache-2.0
"""A shell with another ROS 2 or Python than the build had is refused in a sentence."""

import os
from pathlib import Path
import shutil
import subprocess
import sys

import pytest

REPOSITORY = Path(__file__).parents[1]
PYTHON = f'Python {sys.version_info.major}.{sys.version_info.minor}'


@pytest.fixture
def tree(tmp_path):
    """What env.sh needs of a workspace that was built without a sourced ROS 2."""
    (tmp_path / 'tools').mkdir()
    (tmp_path / 'install').mkdir()
    (tmp_path / '.venv/bin').mkdir(parents=True)
    for name in ('python', 'python3'):
        (tmp_path / '.venv/bin' / name).symlink_to(sys.executable)
    shutil.copy(REPOSITORY / 'env.sh', tmp_path)
    shutil.copy(REPOSITORY / 'tools/built_with.sh', tmp_path / 'tools')
    local = f'export PYTHONPATH={REPOSITORY}/src/plc_kit\n'
    (tmp_path / 'install/local_setup.bash').write_text(local)
    (tmp_path / 'install/built_with').write_text(f'ROS 2 jazzy of the registry, {PYTHON}\n')
    return tmp_path


def sourced(tree, distribution=''):
    """What comes of sourcing env.sh where that ROS 2 is sourced; '': none."""
    folder = tree / 'opt/bin'
    folder.mkdir(parents=True, exist_ok=True)
    if distribution:
        (folder / 'ros2').write_text('#!/bin/sh\n')
        (folder / 'ros2').chmod(0o755)
    environment = {'PATH': f'{folder}:/usr/bin:/bin', 'HOME': os.environ.get('HOME', '/')}
    return subprocess.run(
        ['bash', '-c', f'source {tree}/env.sh && echo ready && command -v python'],
        env=environment | ({'ROS_DISTRO': distribution} if distribution else {}),
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(tree, here):
    with_what = (tree / 'install/built_with').read_text().strip()
    return (
        f'ros2_ccs: this was built with {with_what}, and here is {here};'
        ' use a shell as then, or build anew: make clean setup\n'
    )


def test_shell_as_at_the_build_is_taken_and_finds_the_python_of_it(tree):
    done = sourced(tree)
    assert (done.returncode, done.stderr) == (0, '')
    assert done.stdout.splitlines() == ['ready', str(tree / '.venv/bin/python')]
    (tree / 'install/built_with').write_text(f'ROS 2 jazzy, {PYTHON}\n')
    done = sourced(tree, 'jazzy')
    assert done.stdout.splitlines() == ['ready', str(tree / '.venv/bin/python')]


@pytest.mark.parametrize(
    ('built', 'distribution', 'here'),
    [
        (f'ROS 2 jazzy of the registry, {PYTHON}', 'jazzy', f'ROS 2 jazzy, {PYTHON}'),
        (f'ROS 2 jazzy, {PYTHON}', '', f'ROS 2 jazzy of the registry, {PYTHON}'),
        (f'ROS 2 jazzy, {PYTHON}', 'kilted', f'ROS 2 kilted, {PYTHON}'),
        ('ROS 2 jazzy, Python 3.9', 'jazzy', f'ROS 2 jazzy, {PYTHON}'),
    ],
)
def test_another_shell_is_refused(tree, built, distribution, here):
    (tree / 'install/built_with').write_text(built + '\n')
    done = sourced(tree, distribution)
    assert (done.returncode, done.stdout) == (1, '')
    assert done.stderr == refusal(tree, here)


def test_name_of_a_ros_that_is_not_there_makes_none_of_standalone(tree):
    """As in an image whose environment has the name left over; a shell may source env.sh again."""
    commands = tree / 'standalone/bin'
    commands.mkdir(parents=True)
    (commands / 'ros2').write_text('#!/bin/sh\n')
    (commands / 'ros2').chmod(0o755)
    done = subprocess.run(
        ['bash', '-c', f'source {tree}/env.sh && source {tree}/env.sh && echo ready'],
        env={'PATH': '/usr/bin:/bin', 'HOME': os.environ.get('HOME', '/'), 'ROS_DISTRO': 'humble'},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, 'ready\n', '')


def test_python_that_is_gone_is_named(tree):
    (tree / '.venv/bin/python').unlink()
    done = sourced(tree)
    now = 'ROS 2 jazzy of the registry, no Python'
    assert (done.returncode, done.stderr) == (1, refusal(tree, now))
