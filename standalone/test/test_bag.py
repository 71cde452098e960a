# SPDX-License-Identifier: Apache-2.0
"""Bags are genuine folders that other tools read, and a killed recorder loses little."""

from importlib.metadata import version
from pathlib import Path
import re
import signal

from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
import pytest
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import StoragePlugin, Writer

STRING = 'std_msgs/msg/String'


@pytest.fixture
def recording(start, tmp_path):
    """Two topics, one latched and sent once, and a recorder that knows both."""
    start('topic', 'pub', '-r', '20', '/chatter', STRING, 'data: often')
    start('topic', 'pub', '-r', '0.01', '--qos-durability', 'transient_local', '/latched',
          'sensor_msgs/msg/BatteryState', 'voltage: 4')  # fmt: skip
    recorder = start('bag', 'record', '-o', 'bag', '-s', 'mcap', '/chatter', '/latched', '/late')
    recorder.until("Subscribed to topic '/latched'")
    recorder.until("Subscribed to topic '/chatter'")
    return recorder


def test_other_tools_read_what_was_recorded(recording, start, ros2, tmp_path):
    start('topic', 'pub', '-r', '20', '/late', STRING, 'data: late')
    recording.until("Subscribed to topic '/late'")
    recording.until('All requested topics are subscribed. Stopping discovery...')
    start('topic', 'echo', '/late').until('data: late')
    assert recording.end() == 0
    with AnyReader([tmp_path / 'bag']) as reader:
        counts = {c.topic: c.msgcount for c in reader.connections}
        messages = {c.topic: reader.deserialize(raw, c.msgtype) for c, _, raw in reader.messages()}
        qos = {c.topic: c.ext.offered_qos_profiles[0] for c in reader.connections}
    assert set(counts) == {'/chatter', '/latched', '/late'}
    assert counts['/latched'] == 1
    assert messages['/latched'].voltage == 4
    assert messages['/chatter'].data == 'often'
    assert qos['/latched'].durability.name == 'TRANSIENT_LOCAL'
    with (tmp_path / 'bag/bag_0.mcap').open('rb') as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        [decoded] = [m for *_, m in reader.iter_decoded_messages(topics=['/latched'])]
    assert decoded.voltage == 4
    lines = ros2('bag', 'info', 'bag').stdout.splitlines()
    lines = [re.sub(r'Count: \d+', 'Count: N', line) for line in lines]
    assert re.fullmatch(r'Bag size: {10}\d+\.\d KiB', lines.pop(2))
    assert re.fullmatch(r'Duration: {10}\d+\.\d{9}s', lines.pop(4))
    date = r'[A-Z][a-z]{2} [ \d]\d \d{4} \d\d:\d\d:\d\d\.\d{9} \(\d{10}\.\d{9}\)'
    assert re.fullmatch(f'Start: {{13}}{date}', lines.pop(4))
    assert re.fullmatch(f'End: {{15}}{date}', lines.pop(4))
    assert re.fullmatch(r'Messages: {10}\d+', lines.pop(4))
    kinds = {'chatter': STRING, 'latched': 'sensor_msgs/msg/BatteryState', 'late': STRING}
    topics = [
        f'Topic: /{name} | Type: {kind} | Count: N | Serialization Format: cdr'
        for name, kind in kinds.items()
    ]
    release = {'7': 'jazzy', '9': 'kilted'}[version('ros-rclpy').split('.')[0]]
    assert lines == [
        '',
        'Files:             bag_0.mcap',
        'Storage id:        mcap',
        f'ROS Distro:        {release}',
        'Topic information: ' + topics[0],
        ' ' * 19 + topics[1],
        ' ' * 19 + topics[2],
        'Service:           0',
        'Service information: ',
    ]


def test_a_killed_recorder_leaves_all_but_the_last_second(recording, start, ros2, tmp_path):
    echo = start('topic', 'echo', '/chatter')
    echo.until(lambda text: text.count('often') >= 40)
    recording.end(signal.SIGKILL)
    assert not (tmp_path / 'bag/metadata.yaml').exists()
    told = ros2('bag', 'info', 'bag').stdout
    assert told.startswith(
        'bag_0.mcap was not closed by its recorder; this is what can be read of it:\n'
    )
    assert 'Topic: /latched | Type: sensor_msgs/msg/BatteryState | Count: 1 |' in told
    assert int(re.search(r'/chatter .* Count: (\d+)', told)[1]) >= 20


