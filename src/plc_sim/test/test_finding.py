# SPDX-License-Identifier: Apache-2.0
"""interface:=auto takes the only interface on which a modem answers, over real wires."""

import os
import random

import pytest

from plc_kit.interface import Interface
from plc_kit.network import Network, NetworkUnavailable
from plc_modem.ports import finding
from plc_modem.ports.finding import NotFound, find_modem
from plc_sim.channel import Settings
from plc_sim.line import Line, Outlet
from plc_sim.ports.forwarding import Forwarding

MODEMS = {'pev': '02:00:00:00:01:01', 'evse': '02:00:00:00:01:02'}


@pytest.fixture
def computers():
    """Three interfaces, of which the modems given to `play` answer; returns (names, play)."""
    name = f'find-{os.getpid()}'
    outlets = ('pev', 'evse', 'other')
    try:
        network = Network(name, [(o, f'02:00:00:00:02:{n:02x}') for n, o in enumerate(outlets)])
    except NetworkUnavailable as error:
        pytest.skip(str(error))
    lines = []

    def play(*answering):
        line = Line(
            [Outlet(o, MODEMS[o], o == 'evse') for o in answering],
            Settings(),
            random.Random(4).randbytes,
        )

        def heard(outlet, octets):
            for one in line.receive(outlet, octets, 0.0):
                lines[0].send(one.outlet, one.octets)

        ends = {o: Interface(f'{o}-modem', name) for o in answering}
        lines.append(Forwarding(ends, heard, line.routes.__getitem__, line.lost))

    with network:
        yield [f'{outlet}@{name}' for outlet in outlets], play
        for forwarding in lines:
            forwarding.close()


def test_the_only_interface_with_a_modem_is_taken(computers, monkeypatch):
    names, play = computers
    play('evse')
    monkeypatch.setattr(finding, 'ethernet_interfaces', lambda: names)
    assert str(find_modem()) == names[1]


def test_with_none_the_interfaces_are_listed_and_the_simulation_named(computers, monkeypatch):
    names, _ = computers
    monkeypatch.setattr(finding, 'ethernet_interfaces', lambda: names)
    with pytest.raises(NotFound) as told:
        find_modem()
    assert ', '.join(names) in str(told.value)
    assert 'sim.launch.py' in str(told.value)


def test_with_two_the_user_chooses(computers, monkeypatch):
    names, play = computers
    play('pev', 'evse')
    monkeypatch.setattr(finding, 'ethernet_interfaces', lambda: names)
    with pytest.raises(NotFound, match=f'{names[0]}, {names[1]}; choose one with interface:=NAME'):
        find_modem()
