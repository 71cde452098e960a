# SPDX-License-Identifier: Apache-2.0
"""A folder with a bag for each session: begun, named, ended, limited, closed after a kill."""

import re
import shutil

from mcap_ros2._dynamic import serialize_dynamic
import pytest

from plc_log.bag import sessions
from plc_log.bag.decoded import Bag
from plc_log.bag.folder import bags, close_all, prune
from plc_log.bag.interfaces import definition
from plc_log.bag.reader import contents
from plc_log.bag.sessions import SessionBags
from plc_log.bag.writer import BagWriter

STATE, LINK = 'plc_msgs/msg/ChargingState', 'plc_msgs/msg/DataLink'
KINDS = {'/pev/charging/state': STATE, '/evse/charging/state': STATE, '/pev/data_link': LINK}
LATCHED = [{'durability': 'transient_local'}]
S = 10**9
MAC = '02:00:00:00:00:02'


def cdr(kind, **fields):
    kinds = serialize_dynamic(kind, definition(kind))
    return kinds[kind.replace('/msg/', '/')](fields) if kind not in kinds else kinds[kind](fields)


class Recording:
    """A recorder that is told what comes, and when."""

    def __init__(self, folder, keep=10, limit=10**9):
        self.now, self.told = 1_000_000 * S, []
        self.bags = SessionBags(folder, keep, limit, self.told.append)
        for topic, kind in KINDS.items():
            self.bags.add_topic(topic, kind, LATCHED if kind == LINK else [], '')

    def hear(self, topic, **fields):
        self.bags.write(topic, cdr(KINDS[topic], **fields), self.now, self.now)

    def state(self, stage, side='pev'):
        self.hear(f'/{side}/charging/state', stage_name=stage, role=side)

    def link(self):
        self.hear('/pev/data_link', ready=True, peer_mac=MAC)

    def wait(self, seconds):
        for _ in range(int(seconds * 2)):
            self.now += S // 2
            self.bags.flush(self.now)

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
    assert prune(folder, 3) == []


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
    bag.mkdir(parents=True)
    (bag / 'x.mcap').write_bytes(bytes(range(200)))
    told = []
    close_all(folder, told.append)
    assert (bag / 'metadata.yaml').exists() and 'with 0 messages' in told[0]


def test_a_bag_is_locked_while_it_is_written(folder):
    writer = BagWriter(folder / '2001-01-01_00-00-00')
    assert prune(folder, 0) == []
    writer.close()
    assert prune(folder, 0) == [folder / '2001-01-01_00-00-00']
