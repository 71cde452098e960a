# SPDX-License-Identifier: Apache-2.0
"""What a node leaves for the one that is started anew in its place."""

import pytest

from plc_kit.memory import Memory


def test_the_next_one_finds_what_was_kept_last(tmp_path):
    path = str(tmp_path / 'session.memory')
    memory = Memory(path)
    assert memory.recall() is None
    memory.keep('one')
    memory.keep('two')
    assert Memory(path).recall() == 'two'
    assert [file.name for file in tmp_path.iterdir()] == ['session.memory']


def test_the_same_is_not_written_again(tmp_path):
    file = tmp_path / 'session.memory'
    memory = Memory(str(file))
    memory.keep('one')
    file.unlink()
    memory.keep('one')
    assert not file.exists()


def test_without_a_path_nothing_is_kept():
    memory = Memory('')
    memory.keep('one')
    assert memory.recall() is None


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match='nowhere'):
        Memory(str(tmp_path / 'nowhere' / 'session.memory')).keep('one')


def test_what_is_there_and_cannot_be_read_is_not_nothing(tmp_path):
    assert Memory(str(tmp_path)).recall() == ''  # a folder


def test_what_is_forgotten_is_gone_and_may_be_forgotten_again(tmp_path):
    file = tmp_path / 'vehicle.memory'
    memory = Memory(str(file))
    memory.keep('one')
    memory.forget()
    memory.forget()
    assert memory.recall() is None and not file.exists()
