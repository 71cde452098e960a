# SPDX-License-Identifier: Apache-2.0
"""Vehicle and charger match with QCA7005 at both ends, whatever goes wrong on the SPI bus."""

import random

import pytest

from plc_modem.modem import ModemMachine
from plc_modem.qca7005.host import Qca7005Host, Received, Started, play
from plc_sim.line import Line, Outlet, Settings
from plc_sim.qca7005 import Fault, SoftwareQca7005
from plc_sim.virtual import Station, VirtualLine
from slac.ev.matching import EvMatching, Settings as EvSettings
from slac.evse.matching import EvseMatching
from slac.evse.session import Settings as EvseSettings

POLL = 0.01
MACS = {'pev': '02:00:00:00:00:01', 'evse': '02:00:00:00:00:02'}


class SpiLine(VirtualLine):
    """A line whose stations reach their modems by SPI."""

    def __init__(self, line, stations):
        super().__init__(line, stations)
        self.hosts = {outlet: Qca7005Host() for outlet in self.stations}
        self.modems = {outlet: SoftwareQca7005() for outlet in self.stations}
        self._poll()

    def _poll(self):
        for outlet, host in self.hosts.items():
            self._drive(outlet, host.poll(self.now))
        self._later(POLL, self._poll)

    def _drive(self, outlet, steps):
        modem = self.modems[outlet]
        for event in play(steps, lambda octets: modem.transfer(octets, self.now)):
            if isinstance(event, Received):
                super()._deliver(outlet, event.octets)
            elif isinstance(event, Started):
                station = self.stations[outlet]
                self._asked_modem(station, station.modem.restarted(self.now))
        while modem.to_line:
            super()._on_line(outlet, modem.to_line.popleft())

    def _on_line(self, outlet, octets):
        self.hosts[outlet].send(octets)
        self._drive(outlet, self.hosts[outlet].flush(self.now))

    def _deliver(self, outlet, octets):
        self.modems[outlet].hear(octets, self.now)


def plugged_pair(seed=1):
    chance = random.Random(seed).randbytes
    outlets = [
        Outlet('pev', '02:00:00:00:01:01', False),
        Outlet('evse', '02:00:00:00:01:02', True),
    ]
    matchings = {
        'pev': EvMatching(EvSettings(), chance),
        'evse': EvseMatching(EvseSettings(), chance),
    }
    stations = [Station(o, mac, matchings[o], ModemMachine(mac, 0.0)) for o, mac in MACS.items()]
    virtual = SpiLine(Line(outlets, Settings(), chance), stations)
    virtual.run(5.0)
    virtual.plug('evse')
    virtual.plug('pev')
    return virtual


def linked(virtual):
    return all(s.linked is not None and s.linked.ready for s in virtual.stations.values())


def test_a_vehicle_and_a_charger_find_each_other_over_spi():
    virtual = plugged_pair()
    virtual.run(10.0, lambda: linked(virtual))
    assert linked(virtual)
    assert virtual.stations['pev'].linked.peer_mac == MACS['evse']
    assert all(host.counts['frames lost'] == 0 for host in virtual.hosts.values())


@pytest.mark.parametrize('side', ['pev', 'evse'])
@pytest.mark.parametrize('fault', list(Fault), ids=lambda fault: fault.value)
@pytest.mark.parametrize('after', [0.05, 0.7, 1.6])  # early, among the sounds, while joining
def test_a_fault_while_they_match_ends_in_a_link_all_the_same(fault, side, after):
    virtual = plugged_pair()
    virtual.run(virtual.now + after)
    virtual.modems[side].inject(fault, virtual.now)
    attempt = 1
    while not linked(virtual) and attempt < 6:
        virtual.run(virtual.now + 20.0, lambda: linked(virtual))
        attempt += 1
        virtual.stations['pev'].matching.attempt(attempt, virtual.now)  # as a session does (R5)
    assert linked(virtual)


def test_a_link_that_a_restarted_modem_breaks_stands_again_with_the_same_key():
    virtual = plugged_pair()
    virtual.run(20.0, lambda: linked(virtual))
    for station in virtual.stations.values():  # TCP proves the link better than a modem (R21)
        virtual._matched(station, station.matching.connected(True, virtual.now))
    networks = {o: s.modem.modem.network for o, s in virtual.stations.items()}
    virtual.modems['pev'].inject(Fault.RESET, virtual.now)
    broken = virtual.now
    assert virtual.line.routes['pev']
    virtual.run(broken + 0.05)
    assert not virtual.line.routes['pev']
    virtual.run(broken + 5.0, lambda: bool(virtual.line.routes['pev']))
    assert virtual.now - broken < 1.5  # less than any message timeout of a session
    virtual.run(virtual.now + 2.0)
    assert {o: s.modem.modem.network for o, s in virtual.stations.items()} == networks
