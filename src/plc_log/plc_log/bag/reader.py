# SPDX-License-Identifier: Apache-2.0
"""Reads rosbag2 folders of MCAP, also those whose recorder was killed."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
import struct
from typing import Any, NamedTuple

from mcap.exceptions import McapError
from mcap.records import Channel, Footer, Message, Schema
from mcap.stream_reader import StreamReader
import yaml

MAGIC = b'\x89MCAP0\r\n'
BROKEN = (McapError, struct.error, EOFError, ValueError, KeyError, IndexError, MemoryError)


class Recorded(NamedTuple):
    """One message: its CDR bytes, and when it was received, in nanoseconds since 1970."""

    topic: str
    schema: Schema
    cdr: bytes
    received: int


@dataclass
class Contents:
    """What is in a bag; `cut` names its files that their recorder did not close."""

    folder: Path
    files: list[str]
    cut: list[str] = field(default_factory=list)
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
        """Give every message in the order of the files, as far as each is whole."""
        self.cut = list(self.files)
        for name in self.files:
            try:
                if (yield from self._read(self.folder / name)):
                    self.cut.remove(name)
            except BROKEN:
                continue  # the recorder was killed while it wrote this record

    def _read(self, path: Path) -> Generator[Recorded, None, bool]:
        """Give the messages of a file, and return whether it has a footer."""
        schemas: dict[int, Schema] = {}
        channels: dict[int, Channel] = {}
        closed = False
        with open(path, 'rb') as file:
            for record in StreamReader(file).records:
                if isinstance(record, Schema):
                    schemas[record.id] = record
                elif isinstance(record, Channel):
                    channels[record.id] = record
                    self._learn(record, schemas[record.schema_id].name)
                elif isinstance(record, Message):
                    channel = channels[record.channel_id]
                    schema = schemas[channel.schema_id]
                    yield Recorded(channel.topic, schema, record.data, record.log_time)
                closed |= isinstance(record, Footer)
        return closed

    def _learn(self, channel: Channel, kind: str) -> None:
        self.types[channel.topic] = kind
        self.counts.setdefault(channel.topic, 0)
        offered = channel.metadata.get('offered_qos_profiles', '')
        self.qos[channel.topic] = yaml.safe_load(offered) or []


def found(place: Path) -> Contents:
    """Return a bag by its folder or one of its files, not yet read; files may be none."""
    files = [place] if place.is_file() else sorted(place.glob('*.mcap'))
    return Contents(files[0].parent if files else place, [file.name for file in files])


def stranger(bag: Contents) -> Path | None:
    """Return a file of a bag that no recorder of MCAP began."""
    for path in (bag.folder / name for name in bag.files):
        with open(path, 'rb') as file:
            if not MAGIC.startswith(file.read(len(MAGIC))):
                return path
    return None


def contents(place: str) -> Contents:
    """Return what a bag holds: from metadata.yaml, else from its files themselves."""
    metadata = Path(place) / 'metadata.yaml'
    if metadata.exists():
        try:
            told = yaml.safe_load(metadata.read_text(encoding='utf-8'))
            return _described(Path(place), told)
        except (yaml.YAMLError, UnicodeDecodeError, LookupError, TypeError, AttributeError):
            text = f"[ERROR] [ros2bag]: '{metadata}' does not describe a bag"
            raise RuntimeError(f'{text}; without it, the files are read themselves') from None
    bag = found(Path(place))
    if not bag.files:
        raise RuntimeError(
            "[ERROR] [ros2bag]: No storage could be initialized from the inputs: '" + place + "'"
        )
    if path := stranger(bag):
        raise RuntimeError(f"[ERROR] [ros2bag]: '{path}' is no MCAP file")
    for message in bag.messages():
        bag.counts[message.topic] += 1
        bag.first = min(bag.first or message.received, message.received)
        bag.last = max(bag.last, message.received)
    return bag


def _described(folder: Path, metadata: dict[str, Any]) -> Contents:
    told = metadata['rosbag2_bagfile_information']
    bag = Contents(folder, told['relative_file_paths'], distro=told['ros_distro'])
    bag.first = told['starting_time']['nanoseconds_since_epoch']
    bag.last = bag.first + told['duration']['nanoseconds']
    for entry in told['topics_with_message_count']:
        topic = entry['topic_metadata']
        bag.counts[topic['name']] = entry['message_count']
        bag.types[topic['name']] = topic['type']
        bag.qos[topic['name']] = topic['offered_qos_profiles'] or []
    return bag
