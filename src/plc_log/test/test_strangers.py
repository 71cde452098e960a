# SPDX-License-Identifier: Apache-2.0
"""Bags and captures of strangers: every size and depth is bounded before it is used.

What is shown is small: the bounds are lowered instead.
"""

from io import BytesIO
import json
import os
import sqlite3
import tracemalloc

from mcap.writer import CompressionType, Writer
from mcap_ros2._dynamic import serialize_dynamic
import pytest
from rosbag2_forms import write
from rosbags.rosbag2 import CompressionMode, StoragePlugin
import yaml

from plc_kit.journal import REST
from plc_log import cli, rows, streams
from plc_log.bag import bounds, folder, offers, reader, shapes, sqlite
from plc_log.bag.bounds import Budget, TooLarge
from plc_log.bag.decoded import Bag
from plc_log.bag.folder import bags, close_all, new_bag, prune
from plc_log.bag.offers import Offers
from plc_log.bag.reader import contents, found
from plc_log.bag.types import definition
from plc_log.bag.writer import BagWriter
from plc_log.capture import Capture
from plc_log.streams import Direction

STRING = 'std_msgs/msg/String'
S = 10**9
PROFILE = {
    'history': 'keep_last',
    'reliability': 'reliable',
    'durability': 'volatile',
    'liveliness': 'automatic',
    'deadline': {'sec': 1, 'nsec': 2},
    'lifespan': {'sec': 3, 'nsec': 4},
    'liveliness_lease_duration': {'sec': 5, 'nsec': 6},
    'depth': 7,
    'avoid_ros_namespace_conventions': False,
}
TEXT = yaml.safe_dump([PROFILE])
DEEP = '[' * 40 + ']' * 40
ANCHORED = 'x: &x [1, 1]\ny: &y [*x, *x]\nz: [*y, *y]\n'


@pytest.fixture
def small(monkeypatch):
    """Bounds that a test reaches in a moment."""
    monkeypatch.setattr(bounds, 'ANY', 20_000)
    monkeypatch.setattr(bounds, 'RATIO', 2)


def mcap(place, qos='', count=10, text='hello', compression=CompressionType.ZSTD):
    """Write a bag of texts, as a recorder of ours would that was killed."""
    place.mkdir(parents=True)
    with (place / f'{place.name}_0.mcap').open('wb') as file:
        writer = Writer(file, compression=compression)
        writer.start(profile='ros2', library='ros2_ccs')
        schema = writer.register_schema(STRING, 'ros2msg', b'string data\n')
        channel = writer.register_channel(
            '/chatter', 'cdr', schema, {'offered_qos_profiles': qos, 'topic_type_hash': ''}
        )
        octets = text.encode() + b'\0'
        for number in range(count):
            cdr = b'\0\1\0\0' + len(octets).to_bytes(4, 'little') + octets
            writer.add_message(channel, S + number, cdr, S + number)
        writer.finish()
    return place


def read(bag):
    """Return the texts of a bag, and what was said of the rest."""
    there = Bag(bag)
    return [one.message.data for one in there.messages('/chatter')], there.flaw


@pytest.mark.parametrize('text', [DEEP, ANCHORED, TEXT * 3000, '1:' * 9 + '1', '[&a [*a]]', '{'])
def test_desk_6_a_bag_whose_qos_is_deep_anchored_or_long_is_closed_as_any_other(
    tmp_path, monkeypatch, text
):
    monkeypatch.setattr(offers, 'LONGEST', 100_000)
    mcap(tmp_path / '2026-11-30_00-00-00', qos=text)
    mcap(tmp_path / '2026-11-30_00-00-01', qos=TEXT)
    told = []
    close_all(tmp_path, told.append)
    assert len(told) == 2 and all('with 10 messages' in one for one in told)
    assert contents(str(tmp_path / '2026-11-30_00-00-00')).qos == {'/chatter': []}
    assert contents(str(tmp_path / '2026-11-30_00-00-01')).qos == {'/chatter': [PROFILE]}


