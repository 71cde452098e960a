# SPDX-License-Identifier: Apache-2.0
"""All sockets of one data link: does what the machine says, tells it what happened."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv6Address
import os
import socket

from plc_kit.interface import Interface, NoSuchInterface
from plc_kit.network import NetworkUnavailable
from v2g.link.values import (
    Accepted,
    AddressFound,
    Carrier,
    DatagramCame,
    Listening,
    Lost,
    Opened,
    Peer,
)
from v2g.sdp import SDP_PORT
from v2g.transport.carrier import CarrierWatch
from v2g.transport.connection import Connection, Deliver, Report
from v2g.transport.loop import READ, WRITE, Loop
from v2g.transport.neighbours import Neighbours
from v2g.transport.opening import begin_connecting, server_socket
from v2g.transport.sdp_socket import Datagram, SdpSocket
from v2g.transport.streams import PlainStream

MAX_WAITING = 16  # connections nobody has decided about; a newer one displaces the oldest
BETWEEN = 0.005  # s between two connections that are taken: 200 a second


class InterfaceUnfit(ValueError):
    """An interface that must not carry a charging session; the text is a sentence."""


def fit_interface(text: str, *, allow_ipv4: bool) -> Interface:
    """Return the interface of that name; raises InterfaceUnfit, or what else Interface raises."""
    interface = Interface.parse(text)
    if interface.has_ipv4() and not allow_ipv4:
        raise InterfaceUnfit(
            f'{interface} has an IPv4 address, and the charging interface must carry nothing '
            'else: remove the address, or set allow_ipv4:=true'
        )
    return interface


class Sockets:
    """Opened with the data link and closed with it; methods may be called from any thread.

    `report` is told what happens, and returns False where it has no room for something new;
    `deliver` is given the session's messages; both in a thread of their own. `told` is told of
    SDP's datagrams, behind their sending and reporting. `counts` holds what was turned away before
    anyone was asked.
    """

    def __init__(
        self,
        interface: Interface,
        *,
        deliver: Deliver,
        report: Report,
        told: Callable[[Datagram], None],
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._interface, self._index = interface, interface.index
        self._deliver, self._report, self._told = deliver, report, told
        self._neighbours = Neighbours(interface)
        self._carrier = CarrierWatch(interface)
        self._connections: dict[int, Connection] = {}
        self._connecting: dict[int, socket.socket] = {}
        self._sdp: SdpSocket | None = None
        self._server: socket.socket | None = None
        self._loop = Loop()

    def watch_carrier(self) -> Carrier:
        """Tell whether the interface has an Ethernet partner, and from now on report changes."""
        self._loop.call(lambda: self._loop.watch(self._carrier, READ, self._carrier_changed))
        return Carrier(self._carrier.read())

    def find_address(self) -> AddressFound:
        """Look for the own link-local address."""
        found = self._interface.link_local()
        return AddressFound(IPv6Address(found) if found else None)

    def ask_sdp(self, octets: bytes) -> None:
        """Send to all nodes; what cannot be sent now is asked again anyway."""
        self._open_sdp(0).ask(octets)

    def answer_sdp(self, octets: bytes, to: Peer) -> None:
        """Send to one."""
        self._open_sdp(SDP_PORT).send(octets, to)

    def listen(self, address: IPv6Address, port: int) -> Listening:
        """Open both servers of a charger; port 0: any."""
        try:
            server = server_socket(self._interface, address, port)
        except OSError as error:
            return Listening(0, f'no TCP server at {address}: {error.strerror}')
        try:
            self._open_sdp(SDP_PORT)
        except OSError as error:
            server.close()
            return Listening(0, f'no SDP server: {error.strerror}')
        self._server = server
        self._loop.call(lambda: self._loop.watch(server, READ, self._accept))
        return Listening(server.getsockname()[1])

    def connect(self, number: int, address: IPv6Address, port: int) -> None:
        """Begin a connection; Opened or Lost is reported."""
        self._loop.call(lambda: self._connect(number, address, port))

    def admit(self, number: int) -> None:
        """Let the session have what a connection brings."""
        self._on_connection(number, Connection.admit)

    def send(self, number: int, octets: bytes) -> None:
        """Send on a connection at once."""
        if connection := self._connections.get(number):
            connection.send(octets)

    def close(self, number: int) -> None:
        """End a connection, or the try to have one."""
        self._loop.call(lambda: self._stop_connecting(number))
        self._on_connection(number, Connection.finish)

    def close_all(self) -> None:
        """End everything; this object is of no more use."""
        self._loop.call(self._close_all)
        self._loop.stop()

    def skipped(self) -> int:
        """Count the messages of unknown type on the present connections."""
        return sum(connection.skipped for connection in list(self._connections.values()))

    def _on_connection(self, number: int, act: Callable[[Connection], None]) -> None:
        def do() -> None:
            if connection := self._connections.get(number):
                act(connection)

        self._loop.call(do)

    def _open_sdp(self, port: int) -> SdpSocket:
        if self._sdp is None:
            opened = self._sdp = SdpSocket(
                self._interface, port, self.counts, self._datagram_came, self._told
            )
            self._loop.call(lambda: self._loop.watch(opened, READ, opened.receive))
        return self._sdp

    def _carrier_changed(self) -> None:
        self._report(Carrier(self._carrier.read()))

    def _datagram_came(self, came: Datagram) -> None:
        mac = self._neighbours.mac_of(came.source.address, fresh=False)
        if not self._report(DatagramCame(came.octets, replace(came.source, mac=mac))):
            self.counts['unread_sdp'] += 1

    def _accept(self) -> None:
        assert self._server is not None
        try:
            accepted, _ = self._server.accept()
        except OSError:  # it was gone before it was accepted
            return
        self._pause_accepting(self._server)
        self._make_room()
        number = int.from_bytes(os.urandom(8), 'big') or 1
        if peer := self._take(number, accepted):
            self._begin(self._connections[number], Accepted(number, peer, _local(accepted)))

    def _pause_accepting(self, server: socket.socket) -> None:
        """Who comes meanwhile waits in the kernel."""

        def go_on() -> None:
            if server.fileno() >= 0:
                self._loop.watch(server, READ, self._accept)

        self._loop.forget(server)
        self._loop.call_later(BETWEEN, go_on)

    def _begin(self, connection: Connection, accepted: Accepted) -> None:
        if self._report(accepted):
            connection.start()
        else:
            self.counts['crowding'] += 1
            connection.close()

    def _make_room(self) -> None:
        self._connections = {k: c for k, c in self._connections.items() if not c.closed}
        waiting = [c for c in self._connections.values() if not c.admitted]
        if len(waiting) >= MAX_WAITING:
            self.counts['crowding'] += 1
            waiting[0].displace()

    def _connect(self, number: int, address: IPv6Address, port: int) -> None:
        try:
            begun = begin_connecting(self._interface, address, port)
        except OSError as error:
            self._report(Lost(number, (error.strerror or str(error)).lower()))
            return
        except (NoSuchInterface, NetworkUnavailable) as error:  # a USB modem was pulled out
            self._report(Lost(number, str(error)))
            return
        self._connecting[number] = begun
        self._loop.watch(begun, WRITE, lambda: self._decided(number))

    def _decided(self, number: int) -> None:
        begun = self._connecting.pop(number)
        self._loop.forget(begun)
        if failure := begun.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            begun.close()
            self._report(Lost(number, os.strerror(failure).lower()))
        elif peer := self._take(number, begun):
            self._report(Opened(number, peer, _local(begun)))
            self._connections[number].start()
        else:
            self._report(Lost(number, 'the partner reset the connection'))

    def _take(self, number: int, tcp: socket.socket) -> Peer | None:
        try:
            host, port, *_ = tcp.getpeername()
            stream = PlainStream(tcp)
        except OSError:  # reset meanwhile
            tcp.close()
            return None
        self._connections[number] = Connection(
            number, stream, self._loop, deliver=self._deliver, report=self._report
        )
        address = IPv6Address(host.partition('%')[0])
        return Peer(address, port, self._neighbours.mac_of(address))

    def _stop_connecting(self, number: int) -> None:
        if begun := self._connecting.pop(number, None):
            self._loop.forget(begun)
            begun.close()

    def _close_all(self) -> None:
        for number in list(self._connecting):
            self._stop_connecting(number)
        for connection in self._connections.values():
            connection.close()
        for opened in (self._carrier, self._sdp, self._server):
            if opened is not None:
                self._loop.forget(opened)
                opened.close()
        self._neighbours.close()


def _local(tcp: socket.socket) -> str:
    host, port, *_ = tcp.getsockname()
    return f'[{host.partition("%")[0]}]:{port}'
