# SPDX-License-Identifier: Apache-2.0
"""Lessons 24 to 33, as far as only real sockets and a real kernel can show them."""

from ipaddress import IPv6Address
import select
import socket

import pytest
from scapy.layers.inet6 import (
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
    in6_getnsma,
)
from scapy.layers.l2 import Ether

from plc_kit.quota import Quota
from v2g.link.values import State
from v2g.sdp import ALL_NODES, SDP_PORT, SdpRequest, SdpResponse, Security
from v2g.transport.opening import begin_connecting
from v2g.transport.sdp_socket import ALL, EACH

from .test_sockets import EVSE, answered, asker, connect, state

NEIGHBOUR_DISCOVERY = 0x86DD
PATIENCE = 5.0  # s


class Solicitor:
    """Asks for the MAC address behind an IPv6 address, frame by frame."""

    def __init__(self, interface, mac):
        self._mac, self._own = mac, interface.link_local()
        self._frames = interface.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._frames.bind((interface.name, NEIGHBOUR_DISCOVERY))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._frames.close()

    def ask(self, target):
        """Send a neighbour solicitation, to the solicited-node group of the target."""
        group = IPv6Address(in6_getnsma(IPv6Address(target).packed))
        multicast = '33:33:' + ':'.join(f'{octet:02x}' for octet in group.packed[12:])
        frame = (
            Ether(src=self._mac, dst=multicast)
            / IPv6(src=self._own, dst=str(group), hlim=255)
            / ICMPv6ND_NS(tgt=target)
            / ICMPv6NDOptSrcLLAddr(lladdr=self._mac)
        )
        self._frames.send(bytes(frame))

    def answer(self, target):
        """Wait for the advertisement of the target."""
        while select.select([self._frames], [], [], PATIENCE)[0]:
            frame = Ether(self._frames.recv(2048))
            if ICMPv6ND_NA in frame and frame[ICMPv6ND_NA].tgt == target:
                return frame
        raise AssertionError(f'nobody advertises {target}')


def assert_full(frame, mac):
    """Solicited, overriding, with the own address as option 2, from one hop away."""
    advertisement = frame[ICMPv6ND_NA]
    assert (advertisement.S, advertisement.O, frame[IPv6].hlim) == (1, 1, 255)
    assert frame[ICMPv6NDOptDstLLAddr].lladdr == mac


def test_lesson_24_vehicle_answers_a_solicitation_before_it_has_an_sdp_response(
    stations, vehicle, wire
):
    vehicle.up(EVSE)
    stations.run(lambda: vehicle.sockets is not None and state(vehicle) is State.SDP)
    own = wire.pev.link_local()
    with Solicitor(wire.evse, wire.macs['evse']) as charger:
        charger.ask(own)
        assert_full(charger.answer(own), wire.macs['pev'])
    assert state(vehicle) is State.SDP


def test_lesson_25_charger_answers_a_solicitation_within_a_session(
    stations, charger, vehicle, wire
):
    connect(stations, charger, vehicle)
    own = wire.evse.link_local()
    with Solicitor(wire.pev, wire.macs['pev']) as car:
        car.ask(own)
        assert_full(car.answer(own), wire.macs['evse'])
    assert state(charger) is state(vehicle) is State.CONNECTED


def test_lesson_26_fifty_requests_for_tls_are_all_looked_at_and_none_is_a_flood():
    quota, audi = Quota(EACH, ALL), IPv6Address('fe80::1')
    assert all(quota.grants(audi, 0.25 * n) for n in range(50))


def test_lesson_31_of_two_interfaces_the_addresses_of_the_chosen_one_are_taken(
    stations, charger, vehicle, wire
):
    connect(stations, charger, vehicle)
    for station, interface in (charger, wire.evse), (vehicle, wire.pev):
        address, _, _ = station.machine.status.local_address.rpartition(':')
        assert address.strip('[]') == interface.link_local()
        assert interface.link_local() != wire.evil.link_local()


def test_lesson_32_link_local_addresses_are_used_with_the_scope_of_their_interface(charger, wire):
    address, port = charger.server
    with begin_connecting(wire.pev, IPv6Address(address), port) as opened:
        assert select.select([], [opened], [], PATIENCE)[1]
        assert opened.getpeername()[3] == wire.pev.index


@pytest.mark.parametrize('hops', [10, 64, 255])
@pytest.mark.parametrize('port', [49152, 54125])
def test_lesson_33_any_hop_limit_and_source_port_is_answered(stations, charger, wire, hops, port):
    with asker(wire.pev) as opened:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
        opened.bind(('::', port))
        to = ALL_NODES, SDP_PORT, 0, wire.pev.index
        opened.sendto(bytes(SdpRequest(Security.NONE)), to)
        octets, _ = answered(opened, stations, PATIENCE)
    assert SdpResponse.parse(octets).port == charger.server[1]
