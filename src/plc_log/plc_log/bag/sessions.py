# SPDX-License-Identifier: Apache-2.0
"""A bag for each session: begun with the plug, ended behind the last side's end."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcap.records import Schema
from mcap_ros2.decoder import DecoderFactory

from plc_log.bag.folder import named, new_bag, prune
from plc_log.bag.interfaces import definition
from plc_log.bag.partner import Partner
from plc_log.bag.writer import BagWriter

STATE = '/charging/state'
QUIET = ('IDLE', 'FINISHED', 'FAILED')  # stages in which nothing goes on
BEFORE = 12.0  # s that are recorded of the time before; each journal tells its machine in 5 s
BEHIND = 10.0  # s behind the end: the plug is unlocked by then (R3)
_NANO = 1e9


@dataclass(frozen=True, slots=True)
class Topic:
    """What BagWriter.add_topic wants to know."""

    name: str
    kind: str
    qos: list[dict[str, Any]]
    type_hash: str
    schema: Schema

    @property
    def latched(self) -> bool:
        """Who comes later is given its last message: so is a bag."""
        offered = {one.get('durability') for one in self.qos}
        return offered == {'transient_local'}


@dataclass(frozen=True, slots=True)
class Message:
    """A message that waits for its bag."""

    topic: str
    cdr: bytes
    received: int  # ns since 1970
    sent: int


class SessionBags:
    """Has the face of a BagWriter, and writes into a new bag for each session.

    keep: so many bags are left in the folder. limit: octets of a bag, at which another goes on.
    """

    def __init__(self, folder: Path, keep: int, limit: int, tell: Callable[[str], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._keep, self._limit, self._tell = folder, keep, limit, tell
        self._bag: BagWriter | None = None
        self._topics: dict[str, Topic] = {}
        self._before: deque[Message] = deque()
        self._latched: dict[str, Message] = {}
        self._decoders: dict[str, Any] = {}
        self._going: dict[str, bool] = {}
        self._quiet_since: int | None = None
        self._partner = Partner()

    def add_topic(self, name: str, kind: str, qos: list[dict[str, Any]], type_hash: str) -> None:
        """Make a topic known to this bag and those that follow."""
        schema = Schema(len(self._topics) + 1, definition(kind).encode(), 'ros2msg', kind)
        self._topics[name] = Topic(name, kind, qos, type_hash, schema)
        if name.endswith(STATE):
            self._decoders[name] = DecoderFactory().decoder_for('cdr', schema)
        if self._bag is not None:
            self._bag.add_topic(name, kind, qos, type_hash)

    def write(self, topic: str, cdr: bytes, received: int, sent: int) -> None:
        """Add a message; the first of a session begins its bag."""
        message = Message(topic, cdr, received, sent)
        if topic in self._decoders:
            self._look(topic, cdr, received)
        self._partner.look(topic, self._topics[topic].schema, cdr)
        if self._topics[topic].latched:
            self._latched[topic] = message
        if self._bag is not None:
            self._bag.write(topic, cdr, received, sent)
        else:
            self._remember(message)

    def _remember(self, message: Message) -> None:
        self._before.append(message)
        while message.received - self._before[0].received > BEFORE * _NANO:
            self._before.popleft()

    def _look(self, topic: str, cdr: bytes, now: int) -> None:
        """Begin a bag where a side goes on its way, also if the last one's end is just told."""
        going = self._decoders[topic](cdr).stage_name not in QUIET
        begins = going and not any(self._going.values())
        self._going[topic] = going
        if any(self._going.values()):
            if begins and self._quiet_since is not None:
                self._end()
            self._quiet_since = None
            self._begin(now)
        elif self._quiet_since is None:
            self._quiet_since = now

    def _begin(self, now: int) -> None:
        if self._bag is not None:
            return
        for gone in prune(self._folder, self._keep - 1):
            self._tell(f'{gone} is removed: {self._keep} bags are kept')
        self._bag = new_bag(self._folder, now)
        self._tell(f'recording into {self._bag.folder}')
        for topic in self._topics.values():
            self._bag.add_topic(topic.name, topic.kind, topic.qos, topic.type_hash)
        first = self._before[0].received if self._before else now
        there = {message.topic for message in self._before}
        for message in self._latched.values():
            if message.topic not in there:
                self._bag.write(message.topic, message.cdr, first, message.sent)
        for message in self._before:
            self._bag.write(message.topic, message.cdr, message.received, message.sent)
        self._before.clear()

    def flush(self, now: int) -> None:
        """Hand over what is due, at `now` nanoseconds; end what is over, or too large."""
        if self._bag is None:
            return
        self._bag.flush(now)
        quiet = self._quiet_since
        if quiet is not None and now - quiet > BEHIND * _NANO:
            self._end()
        elif self._bag.size > self._limit:
            self._tell(f'{self._bag.folder} has reached its limit; another bag goes on')
            self._close()
            self._begin(now)

    def _end(self) -> None:
        self._close()
        self._partner.forget()

    def _close(self) -> None:
        if self._bag is None:
            return
        bag, self._bag = self._bag, None
        bag.rename(named(bag.folder.name, self._partner.name))
        bag.close()
        self._tell(f'recorded {bag.folder}')

    def close(self) -> None:
        """Complete the bag that is open."""
        self._close()
