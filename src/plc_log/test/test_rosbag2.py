# SPDX-License-Identifier: Apache-2.0
"""What rosbag2 writes is read, in every form of it, whole or damaged."""

import random
import shutil
import sqlite3

from mcap.writer import Writer as McapWriter
import pytest
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy
from rosbag2_forms import ROOT, age, forms, split, write
from rosbags.rosbag2 import CompressionMode, StoragePlugin
import yaml
import zstandard

from plc_log import cli
from plc_log.bag.reader import contents, found
from plc_log.capture import Unreadable
from plc_log.recorder import profile
from plc_log.recording import read

MCAP, SQLITE3 = StoragePlugin.MCAP, StoragePlugin.SQLITE3
STRING = 'std_msgs/msg/String'
FEEDBACK = 'plc_msgs/action/Charge_FeedbackMessage'
INFINITE = {'sec': 9223372036, 'nsec': 854775807}
BY_NUMBER = {  # a latched topic's publisher, as versions 4 to 8 tell of it
    'history': 3,
    'depth': 0,
    'reliability': 1,
    'durability': 1,
    'deadline': INFINITE,
    'lifespan': INFINITE,
    'liveliness': 1,
    'liveliness_lease_duration': INFINITE,
    'avoid_ros_namespace_conventions': False,
}
BY_NAME = BY_NUMBER | {
    'history': 'unknown',
    'reliability': 'reliable',
    'durability': 'transient_local',
    'liveliness': 'automatic',
}


def told(bag):
    """Return what a bag tells, and what could not be read of it."""
    recording = read(bag)
    return [(one.time, one.name, one.values) for one in recording.events], recording.flaws


def test_a_session_is_the_same_in_every_form(bag, tmp_path):
    there, counts = told(bag), contents(str(bag)).counts
    assert there[1] == [] and len(there[0]) > 50
    for one in forms(bag, tmp_path / 'forms'):
        assert (told(one), contents(str(one)).counts) == (there, counts), one
        (one / 'metadata.yaml').unlink(missing_ok=True)
        assert told(one) == there, f'{one} without metadata'


@pytest.mark.parametrize('storage', [MCAP, SQLITE3])
def test_each_file_of_a_bag_is_read_alone_too(bag, tmp_path, storage):
    folder = tmp_path / 'x' / bag.name
    write(list(found(bag).messages()), folder, storage, CompressionMode.FILE)
    [file] = folder.glob('*.zstd')
    assert told(file) == told(bag)


def test_what_a_player_unfolded_beside_a_file_is_not_read_twice(bag, tmp_path):
    folder = split(list(found(bag).messages()), tmp_path / 'x', SQLITE3, CompressionMode.FILE)
    (folder / 'x_3.db3').write_bytes(b'what of it was there when the player was killed')
    assert told(folder) == told(bag)


def test_a_folder_of_bags_is_looked_through_for_each_storage(bag, tmp_path, capsys):
    for storage in (MCAP, SQLITE3):
        write(list(found(bag).messages()), tmp_path / 'all' / storage.name, storage)
    assert cli.main(['compare', str(tmp_path / 'all')]) == 0
    assert {'MCAP', 'SQLITE3'} <= set(capsys.readouterr().out.split())


@pytest.mark.parametrize('storage', [MCAP, SQLITE3])
def test_what_a_recorder_of_everything_has_beside_a_session_is_passed_over(bag, tmp_path, storage):
    """`ros2 bag record -a`: hidden topics, types of others, types without a definition."""
    messages = list(found(bag).messages())
    first = messages[0]
    other = first.schema.__class__(99, b'string data\n', 'ros2msg', STRING)
    unknown = first.schema.__class__(98, b'', 'ros2msg', FEEDBACK)
    foreign = [
        first._replace(topic='/chatter', schema=other, cdr=b'\0\1\0\0\3\0\0\0hi\0'),
        first._replace(topic='/pev/_hidden/mme_log_of_others', schema=other, cdr=b'\0\1\0\0'),
        first._replace(topic='/pev/charge/_action/feedback', schema=unknown, cdr=b'\0\1\0\0x'),
    ]
    all_ = write([*foreign, *messages], tmp_path / 'all', storage)
    if storage is SQLITE3:
        base = sqlite3.connect(next(all_.glob('*.db3')))
        base.execute('update message_definitions set encoding = ? where topic_type = ?',
                     ('unknown', FEEDBACK))  # fmt: skip
        base.commit()
    assert told(all_) == told(bag)
    assert contents(str(all_)).types['/pev/charge/_action/feedback'] == FEEDBACK