def test_desk_6_what_offers_tell_is_taken_value_by_value():
    by_number = PROFILE | {'history': 1, 'reliability': 1, 'durability': 2, 'liveliness': 1}
    for told in (TEXT, [PROFILE], yaml.safe_dump([by_number]), [PROFILE | {'more': [[[]]]}]):
        assert Offers().read(told) == [PROFILE]
    for other in (
        {'history': 'for ever'}, {'history': 9}, {'depth': 'x'}, {'depth': '9' * 5000},
        {'deadline': 3}, {'lifespan': {'sec': 1}},
    ):  # fmt: skip
        assert Offers().read([PROFILE | other]) == []
    assert Offers().read([PROFILE | {'depth': 10**18}])[0]['depth'] == 1 << 16


def test_desk_6_of_all_topics_together_no_more_is_read_than_of_one(monkeypatch):
    monkeypatch.setattr(offers, 'LONGEST', 2 * len(TEXT))
    several = Offers()
    assert [several.read(TEXT) for _ in range(3)] == [[PROFILE], [PROFILE], []]


@pytest.mark.parametrize('text', [DEEP, 'a' * 5000, 'rosbag2_bagfile_information: 3'])
def test_desk_6_a_description_that_is_deep_or_long_is_a_sentence(tmp_path, monkeypatch, text):
    monkeypatch.setattr(offers, 'LONGEST', 4000)
    monkeypatch.setattr(reader, 'LONGEST', 4000)
    (mcap(tmp_path / 'x') / 'metadata.yaml').write_text(text)
    with pytest.raises(RuntimeError, match='does not describe a bag'):
        contents(str(tmp_path / 'x'))


@pytest.mark.parametrize('compression', [CompressionType.ZSTD, CompressionType.LZ4])
def test_desk_6_a_chunk_that_claims_little_and_holds_much_takes_little(tmp_path, compression):
    """The size that it claims is what it may hold."""
    bag = mcap(tmp_path / 'x', text='a' * 100_000, count=40, compression=compression)
    [file] = bag.glob('*.mcap')
    octets = bytearray(file.read_bytes())
    at = octets.index(b'lz4' if compression is CompressionType.LZ4 else b'zstd')
    claimed = at - 4 - 4 - 8  # the length of that word, a checksum, the size
    assert int.from_bytes(octets[claimed : claimed + 8], 'little') > 1_000_000
    octets[claimed : claimed + 8] = (1000).to_bytes(8, 'little')
    file.write_bytes(octets)
    tracemalloc.start()
    texts, flaw = read(bag)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(texts) < 40 and 'damaged' in flaw
    assert peak < 8_000_000


def test_desk_6_a_chunk_that_unfolds_to_more_than_a_file_of_its_size_may_is_named(tmp_path, small):
    bag = mcap(tmp_path / 'x', text='a' * 9000, count=10)
    texts, flaw = read(bag)
    assert texts == []
    assert 'unfold to more than a recording of this size' in flaw


def test_desk_6_messages_and_files_that_unfold_to_more_are_named(tmp_path, monkeypatch):
    messages = list(found(mcap(tmp_path / 'x', text='a' * 50_000)).messages())
    monkeypatch.setattr(bounds, 'ANY', 20_000)
    monkeypatch.setattr(bounds, 'RATIO', 2)
    one = write(messages, tmp_path / 'm', StoragePlugin.SQLITE3, CompressionMode.MESSAGE)
    assert 'compressed messages are damaged' in read(one)[1]
    whole = write(messages, tmp_path / 'f', StoragePlugin.SQLITE3, CompressionMode.FILE)
    assert 'unfolds to more than a recording of its size' in read(whole)[1]


def test_desk_6_a_budget_is_of_all_that_a_file_unfolds_to(small):
    budget = Budget(1000)
    assert [budget.take(n) for n in (20_000, 2000)] == [20_000, 2000]
    with pytest.raises(TooLarge):
        budget.take(1)


