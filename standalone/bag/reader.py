# SPDX-License-Identifier: Apache-2.0
"""Reads rosbag2 folders of MCAP, also those whose recorder was killed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
import struct
from typing import Any, NamedTuple

from mcap.exceptions import McapError
from mcap.records import Channel, Footer, Message, Schema
from mcap.stream_reader import StreamReader
import yaml


class Recorded(NamedTuple):
    """One message: its CDR bytes, and when it was received, in nanoseconds since 1970."""

    topic: str
    kind: str
    cdr: bytes
    received: int


@dataclass
class Contents:
    """What is in a bag; `closed` is False where the recorder was killed."""

    folder: Path
    files: list[str]
    closed: bool = False
    first: int = 0
    last: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    qos: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    distro: str = 'jazzy'

    @property
    def size(self) -> int:
        return sum((self.folder / name).stat().st_size for name in self.files)

    def messages(self) -> Iterator[Recorded]:
        """Give every message in the order of the file, as far as the file is whole."""
        for name in self.files:
            schemas: dict[int, str] = {}
            channels: dict[int, Channel] = {}
            for record in _records(self.folder / name):
                if isinstance(record, Schema):
                    schemas[record.id] = record.name
                elif isinstance(record, Channel):
                    channels[record.id] = record
                    self._learn(record, schemas[record.schema_id])
                elif isinstance(record, Message):
                    channel = channels[record.channel_id]
                    kind = schemas[channel.schema_id]
                    yield Recorded(channel.topic, kind, record.data, record.log_time)
                elif isinstance(record, Footer):
                    self.closed = True

    def _learn(self, channel: Channel, kind: str) -> None:
        self.types[channel.topic] = kind
        self.counts.setdefault(channel.topic, 0)
        self.qos[channel.topic] = yaml.safe_load(channel.metadata['offered_qos_profiles']) or []


def _records(path: Path) -> Iterator[Any]:
    with open(path, 'rb') as file:
        try:
            yield from StreamReader(file).records
        except (McapError, struct.error, EOFError, ValueError):
            return  # the recorder was killed while it wrote this record


def contents(place: str) -> Contents:
    """Return what a bag holds: from metadata.yaml, else from its files themselves."""
    folder = Path(place)
    metadata = folder / 'metadata.yaml'
    if metadata.exists():
        return _described(folder, yaml.safe_load(metadata.read_text(encoding='utf-8')))
    files = [folder] if folder.is_file() else sorted(folder.glob('*.mcap'))
    if not files:
        raise RuntimeError(
            "[ERROR] [ros2bag]: No storage could be initialized from the inputs: '" + place + "'"
        )
    found = Contents(files[0].parent, [file.name for file in files])
    for message in found.messages():
        found.counts[message.topic] += 1
        found.first = min(found.first or message.received, message.received)
        found.last = max(found.last, message.received)
    return found


def _described(folder: Path, metadata: dict[str, Any]) -> Contents:
    bag = metadata['rosbag2_bagfile_information']
    first = bag['starting_time']['nanoseconds_since_epoch']
    found = Contents(folder, bag['relative_file_paths'], True, first)
    found.last, found.distro = first + bag['duration']['nanoseconds'], bag['ros_distro']
    for entry in bag['topics_with_message_count']:
        topic = entry['topic_metadata']
        found.counts[topic['name']] = entry['message_count']
        found.types[topic['name']] = topic['type']
        found.qos[topic['name']] = topic['offered_qos_profiles'] or []
    return found
