# SPDX-License-Identifier: Apache-2.0
"""Reads rosbag2 folders of MCAP, also those whose recorder was killed, or whose disk was bad."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mcap.records import Channel, Message, Schema
import yaml

from plc_log.bag.records import MAGIC, UNCLOSED, Records

__all__ = ['MAGIC', 'UNCLOSED', 'Contents', 'Recorded', 'contents', 'found', 'stranger']


class Recorded(NamedTuple):
    """One message: its CDR bytes, and when it was received and sent, nanoseconds since 1970."""

    topic: str
    schema: Schema
    cdr: bytes
    received: int
    sent: int


@dataclass
class Contents:
    """What is in a bag.

    `cut` names its files that their recorder did not close or that are damaged, `lost` tells in a
    sentence each what of them cannot be read.
    """

    folder: Path
    files: list[str]
    cut: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
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
        self.cut, self.lost = list(self.files), []
        for name in self.files:
            records = Records(self.folder / name)
            yield from self._read(records)
            self.lost += records.lost
            if records.closed and not records.lost:
                self.cut.remove(name)

    def _read(self, records: Records) -> Iterator[Recorded]:
        """Give the messages of a file; one of a topic that is nowhere told of is lost."""
        topics, strangers = _Topics(), 0
        for record in records:
            topics.take(record)
            if isinstance(record, Channel) and record.id in topics.known:
                self._learn(*topics.known[record.id])
            if not isinstance(record, Message):
                continue
            if record.channel_id not in topics.known and not strangers:
                topics.look_through(records.path)  # its chunk is damaged: the summary repeats it
            if record.channel_id not in topics.known:
                strangers += 1
                continue
            channel, schema = topics.known[record.channel_id]
            if channel.topic not in self.types:
                self._learn(channel, schema)
            times = record.log_time, record.publish_time
            yield Recorded(channel.topic, schema, record.data, *times)
        if strangers:
            records.lose(f'{strangers} messages are of topics that nothing tells of')

    def _learn(self, channel: Channel, schema: Schema) -> None:
        self.types[channel.topic] = schema.name
        self.counts.setdefault(channel.topic, 0)
        self.qos[channel.topic] = _profiles(channel.metadata.get('offered_qos_profiles', ''))


class _Topics:
    """The channels of a file with their schemas, by their number."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Channel, Schema]] = {}
        self._schemas: dict[int, Schema] = {}

    def take(self, record: Any) -> None:
        """Learn from a record, if it tells of one."""
        if isinstance(record, Schema):
            self._schemas[record.id] = record
        elif isinstance(record, Channel) and record.schema_id in self._schemas:
            self.known[record.id] = record, self._schemas[record.schema_id]

    def look_through(self, path: Path) -> None:
        """Learn from the whole of a file."""
        for record in Records(path):
            self.take(record)


def _profiles(text: str) -> list[dict[str, Any]]:
    """Read what a publisher offered; what is no list of profiles is none."""
    try:
        offered = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return []
    whole = isinstance(offered, list) and all(isinstance(one, dict) for one in offered)
    return offered if whole else []


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