def test_an_mcap_whose_types_have_no_definition_is_read_by_ours(bag, tmp_path):
    with (tmp_path / 'x.mcap').open('wb') as file:
        mcap, topics = McapWriter(file), {}
        mcap.start(profile='ros2', library='test')
        for one in found(bag).messages():
            if one.topic not in topics:
                schema = mcap.register_schema(one.schema.name, 'unknown', b'')
                topics[one.topic] = mcap.register_channel(one.topic, 'cdr', schema)
            mcap.add_message(topics[one.topic], one.received, one.cdr, one.sent)
        mcap.finish()
    assert told(tmp_path / 'x.mcap') == told(bag)


@pytest.mark.parametrize('encoding', ['ros2msg', 'unknown'])
def test_a_topic_of_ours_with_a_type_that_nobody_knows_is_a_sentence(
    bag, tmp_path, capsys, encoding
):
    with (tmp_path / 'x.mcap').open('wb') as file:
        mcap = McapWriter(file)
        mcap.start(profile='ros2', library='test')
        schema = mcap.register_schema('other_msgs/msg/Frame', encoding, b'')
        mcap.add_message(mcap.register_channel('/pev/mme_log', 'cdr', schema), 1, b'\0\1\0\0', 1)
        mcap.finish()
    assert cli.main(['timeline', str(tmp_path / 'x.mcap')]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f'timeline: {tmp_path}/x.mcap: ') and 'Traceback' not in err


@pytest.mark.parametrize('mode', [CompressionMode.NONE, CompressionMode.FILE])
@pytest.mark.parametrize('storage', [MCAP, SQLITE3])
def test_a_file_that_is_cut_or_scratched_anywhere_is_a_sentence(bag, tmp_path, storage, mode):
    whole = write(list(found(bag).messages()), tmp_path / 'whole', storage, mode)
    [file] = (one for one in whole.iterdir() if one.name != 'metadata.yaml')
    octets, draw = file.read_bytes(), random.Random(5)
    for number in range(60):
        damaged = bytearray(octets)
        for _ in range(draw.choice((1, 5, 200))):
            damaged[draw.randrange(8, len(damaged))] ^= draw.randrange(1, 256)
        if number % 2:
            damaged = octets[: draw.randrange(len(octets))]
        copy = tmp_path / file.name
        copy.write_bytes(damaged)
        try:
            events, flaws = told(copy)
        except Unreadable as error:
            assert str(copy) in str(error)
            continue
        assert flaws or number % 2 == 0
        assert all(str(copy) in one for one in flaws) and events


@pytest.mark.parametrize('storage', [MCAP, SQLITE3])
def test_one_file_of_several_that_is_none_costs_itself(bag, tmp_path, storage):
    """As rosbag2 0.26 leaves one behind such a file, whose frame it continues in it."""
    messages = list(found(bag).messages())
    folder = split(messages, tmp_path / 'x', storage, CompressionMode.FILE)
    [file] = folder.glob('x_3.*')
    file.write_bytes(b'the rest of the file before')
    events, flaws = told(folder)
    assert flaws == [f'{file} is no zstd file; all else was read']
    assert len(events) > len(told(bag)[0]) // 2


@pytest.mark.parametrize('storage', [MCAP, SQLITE3])
def test_a_compressed_file_that_was_never_ended_is_read_whole(bag, tmp_path, storage):
    """As rosbag2 0.26 leaves one of n times 128 KiB (compression by file)."""
    folder = write(list(found(bag).messages()), tmp_path / 'x', storage)
    [file] = folder.glob('x.*')
    unended = zstandard.ZstdCompressor().compressobj()
    octets = unended.compress(file.read_bytes()) + unended.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    file.with_name(f'{file.name}.zstd').write_bytes(octets)
    file.unlink()
    assert told(folder) == told(bag)


