# SPDX-License-Identifier: Apache-2.0
"""A scene whose two ends are told what to do every 0.1 s, as sessions would."""

from contextlib import contextmanager
from dataclasses import dataclass, replace
import os
import threading

import pytest

from plc_kit.clock import now
from plc_kit.interface import Interface
from plc_kit.network import Network, NetworkUnavailable
from plc_kit.outputs import VehicleOutputs
from plc_sim.cable import Pilot
from plc_sim.channel import Settings
from plc_sim.line import Line
from plc_sim.pilot import PilotOrder
from plc_sim.ports.forwarding import Forwarding
from plc_sim.scene import Scene
from plc_sim.supply import OFF, SupplyOrder, SupplySettings
from plc_sim.vehicle import VehicleSettings

IDLE = VehicleOutputs(plus=False, minus=False, lock=False, pilot=Pilot.B)


@dataclass
class Orders:
    """What both sessions ask for at present; None: a session that says nothing any more."""

    vehicle: VehicleOutputs | None = IDLE
    supply: SupplyOrder | None = OFF
    pilot: PilotOrder | None = PilotOrder(1.0, False)  # noqa: RUF009


class Play:
    """A scene and the orders that are repeated in it."""

    def __init__(self, vehicle=None, supply=None):
        self.scene = Scene(VehicleSettings(**(vehicle or {})), SupplySettings(**(supply or {})))
        self.orders = Orders()

    @property
    def vehicle(self):
        return self.scene.vehicle

    @property
    def supply(self):
        return self.scene.supply

    def calls(self):
        return [(call.rule, call.side) for call in self.scene.referee.violations]

    def go(self, seconds):
        """Let time pass, and renew every lease each 0.1 s."""
        until = self.scene.now + seconds
        while self.scene.now < until - 1e-9:
            self.command()
            self.scene.run(min(0.1, until - self.scene.now))

    def command(self):
        if self.orders.pilot:
            self.scene.pilot_does(self.orders.pilot)
        if self.orders.vehicle:
            self.scene.vehicle_does(self.orders.vehicle)
        if self.orders.supply:
            self.scene.supply_does(self.orders.supply)

    def asks(self, **order):
        self.orders.vehicle = replace(self.orders.vehicle, **order)

    def delivers(self, voltage, current):
        self.orders.supply = SupplyOrder(
            output=voltage > 0,
            voltage=voltage,
            current=current,
            contactors=True,
            isolation_test=False,
        )

    def plug_in(self):
        self.go(0.7)
        self.orders.pilot = PilotOrder(0.05, False)
        self.go(0.2)

    def ready(self):
        """Plugged in, locked, C, the supply's contactors closed."""
        self.plug_in()
        self.asks(lock=True)
        self.go(0.4)
        self.asks(pilot=Pilot.C)
        self.delivers(0.0, 0.0)
        self.go(0.2)

    def charge(self, current=100.0):
        """Precharged, closed, and current flows."""
        self.ready()
        self.delivers(self.vehicle.pack.voltage, 2.0)
        self.go(1.5)
        self.asks(plus=True, minus=True)
        self.go(0.2)
        self.delivers(403.0, current)
        self.go(2.0)


@pytest.fixture(scope='session')
def play():
    return Play


@contextmanager
def _line_at_wires(name, outlets, **about):
    """Play a line with these outlets; yields it and the network's name."""
    hosts = [(one.name, f'02:00:00:00:02:{n:02x}') for n, one in enumerate(outlets)]
    try:
        network = Network(f'{name}-{os.getpid()}', hosts)
    except NetworkUnavailable as error:
        pytest.skip(str(error))
    line, lock = Line(outlets, Settings(**about), os.urandom), threading.Lock()

    def heard(outlet, octets):
        with lock:
            answers = line.receive(outlet, octets, now())
        for one in answers:
            forwarding.send(one.outlet, one.octets)

    ends = {one.name: Interface(f'{one.name}-modem', network.name) for one in outlets}
    forwarding = Forwarding(ends, heard, lambda outlet: line.routes[outlet], line.lost)
    try:
        yield line, network.name
    finally:
        forwarding.close()
        network.close()


@pytest.fixture(scope='session')
def line_at_wires():
    return _line_at_wires
