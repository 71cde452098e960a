# SPDX-License-Identifier: Apache-2.0
"""A folder with a bag for each session: begun, named, ended, limited, closed after a kill."""

import errno
import os
import re
import shutil
from unittest.mock import Mock

from mcap.writer import Writer
from mcap_ros2._dynamic import serialize_dynamic
import pytest

from plc_log.bag import sessions
from plc_log.bag.decoded import Bag
from plc_log.bag.folder import bags, close_all, prune
from plc_log.bag.interfaces import definition
from plc_log.bag.reader import contents, found
from plc_log.bag.sessions import SessionBags
from plc_log.bag.writer import BagWriter

STATE, LINK = 'plc_msgs/msg/ChargingState', 'plc_msgs/msg/DataLink'
ENTRY = 'plc_msgs/msg/JournalEntry'
KINDS = {'/pev/charging/state': STATE, '/evse/charging/state': STATE, '/pev/data_link': LINK}
JOURNAL = '/pev/session/journal'
LATCHED = [{'durability': 'transient_local'}]
S = 10**9
MAC = '02:00:00:00:00:02'


def cdr(kind, **fields):
    kinds = serialize_dynamic(kind, definition(kind))
    return kinds[kind.replace('/msg/', '/')](fields) if kind not in kinds else kinds[kind](fields)


class Recording:
    """A recorder that is told what comes, and when."""

    def __init__(self, folder, keep=10, limit=10**9):
        self.now, self.steady, self.told = 1_000_000 * S, 1000 * S, []
        self.bags = SessionBags(folder, keep, limit, self.told.append, lambda: self.steady)
        for topic, kind in {**KINDS, JOURNAL: ENTRY}.items():
            self.bags.add_topic(topic, kind, LATCHED if kind == LINK else [], '')

    def hear(self, topic, **fields):
        self.bags.write(topic, cdr(KINDS[topic], **fields), self.now, self.now)

    def state(self, stage, side='pev'):
        self.hear(f'/{side}/charging/state', stage_name=stage, role=side)

    def link(self):
        self.hear('/pev/data_link', ready=True, peer_mac=MAC)

    def entry(self, number):
        self.bags.write(JOURNAL, cdr(ENTRY, sequence=number), self.now, self.now)

    def wait(self, seconds):
        for _ in range(int(seconds * 2)):
            self.now += S // 2
            self.steady += S // 2
            self.bags.flush(self.steady)

    def session(self):
        self.state('IDLE')
        self.wait(1)
        self.state('SLAC')
        self.link()
        self.state('FINISHED')
        self.wait(sessions.BEHIND + 1)
        self.state('IDLE')


@pytest.fixture
def folder(tmp_path):
    return tmp_path / 'bags'


def stages(bag):
    return [one.message.stage_name for one in Bag(bag).messages('/charging/state')]


def test_each_session_has_a_bag_named_by_time_and_partner(folder):
    recording = Recording(folder)
    recording.session()
    recording.wait(60)
    recording.session()
    recording.bags.close()
    names = [bag.name for bag in bags(folder)]
    assert len(names) == 2
    assert all(re.fullmatch(r'1970-01-12_\d\d-\d\d-\d\d_020000000002', name) for name in names)
    assert [stages(bag) for bag in bags(folder)] == [['IDLE', 'SLAC', 'FINISHED']] * 2
    assert all((bag / 'metadata.yaml').exists() for bag in bags(folder))


def test_nothing_is_written_while_nothing_is_plugged_in(folder):
    recording = Recording(folder)
    for _ in range(100):
        recording.state('IDLE')
        recording.wait(1)
    recording.bags.close()
    assert bags(folder) == []


def test_a_bag_has_the_last_latched_message_however_old(folder):
    recording = Recording(folder)
    recording.link()
    recording.wait(3600)
    recording.state('MODEM_SEARCH')
    recording.bags.close()
    [bag] = bags(folder)
    assert contents(str(bag)).counts['/pev/data_link'] == 1


def test_the_bag_ends_only_behind_the_end_of_both_sides(folder):
    recording = Recording(folder)
    recording.state('SLAC')
    recording.state('SLAC', 'evse')
    recording.state('FINISHED')
    recording.wait(60)
    recording.state('FINISHED', 'evse')
    recording.wait(60)
    recording.state('SLAC')
    recording.bags.close()
    first, second = bags(folder)
    assert stages(first) == ['SLAC', 'SLAC', 'FINISHED', 'FINISHED']
    assert stages(second) == ['SLAC']


