# SPDX-License-Identifier: Apache-2.0
"""What a node leaves for the one that is started anew in its place."""

import os
import threading

import pytest

from plc_kit.memory import Memory

PATIENCE = 20.0  # s


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def memory(tmp_path, complaints):
    made = Memory(str(tmp_path / 'session.memory'), complaints.append)
    yield made
    made.close()


def recalled(path):
    return Memory(str(path), pytest.fail).recall()


def test_the_next_one_finds_what_was_kept_last(tmp_path, memory):
    assert memory.recall() is None
    memory.keep('one')
    memory.keep('two')
    memory.close()
    assert recalled(tmp_path / 'session.memory') == 'two'
    assert [file.name for file in tmp_path.iterdir()] == ['session.memory']


def test_the_same_is_not_written_again(tmp_path, memory):
    file = tmp_path / 'session.memory'
    memory.keep('one')
    memory.close()
    file.unlink()
    memory.keep('one')
    memory.close()
    assert not file.exists()


def test_without_a_path_nothing_is_kept():
    memory = Memory('', pytest.fail)
    memory.keep('one')
    memory.close()
    assert memory.recall() is None


def test_a_folder_that_is_not_there_is_complained_of_and_the_next_text_still_kept(
    tmp_path, complaints
):
    folder = tmp_path / 'nowhere'
    memory = Memory(str(folder / 'session.memory'), complaints.append)
    memory.keep('one')
    memory.close()
    assert 'nowhere' in str(complaints[0])
    folder.mkdir()
    memory.keep('two')
    memory.close()
    assert recalled(folder / 'session.memory') == 'two'


def test_what_is_there_and_cannot_be_read_is_not_nothing(tmp_path):
    assert recalled(tmp_path) == ''  # a folder


def test_what_is_forgotten_is_gone_and_may_be_forgotten_again(tmp_path, memory):
    memory.keep('one')
    memory.forget()
    memory.forget()
    assert memory.recall() is None
    assert not (tmp_path / 'session.memory').exists()


def test_who_keeps_something_does_not_wait_for_a_disk_that_stands_still(tmp_path):
    """Whoever opens a pipe to write waits for a reader, as for a disk."""
    os.mkfifo(tmp_path / 'session.draft')
    memory = Memory(str(tmp_path / 'session.memory'), pytest.fail)
    asked = threading.Thread(target=lambda: [memory.keep('one'), memory.keep('two')])
    asked.start()
    asked.join(PATIENCE)
    assert not asked.is_alive()
    assert (tmp_path / 'session.draft').read_text() == 'one'
    memory.close()
    assert recalled(tmp_path / 'session.memory') == 'two'


def test_what_is_nothing_needs_no_file(tmp_path):
    path = tmp_path / 'session.latch'
    memory = Memory(str(path), pytest.fail, nothing='none')
    assert memory.recall() is None
    memory.keep('none')
    memory.close()
    assert not path.exists()
    memory.keep('one')
    memory.keep('none')
    memory.close()
    assert recalled(path) == 'none'
