# SPDX-License-Identifier: Apache-2.0
"""Reads rosbag2 folders, also those whose recorder was killed, or whose disk was bad."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mcap.records import Channel, Message, Schema
import yaml

from plc_log.bag import files
from plc_log.bag.bounds import Budget
from plc_log.bag.compressed import cdr_of, unfolded
from plc_log.bag.offers import LONGEST, Offers, loaded
from plc_log.bag.records import Records
from plc_log.bag.sqlite import SqliteRecords
from plc_log.bag.topics import Topics, records_of


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
    distro: str = ''  # the ROS 2 that recorded it, where it tells
    offers: Offers = field(default_factory=Offers)

    @property
    def size(self) -> int:
        return sum((self.folder / name).stat().st_size for name in self.files)

    @property
    def storage(self) -> str:
        """What rosbag2 calls the way its files are written."""
        return 'sqlite3' if any(map(files.is_sqlite, self.files)) else 'mcap'

    def messages(self, *endings: str) -> Iterator[Recorded]:
        """Give the messages in the order of the files, as far as each is whole.

        endings: of the topics that are wanted; none: all.
        """
        self.cut, self.lost = list(self.files), []
        for path in map(self.folder.joinpath, self.files):
            if kind := files.stranger(path):
                self.lost.append(f'{path} is no {kind} file')
                continue
            with unfolded(path) as (plain, lost):
                records = records_of(plain)
                yield from self._read(records, endings or ('',))
            lost += records.lost
            self.lost += [f'{path}: {what}' for what in lost]
            if records.closed and not lost:
                self.cut.remove(path.name)

    def _read(
        self, records: Records | SqliteRecords, endings: tuple[str, ...]
    ) -> Iterator[Recorded]:
        """Give the messages of a file; one of a topic that is nowhere told of is lost."""
        topics, lost = Topics(records.path), Counter[str]()
        budget = Budget(records.path.stat().st_size)
        for record in records:
            topics.take(record)
            if isinstance(record, Channel) and record.id in topics.known:
                self._learn(*topics.known[record.id])
            if not isinstance(record, Message):
                continue
            if (topic := topics.of(record)) is None:
                lost['messages are of topics that nothing tells of'] += 1
                continue
            channel, schema = topic
            if channel.topic not in self.types:
                self._learn(channel, schema)
            if not channel.topic.endswith(endings):
                continue
            if (cdr := cdr_of(record.data, budget)) is None:
                lost['compressed messages are damaged'] += 1
                continue
            yield Recorded(channel.topic, schema, cdr, record.log_time, record.publish_time)
        records.lost += [f'{count} {what}' for what, count in lost.items()]

    def _learn(self, channel: Channel, schema: Schema) -> None:
        told = channel.metadata.get('offered_qos_profiles', '')
        self.types[channel.topic] = schema.name
        self.counts.setdefault(channel.topic, 0)
        self.qos[channel.topic] = self.offers.read(told)


def found(place: Path) -> Contents:
    """Return a bag by its folder or one of its files, not yet read; files may be none."""
    if place.is_file():
        return Contents(place.parent, [place.name])
    return Contents(place, files.names(place))


def stranger(bag: Contents) -> str:
    """Tell in words that no recorder began any file of a bag; '': one did."""
    strange = [(path, files.stranger(path)) for path in map(bag.folder.joinpath, bag.files)]
    path, kind = strange[0]
    return f'{path} is no {kind} file' if all(kind for _, kind in strange) else ''


def contents(place: str) -> Contents:
    """Return what a bag holds: from metadata.yaml, else from its files themselves."""
    bag, metadata = found(Path(place)), Path(place) / 'metadata.yaml'
    try:
        described = metadata.exists() and _describe(bag, _beginning(metadata))
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError):
        text = f"[ERROR] [ros2bag]: '{metadata}' does not describe a bag"
        raise RuntimeError(f'{text}; without it, the files are read themselves') from None
    if not bag.files:
        raise RuntimeError(
            "[ERROR] [ros2bag]: No storage could be initialized from the inputs: '" + place + "'"
        )
    if not described:
        _count(bag)
    return bag


def _beginning(metadata: Path) -> str:
    """Return a text as far as it is looked at; `loaded` refuses it where it is longer."""
    with metadata.open(encoding='utf-8') as file:
        return file.read(LONGEST + 1)


def _describe(bag: Contents, metadata: str) -> bool:
    """Take what metadata.yaml tells, of versions 1 to 9."""
    told = loaded(metadata)['rosbag2_bagfile_information']
    bag.distro = str(told.get('ros_distro', ''))  # since version 8
    bag.first = int(told['starting_time']['nanoseconds_since_epoch'])
    bag.last = bag.first + int(told['duration']['nanoseconds'])
    for entry in told['topics_with_message_count']:
        topic = entry['topic_metadata']
        bag.counts[topic['name']] = int(entry['message_count'])
        bag.types[topic['name']] = topic['type']
        bag.qos[topic['name']] = bag.offers.read(topic.get('offered_qos_profiles'))  # since 4
    return True


def _count(bag: Contents) -> None:
    if words := stranger(bag):
        raise RuntimeError(f'[ERROR] [ros2bag]: {words}')
    for message in bag.messages():
        bag.counts[message.topic] += 1
        bag.first = min(bag.first or message.received, message.received)
        bag.last = max(bag.last, message.received)
