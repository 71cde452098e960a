# SPDX-License-Identifier: Apache-2.0
"""A node that still imports ends at a SIGINT without a word."""

import os
import signal
import subprocess
import sys

import pytest

SLOW = """
print('importing', flush=True)
import time
time.sleep(30)
"""
BEGIN = "import sys; sys.argv = ['lib/slow/slow']; from plc_kit.entry import main; main()"


@pytest.fixture
def importing(tmp_path):
    """Start an executable that is not done importing."""
    (tmp_path / 'slow').mkdir()
    (tmp_path / 'slow' / 'slow_node.py').write_text(SLOW)
    path = f'{tmp_path}:{os.environ.get("PYTHONPATH", "")}'
    running = []

    def start(*prefix, words=()):
        begin = BEGIN.replace("['lib/slow/slow']", repr(['lib/slow/slow', *words]))
        command = (*prefix, sys.executable, '-c', begin)
        pipes = dict.fromkeys(('stdout', 'stderr'), subprocess.PIPE)
        env = {**os.environ, 'PYTHONPATH': path}
        running.append(
            subprocess.Popen(command, env=env, text=True, preexec_fn=as_from_a_terminal, **pipes)
        )
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.communicate()


def as_from_a_terminal():
    """A shell has what it starts in the background ignore SIGINT, the tests among that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_and_prints_nothing(importing, number):
    process = importing()
    assert process.stdout.readline() == 'importing\n'
    process.send_signal(number)
    assert process.communicate(timeout=10) == ('', '')
    assert process.returncode == 0


def test_a_signal_that_came_before_python_was_up_is_not_lost(importing):
    process = importing('env', '--block-signal=INT')
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=20)
    assert complaints == '' and process.returncode in (0, -signal.SIGINT)


def test_a_middleware_that_was_not_tried_is_refused_before_it_is_looked_for(tmp_path):
    reason = tmp_path / 'reason'
    env = {**os.environ, 'RMW_IMPLEMENTATION': 'rmw_zenoh_cpp', 'CCS_REASON': str(reason)}
    ended = subprocess.run(
        (sys.executable, '-c', BEGIN), env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 78
    assert ended.stderr == f'slow: {reason.read_text()}\n'
    assert reason.read_text().startswith('rmw_zenoh_cpp was not tried with ros2_ccs')


def test_desk_8_a_word_that_is_no_utf_8_is_a_sentence():
    begin = BEGIN.replace("'lib/slow/slow'", r"'lib/slow/slow', 'topic:=b\udcff'")
    done = subprocess.run((sys.executable, '-c', begin), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (78, '')
    assert done.stderr == 'slow: topic:=b\\udcff is no text in UTF-8\n'


@pytest.mark.parametrize('words', ['role:=evse', '--help', '--ros-args -p a:=1 -- role:=evse'])
def test_desk_1_a_word_that_is_none_of_ros_is_refused(words):
    script = BEGIN.replace("['lib/slow/slow']", repr(['lib/slow/slow', *words.split()]))
    ended = subprocess.run(
        (sys.executable, '-c', script), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 78
    assert ended.stderr == (
        f'slow: {words.split()[-1]} is nothing here; a parameter is given by --ros-args'
        ' -p NAME:=VALUE\n'
    )


def test_words_of_ros_are_let_through(importing):
    process = importing(words=('--ros-args', '-p', 'a:=1', '--'))
    assert process.stdout.readline() == 'importing\n'
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_desk_1_a_misspelt_variable_starts_nothing():
    env = {**os.environ, 'CCS_DISCOVERY_RAGNE': 'SUBNET'}
    ended = subprocess.run(
        (sys.executable, '-c', BEGIN), env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 78
    assert 'CCS_DISCOVERY_RAGNE; did you mean CCS_DISCOVERY_RANGE?' in ended.stderr
