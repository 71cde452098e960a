# SPDX-License-Identifier: Apache-2.0
"""`make setup` says what it installs and builds, and how long; pip and colcon are played."""

import os
from pathlib import Path
import re
import shutil
import subprocess

import pytest

REPOSITORY = Path(__file__).parents[1]
PYTHON = """#!/bin/sh
case "$*" in
    "-m venv "*) mkdir -p .venv/bin && cp "$0" .venv/bin/python && cp pip .venv/bin/pip ;;
    *) echo nowhere ;;
esac
"""


@pytest.fixture
def tree(tmp_path):
    """A clone with a Python that makes only what setup asks for, and pip that ends with $PIP."""
    shutil.copytree(REPOSITORY / 'requirements', tmp_path / 'requirements')
    packages = ('src/a/package.xml', 'src/b/package.xml', 'launch/package.xml')
    for file in ('tools/preflight.sh', 'tools/built_with.sh', 'install/built_with', *packages):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    for name in ('setup.sh', 'build.sh'):
        shutil.copy(REPOSITORY / 'tools' / name, tmp_path / 'tools')
    for name, text in (('python', PYTHON), ('pip', '#!/bin/sh\nexit ${PIP:-0}\n')):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def said(tree, name, **environment):
    """What a script of tools/ says, with no ROS 2 sourced."""
    path = {'PATH': os.defpath, 'PYTHON': str(tree / 'python')}
    command = ('sh', str(tree / 'tools' / name))
    return subprocess.run(command, capture_output=True, text=True, env=path | environment)


def test_desk_8_setup_says_what_it_installs_and_builds_and_how_long_that_took(tree):
    done = said(tree, 'setup.sh')
    assert done.returncode == 0, done.stderr
    pattern = r'installing (.*): (\d+) packages and what they need … \d+ s\n'
    told = {what: int(count) for what, count in re.findall(pattern, done.stdout)}
    assert list(told) == ['ROS 2 jazzy', 'libraries and tools'] and all(told.values())
    built = said(tree, 'build.sh')
    assert built.returncode == 0 and 'building the workspace: 3 packages' in built.stdout


def test_desk_8_what_could_not_be_installed_ends_the_setup(tree):
    done = said(tree, 'setup.sh', PIP='1')
    assert done.returncode == 1 and 'libraries' not in done.stdout
