# SPDX-License-Identifier: Apache-2.0
"""Frames to events: SLAC, SDP, TCP, and every V2G message once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from plc_log import mme
from plc_log.capture import Frame
from plc_log.events import Counts, Event, Kind, Side
from plc_log.messages import Dialogue, side_of
from plc_log.packets import Datagram, Endpoint, Segment, parse_ipv6
from plc_log.streams import Chunk, Connection
from v2g.exi import MalformedExi
from v2g.sdp import SDP_PORT, MalformedSdp, SdpRequest, SdpResponse
from v2g.v2gtp import EXI, HEADER, BrokenStream, Reassembly, V2gtp

_BEGINNING = b'\x01\xfe'  # of every V2GTP message
_IPV6 = b'\x86\xdd'


class Speaker:
    """Finds the V2GTP messages in what one side of a connection says."""

    def __init__(self) -> None:
        self.octets, self.read = 0, 0  # that came, and that were messages
        self._reassembly = Reassembly()
        self._lost = True  # until a segment begins like a message

    def hear(self, chunk: Chunk) -> list[V2gtp]:
        """Return the messages that end here; after a gap or nonsense, begin anew."""
        self.octets += len(chunk.octets)
        if chunk.gap:
            self._reassembly, self._lost = Reassembly(), True
        if self._lost and not chunk.octets.startswith(_BEGINNING[: len(chunk.octets)]):
            return []
        self._lost = False
        try:
            messages = self._reassembly.feed(chunk.octets)
        except BrokenStream as error:
            messages, self._lost = error.before, True
        self.read += sum(HEADER.size + len(message.payload) for message in messages)
        return messages


@dataclass
class Conversation:
    """A TCP connection with what is said over it."""

    connection: Connection
    dialogue: Dialogue = field(default_factory=Dialogue)
    speakers: dict[Endpoint, Speaker] = field(default_factory=dict)
    messages: int = 0
    malformed: int = 0  # octets of EXI that could not be decoded

    def __post_init__(self) -> None:
        for end in self.connection.client, self.connection.server:
            self.speakers[end] = Speaker()

    def side_of(self, end: Endpoint) -> Side:
        """Tell who an end is: the vehicle is the client."""
        return Side.VEHICLE if end == self.connection.client else Side.CHARGER

    @property
    def undecoded(self) -> int:
        """Octets that could not be read, if V2G is spoken here at all."""
        if not self.messages:
            return 0
        unread = sum(speaker.octets - speaker.read for speaker in self.speakers.values())
        return unread + self.malformed


class Dissection:
    """Takes frames in their order; `counts` grows along."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._conversations: dict[frozenset[Endpoint], Conversation] = {}
        self._finished = 0  # octets undecoded in connections that were replaced

    def events(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Dissect everything."""
        time = 0.0
        for frame in frames:
            time = frame.time
            yield from self.take(frame)
        yield from self.rest(time)

    def rest(self, time: float) -> Iterator[Event]:
        """Give what stood behind gaps: nothing more will come. Then `undecoded` is counted."""
        for conversation in self._conversations.values():
            yield from self._flush(conversation, time)
        self.counts.undecoded = self._finished + sum(
            conversation.undecoded for conversation in self._conversations.values()
        )

    def take(self, frame: Frame) -> list[Event]:
        """Dissect one frame."""
        self.counts.frames += 1
        ethertype = frame.octets[12:14]
        if ethertype == mme.HOMEPLUG:
            return [self._homeplug(frame)]
        if ethertype != _IPV6:
            return []
        match parse_ipv6(frame.octets):
            case Datagram() as datagram:
                return self.datagram(datagram, frame.time)
            case Segment() as segment:
                return self._segment(segment, frame.time)
        return []

    def _homeplug(self, frame: Frame) -> Event:
        event = mme.event_of(frame)
        self.counts.homeplug += 1
        self.counts.slac += event.kind is Kind.SLAC
        return event

    def datagram(self, datagram: Datagram, time: float) -> list[Event]:
        """Dissect one datagram; of another port than SDP's, or nothing of V2GTP: no event."""
        if SDP_PORT not in (datagram.source.port, datagram.destination.port):
            return []
        if not datagram.payload.startswith(_BEGINNING):
            return []
        self.counts.sdp += 1
        return [self._sdp(datagram, time)]

    def _sdp(self, datagram: Datagram, time: float) -> Event:
        asks = datagram.destination.port == SDP_PORT
        side = Side.VEHICLE if asks else Side.CHARGER
        event = partial(Event, time, Kind.SDP, str(datagram.source), side=side)
        try:
            if asks:
                request = SdpRequest.parse(datagram.payload)
                return event('SDP request', {'security': request.security.word})
            response = SdpResponse.parse(datagram.payload)
        except MalformedSdp as error:
            return event('SDP', {'malformed': str(error)}, True)
        server = f'[{response.address}]:{response.port}'
        return event('SDP response', {'server': server, 'security': response.security.word})

    def _segment(self, segment: Segment, time: float) -> list[Event]:
        conversation = self._conversation(segment)
        side = conversation.side_of(segment.source)
        event = partial(Event, time, Kind.TCP, str(segment.source), side=side)
        news = conversation.connection.news(segment)
        to = {'to': str(segment.destination)}
        before = [event(word, to) for word in news if word in ('connects', 'accepts')]
        after = [event(word) for word in news if word not in ('connects', 'accepts')]
        said = self._hear(
            conversation, segment.source, conversation.connection.take(segment, time), time
        )
        return [*before, *said, *after]

    def _conversation(self, segment: Segment) -> Conversation:
        key = frozenset((segment.source, segment.destination))
        known = self._conversations.get(key)
        if known is None or known.connection.is_new(segment):
            if known is not None:
                self._finished += known.undecoded
            known = Conversation(Connection(segment.source, segment.destination))
            self._conversations[key] = known
        return known

    def _flush(self, conversation: Conversation, time: float) -> Iterator[Event]:
        for end in conversation.speakers:
            yield from self._hear(conversation, end, conversation.connection.flush(end), time)

    def _hear(
        self, conversation: Conversation, source: Endpoint, chunks: list[Chunk], time: float
    ) -> list[Event]:
        messages = [m for chunk in chunks for m in conversation.speakers[source].hear(chunk)]
        return [self._message(conversation, source, message, time) for message in messages]

    def _message(
        self, conversation: Conversation, source: Endpoint, message: V2gtp, time: float
    ) -> Event:
        conversation.messages += 1
        side = conversation.side_of(source)
        event = partial(Event, time, Kind.V2G, str(source), side=side)
        if message.payload_type != EXI:
            return event(f'payload type {message.payload_type:04x}', {}, True)
        self.counts.v2g += 1
        told = v2g_event(event, conversation.dialogue, message.payload)
        conversation.malformed += len(message.payload) if told.flawed else 0
        return told


def v2g_event(event: Callable[..., Event], dialogue: Dialogue, octets: bytes) -> Event:
    """Decode an EXI stream; `event` makes one from name, values and what else is known."""
    try:
        decoded = dialogue.decode(octets)
    except MalformedExi as error:
        return event(
            'V2G message', {'malformed': str(error), 'EXI': octets.hex()}, True, stream=octets
        )
    spare = {'spare octets': str(decoded.spare)} if decoded.spare else {}
    side = side_of(decoded.name)
    return event(
        decoded.name,
        {**decoded.values, **spare},
        message=decoded.message,
        stream=octets,
        spare=decoded.spare,
        **({'side': side} if side else {}),
    )
