# SPDX-License-Identifier: Apache-2.0
"""Writes a rosbag2 folder: `NAME/NAME_0.mcap`, and on closing `NAME/metadata.yaml`."""

from contextlib import suppress
import fcntl
from importlib.metadata import PackageNotFoundError, version
import json
import os
from pathlib import Path
from typing import Any, cast

from mcap.writer import Writer
import yaml

from plc_log.bag.interfaces import definition

LIBRARY = 'ros2_ccs'  # who wrote a file, as its header says
SEQUENCE = 'sequence'  # which of its folder's bags it is, in the metadata behind the header
FLUSH_PERIOD = 0.5  # s; half of what a killed recorder may lose
_DISTROS = {'7': 'jazzy', '9': 'kilted'}  # by the major version of their rclpy


class BagWriter:
    """One recording.

    Chunks are closed and put on the disk each FLUSH_PERIOD, so that a SIGKILL or a power cut costs
    no more than that. Without metadata.yaml a folder was not closed; while its file is locked,
    somebody writes it.
    """

    def __init__(self, folder: Path, number: int = 0) -> None:
        """Begin it; number: which of its folder's bags it is. Raises OSError."""
        folder.mkdir(parents=True)
        self._folder, self._name = folder, f'{folder.name}_0.mcap'
        self._file = open(folder / self._name, 'wb')  # noqa: SIM115  until close
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._mcap = cast(Any, Writer(self._file))  # half typed
        self._mcap.start(profile='ros2', library=LIBRARY)
        self._mcap.add_metadata(LIBRARY, {SEQUENCE: str(number)})
        self._mcap.flush()
        self._topics: dict[str, dict[str, Any]] = {}
        self._channels: dict[str, int] = {}
        self._schemas: dict[str, int] = {}
        self._first, self._last, self._flushed = 0, 0, 0

    def add_topic(
        self, name: str, kind: str, qos: list[dict[str, Any]], type_hash: str, text: bytes = b''
    ) -> None:
        """Make a topic known; `qos` as `qos_dict` gives it, one for each publisher.

        text: the definition of its type; empty: that of the installed package.
        """
        if kind not in self._schemas:
            text = text or definition(kind).encode()
            self._schemas[kind] = self._mcap.register_schema(kind, 'ros2msg', text)
        self._topics[name] = {
            'topic_metadata': {
                'name': name,
                'type': kind,
                'serialization_format': 'cdr',
                'offered_qos_profiles': qos,
                'type_description_hash': type_hash,
            },
            'message_count': 0,
        }
        metadata = {'offered_qos_profiles': yaml.safe_dump(qos), 'topic_type_hash': type_hash}
        self._channels[name] = self._mcap.register_channel(
            name, 'cdr', self._schemas[kind], metadata
        )

    def write(self, topic: str, cdr: bytes, received: int, sent: int) -> None:
        """Add a message; times in nanoseconds since 1970."""
        entry = self._topics[topic]
        self._mcap.add_message(
            self._channels[topic], received, cdr, sent, sequence=entry['message_count']
        )
        entry['message_count'] += 1
        self._first, self._last = self._first or received, max(self._last, received)

    def flush(self, now: int) -> None:
        """Hand over what is due, at `now` nanoseconds of a steady clock; call it often."""
        if now - self._flushed >= FLUSH_PERIOD * 1e9:
            self._mcap.flush()
            os.fdatasync(self._file.fileno())
            self._flushed = now

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self._folder

    @property
    def size(self) -> int:
        """Octets written so far."""
        return self._file.tell()

    def rename(self, name: str) -> None:
        """Give folder and file another name, beside the present one; they go on being written."""
        folder, file = self._folder.with_name(name), f'{name}_0.mcap'
        (self._folder / self._name).rename(self._folder / file)
        self._folder.rename(folder)
        self._folder, self._name = folder, file

    def close(self, as_name: str = '') -> None:
        """Complete the file and write metadata.yaml; as_name: for a folder that is moved then."""
        if as_name:
            file = f'{as_name}_0.mcap'
            (self._folder / self._name).rename(self._folder / file)
            self._name = file
        told = self._metadata()
        self._mcap.add_metadata('rosbag2', {'serialized_metadata': _written(told)})
        self._mcap.finish()
        self._file.flush()
        os.fdatasync(self._file.fileno())
        self._file.close()
        text = _written({'rosbag2_bagfile_information': told})
        (self._folder / 'metadata.yaml').write_text(text, encoding='utf-8')

    def abandon(self) -> None:
        """Let it go as it is on the disk, where nothing more can be written; it stays open."""
        with suppress(OSError):
            self._file.close()

    def _metadata(self) -> dict[str, Any]:
        """Return what stands below the root of metadata.yaml, and alone in the file's record."""
        count = sum(topic['message_count'] for topic in self._topics.values())
        span = {
            'starting_time': {'nanoseconds_since_epoch': self._first},
            'duration': {'nanoseconds': self._last - self._first},
            'message_count': count,
        }
        return {
            'version': 9,
            'storage_identifier': 'mcap',
            **span,
            'topics_with_message_count': list(self._topics.values()),
            'compression_format': '',
            'compression_mode': '',
            'relative_file_paths': [self._name],
            'files': [{'path': self._name, **span}],
            'custom_data': None,
            'ros_distro': ros_distro(),
        }


def _written(told: dict[str, Any]) -> str:
    plain = json.loads(json.dumps(told))  # what stands there twice is written twice: no anchors
    return yaml.safe_dump(plain, sort_keys=False)


def ros_distro() -> str:
    """Return the ROS 2 that runs: the sourced one, else that of the registry's rclpy, or ''."""
    with suppress(PackageNotFoundError):
        return os.environ.get('ROS_DISTRO') or _DISTROS.get(version('ros-rclpy').split('.')[0], '')
    return ''


def qos_dict(profile: Any) -> dict[str, Any]:
    """Return an rclpy QoSProfile as metadata.yaml holds it."""
    durations = ('deadline', 'lifespan', 'liveliness_lease_duration')
    times = {
        name: dict(
            zip(('sec', 'nsec'), divmod(getattr(profile, name).nanoseconds, 10**9), strict=True)
        )
        for name in durations
    }
    policies = ('history', 'reliability', 'durability', 'liveliness')
    words = {name: getattr(profile, name).name.lower() for name in policies}
    depth = {'depth': profile.depth, 'avoid_ros_namespace_conventions': False}
    return {**words, **times, **depth}
