# SPDX-License-Identifier: Apache-2.0
"""The node of SDP and TCP: carries between the machine, the sockets and the graph."""

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
import os
from typing import Any

from plc_kit.alarm import Alarm
from plc_kit.clock import age, now, stamp
from plc_kit.closing import ClosingNode
from plc_kit.diagnostics import OK, WARN, Diagnostics, Finding
from plc_kit.inbox import Inbox
from plc_kit.journal_teller import JournalTeller
from plc_kit.near import NearPublisher, NearSubscription
from plc_kit.one_publisher import hear_one
from plc_kit.parameters import declare, setting
from plc_kit.qos import LATCHED, RECORD, STREAM
from plc_kit.quiet import publisher
from plc_kit.run import run
from plc_kit.sparing_log import SparingLog
from plc_msgs.msg import ChargingState, DataLink, SdpDatagram, TransportStatus, V2gtpMessage
from v2g.link.charger import ChargerLink
from v2g.link.journal import RECIPES
from v2g.link.security import Policy
from v2g.link.values import (
    CLOSED_HERE,
    CLOSED_THERE,
    Accepted,
    Admit,
    AnswerSdp,
    AskSdp,
    Changed,
    Close,
    CloseAll,
    Connect,
    DatagramCame,
    Event,
    FindAddress,
    Happening,
    InterfaceFailed,
    LinkDown,
    LinkUp,
    Listen,
    Open,
    SessionGone,
    Status,
    Transmit,
    mac_from_text,
)
from v2g.link.vehicle import VehicleLink
from v2g.transport.sdp_socket import Datagram
from v2g.transport.sockets import Sockets, fit_interface
from v2g.v2gtp import V2gtp


@dataclass(frozen=True)
class TransportSettings:
    """The parameters of the transport node."""

    role: str = setting('pev', 'side of the cable', choices=('pev', 'evse'))
    security_policy: str = setting(
        'none', 'what may secure the connection (R16)', choices=(Policy.NONE.value,)
    )
    tcp_port: int = setting(
        0, 'evse: TCP port of the V2G server; 0: a new one of 49152 to 65535 each time', 0, 65535
    )
    allow_ipv4: bool = setting(False, 'accept an interface with an IPv4 address (R25)')


