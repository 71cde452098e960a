# SPDX-License-Identifier: Apache-2.0
"""Messages out of a rosbag2 folder, also of one whose recorder was killed.

Definitions are taken from the bag itself: it can be read where nothing of ROS is. Where it has
none, as sqlite3 had none before Iron, our own stand in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcap.records import Schema
from mcap_ros2.decoder import DecoderFactory

from plc_log.bag import reader, shapes
from plc_log.bag.records import NONSENSE, UNCLOSED
from plc_log.capture import Unreadable


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
        self._contents = reader.found(path)
        if not self._contents.files:
            raise Unreadable(f'{path}: no bag (a folder with .mcap or .db3 files) is there')
        if words := reader.stranger(self._contents):
            raise Unreadable(words)

    def messages(self, *endings: str) -> Iterator[Recorded]:
        """Give each message of the topics that end so, in the order they were recorded."""
        decoders: dict[str, Any] = {}
        for one in self._contents.messages(*endings):
            if one.topic not in decoders:
                decoders[one.topic] = self._decoder(one)
            if (decode := decoders[one.topic]) is None:
                continue
            try:
                message = decode(one.cdr)
            except NONSENSE:
                self.flaw = f'{self.path}: {one.topic} holds what is no {one.schema.name}'
                continue
            yield Recorded(one.topic, one.received * 1e-9, message)
        self._judge()

    def _decoder(self, one: reader.Recorded) -> Any:
        """Return what decodes a topic; None: it is another's, and left out."""
        schema = one.schema if one.schema.data else _known(one.schema)
        try:
            if differing := shapes.difference(one.topic, schema):
                self.flaw = f'{self.path}: {differing}'
                return None
            decoder = DecoderFactory().decoder_for('cdr', schema)
        except NONSENSE:
            decoder = None
        if decoder is None:
            raise Unreadable(f'{self.path}: {one.topic} is recorded in an unknown encoding')
        return decoder

    def _judge(self) -> None:
        """Say what could not be read, the worst of it."""
        damaged = [text for text in self._contents.lost if not text.endswith(UNCLOSED)]
        for name in self._contents.cut:
            file = self._contents.folder / name
            self.flaw = f'{file}: not closed by its recorder; what stands before was read'
        if damaged:
            more = f', and {len(damaged) - 1} more' if len(damaged) > 1 else ''
            self.flaw = f'{damaged[0]}{more}; all else was read'


def _known(schema: Schema) -> Schema:
    """Return a type as we know it, else as it is told of."""
    from plc_log.bag.types import definition  # rosbags: half a second that hardly any bag costs

    text = definition(schema.name).encode()
    return Schema(schema.id, text, 'ros2msg', schema.name) if text else schema


@contextmanager
def of_session(path: Path) -> Iterator[None]:
    """Say in a sentence that topics hold what our messages do not, as in a damaged bag."""
    try:
        yield
    except Unreadable:
        raise
    except NONSENSE as error:
        text = ' '.join(str(error).split())
        raise Unreadable(f'{path}: its topics are not those of a session: {text}') from error