def database(tmp_path, messages):
    """Make a database whose table of messages is made so, of ten rows."""
    base = sqlite3.connect(tmp_path / 'x.db3')
    base.execute('create table topics(id integer primary key, name text, type text)')
    base.execute("insert into topics values (1, '/chatter', 'std_msgs/msg/String')")
    base.execute(f'create table messages({messages})')
    for number in range(10):
        base.execute('insert into messages(topic_id, timestamp) values (1, ?)', (number,))
    base.commit()
    base.close()
    return tmp_path / 'x.db3'


def test_desk_6_rows_that_are_computed_are_not_read(tmp_path):
    made = 'id integer primary key, topic_id integer, timestamp integer, data as (zeroblob(9))'
    contents_ = found(database(tmp_path, made))
    assert list(contents_.messages()) == []
    assert 'its tables are not those of a bag' in contents_.lost[0]


def test_desk_6_a_question_that_takes_too_long_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, '_STEPS', 50)
    monkeypatch.setattr(sqlite, '_STEPS_AN_OCTET', 0)
    made = "id integer primary key, topic_id integer, timestamp integer, data default (x'00')"
    contents_ = found(database(tmp_path, made))
    assert list(contents_.messages()) == []
    assert 'interrupted' in contents_.lost[0]


@pytest.mark.parametrize(
    'added, what',
    [
        ('Odd[] more', 'more is plc_msgs/Odd[]'),
        ('other_msgs/Odd more', 'more is other_msgs/Odd'),
        ('# ' + 'x' * 9000, 'octets'),
    ],
)
def test_desk_6_a_definition_of_ours_with_more_in_it_is_decoded_only_if_it_ends(
    tmp_path, monkeypatch, added, what
):
    monkeypatch.setattr(shapes, '_LONGEST', 9000)
    bag = BagWriter(tmp_path / 'x')
    kind = 'plc_msgs/msg/DataLink'
    odd = f'{"=" * 80}\nMSG: plc_msgs/Odd\nuint8[1] x\n'
    bag.add_topic('/pev/data_link', kind, [], '', f'bool ready\n{added}\n{odd}'.encode())
    bag.write('/pev/data_link', b'\0\1\0\0\1\0\0\0\xff\xff\xff\xff', S, S)
    bag.close()
    there = Bag(tmp_path / 'x')
    assert list(there.messages('/data_link')) == []
    assert what in there.flaw


@pytest.mark.parametrize('mac', ['../../x', '02:00', 'a\nb', 'ff:ff:ff:ff:ff:ff/'])
def test_desk_6_a_bag_is_named_by_nothing_but_a_mac(tmp_path, mac):
    kind = 'plc_msgs/msg/DataLink'
    bag = BagWriter(tmp_path / '2026-11-30_00-00-00')
    bag.add_topic('/pev/data_link', kind, [], '', definition(kind).encode())
    encode = serialize_dynamic(kind, definition(kind))[kind]
    bag.write('/pev/data_link', encode({'ready': True, 'peer_mac': mac}), S, S)
    bag.flush(S)
    bag.abandon()
    close_all(tmp_path, print)
    assert [one.name for one in tmp_path.iterdir()] == ['2026-11-30_00-00-00']
    assert (tmp_path / '2026-11-30_00-00-00' / 'metadata.yaml').exists()


def test_desk_6_what_nobody_foresaw_in_one_bag_leaves_the_others(tmp_path, monkeypatch, capsys):
    for name in ('2026-11-30_00-00-00', '2026-11-30_00-00-01'):
        mcap(tmp_path / name)
    close = folder.close

    def fails(bag):
        if bag.name.endswith('00'):
            raise AssertionError('nobody foresaw this')
        return close(bag)

    monkeypatch.setattr(folder, 'close', fails)
    told = []
    close_all(tmp_path, told.append)
    assert [one.partition(' ')[2] for one in told] == [
        'was left open, and cannot be closed: nobody foresaw this',
        'was left open; closed as 2026-11-30_00-00-01, with 10 messages',
    ]


