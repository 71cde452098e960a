# SPDX-License-Identifier: Apache-2.0
"""What a node leaves for the one that is started anew in its place."""

import os
import threading

import pytest

import plc_kit.memory
from plc_kit.memory import Memory
from plc_kit.private import lock, read_private, write_private

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


def test_who_keeps_something_does_not_wait_for_a_disk_that_stands_still(tmp_path, monkeypatch):
    moves = threading.Event()

    def kept(path, text):
        assert moves.wait(PATIENCE)
        write_private(path, text)

    monkeypatch.setattr(plc_kit.memory, 'write_private', kept)
    memory = Memory(str(tmp_path / 'session.memory'), pytest.fail)
    asked = threading.Thread(target=lambda: [memory.keep('one'), memory.keep('two')])
    asked.start()
    asked.join(PATIENCE)
    assert not asked.is_alive()
    assert not list(tmp_path.iterdir())
    moves.set()
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


@pytest.mark.parametrize('laid', ['draft', 'pipe'])
def test_desk_8_what_lies_in_the_way_of_a_memory_is_not_followed(tmp_path, memory, laid):
    """In a folder where others may write, /tmp above all."""
    victim, way = tmp_path / 'victim', tmp_path / 'session.memory.draft'
    victim.write_text('as it was')
    way.symlink_to(victim) if laid == 'draft' else os.mkfifo(way)
    memory.keep('one')
    memory.close()
    assert recalled(tmp_path / 'session.memory') == 'one'
    assert victim.read_text() == 'as it was'
    assert (tmp_path / 'session.memory').stat().st_mode & 0o777 == 0o600


def test_desk_8_a_memory_that_is_a_link_a_pipe_or_another_users_cannot_be_read(
    tmp_path, monkeypatch
):
    (tmp_path / 'own').write_text('one')
    (tmp_path / 'link').symlink_to(tmp_path / 'own')
    os.mkfifo(tmp_path / 'pipe')
    assert [recalled(tmp_path / name) for name in ('own', 'link', 'pipe')] == ['one', '', '']
    monkeypatch.setattr(os, 'getuid', lambda: 4711)
    assert recalled(tmp_path / 'own') == ''


def test_desk_8_two_memories_of_one_stem_have_each_its_own_draft(tmp_path):
    both = [Memory(str(tmp_path / f'session.{end}'), pytest.fail) for end in ('memory', 'latch')]
    for number in range(50):
        for one in both:
            one.keep(f'{id(one)} {number}')
    for one in both:
        one.close()
    ends = ('memory', 'latch')
    assert [recalled(tmp_path / f'session.{end}') for end in ends] == [
        f'{id(one)} 49' for one in both
    ]


def test_a_lock_is_anothers_until_it_is_closed(tmp_path):
    first = lock(tmp_path / 'lock')
    assert first is not None and lock(tmp_path / 'lock') is None
    os.close(first)
    second = lock(tmp_path / 'lock', wait=True)
    assert second is not None
    os.close(second)


def test_what_is_written_in_private_is_read_by_its_owner_alone(tmp_path):
    write_private(tmp_path / 'file', 'one')
    assert read_private(tmp_path / 'file') == 'one'
    assert (tmp_path / 'file').stat().st_mode & 0o777 == 0o600
