# SPDX-License-Identifier: Apache-2.0
"""Events out of a bag: the frames, messages and states of one side, and the other's states."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from plc_log import mme
from plc_log.bag.decoded import Bag, Recorded, of_session
from plc_log.bag.shapes import DATAGRAMS, FRAMES, MESSAGES, STATE, TRANSPORT
from plc_log.capture import Frame, Unreadable
from plc_log.dissection import Dissection, v2g_event
from plc_log.events import Counts, Event, Kind, Side
from plc_log.messages import Dialogue
from plc_log.packets import Datagram, Endpoint
from plc_log.stages import Story
from plc_log.ways import Ways

SIDES = {'pev': Side.VEHICLE, 'evse': Side.CHARGER}  # by role
ENDINGS = (STATE, FRAMES, MESSAGES, DATAGRAMS, TRANSPORT)
_SENT = 1  # V2gMessage.direction


class Told(NamedTuple):
    """A message of one side, without its namespace."""

    topic: str
    time: float  # s since 1970, by its stamp; where it has none, when it was recorded
    message: Any


class BagEvents:
    """Reads a bag; `side` is whose view it takes, the vehicle's where both are there."""

    def __init__(self, path: Path, side: Side = Side.UNKNOWN) -> None:
        """Read everything; raises Unreadable."""
        self._path = path
        self.counts = Counts()
        self.stories: dict[Side, Story] = {}
        bag = Bag(path)
        with of_session(path):
            self._told = _by_side(bag)
        self.flaws = [bag.flaw] if bag.flaw else []
        if not self._told:
            raise Unreadable(bag.flaw or f'{path}: nothing of a session is in it')
        if side and side not in self._told:
            raise Unreadable(f'{path}: nothing of the {side} is in it')
        self.side = side or min(self._told, key=[*SIDES.values(), Side.UNKNOWN].index)

    @property
    def told(self) -> list[Told]:
        """Everything that the chosen side told."""
        return self._told[self.side]

    def guarded(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Give frames made of what it told; raises Unreadable where that is of no session."""
        with of_session(self._path):
            yield from frames

    def side_of(self, message: Any) -> Side:
        """Tell who has spoken, by a plc_msgs/V2gMessage of the chosen side."""
        return self.side if message.direction == _SENT else self.side.partner

    def events(self) -> list[Event]:
        """Return what one side saw, with the stages of every side, in the order of their times."""
        found: list[Event] = []
        with of_session(self._path):
            found += self._seen(self.told)
            for side, told in self._told.items():
                found += self._stages(side, (one for one in told if one.topic == STATE))
        return sorted(found, key=lambda event: event.time)

    def _stages(self, side: Side, told: Iterable[Told]) -> Iterator[Event]:
        story, before = Story(), ''
        for one in told:
            story.take(one.message, one.time)
            if (stage := one.message.stage_name) != before:
                before, reason = stage, one.message.reason
                values = {'': reason} if reason else {}
                yield Event(one.time, Kind.STATE, str(side), stage, values, side=side)
        if before:
            self.stories[side] = story

    def _seen(self, told: list[Told]) -> Iterator[Event]:
        ways = Ways(self.side)
        dialogue = Dialogue()
        for topic, time, message in told:
            match topic:
                case '/mme_log':
                    yield self._frame(Frame(time, bytes(message.octets)))
                case '/sdp_log':
                    yield from self._datagram(datagram_of(message), time)
                case '/transport/status':
                    yield from ways.take(message, time)
                    dialogue = Dialogue() if ways.is_new else dialogue
                case '/v2g_log':
                    yield self._message(message, time, dialogue)

    def _frame(self, frame: Frame) -> Event:
        event = mme.event_of(frame)
        self.counts.frames += 1
        self.counts.homeplug += 1
        self.counts.slac += event.kind is Kind.SLAC
        return event

    def _datagram(self, datagram: Datagram, time: float) -> list[Event]:
        dissection = Dissection()
        events = dissection.datagram(datagram, time)
        self.counts.frames += 1
        self.counts.sdp += dissection.counts.sdp
        return events

    def _message(self, message: Any, time: float, dialogue: Dialogue) -> Event:
        side = self.side_of(message)
        make = partial(Event, time, Kind.V2G, str(side), side=side)
        event = v2g_event(make, dialogue, bytes(message.exi))
        self.counts.v2g += 1
        self.counts.undecoded += len(event.stream) if event.flawed else 0
        return replace(event, source=str(event.side)) if event.side != side else event


def datagram_of(message: Any) -> Datagram:
    """Return what a plc_msgs/SdpDatagram tells of; raises ValueError."""
    ends = Endpoint.parse(message.source), Endpoint.parse(message.destination)
    return Datagram(*ends, bytes(message.octets))


def _by_side(bag: Bag) -> dict[Side, list[Told]]:
    """Return what each side told; a namespace is its whose role its charging/state names."""
    told: dict[str, list[Told]] = defaultdict(list)
    for one in bag.messages(*ENDINGS):
        topic = next(ending for ending in ENDINGS if one.topic.endswith(ending))
        told[one.topic.removesuffix(topic)].append(Told(topic, _time_of(one), one.message))
    return {_side_of(namespace, several): several for namespace, several in told.items()}


def _side_of(namespace: str, told: list[Told]) -> Side:
    roles = (one.message.role for one in told if one.topic == STATE)
    return SIDES.get(next(roles, namespace.rpartition('/')[2]), Side.UNKNOWN)


def _time_of(one: Recorded) -> float:
    stamp = getattr(one.message, 'stamp', None)
    return one.time if stamp is None else float(stamp.sec + stamp.nanosec * 1e-9)
