# SPDX-License-Identifier: Apache-2.0
"""The metadata that we write is what rosbag2 decodes: in metadata.yaml, and in the file itself."""

from importlib.metadata import PackageNotFoundError

from mcap.reader import make_reader
import pytest
from rosbag2_forms import ROOT
import yaml

from plc_log.bag import writer
from plc_log.bag.writer import BagWriter, ros_distro

STRING = 'std_msgs/msg/String'
TIME = {'sec': int, 'nsec': int}
SPAN = {
    'starting_time': {'nanoseconds_since_epoch': int},
    'duration': {'nanoseconds': int},
    'message_count': int,
}
PROFILE = {
    'history': str,
    'depth': int,
    'reliability': str,
    'durability': str,
    'deadline': TIME,
    'lifespan': TIME,
    'liveliness': str,
    'liveliness_lease_duration': TIME,
    'avoid_ros_namespace_conventions': bool,
}
TOPIC = {
    'name': str,
    'type': str,
    'serialization_format': str,
    'offered_qos_profiles': [PROFILE],
    'type_description_hash': str,
}
METADATA = {  # version 9, as rosbag2_storage's yaml.hpp decodes it
    'version': int,
    'storage_identifier': str,
    **SPAN,
    'topics_with_message_count': [{'topic_metadata': TOPIC, 'message_count': int}],
    'compression_format': str,
    'compression_mode': str,
    'relative_file_paths': [str],
    'files': [{'path': str, **SPAN}],
    'custom_data': type(None),
    'ros_distro': str,
}
OFFERED = {
    'history': 'unknown',
    'reliability': 'reliable',
    'durability': 'transient_local',
    'liveliness': 'automatic',
    'deadline': {'sec': 9223372036, 'nsec': 854775807},
    'lifespan': {'sec': 9223372036, 'nsec': 854775807},
    'liveliness_lease_duration': {'sec': 9223372036, 'nsec': 854775807},
    'depth': 0,
    'avoid_ros_namespace_conventions': False,
}


def shape(value):
    """Return the types in a value: of a list, those of its first."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return [shape(value[0])] if isinstance(value, list) else type(value)


def record(bag):
    """Return the metadata record of an MCAP."""
    [file] = bag.glob('*.mcap')
    with file.open('rb') as octets:
        [told] = [one for one in make_reader(octets).iter_metadata() if one.name == 'rosbag2']
    return yaml.safe_load(told.metadata['serialized_metadata'])


@pytest.fixture
def ours(tmp_path):
    """A bag as our recorder writes it."""
    bag = BagWriter(tmp_path / 'ours')
    bag.add_topic('/chatter', STRING, [OFFERED], 'RIHS01_0')
    bag.write('/chatter', b'\0\1\0\0\3\0\0\0hi\0', 10**18, 10**18)
    bag.close()
    return tmp_path / 'ours'


def test_the_record_in_our_mcap_is_what_rosbag2_decodes(ours, bag):
    told = record(ours)
    assert shape(told) == METADATA
    assert told['version'] == 9 and told['storage_identifier'] == 'mcap'
    assert told['relative_file_paths'] == [told['files'][0]['path']] == ['ours_0.mcap']
    assert yaml.safe_load((ours / 'metadata.yaml').read_text()) == {ROOT: told}
    assert set(record(bag)) == set(told), 'rosbags writes others'


def test_the_distribution_that_ran_is_told(ours, monkeypatch):
    assert record(ours)['ros_distro'] == ros_distro() != ''
    monkeypatch.setenv('ROS_DISTRO', 'lyrical')
    assert ros_distro() == 'lyrical'


@pytest.mark.parametrize('version, name', [('7.1.6', 'jazzy'), ('9.1.2', 'kilted'), ('99.0', '')])
def test_where_none_is_sourced_the_rclpy_of_the_registry_tells_the_distribution(
    monkeypatch, version, name
):
    monkeypatch.delenv('ROS_DISTRO', raising=False)
    monkeypatch.setattr(writer, 'version', lambda _: version)
    assert ros_distro() == name


def test_where_no_ros_is_there_is_no_distribution(monkeypatch):
    def version(name):
        raise PackageNotFoundError(name)

    monkeypatch.delenv('ROS_DISTRO', raising=False)
    monkeypatch.setattr(writer, 'version', version)
    assert ros_distro() == ''
