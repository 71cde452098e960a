# SPDX-License-Identifier: Apache-2.0
"""A bag for each session: begun with the plug, ended behind the last side's end."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import errno
from pathlib import Path
import shutil
import time
from typing import Any

from mcap.records import Schema
from mcap_ros2.decoder import DecoderFactory

from plc_log.bag.folder import named, new_bag, prune
from plc_log.bag.interfaces import definition
from plc_log.bag.partner import Partner
from plc_log.bag.shapes import JOURNAL, STATE
from plc_log.bag.writer import BagWriter

QUIET = ('IDLE', 'FINISHED', 'FAILED')  # stages in which nothing goes on
BEFORE = 12.0  # s that are recorded of the time before; each journal tells its machine in 5 s
BEHIND = 10.0  # s behind the end: the plug is unlocked by then (R3)
LEAST_FREE = 200 * 10**6  # octets of the disk, below which no bag begins
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
    heard: int  # ns of the steady clock

    @property
    def is_of_journal(self) -> bool:
        return self.topic.endswith(JOURNAL)


class SessionBags:
    """Has the face of a BagWriter, and writes into a new bag for each session.

    keep: so many bags are left in the folder. limit: octets of a bag, at which another goes on.
    steady: the clock of all that lasts, ns; the system's may be set back meanwhile. A bag that
    cannot be written is given up in a sentence, and the next session is tried again.
    """

    def __init__(
        self,
        folder: Path,
        keep: int,
        limit: int,
        tell: Callable[[str], None],
        steady: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._keep, self._limit, self._tell = folder, keep, limit, tell
        self._steady = steady
        self._bag: BagWriter | None = None
        self._given_up = False  # this session has no bag
        self._received = 0  # the last message, ns since 1970
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
        with self._or_give_up():
            if self._bag is not None:
                self._bag.add_topic(name, kind, qos, type_hash)

    def write(self, topic: str, cdr: bytes, received: int, sent: int) -> None:
        """Add a message; the first of a session begins its bag."""
        message = Message(topic, cdr, received, sent, self._steady())
        self._received = received
        if topic in self._decoders:
            self._look(topic, cdr, message.heard)
        self._partner.look(topic, self._topics[topic].schema, cdr)
        if self._topics[topic].latched:
            self._latched[topic] = message
        if self._bag is None or message.is_of_journal:
            self._remember(message)
        if self._bag is None:
            return
        with self._or_give_up():
            self._bag.write(topic, cdr, received, sent)

    def _remember(self, message: Message) -> None:
        self._before.append(message)
        self._forget_old(message.heard)

    def _forget_old(self, now: int) -> None:
        while self._before and now - self._before[0].heard > BEFORE * _NANO:
            self._before.popleft()

    def _look(self, topic: str, cdr: bytes, now: int) -> None:
        """Begin a bag where a side goes on its way, also if the last one's end is just told."""
        going = self._decoders[topic](cdr).stage_name not in QUIET
        begins = going and not any(self._going.values())
        self._going[topic] = going
        if any(self._going.values()):
            if begins and self._quiet_since is not None:
                self._end()
            self._given_up = self._given_up and not begins
            self._quiet_since = None
            self._begin()
        elif self._quiet_since is None:
            self._quiet_since = now

    @contextmanager
    def _or_give_up(self) -> Iterator[None]:
        """Say once what keeps this session's bag from being written, and go on without one."""
        try:
            yield
        except OSError as error:
            bag, self._bag, self._given_up = self._bag, None, True
            if bag is not None:
                bag.abandon()
            where = self._folder if bag is None else bag.folder
            self._tell(f'nothing more of this session is recorded into {where}: {error}')

    def _begin(self) -> None:
        if self._bag is not None or self._given_up:
            return
        with self._or_give_up():
            self._bag = self._new_bag()
            self._tell(f'recording into {self._bag.folder}')
            self._fill(self._bag)
            for gone in prune(self._folder, self._keep, self._tell):
                self._tell(f'{gone} is removed: {self._keep} bags are kept')

    def _new_bag(self) -> BagWriter:
        self._folder.mkdir(parents=True, exist_ok=True)
        if (free := shutil.disk_usage(self._folder).free) < LEAST_FREE:
            least = f'{LEAST_FREE // 10**6} MB'
            raise OSError(
                errno.ENOSPC, f'{free // 10**6} MB are free, and a bag begins at {least}'
            )
        return new_bag(self._folder, self._received)

    def _fill(self, bag: BagWriter) -> None:
        """Write what was before it; right behind another bag of that the journals.

        They tell a machine as a whole now and then, and without that nothing can be played.
        """
        self._forget_old(self._steady())
        for topic in self._topics.values():
            bag.add_topic(topic.name, topic.kind, topic.qos, topic.type_hash)
        own = [message.received for message in self._before if not message.is_of_journal]
        first = own[0] if own else self._received
        there = {message.topic for message in self._before}
        for message in self._latched.values():
            if message.topic not in there:
                bag.write(message.topic, message.cdr, first, message.sent)
        for message in self._before:
            bag.write(message.topic, message.cdr, message.received, message.sent)
        self._before = deque(message for message in self._before if message.is_of_journal)

    def flush(self, now: int) -> None:
        """Hand over what is due, at `now` ns of the steady clock; end what is over, or large."""
        with self._or_give_up():
            if self._bag is not None:
                self._bag.flush(now)
        if self._bag is None:
            return
        quiet = self._quiet_since
        if quiet is not None and now - quiet > BEHIND * _NANO:
            self._end()
        elif self._bag.size > self._limit:
            self._tell(f'{self._bag.folder} has reached its limit; another bag goes on')
            self._close()
            self._begin()

    def _end(self) -> None:
        self._close()
        self._partner.forget()

    def _close(self) -> None:
        if self._bag is None:
            return
        with self._or_give_up():
            self._bag.rename(named(self._bag.folder.name, self._partner.name))
            self._bag.close()
            self._tell(f'recorded {self._bag.folder}')
            self._bag = None

    def close(self) -> None:
        """Complete the bag that is open."""
        self._close()
