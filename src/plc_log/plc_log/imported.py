# SPDX-License-Identifier: Apache-2.0
"""A bag written where nothing of ROS is: by rosbags, from the .msg files that came with us."""

from contextlib import suppress
import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer

from plc_log.bag.types import PACKAGE, typestore
from plc_log.capture import Frame
from plc_log.events import Event, Kind, Side
from plc_log.leaves import protocol_of
from plc_log.packets import Datagram, Segment, parse_ipv6
from plc_log.ways import CLOSED, CONNECTED
from v2g.exi import MalformedExi, to_fields

_TOPICS = {
    'mme_log': 'MmeFrame',
    'sdp_log': 'SdpDatagram',
    'transport/status': 'TransportStatus',
    'v2g_log': 'V2gMessage',
}


class ImportedBag:
    """Takes frames and events in their order; a context that completes the bag."""

    def __init__(self, folder: Path, role: str, side: Side) -> None:
        """Begin a bag of /`role`, told by that `side`; raises OSError."""
        self.count = 0
        self._side = side
        self._store = typestore()
        self._writer = Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP)
        self._role = role
        self._connections = 0
        self._ends = {Side.VEHICLE: '', Side.CHARGER: ''}

    def __enter__(self) -> Self:
        self._writer.open()
        self._topics = {
            name: self._writer.add_connection(
                f'/{self._role}/{name}', PACKAGE + kind, typestore=self._store
            )
            for name, kind in _TOPICS.items()
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._writer.close()

    def frame(self, frame: Frame) -> None:
        """Add a HomePlug frame, whose keys are replaced already."""
        octets = np.frombuffer(frame.octets, dtype=np.uint8)
        message = self._new(
            'MmeFrame', stamp=self._stamp(frame.time), octets=octets, spacing=0.0, followers=[]
        )
        self._write('mme_log', frame.time, message)

    def event(self, event: Event, frame: bytes) -> None:
        """Add an event that this frame has brought; frames themselves are added otherwise."""
        if event.kind is Kind.TCP:
            self._tcp(event)
        elif event.kind is Kind.SDP:
            self._datagram(event.time, parse_ipv6(frame))
        elif event.kind is Kind.V2G and event.stream:
            self._message(event)

    def _datagram(self, time: float, datagram: Datagram | Segment | None) -> None:
        assert isinstance(datagram, Datagram)
        message = self._new(
            'SdpDatagram',
            stamp=self._stamp(time),
            source=str(datagram.source),
            destination=str(datagram.destination),
            octets=np.frombuffer(datagram.payload, dtype=np.uint8),
        )
        self._write('sdp_log', time, message)

    def _tcp(self, event: Event) -> None:
        self._ends[event.side] = event.source
        if event.name in ('connects', 'accepts'):
            self._ends[event.side.partner] = event.values['to']
        if event.name == 'connects':
            self._connections += 1
        state = CONNECTED if event.name in ('connects', 'accepts') else CLOSED
        reason = '' if state == CONNECTED else f'{event.side} {event.name}'
        self._status(event.time, state, reason)

    def _status(self, time: float, state: int, reason: str) -> None:
        own, other = self._ends[self._side], self._ends[self._side.partner]
        message = self._new(
            'TransportStatus',
            stamp=self._stamp(time),
            state=state,
            carrier=True,
            link_id=1,
            connection_id=self._connections if state == CONNECTED else 0,
            local_address=own,
            remote_address=other,
            security_asked='',
            security_offered='',
            security_chosen='none',
            security_policy='',
            refused=0,
            reason=reason,
        )
        self._write('transport/status', time, message)

    def _message(self, event: Event) -> None:
        protocol, schema = protocol_of(event.message)
        text = event.values.get('malformed', '')
        with suppress(MalformedExi):
            text = json.dumps(to_fields(schema, event.stream)) if schema else text
        message = self._new(
            'V2gMessage',
            stamp=self._stamp(event.time),
            direction=int(event.side is self._side),
            protocol=protocol,
            name='' if event.flawed else event.name,
            exi=np.frombuffer(event.stream, dtype=np.uint8),
            json=text,
            spare_octets=event.spare,
        )
        self._write('v2g_log', event.time, message)

    def _new(self, kind: str, **fields: Any) -> Any:
        return self._store.types[PACKAGE + kind](**fields)

    def _stamp(self, time: float) -> Any:
        sec, nanosec = divmod(round(time * 1e6) * 1000, 10**9)
        return self._store.types['builtin_interfaces/msg/Time'](sec=sec, nanosec=nanosec)

    def _write(self, topic: str, time: float, message: Any) -> None:
        connection = self._topics[topic]
        octets = self._store.serialize_cdr(message, connection.msgtype)
        self._writer.write(connection, round(time * 1e6) * 1000, octets)
        self.count += 1