def test_what_a_killed_recorder_left_in_its_journal_is_read(bag, tmp_path):
    """The storage preset `resilient` of sqlite3 writes ahead into a file beside."""
    folder = write(list(found(bag).messages()), tmp_path / 'x', SQLITE3)
    base = sqlite3.connect(folder / 'x.db3')
    base.execute('pragma journal_mode = wal')
    base.execute('update messages set timestamp = timestamp + 1')
    base.commit()
    shutil.copytree(folder, tmp_path / 'killed')
    base.close()
    assert (tmp_path / 'killed' / 'x.db3-wal').stat().st_size > 0
    (tmp_path / 'killed' / 'metadata.yaml').unlink()
    before, after = (
        [one.received for one in found(f).messages()] for f in (bag, tmp_path / 'killed')
    )
    assert after == [time + 1 for time in before]


@pytest.mark.parametrize('mode', [CompressionMode.NONE, CompressionMode.MESSAGE])
def test_a_row_that_is_damaged_costs_itself(bag, tmp_path, mode):
    messages = list(found(bag).messages())
    folder = write(messages, tmp_path / 'x', SQLITE3, mode)
    base = sqlite3.connect(next(folder.glob('*.db3')))
    base.execute("update messages set data = x'28b52ffd77' where id = 7")
    base.execute("update messages set data = 'a text' where id = 8")
    base.commit()
    contents_ = found(folder)
    there = [one.cdr for one in contents_.messages()]
    assert there == [one.cdr for number, one in enumerate(messages, 1) if number not in (7, 8)]
    assert [one.partition(': ')[2] for one in contents_.lost] == [
        '1 messages are damaged',
        '1 compressed messages are damaged',
    ]


def test_a_message_that_would_unfold_without_end_is_damaged(bag, tmp_path):
    folder = write(list(found(bag).messages()), tmp_path / 'x', SQLITE3)
    base = sqlite3.connect(next(folder.glob('*.db3')))
    bomb = zstandard.compress(bytes(1 << 27))
    base.execute('update messages set data = ? where id = 7', (bomb,))
    base.commit()
    assert told(folder)[1] == [
        f'{folder}/x.db3: 1 compressed messages are damaged; all else was read'
    ]


@pytest.mark.parametrize(
    'name, octets, what',
    [
        ('x.db3', b'a text that is no database', 'is no SQLite file'),
        ('x.db3', b'', 'it has no tables of a bag'),
        ('x.mcap.zstd', b'a text that is not compressed', 'is no zstd file'),
    ],
)
def test_what_is_no_bag_is_a_sentence(tmp_path, capsys, name, octets, what):
    (tmp_path / name).write_bytes(octets)
    assert cli.main(['timeline', str(tmp_path / name)]) == 2
    out, err = capsys.readouterr()
    assert what in err and str(tmp_path / name) in err and 'Traceback' not in err + out


def test_a_database_of_something_else_is_a_sentence(tmp_path, capsys):
    base = sqlite3.connect(tmp_path / 'x.db3')
    base.execute('create table topics (id, name, type)')
    base.execute(
        'create view messages as select 1 as topic_id, 2 as timestamp, 3 as data, 4 as id'
    )
    base.commit()
    assert cli.main(['timeline', str(tmp_path)]) == 2
    assert 'it has no tables of a bag' in capsys.readouterr().err


@pytest.mark.parametrize('version', [4, 8, 9])
def test_a_topic_is_played_with_the_qos_that_each_version_tells(bag, tmp_path, version):
    folder = write(list(found(bag).messages()), tmp_path / 'x', SQLITE3)
    if version < 8:
        age(folder, version)
    described = yaml.safe_load((folder / 'metadata.yaml').read_text())
    for entry in described[ROOT]['topics_with_message_count']:
        offered = [BY_NAME] if version == 9 else yaml.safe_dump([BY_NUMBER])
        entry['topic_metadata']['offered_qos_profiles'] = offered
    (folder / 'metadata.yaml').write_text(yaml.safe_dump(described))
    qos = profile(contents(str(folder)).qos['/pev/mme_log'])
    assert qos.durability is DurabilityPolicy.TRANSIENT_LOCAL
    assert qos.reliability is ReliabilityPolicy.RELIABLE