class TransportNode(ClosingNode):
    """Carries; what is to be done is decided by the machine of its role."""

    place = 'transport'

    def __init__(self, **node_options: Any) -> None:
        super().__init__('transport', **node_options)
        self._settings = declare(self, TransportSettings)
        machine = VehicleLink if self._settings.role == 'pev' else ChargerLink
        self._journal = JournalTeller(self, 'transport/journal', RECIPES)
        policy = Policy(self._settings.security_policy)
        own = machine(policy, self._journal.entropy(os.urandom))
        self._machine: VehicleLink | ChargerLink = self._journal.told(own)
        self._sockets: Sockets | None = None
        self.closing.callback(self._drop_sockets)
        self._told: Status | None = None
        self._logged = ''
        self._tale = SparingLog(self)
        self._messages = {'received': 0, 'sent': 0}
        self._dropped: Counter[str] = Counter()
        self._alarm = Alarm(self, self._on_deadline)
        self._inbox = Inbox[tuple[Sockets, Happening]](self, self._on_happening)
        self._status = self.create_publisher(TransportStatus, 'transport/status', LATCHED)
        self._sdp_log = publisher(self, SdpDatagram, 'sdp_log', RECORD)
        self._rx = NearPublisher(self, V2gtpMessage, 'v2g_rx', STREAM)
        self._tx = NearSubscription(self, V2gtpMessage, 'v2g_tx', self._on_v2g_tx, STREAM)
        self.closing.callback(self._tx.close)
        hear_one(self, DataLink, 'data_link', self._on_data_link, LATCHED)
        self._watch_session()
        self._diagnostics = Diagnostics(self, self.findings)
        self._tell(self._machine.status)

    def _watch_session(self) -> None:
        hear_one(
            self,
            ChargingState,
            'charging/state',
            lambda _: None,
            LATCHED,
            lost=lambda: self._happen(SessionGone()),
        )

    def _on_data_link(self, link: DataLink) -> None:
        try:
            mac = mac_from_text(link.peer_mac)
        except ValueError as error:
            self._happen(LinkDown(str(error)))
            return
        up = LinkUp(link.link_id, link.interface, mac)
        self._happen(up if link.ready else LinkDown())

    def _open(self, interface: str) -> None:
        fit = fit_interface(interface, allow_ipv4=self._settings.allow_ipv4)
        self._diagnostics.hardware_id = interface
        self._sockets = sockets = Sockets(
            fit,
            deliver=self._deliver,
            report=lambda what: self._report(sockets, what),
            told=self._log_sdp,
        )
        self._happen(sockets.watch_carrier())
        self._happen(sockets.find_address())

    def _report(self, sockets: Sockets, what: Happening) -> bool:
        """False: so much is unread that nothing new may begin; what has begun is told anyway."""
        begins = isinstance(what, DatagramCame | Accepted)
        return self._inbox.put((sockets, what), anyway=not begins)

    def _drop_sockets(self) -> None:
        if self._sockets is not None:
            self._dropped += self._sockets.counts
            self._sockets.close_all()
            self._sockets = None

    def _on_happening(self, letter: tuple[Sockets, Happening]) -> None:
        sockets, happening = letter
        if sockets is self._sockets:  # else of a data link that is gone
            self._happen(happening)

    def _happen(self, happening: Happening) -> None:
        self._perform(self._machine.receive(happening, now()))

    def _on_deadline(self) -> None:
        self._perform(self._machine.tick(now()))

    def _deliver(self, connection: int, message: V2gtp) -> bool:
        """Publish in the sockets' own thread: no way is shorter. False: there is no room."""
        taken = self._rx.publish(
            V2gtpMessage(
                stamp=stamp(),
                connection_id=connection,
                payload_type=message.payload_type,
                payload=array('B', message.payload),
            )
        )
        self._messages['received'] += taken
        return taken

    def _log_sdp(self, passed: Datagram) -> None:
        """Publish in whichever thread it passed."""
        self._sdp_log.publish(
            SdpDatagram(
                stamp=stamp(now() - passed.when),
                source=str(passed.source),
                destination=str(passed.destination),
                octets=array('B', passed.octets),
            )
        )

    def _on_v2g_tx(self, message: V2gtpMessage) -> None:
        self._perform(
            self._machine.transmit(
                message.connection_id,
                message.payload_type,
                message.payload.tobytes(),
                age=age(message.stamp),
                close=message.close,
            )
        )

    def _perform(self, events: Iterable[Event]) -> None:
        try:
            for event in events:
                self._do(event)
        except (OSError, ValueError) as error:  # e.g. the interface is gone
            self._happen(InterfaceFailed(str(error)))
        self._alarm.set(self._machine.deadline)
        self._journal.tell()

    def _do(self, event: Event) -> None:
        match event:
            case Changed(status):
                self._tell(status)
            case Open(interface):
                self._open(interface)
            case CloseAll():
                self._drop_sockets()
            case _ if self._sockets is not None:
                self._do_outside(event, self._sockets)

    def _do_outside(self, event: Event, sockets: Sockets) -> None:
        match event:
            case Transmit(connection, octets):
                self._messages['sent'] += 1
                sockets.send(connection, octets)
            case AskSdp(octets):
                sockets.ask_sdp(octets)
            case AnswerSdp(octets, to):
                sockets.answer_sdp(octets, to)
            case FindAddress():
                self._happen(sockets.find_address())
            case Listen(address):
                self._happen(sockets.listen(address, self._settings.tcp_port))
            case Connect(connection, address, port):
                sockets.connect(connection, address, port)
            case Admit(connection):
                sockets.admit(connection)
            case Close(connection):
                sockets.close(connection)

    def _tell(self, status: Status) -> None:
        before, self._told = self._told, status
        self._status.publish(TransportStatus(stamp=stamp(), **asdict(status)))
        told = f'{status.state.name} {status.remote_address} {status.reason}'.rstrip()
        if told != self._logged:
            self._logged = told
            self._tale.info(told)
        if before is not None and before.carrier and status.lacks_carrier:
            self._tale.warning('the charging interface has lost its Ethernet carrier')

    def findings(self) -> list[Finding]:
        """Tell what was carried, and what was refused or dropped."""
        status = self._machine.status
        if status != self._told:  # strangers were counted meanwhile
            self._tell(status)
        counts = Counter(self._machine.counts) + self._dropped
        if self._sockets is not None:
            counts += self._sockets.counts
            counts['unknown_payload_types'] += self._sockets.skipped()
        lost = status.reason not in ('', CLOSED_HERE, CLOSED_THERE)
        bad = status.refused or lost or status.lacks_carrier
        level = WARN if bad else OK
        why = 'the charging interface has no Ethernet carrier' if status.lacks_carrier else ''
        message = status.reason or why or status.state.name
        return [Finding('Link', level, message, {**self._messages, **counts})]


def main() -> None:
    """Run the node."""
    run(TransportNode)
