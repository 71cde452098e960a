# SPDX-License-Identifier: Apache-2.0
"""Messages out of a rosbag2 folder (MCAP), also of one whose recorder was killed.

Definitions are taken from the bag itself: it can be read where nothing of ROS is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import struct
from typing import Any

from mcap.exceptions import McapError
from mcap.records import Channel, Footer, Message, Schema
from mcap.stream_reader import StreamReader
from mcap_ros2.decoder import DecoderFactory

from plc_log.capture import Unreadable

_BROKEN = (McapError, struct.error, EOFError, ValueError, KeyError, IndexError, MemoryError)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One message of a bag, decoded; its fields have the names of its definition."""

    topic: str
    time: float  # s since 1970, when it was recorded
    message: Any


class Bag:
    """Iterates over the messages of chosen topics; afterwards `flaw` tells what was wrong."""

    def __init__(self, path: Path) -> None:
        """Take a folder, or one of its files; raises Unreadable."""
        self.path = path
        self.flaw = ''
        self._files = [path] if path.is_file() else sorted(path.glob('*.mcap'))
        if not self._files:
            raise Unreadable(f'{path}: no bag (a folder with .mcap files) is there')

    def messages(self, ending: str) -> Iterator[Recorded]:
        """Give each message of the topics that end so, in the order they were recorded."""
        for file in self._files:
            whole = False
            try:
                for one in _File(file, ending):
                    whole = one is None
                    if one is not None:
                        yield one
            except Unreadable:
                raise
            except _BROKEN:
                whole = False
            if not whole:
                self.flaw = f'{file}: not closed by its recorder; what stands before was read'


class _File:
    """One MCAP file."""

    def __init__(self, path: Path, ending: str) -> None:
        self._path, self._ending = path, ending
        self._schemas: dict[int, Schema] = {}
        self._channels: dict[int, Channel] = {}
        self._decoders = DecoderFactory()

    def __iter__(self) -> Iterator[Recorded | None]:
        """Give the messages, and last None where the file is whole."""
        with self._path.open('rb') as file:
            for record in StreamReader(file).records:
                match record:
                    case Schema():
                        self._schemas[record.id] = record
                    case Channel():
                        self._channels[record.id] = record
                    case Message() if self._is_wanted(record):
                        yield self._decode(record)
                    case Footer():
                        yield None

    def _is_wanted(self, message: Message) -> bool:
        return self._channels[message.channel_id].topic.endswith(self._ending)

    def _decode(self, message: Message) -> Recorded:
        channel = self._channels[message.channel_id]
        schema = self._schemas[channel.schema_id]
        decode = self._decoders.decoder_for(channel.message_encoding, schema)
        if decode is None:
            raise Unreadable(f'{self._path}: {channel.topic} is recorded in an unknown encoding')
        return Recorded(channel.topic, message.log_time * 1e-9, decode(message.data))