def test_a_session_right_behind_another_has_its_own_bag(folder):
    recording = Recording(folder)
    recording.state('SLAC')
    recording.state('FAILED')
    recording.wait(1)
    recording.state('SLAC')
    recording.bags.close()
    assert len(bags(folder)) == 2


def test_a_bag_right_behind_another_has_the_journals_of_before_as_any(folder):
    recording = Recording(folder)
    recording.link()
    for number in range(4):
        recording.state('SLAC')
        recording.entry(2 * number)
        recording.state('FAILED')
        recording.wait(3)
        recording.entry(2 * number + 1)
        recording.wait(1.5)
    recording.bags.close()
    kept = [[one.message.sequence for one in Bag(bag).messages(JOURNAL)] for bag in bags(folder)]
    assert kept == [[0, 1], [0, 1, 2, 3], [0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7]]
    assert [stages(bag) for bag in bags(folder)] == [['SLAC', 'FAILED']] * 4
    linked = [[one.time for one in Bag(bag).messages('/data_link')] for bag in bags(folder)]
    begun = [next(Bag(bag).messages(sessions.STATE)).time for bag in bags(folder)]
    assert [one for [one] in linked] == begun


def test_a_bag_that_reaches_its_limit_is_followed_by_another(folder):
    recording = Recording(folder, limit=3000)
    recording.state('SLAC')
    for _ in range(300):
        recording.link()
        recording.wait(1)
    recording.bags.close()
    assert len(bags(folder)) > 1
    assert all(contents(str(bag)).size < 20_000 for bag in bags(folder))
    assert any('has reached its limit' in sentence for sentence in recording.told)


def test_only_so_many_bags_are_kept_and_nothing_else_is_removed(folder):
    recording = Recording(folder, keep=3)
    (folder / 'mine').mkdir()
    (folder / 'mine' / 'a.mcap').write_bytes(b'')
    for _ in range(6):
        recording.session()
        recording.wait(30)
    recording.bags.close()
    assert len(bags(folder)) == 3
    assert (folder / 'mine' / 'a.mcap').exists()
    assert prune(folder, 3, print) == []


def test_what_a_killed_recorder_left_is_closed_with_all_that_can_be_read(folder):
    recording = Recording(folder)
    recording.state('SLAC')
    recording.link()
    recording.wait(1)
    [open_one] = bags(folder)
    killed = folder / '2001-01-01_00-00-00'
    shutil.copytree(open_one, killed)  # the octets as a SIGKILL leaves them, and nobody's lock
    told = []
    close_all(folder, told.append)
    still_open, closed = bags(folder)
    assert still_open == open_one and not (open_one / 'metadata.yaml').exists()
    assert closed.name == '2001-01-01_00-00-00_020000000002'
    assert contents(str(closed)).counts['/pev/charging/state'] == 1
    assert stages(closed) == ['SLAC']
    assert told == [f'{killed} was left open; closed as {closed.name}, with 2 messages']
    recording.bags.close()


def test_a_bag_that_is_nothing_but_noise_is_closed_too(folder):
    bag = folder / '2001-01-01_00-00-00'
    BagWriter(bag).abandon()
    with (bag / f'{bag.name}_0.mcap').open('ab') as file:
        file.write(bytes(range(200)))
    told = []
    close_all(folder, told.append)
    assert (bag / 'metadata.yaml').exists() and 'with 0 messages' in told[0]


@pytest.mark.parametrize('library', ['libmcap 1.3.1', ''])
def test_a_bag_of_another_recorder_is_neither_closed_nor_removed_whatever_its_name(
    folder, library
):
    bag = folder / '2001-01-01_00-00-00'
    bag.mkdir(parents=True)
    with (bag / 'a.mcap').open('wb') as file:
        if library:
            Writer(file).start(profile='ros2', library=library)
    octets = (bag / 'a.mcap').read_bytes()
    close_all(folder, pytest.fail)
    assert prune(folder, 0, pytest.fail) == []
    assert [path.name for path in bag.iterdir()] == ['a.mcap']
    assert (bag / 'a.mcap').read_bytes() == octets


