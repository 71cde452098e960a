# SPDX-License-Identifier: Apache-2.0
"""A wire with three stations: a vehicle, a charger, and somebody else."""

import os
from queue import Empty, SimpleQueue
import subprocess
import time

from captured import FOLDER
from hypothesis import settings
import pytest

from plc_kit.interface import Interface
from plc_kit.network import Network, NetworkUnavailable
from v2g.link.charger import ChargerLink
from v2g.link.security import Policy
from v2g.link.values import (
    Admit,
    AnswerSdp,
    AskSdp,
    Changed,
    Close,
    CloseAll,
    Connect,
    FindAddress,
    LinkDown,
    LinkUp,
    Listen,
    Open,
    Transmit,
)
from v2g.link.vehicle import VehicleLink
from v2g.transport.sockets import Sockets
from v2g.v2gtp import EXI

# Whose machine is busy has a slow test, not a wrong one.
settings.register_profile('unhurried', deadline=None)
settings.load_profile('unhurried')

MACS = {'pev': '02:70:65:76:00:01', 'evse': '02:65:76:73:65:01', 'evil': '02:65:76:69:6c:01'}


class Wire:
    """The stations' interfaces, joined by a bridge where the power line would be."""

    def __init__(self, network: Network) -> None:
        self.network, self.macs = network, MACS
        for name in MACS:
            setattr(self, name, Interface(name, network.name))

    def ip(self, *lines: str) -> None:
        """Run `ip` commands inside the network."""
        pid = str(self.network.pid)
        own_users = os.stat('/proc/self/ns/user').st_ino
        users = os.stat(f'/proc/{pid}/ns/user').st_ino
        enter = ['nsenter', '-t', pid, '-n']
        if users != own_users:
            enter += ['-U', '--preserve-credentials']
        text = '\n'.join(lines)
        subprocess.run([*enter, 'ip', '-batch', '-'], input=text, text=True, check=True)


@pytest.fixture(scope='session')
def wire():
    try:
        network = Network(f'transport-{os.getpid()}', MACS.items())
    except NetworkUnavailable as error:
        pytest.skip(str(error))
    with network:
        joined = Wire(network)
        joined.ip(
            'link add name line type bridge mcast_snooping 0',
            *(f'link set dev {name}-modem master line' for name in MACS),
            'link set dev line up',
        )
        yield joined


@pytest.fixture
def passing():
    """A wire of a test's own, which may take it away."""
    try:
        network = Network(f'passing-{os.getpid()}', MACS.items())
    except NetworkUnavailable as error:
        pytest.skip(str(error))
    yield Wire(network)
    network.close()


@pytest.fixture(scope='session')
def captures():
    if not FOLDER.is_dir():
        pytest.skip(f'the captures are not at {FOLDER}')
    return FOLDER


class Station:
    """A machine with its real sockets and no ROS: what the node does, in a test's own thread."""

    def __init__(self, machine, interface, tcp_port=0):
        self.machine, self.interface, self.tcp_port = machine, interface, tcp_port
        self.sockets = None
        self.happenings, self.messages = SimpleQueue(), SimpleQueue()
        self.statuses, self.datagrams = [machine.status], []

    def up(self, peer_mac=None, link_id=1):
        self.happen(LinkUp(link_id, str(self.interface), peer_mac))
        return self

    def happen(self, happening):
        self.perform(self.machine.receive(happening, time.monotonic()))

    def transmit(self, payload, connection=None, close=False):
        number = self.machine.status.connection_id if connection is None else connection
        self.perform(self.machine.transmit(number, EXI, payload, age=0.0, close=close))

    def perform(self, events):
        for event in events:
            match event:
                case Changed(status):
                    self.statuses.append(status)
                case Open():
                    self.sockets = Sockets(
                        self.interface,
                        deliver=lambda *message: self.messages.put(message) is None,
                        report=lambda what: self.happenings.put(what) is None,
                        told=self.datagrams.append,
                    )
                    self.happen(self.sockets.watch_carrier())
                    self.happen(self.sockets.find_address())
                case CloseAll():
                    self.sockets.close_all()
                case FindAddress():
                    self.happen(self.sockets.find_address())
                case Listen(address):
                    self.happen(self.sockets.listen(address, self.tcp_port))
                case AskSdp(octets):
                    self.sockets.ask_sdp(octets)
                case AnswerSdp(octets, to):
                    self.sockets.answer_sdp(octets, to)
                case Connect(connection, address, port):
                    self.sockets.connect(connection, address, port)
                case Admit(connection):
                    self.sockets.admit(connection)
                case Transmit(connection, octets):
                    self.sockets.send(connection, octets)
                case Close(connection):
                    self.sockets.close(connection)

    def step(self, longest):
        now = time.monotonic()
        deadline = self.machine.deadline
        patience = longest if deadline is None else min(longest, deadline - now)
        try:
            self.happen(self.happenings.get(timeout=max(0.0, patience)))
        except Empty:
            self.perform(self.machine.tick(time.monotonic()))

    @property
    def server(self):
        """Where a charger listens: address and port."""
        address, _, port = self.machine.status.local_address.rpartition(':')
        return address.strip('[]'), int(port)


@pytest.fixture
def stations(wire):
    """Make stations with make(machine, interface name); run() them until something holds."""

    class Stations(list):
        def make(self, machine, name, **options):
            self.append(Station(machine, getattr(wire, name), **options))
            return self[-1]

        def run(self, until, within=10.0):
            end = time.monotonic() + within
            while not until():
                assert time.monotonic() < end, [station.statuses[-3:] for station in self]
                for station in self:
                    station.step(0.002)

        def rest(self, seconds):
            end = time.monotonic() + seconds
            self.run(lambda: time.monotonic() >= end, within=seconds + 1)

    made = Stations()
    yield made
    for station in made:
        station.happen(LinkDown('end of test'))


@pytest.fixture
def charger(stations):
    """A charger that waits for the vehicle `pev`."""
    made = stations.make(ChargerLink(Policy.NONE, os.urandom), 'evse')
    made.up(bytes.fromhex(MACS['pev'].replace(':', '')))
    stations.run(lambda: made.machine.status.local_address)
    return made


@pytest.fixture
def vehicle(stations):
    """A vehicle that will look for the charger `evse`; its up() was not called."""
    return stations.make(VehicleLink(Policy.NONE, os.urandom), 'pev')
