# SPDX-License-Identifier: Apache-2.0
"""Frames reach a real interface, in time, and an interface for charging is told from others."""

import itertools
import os
import queue
import time

import pytest

from plc_kit.interface import Interface
from plc_kit.network import Network, NetworkUnavailable
from plc_modem.homeplug import BROADCAST, Mme, build
from plc_modem.homeplug.station import VS_SW_VER_REQ
from plc_modem.ports import finding, pacing
from plc_modem.ports.ethernet import EthernetPort
from plc_modem.ports.finding import NotFound, find_modem
from plc_modem.ports.pacing import Pacer

FRAME = build(Mme(BROADCAST, '02:00:00:00:00:e1', VS_SW_VER_REQ()))


@pytest.fixture
def network():
    try:
        made = Network(f'port-{os.getpid()}', [('pev', '02:70:65:76:00:01')])
    except NetworkUnavailable as error:
        pytest.skip(str(error))
    with made:
        yield made.name


@pytest.fixture
def pair(network):
    """Two ports at the ends of a wire, and what the second one hears."""
    heard = queue.Queue()
    one = EthernetPort(Interface('pev', network), lambda _: None)
    other = EthernetPort(
        Interface('pev-modem', network), lambda octets: heard.put((time.monotonic(), octets))
    )
    yield one, heard
    one.close()
    other.close()


def test_a_frame_crosses_a_real_wire_octet_for_octet(pair):
    port, heard = pair
    assert port.send(FRAME)
    assert heard.get(timeout=5)[1] == FRAME


def test_a_frame_of_full_length_crosses_and_a_longer_one_is_refused(pair):
    port, heard = pair
    longest = FRAME.ljust(1514, b'\xff')
    assert port.send(longest)
    assert heard.get(timeout=5)[1] == longest
    assert not port.send(longest + bytes(100))


def test_r23_a_batch_keeps_its_spacing_on_the_wire(pair):
    port, heard = pair
    pacer = Pacer(port.send)
    pacer.put([FRAME[:-1] + bytes([number]) for number in range(13)], 0.025)
    pacer.close()
    arrived = [heard.get(timeout=5) for _ in range(13)]
    assert [octets[-1] for _, octets in arrived] == list(range(13))
    assert arrived[-1][0] - arrived[0][0] >= 12 * 0.020


@pytest.mark.parametrize('asked', [0.0, 0.001, 10.0])
def test_r23_a_spacing_out_of_bounds_is_brought_in(asked):
    sent = []
    pacer = Pacer(lambda _: sent.append(time.monotonic()))
    pacer.put([FRAME] * 3, asked)
    pacer.close()
    gaps = [b - a for a, b in itertools.pairwise(sent)]
    assert min(gaps) >= 0.020
    assert sum(gaps) < 2.0


def test_no_wired_interface_with_a_modem_is_told_in_one_sentence(monkeypatch):
    monkeypatch.setattr(finding, 'ethernet_interfaces', list)
    with pytest.raises(NotFound, match=r'no wired interface.*sim\.launch\.py'):
        find_modem()


class SlowWire:
    """A clock and a wire in one: sending takes a while."""

    def __init__(self, *taken: float) -> None:
        self.now, self.sent, self._taken = 100.0, [], list(taken)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def send(self, _: bytes) -> None:
        self.sent.append(self.now)
        self.now += self._taken.pop(0)


@pytest.mark.parametrize('slow', [0.0, 0.0003, 0.0009])
def test_r23_a_little_delay_of_each_frame_does_not_add_up(monkeypatch, slow):
    wire = SlowWire(*[slow] * 13)
    monkeypatch.setattr(pacing, 'time', wire)
    pacer = Pacer(wire.send)
    pacer.put([FRAME] * 13, 0.025)
    pacer.close()
    assert wire.sent[-1] - wire.sent[0] == pytest.approx(12 * 0.025, abs=0.001)


def test_r23_after_a_long_delay_frames_do_not_crowd(monkeypatch):
    wire = SlowWire(0.0, 0.040, *[0.0] * 11)
    monkeypatch.setattr(pacing, 'time', wire)
    pacer = Pacer(wire.send)
    pacer.put([FRAME] * 13, 0.025)
    pacer.close()
    gaps = [b - a for a, b in itertools.pairwise(wire.sent)]
    assert min(gaps) >= 0.024