def test_the_oldest_bag_is_the_one_that_was_written_first_whatever_its_name(folder):
    for name, written in (('2001-01-01_00-00-00', 2 * S), ('2030-01-01_00-00-00', S)):
        BagWriter(folder / name).close()
        os.utime(folder / name / f'{name}_0.mcap', ns=(written, written))
    assert prune(folder, 1, pytest.fail) == [folder / '2030-01-01_00-00-00']


def test_a_bag_that_is_closed_later_is_as_old_as_it_was(folder):
    bag = folder / '2001-01-01_00-00-00'
    BagWriter(bag).abandon()
    os.utime(bag / f'{bag.name}_0.mcap', ns=(S, S))
    close_all(folder, print)
    assert (bag / f'{bag.name}_0.mcap').stat().st_mtime_ns == S


def test_a_clock_that_is_set_back_keeps_no_bag_from_the_disk_and_none_from_its_end(folder):
    recording = Recording(folder)
    recording.state('SLAC')
    recording.wait(1)
    recording.now -= 3600 * S
    recording.link()
    recording.wait(1)
    [bag] = bags(folder)
    assert len(list(found(bag).messages())) == 2
    recording.state('FINISHED')
    recording.wait(sessions.BEHIND + 1)
    assert any('recorded' in sentence for sentence in recording.told)


def test_a_clock_that_is_set_back_makes_no_more_wait_than_the_time_before_a_session(folder):
    recording = Recording(folder)
    for _ in range(100):
        recording.state('IDLE')
        recording.wait(1)
        recording.now -= 2 * S
    recording.state('SLAC')
    recording.bags.close()
    [bag] = bags(folder)
    assert len(stages(bag)) <= sessions.BEFORE + 2


@pytest.fixture
def full(monkeypatch):
    """Make the disk full from now on, and return what makes it well again."""
    with monkeypatch.context() as patch:

        def fill():
            error = OSError(errno.ENOSPC, 'No space left on device')
            patch.setattr(os, 'fdatasync', Mock(side_effect=error))
            return patch.undo

        yield fill


def test_on_a_full_disk_the_bag_is_given_up_in_one_sentence_and_the_next_session_has_its_own(
    folder, full
):
    recording = Recording(folder)
    recording.session()
    recording.state('SLAC')
    emptied = full()
    recording.wait(5)
    recording.link()
    recording.state('FINISHED')
    recording.wait(60)
    assert sum('No space left' in sentence for sentence in recording.told) == 1
    emptied()
    recording.session()
    assert [stages(bag) for bag in bags(folder)][::2] == [['IDLE', 'SLAC', 'FINISHED']] * 2


def test_a_bag_whose_end_does_not_find_room_is_left_open(folder, full):
    recording = Recording(folder)
    recording.state('SLAC')
    recording.wait(1)
    full()
    recording.bags.close()
    assert 'No space left' in recording.told[-1]
    assert len(bags(folder)) == 1


def test_no_bag_begins_and_none_is_removed_where_little_is_free(folder, monkeypatch):
    recording = Recording(folder, keep=1)
    recording.session()
    monkeypatch.setattr(sessions, 'LEAST_FREE', 10**18)
    recording.session()
    assert len(bags(folder)) == 1
    assert 'are free' in recording.told[-1]
    monkeypatch.undo()
    recording.wait(30)
    recording.session()
    assert 'recorded' in recording.told[-1] and len(bags(folder)) == 1


def test_a_bag_is_removed_only_behind_the_next_ones_beginning(folder, monkeypatch):
    recording = Recording(folder, keep=1)
    recording.session()
    monkeypatch.setattr(sessions, 'new_bag', Mock(side_effect=OSError('no')))
    recording.session()
    assert len(bags(folder)) == 1


def test_what_cannot_be_removed_is_told_and_the_session_is_recorded(folder, monkeypatch):
    recording = Recording(folder, keep=1)
    recording.session()
    monkeypatch.setattr(shutil, 'rmtree', Mock(side_effect=OSError('busy')))
    recording.session()
    assert any('cannot be removed: busy' in sentence for sentence in recording.told)
    assert 'recorded' in recording.told[-1] and len(bags(folder)) == 2


def test_a_bag_is_locked_while_it_is_written(folder):
    writer = BagWriter(folder / '2001-01-01_00-00-00')
    assert prune(folder, 0, print) == []
    writer.close()
    assert prune(folder, 0, print) == [folder / '2001-01-01_00-00-00']