def test_play_gives_messages_their_distances_and_qos_back(recording, start, ros2, env, tmp_path):
    echo = start('topic', 'echo', '/chatter')
    echo.until(lambda text: text.count('often') >= 20)
    assert recording.end(signal.SIGTERM) == 0
    env['ROS_DOMAIN_ID'] = str(int(env['ROS_DOMAIN_ID']) + 100)
    heard = start('topic', 'echo', '/latched', 'sensor_msgs/msg/BatteryState')
    often = start('topic', 'echo', '/chatter', STRING)
    done = ros2('bag', 'play', 'bag', '--delay', '3', '--rate', '2')
    assert '[rosbag2_player]: Set rate to 2\n' in done.stderr
    heard.until('voltage: 4.0')
    often.until(lambda text: text.count('often') >= 19)


def test_a_bag_of_another_storage_is_shown_and_played_but_for_types_and_names_that_nobody_has(
    start, ros2, tmp_path
):
    folder = tmp_path / 'other'
    with Writer(folder, version=8, storage_plugin=StoragePlugin.SQLITE3) as writer:
        strange = 'other_msgs/msg/Strange'
        for topic, kind in (('/chatter', STRING), ('/strange', strange), ('/a b', STRING)):
            one = writer.add_connection(topic, kind, msgdef='string data\n', rihs01='RIHS01_0')
            for number in range(40):
                text = b'\0\1\0\0\6\0\0\0often\0'
                writer.write(one, number * 50_000_000, text)
    told = ros2('bag', 'info', 'other').stdout
    assert 'Storage id:        sqlite3\n' in told and 'ROS Distro:        rosbags\n' in told
    assert f'Topic: /chatter | Type: {STRING} | Count: 40 |' in told
    often = start('topic', 'echo', '/chatter', STRING)
    done = ros2('bag', 'play', 'other', '--delay', '3')
    assert "Ignoring topic '/strange': its type 'other_msgs/msg/Strange' is unknown" in done.stderr
    assert "Ignoring topic '/a b': no publisher has such a name or such QoS" in done.stderr
    often.until(lambda text: text.count('often') >= 30)


def test_a_bag_cut_anywhere_is_read_up_to_there(recording, start, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    from plc_log.bag.reader import contents

    start('topic', 'echo', '/chatter').until(lambda text: text.count('often') >= 20)
    recording.end()
    whole = (tmp_path / 'bag/bag_0.mcap').read_bytes()
    counts, cut = [], tmp_path / 'cut.mcap'
    for length in range(8, len(whole), 97):
        cut.write_bytes(whole[:length])
        counts.append(sum(contents(str(cut)).counts.values()))
    assert counts == sorted(counts)
    assert counts[-1] >= 20


def test_what_strangers_wrote_into_a_bag_is_readable(ros2, tmp_path):
    folder = tmp_path / 'other'
    with Writer(folder, version=8, storage_plugin=StoragePlugin.SQLITE3) as writer:
        writer.add_connection('/a\x1b[2J\n[ERROR] b', 'c\x07', msgdef='', rihs01='RIHS01_0')
    metadata = folder / 'metadata.yaml'
    text = metadata.read_text().replace('ros_distro: rosbags', r'ros_distro: "\e[31mjazzy"')
    metadata.write_text(text)
    told = ros2('bag', 'info', 'other').stdout
    assert r'Topic: /a\x1b[2J\n[ERROR] b | Type: c\x07 | Count: 0 |' in told
    assert r'ROS Distro:        \x1b[31mjazzy' in told


def test_bad_input_is_refused_in_one_sentence(ros2, tmp_path):
    for text in ('a: [b', 'a: b', 'just text'):
        (tmp_path / 'metadata.yaml').write_text(text)
        assert ros2('bag', 'info', '.').stderr == (
            "[ERROR] [ros2bag]: 'metadata.yaml' does not describe a bag; without it, the files "
            'are read themselves\n'
        )
    (tmp_path / 'noise.mcap').write_bytes(bytes(range(200)))
    assert ros2('bag', 'info', 'noise.mcap').stderr == (
        '[ERROR] [ros2bag]: noise.mcap is no MCAP file\n'
    )
    assert ros2('bag', 'record', '-a', '-o', '.').stderr == (
        "[ERROR] [ros2bag]: Output folder '.' already exists.\n"
    )
    assert ros2('bag', 'info', 'nothing').stderr == (
        "[ERROR] [ros2bag]: No storage could be initialized from the inputs: 'nothing'\n"
    )
