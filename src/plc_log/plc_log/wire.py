# SPDX-License-Identifier: Apache-2.0
"""A recording as Ethernet frames with their times, without keys (R27), whatever it was kept in."""

from collections.abc import Iterator
from pathlib import Path

from plc_log import mme
from plc_log.bag.shapes import DATAGRAMS, FRAMES, MESSAGES, TRANSPORT
from plc_log.bagged import BagEvents, Told, datagram_of
from plc_log.capture import Capture, Frame
from plc_log.conversation import Conversation
from plc_log.events import Event, Side
from plc_log.recording import is_bag
from plc_log.ways import Ways
from plc_modem.homeplug.keys import without_keys


class Wire:
    """Iterates over frames; afterwards `flaws` tells what could not be read."""

    def __init__(self, path: Path, side: Side = Side.UNKNOWN) -> None:
        """Open a bag or a capture; raises Unreadable."""
        self.flaws: list[str] = []
        self._capture = None if is_bag(path) else Capture(path)
        self._bag = BagEvents(path, side) if self._capture is None else None

    def __iter__(self) -> Iterator[Frame]:
        if self._bag is not None:
            yield from self._bag.guarded(_frames_of(self._bag))
            self.flaws = self._bag.flaws
        elif self._capture is not None:
            for frame in self._capture:
                yield Frame(frame.time, without_keys(frame.octets))
            self.flaws = [self._capture.flaw] if self._capture.flaw else []


def _frames_of(bag: BagEvents) -> Iterator[Frame]:
    told = sorted(bag.told, key=lambda one: one.time)
    conversation = Conversation()
    _learn_macs(conversation, told)
    _learn_addresses(conversation, bag.side, told)
    ways = Ways(bag.side)
    for place, one in enumerate(told):
        match one.topic:
            case str(topic) if topic == FRAMES:
                yield Frame(one.time, bytes(one.message.octets))
            case str(topic) if topic == DATAGRAMS:
                yield Frame(one.time, conversation.carries(datagram_of(one.message)))
            case str(topic) if topic == TRANSPORT:
                _learn_addresses(conversation, bag.side, told[place:])
                for event in ways.take(one.message, one.time):
                    yield from (Frame(one.time, f) for f in _of_event(conversation, event))
            case str(topic) if topic == MESSAGES:
                side = bag.side_of(one.message)
                exi = bytes(one.message.exi)
                yield from (Frame(one.time, f) for f in conversation.says(side, exi))


def _of_event(conversation: Conversation, event: Event) -> Iterator[bytes]:
    """Give the frames of what became of TCP."""
    if event.name == 'connects':
        yield from conversation.opens()
    else:
        yield from conversation.closes(event.side)


def _learn_macs(conversation: Conversation, told: list[Told]) -> None:
    """Take the addresses of vehicle and charger from the frames of SLAC."""
    for one in told:
        if one.topic == FRAMES:
            event = mme.event_of(Frame(one.time, bytes(one.message.octets)))
            if event.side:
                conversation.ends[event.side].mac = event.source


def _learn_addresses(conversation: Conversation, side: Side, ahead: list[Told]) -> None:
    """Take them from the next status that has both: an SDP request goes before it."""
    for one in ahead:
        if one.topic == TRANSPORT and one.message.local_address and one.message.remote_address:
            conversation.ends[side].located(one.message.local_address)
            conversation.ends[side.partner].located(one.message.remote_address)
            return
