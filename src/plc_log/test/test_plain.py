# SPDX-License-Identifier: Apache-2.0
"""`plc-log` where there is only Python and a bag: no ROS, no built workspace."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).parents[3]
COMMAND = ROOT / 'tools' / 'plc-log'
READING = ('timeline', 'summary', 'replay')
# Whoever imports ROS fails.
NO_ROS = """
from importlib.machinery import ModuleSpec
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        ros = name.partition('.')[0] in ('rclpy', 'std_msgs', 'ament_index_python')
        return ModuleSpec(name, self) if ros else None
    def create_module(self, spec):
        raise ModuleNotFoundError(f'no {spec.name}', name=spec.name)
    def exec_module(self, module):
        pass
sys.meta_path.insert(0, Missing())
"""
LISTENS = 'plc-log: {} listens to a running graph, and there is no ROS 2 with our messages here\n'


@pytest.fixture
def plain(tmp_path):
    """Run the command in an environment that knows of no workspace, with ROS made missing."""
    (tmp_path / 'sitecustomize.py').write_text(NO_ROS)

    def run(*words):
        return subprocess.run(
            (COMMAND, *words),
            env={
                'PATH': os.environ['PATH'],
                'PYTHON': sys.executable,
                'PYTHONPATH': str(tmp_path),
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_the_verbs_that_read_are_there_and_those_that_listen_are_not(plain):
    done = plain('--help')
    verbs = {line.split()[0] for line in done.stdout.splitlines()[2:]}
    assert done.returncode == 0 and set(READING) <= verbs
    assert not verbs & {'watch', 'record'}


@pytest.mark.parametrize('verb', READING)
def test_each_reading_verb_needs_no_ros(plain, verb):
    done = plain(verb, '--help')
    assert (done.returncode, done.stderr) == (0, '')
    assert done.stdout.startswith('usage: ')


@pytest.mark.parametrize('verb', ['watch', 'record'])
def test_a_verb_that_listens_says_that_ros_is_missing(plain, verb):
    done = plain(verb)
    assert done.returncode == 2
    assert done.stderr == LISTENS.format(verb)


def test_no_verb_and_a_wrong_verb_are_told_what_there_is(plain):
    assert plain().returncode == 2
    done = plain('raport')
    assert done.returncode == 2 and "'raport' is none of timeline, " in done.stderr


def test_what_is_no_bag_is_a_sentence(plain, tmp_path):
    done = plain('replay', str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == f'replay: {tmp_path}: no bag (a folder with .mcap files) is there\n'
