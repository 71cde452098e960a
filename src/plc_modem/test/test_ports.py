# SPDX-License-Identifier: Apache-2.0
"""Frames reach a real interface, in time, and an interface for charging is told from others."""

import itertools
import os
import queue
import socket
from socket import inet_ntop, inet_pton
import time

import pytest
from scapy.layers.inet6 import (
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
)
from scapy.layers.l2 import Ether

from plc_kit.interface import Interface
from plc_kit.network import Network, NetworkUnavailable
from plc_modem.homeplug import BROADCAST, Mme, build
from plc_modem.homeplug.station import VS_SW_VER_REQ
from plc_modem.ports import finding
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


@pytest.mark.parametrize('destination', ['multicast', 'unicast'])
def test_lessons_24_and_25_a_solicitation_is_answered_before_anything_of_ours_runs(
    network, destination
):
    own, asker = Interface('pev', network), Interface('pev-modem', network)
    address, theirs = own.link_local(), 'fe80::2'
    with asker.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as wire:
        wire.bind((asker.name, 0x86DD))
        wire.settimeout(5)
        to = solicited(address) if destination == 'multicast' else address
        mac = multicast_mac(to) if destination == 'multicast' else own.mac.hex(':')
        question = ICMPv6ND_NS(tgt=address) / ICMPv6NDOptSrcLLAddr(lladdr='02:00:00:00:00:02')
        header = Ether(src='02:00:00:00:00:02', dst=mac) / IPv6(src=theirs, dst=to, hlim=255)
        wire.send(bytes(header / question))
        answer = advertisement(wire)
    assert answer[ICMPv6ND_NA].tgt == address
    assert (answer[ICMPv6ND_NA].S, answer[IPv6].hlim) == (1, 255)
    if destination == 'multicast':  # who asks one station alone has its address already
        assert answer[ICMPv6ND_NA].O == 1
        assert answer[ICMPv6NDOptDstLLAddr].lladdr == own.mac.hex(':')


def advertisement(wire):
    while True:
        frame = Ether(wire.recv(2048))
        if ICMPv6ND_NA in frame:
            return frame


def solicited(address):
    tail = inet_pton(socket.AF_INET6, address)[-3:]
    return inet_ntop(socket.AF_INET6, bytes.fromhex('ff0200000000000000000001ff') + tail)


def multicast_mac(group):
    return '33:33:' + inet_pton(socket.AF_INET6, group)[-4:].hex(':')