def test_desk_6_what_nobody_foresaw_in_one_file_leaves_the_others(
    bag, capture, monkeypatch, capsys
):
    read_ = rows.read

    def fails(path):
        if path == bag:
            raise AssertionError('nobody foresaw this')
        return read_(path)

    monkeypatch.setattr(rows, 'read', fails)
    assert cli.main(['compare', '--jobs', '1', str(bag), str(capture)]) == 1
    out, err = capsys.readouterr()
    assert 'nobody foresaw this' in err and 'a fault of ros2_ccs' in err
    assert 'FINISHED' in out


def test_desk_6_an_entry_of_a_journal_that_is_nested_too_deeply_is_a_sentence(tmp_path, capsys):
    kind = 'plc_msgs/msg/JournalEntry'
    encode = serialize_dynamic(kind, definition(kind))[kind]
    deep = json.dumps({'state': {'phase': 0}, 'beside': {}, 'shows': 0})
    deep = deep.replace('"phase": 0', '"phase": ' + '[' * 700 + ']' * 700)
    bag = BagWriter(tmp_path / 'x')
    bag.add_topic('/pev/session/journal', kind, [], '', definition(kind).encode())
    bag.write(
        '/pev/session/journal', encode({'machine': 'Evcc', 'told': REST, 'json': deep}), S, S
    )
    bag.close()
    assert cli.main(['replay', str(tmp_path / 'x')]) == 2
    assert 'nested too deeply' in capsys.readouterr().err


def test_desk_6_a_bag_of_1970_is_not_the_oldest(tmp_path):
    """A computer without a clock of its own begins there."""
    for day in (20_000, 20_001, 0, 0, 20_002):  # since 1970
        bag = new_bag(tmp_path, day * 86_400 * S)
        bag.close()
        file = bag.folder / f'{bag.folder.name}_0.mcap'
        os.utime(file, ns=(day * 86_400 * S, day * 86_400 * S))
    years = [one.name[:4] for one in bags(tmp_path)]
    assert years == ['2024', '2024', '1970', '1970', '2024']
    prune(tmp_path, 2, pytest.fail)
    assert [one.name[:4] for one in bags(tmp_path)] == ['1970', '2024']


def test_desk_6_a_bag_keeps_its_place_when_it_is_closed_later(tmp_path):
    new_bag(tmp_path, 20_000 * 86_400 * S).abandon()
    new_bag(tmp_path, S).close()
    close_all(tmp_path, print)
    assert [one.name[:4] for one in bags(tmp_path)] == ['2024', '1970']


def test_desk_6_a_capture_takes_no_more_memory_than_it_has(tmp_path):
    head = b'\xd4\xc3\xb2\xa1\2\0\4\0' + bytes(8) + b'\xff\xff\0\0\1\0\0\0'
    path = tmp_path / 'x.pcap'
    path.write_bytes(head + bytes(8) + (1 << 30).to_bytes(4, 'little') * 2 + b'x' * 60)
    asked = []

    class Watched(BytesIO):
        def read(self, size=-1):
            asked.append(size)
            return super().read(size)

        def fileno(self):
            return opened.fileno()

    with path.open('rb') as opened:
        capture = Capture(path)
        capture._file._file.close()
        capture._file._file = Watched(path.read_bytes()[len(head) :])
        frames = list(capture)
    assert max(asked) <= path.stat().st_size
    assert len(frames) <= 1 and 'cut short' in capture.flaw


def test_desk_6_segments_behind_a_gap_do_not_pile_up(monkeypatch):
    monkeypatch.setattr(streams, 'HELD', 8)
    direction = Direction()
    direction.begin(0)
    chunks = [c for n in range(50) for c in direction.take(1000 + 10 * n, bytes(10), 0.1)]
    assert [chunk.gap for chunk in chunks] == [999] + [0] * 49
