# SPDX-License-Identifier: Apache-2.0
"""tools/install.sh, played: in a clone of little, with commands that tell they were called."""

import os
from pathlib import Path
import shutil
import subprocess
import sys

import pytest

REPOSITORY = Path(__file__).parents[3]
PARTS = 'src/plc_web/plc_web'
COMMANDS = {
    'id': 'echo 0',
    'usermod': '',
    'chown': '',
    'setpriv': 'shift 5; exec "$@"',
    'ros2': 'exit ${PASSWORD_FAILS:-0}',
    'systemctl': """echo "$1 $(cat "$ROOT/var/lib/ros2_ccs/releases/9.9/runs")" >>"$ROOT/calls"
[ "$1" != is-active ] || [ -n "${ACTIVE:-}" ]""",
}


class Clone:
    """A clone that installs into a folder as if that were the whole computer."""

    def __init__(self, folder):
        self.root, self._clone = folder / 'root', folder / 'clone'
        self.release = self.root / 'var/lib/ros2_ccs/releases/9.9'
        self._bin = folder / 'bin'
        within = ('tools', 'tree/install/x/lib/x', 'install', '.venv/bin')
        for path in (self.root, self._bin, *(self._clone / one for one in within)):
            path.mkdir(parents=True)
        shutil.copytree(REPOSITORY / PARTS / 'service', self._clone / PARTS / 'service')
        shutil.copy(REPOSITORY / PARTS / 'keeper.py', self._clone / PARTS)
        (self._clone / 'src/plc_web/setup.py').write_text("    version='9.9',\n")
        for name in ('install/local_setup.sh', 'tree/env.sh'):
            (self._clone / name).touch()
        shutil.copy(REPOSITORY / 'tools/built_with.sh', self._clone / 'tools')
        self._script(self._clone / '.venv/bin/python', f'exec {sys.executable} -IS "$@"')
        version = f'{sys.version_info.major}.{sys.version_info.minor}'
        self.built_with(f'ROS 2 jazzy of the registry, Python {version}')
        for name, text in COMMANDS.items():
            self._script(self._bin / name, text)

    def _script(self, path, text):
        path.write_text(f'#!/bin/sh\n{text}\n')
        path.chmod(0o755)

    def install(self, *, rooted=True, **environment):
        """Run it; `rooted`: as root does, with each path moved below the folder."""
        text = (REPOSITORY / 'tools/install.sh').read_text()
        if rooted:
            text = text.replace('$root/', f'{self.root}/')
        else:
            environment['DESTDIR'] = str(self.root)
        self._script(self._clone / 'tools/install.sh', text)
        own = dict(os.environ, TREE='tree', ROOT=str(self.root), **environment)
        own.pop('ROS_DISTRO', None)  # as sudo does
        own['PATH'] = f'{self._bin}:/usr/sbin:/usr/bin:/sbin:/bin'
        command = ('sh', 'tools/install.sh')
        return subprocess.run(command, cwd=self._clone, env=own, capture_output=True, text=True)

    def built_with(self, what):
        (self._clone / 'install/built_with').write_text(what + '\n')

    @property
    def calls(self):
        """What systemctl was called for, and what the release held then."""
        return (self.root / 'calls').read_text().splitlines()


@pytest.fixture
def clone(tmp_path):
    """One that is installed already; its release has a mark."""
    made = Clone(tmp_path)
    done = made.install()
    assert done.returncode == 0, done.stderr
    (made.release / 'runs').write_text('with the old release')
    (made.root / 'calls').unlink()
    return made


def test_the_service_is_stopped_before_its_release_goes_and_runs_again(clone):
    done = clone.install(ACTIVE='yes')
    assert done.returncode == 0, done.stderr
    assert 'stop with the old release' in clone.calls
    assert not (clone.release / 'runs').exists()
    assert clone.calls[-1].startswith('start ')


def test_an_installation_that_fails_has_the_service_run_again(clone):
    assert clone.install(ACTIVE='yes', PASSWORD_FAILS='1').returncode == 1
    assert clone.calls[-1].startswith('start ')


def test_a_service_that_does_not_run_is_not_stopped(clone):
    assert clone.install().returncode == 0
    assert not any(call.startswith(('stop', 'start')) for call in clone.calls)


def test_laid_out_elsewhere_no_service_is_touched(tmp_path):
    made = Clone(tmp_path)
    for _ in range(2):
        done = made.install(rooted=False)
        assert done.returncode == 0, done.stderr
    assert made.release.is_dir() and not (made.root / 'calls').exists()
    assert (made.release.parent / 'current').resolve() == made.release.resolve()


def test_a_workspace_of_another_python_or_of_a_ros_that_is_gone_is_not_installed(tmp_path):
    made = Clone(tmp_path)
    for built, told in (
        (
            'ROS 2 jazzy of the registry, Python 3.9',
            'this was built with ROS 2 jazzy of the registry, Python 3.9, and',
        ),
        ('ROS 2 iron, Python 3.11', 'built with ROS 2 iron, which is not in /opt/ros'),
    ):
        made.built_with(built)
        done = made.install(rooted=False)
        assert done.returncode == 1 and told in done.stderr
        assert not made.release.exists()
