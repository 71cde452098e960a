# SPDX-License-Identifier: Apache-2.0
"""Vehicle and charger over real sockets, and what hostile peers do to them."""

from ipaddress import IPv6Address
import queue
import select
import socket
import struct
import time

import pytest

from plc_kit.quota import Quota
from v2g.link.charger import ChargerLink
from v2g.link.security import Policy
from v2g.link.values import LinkDown, Lost, State
from v2g.sdp import SdpRequest, SdpResponse, Security
from v2g.transport.opening import DYNAMIC_PORTS
from v2g.transport.sdp_socket import ALL, EACH, TOLD, TOLD_EACH
from v2g.transport.sockets import BETWEEN, MAX_WAITING, InterfaceUnfit, Sockets, fit_interface
from v2g.v2gtp import EXI, PAYLOAD_LIMIT, V2gtp

PEV, EVSE = bytes.fromhex('027065760001'), bytes.fromhex('026576736501')
HELLO = bytes(V2gtp(EXI, b'\x80\x00hello'))


def state(station):
    return station.machine.state


def asker(interface):
    """A bare SDP client of a station."""
    opened = interface.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.name.encode())
    opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, interface.index)
    opened.settimeout(0)
    return opened


def ask(opened, interface, octets=b''):
    where = ('ff02::1', 15118, 0, interface.index)
    opened.sendto(octets or bytes(SdpRequest(Security.NONE)), where)


def answered(opened, stations, within=2.0):
    """Let the stations run until an answer is there; return it and how long it took."""
    begun = time.monotonic()
    stations.run(lambda: select.select([opened], [], [], 0)[0], within)
    return opened.recv(100), time.monotonic() - begun


def client(interface, server):
    """A bare TCP connection of a station to a server."""
    opened = interface.socket(socket.AF_INET6, socket.SOCK_STREAM)
    opened.settimeout(2)
    opened.connect((*server, 0, interface.index))
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


def is_closed(opened):
    if not select.select([opened], [], [], 0)[0]:
        return False
    try:
        return opened.recv(100) == b''
    except ConnectionResetError:
        return True


def reset(opened):
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    opened.close()


def connect(stations, charger, vehicle):
    vehicle.up(EVSE)
    stations.run(lambda: state(vehicle) is State.CONNECTED)
    vehicle.transmit(b'first')
    stations.run(lambda: state(charger) is State.CONNECTED)
    stations.run(lambda: not charger.messages.empty())
    assert charger.messages.get()[1] == V2gtp(EXI, b'first')


def test_a_try_to_connect_by_an_interface_that_has_gone_is_lost_with_a_sentence(passing):
    happened = queue.SimpleQueue()
    sockets = Sockets(
        passing.pev, deliver=lambda *_: None, report=happened.put, told=lambda _: None
    )
    passing.ip('link del dev pev-modem')  # its other end goes with it
    sockets.connect(7, IPv6Address('fe80::1'), 50000)
    unplugged = happened.get(timeout=10)
    passing.network.close()
    sockets.connect(8, IPv6Address('fe80::1'), 50000)
    dead = happened.get(timeout=10)
    sockets.close_all()
    assert unplugged == Lost(7, f'there is no interface {passing.pev}')
    assert (type(dead), dead.connection) == (Lost, 8)
    assert 'no simulated network' in dead.reason


def test_lesson_32_vehicle_finds_charger_link_local_and_both_talk(stations, charger, vehicle):
    connect(stations, charger, vehicle)
    charger.transmit(b'answer')
    stations.run(lambda: not vehicle.messages.empty())
    connection, message = vehicle.messages.get()
    assert message == V2gtp(EXI, b'answer')
    assert connection == vehicle.machine.status.connection_id
    port = int(charger.machine.status.remote_address.rpartition(':')[2])
    assert port in DYNAMIC_PORTS
    assert vehicle.machine.status.remote_address == charger.machine.status.local_address


def way(datagram):
    """What a datagram is to both sides: only one of them knows a MAC address."""
    return str(datagram.source), str(datagram.destination), datagram.octets


def test_each_datagram_of_sdp_is_told_by_both_sides_with_where_from_and_where_to(
    stations, charger, vehicle
):
    connect(stations, charger, vehicle)
    server = f'[{charger.interface.link_local()}]:15118'
    request, response = vehicle.datagrams[0], vehicle.datagrams[-1]
    assert SdpRequest.parse(request.octets) == SdpRequest()
    assert str(request.destination) == '[ff02::1]:15118'
    assert str(request.source.address) == vehicle.interface.link_local()
    assert request.source.port in DYNAMIC_PORTS
    assert (str(response.source), response.destination) == (server, request.source)
    assert response.when >= request.when
    assert SdpResponse.parse(response.octets).port == charger.server[1]
    both = {way(request), way(response)}
    stations.run(lambda: both <= {way(datagram) for datagram in charger.datagrams})


def test_biggest_message_goes_through_both_ways(stations, charger, vehicle):
    connect(stations, charger, vehicle)
    big = bytes(range(256)) * (PAYLOAD_LIMIT // 256)
    for sender, receiver in (vehicle, charger), (charger, vehicle):
        sender.transmit(big)
        stations.run(lambda receiver=receiver: not receiver.messages.empty())
        assert receiver.messages.get()[1].payload == big


def test_close_after_a_message_delivers_it_first(stations, charger, vehicle):
    connect(stations, charger, vehicle)
    charger.transmit(b'last words', close=True)
    stations.run(lambda: state(vehicle) is State.CLOSED)
    assert vehicle.messages.get()[1].payload == b'last words'
    assert vehicle.machine.status.reason == 'the partner closed the connection'
    assert charger.machine.status.reason == 'closed by this side'


def test_vehicle_may_come_again_on_the_same_data_link(stations, charger, vehicle):
    connect(stations, charger, vehicle)
    vehicle.transmit(b'', close=True)
    stations.run(lambda: state(charger) is State.CLOSED)
    vehicle.up(EVSE, link_id=2)
    stations.run(lambda: state(vehicle) is State.CONNECTED)
    vehicle.transmit(b'again')
    stations.run(lambda: state(charger) is State.CONNECTED)


def test_lost_data_link_frees_every_port(stations, charger, vehicle):
    connect(stations, charger, vehicle)
    server = charger.server
    charger.happen(LinkDown())
    stations.run(lambda: state(vehicle) is State.CLOSED)
    with pytest.raises(OSError, match='refused'):
        client(vehicle.interface, server)


def test_fixed_tcp_port_can_be_used_again_at_once(stations, charger, vehicle):
    charger.tcp_port = 61851
    for link_id in range(2, 5):
        charger.up(PEV, link_id)
        vehicle.up(EVSE, link_id)
        stations.run(lambda: state(vehicle) is State.CONNECTED)
        vehicle.transmit(b'first')
        stations.run(lambda: state(charger) is State.CONNECTED)
        assert charger.server[1] == 61851


def test_address_that_comes_late_is_waited_for(wire, stations):
    wire.ip('link add name late type veth peer name late-modem', 'link set dev late-modem up')
    wire.evse_late = wire.evse.parse(f'late@{wire.network.name}')
    try:
        late = stations.make(ChargerLink(Policy.NONE, lambda n: bytes(n)), 'evse_late').up()
        stations.rest(0.2)
        assert late.machine.status.local_address == ''
        wire.ip('link set dev late up')  # a tentative address, for a second or so
        stations.run(lambda: late.machine.status.local_address)
    finally:
        wire.ip('link del dev late')


def test_interface_with_an_ipv4_address_is_refused_unless_allowed():
    with pytest.raises(InterfaceUnfit, match='allow_ipv4'):
        fit_interface('lo', allow_ipv4=False)
    assert fit_interface('lo', allow_ipv4=True).name == 'lo'


def test_lesson_30_request_for_tls_is_answered_none_within_50_ms(stations, charger, wire):
    with asker(wire.pev) as opened:
        ask(opened, wire.pev, bytes(SdpRequest(Security.TLS)))
        octets, took = answered(opened, stations)
    response = SdpResponse.parse(octets)
    assert response.security is Security.NONE
    assert (str(response.address), response.port) == charger.server
    assert took < 0.05


def test_abuse_12_third_station_in_the_avln_becomes_nobodys_partner(
    stations, charger, vehicle, wire
):
    with client(wire.evil, charger.server) as evil, asker(wire.evil) as opened:
        evil.send(HELLO)
        stations.run(lambda: is_closed(evil))
        ask(opened, wire.evil)  # its MAC address is known by now
        stations.run(lambda: charger.machine.counts['untrusted_sdp'] == 1)
        assert not select.select([opened], [], [], 0)[0]
    connect(stations, charger, vehicle)
    assert charger.machine.status.refused == 2


def test_abuse_16_first_response_of_a_stranger_does_not_win(stations, charger, vehicle, wire):
    charger.happen(LinkDown())
    vehicle.up(EVSE)
    with asker(wire.evil) as evil:
        evil.bind(('::', 15118))
        stations.run(lambda: select.select([evil], [], [], 0)[0])
        _, asked_from = evil.recvfrom(100)
        for port in 50000, 0, 22:
            forged = SdpResponse(IPv6Address(wire.evil.link_local()), port)
            evil.sendto(bytes(forged), (*asked_from[:3], wire.evil.index))
        stations.rest(0.1)
    assert vehicle.machine.counts['untrusted_sdp'] == 3
    assert state(vehicle) is State.SDP
    charger.up(PEV, 2)
    stations.run(lambda: state(vehicle) is State.CONNECTED)


@pytest.mark.parametrize('octets', [b'x', HELLO, bytes(200), bytes(1400)])
def test_abuse_17_malformed_datagrams_leave_sdp_answering(stations, charger, wire, octets):
    with asker(wire.pev) as opened:
        for _ in range(5):
            ask(opened, wire.pev, octets)
        ask(opened, wire.pev)
        SdpResponse.parse(answered(opened, stations)[0])
    assert charger.machine.counts['malformed_sdp'] == 5


def test_abuse_18_flood_leaves_the_vehicle_its_answer_and_costs_little(stations, charger, wire):
    with asker(wire.evil) as evil, asker(wire.pev) as opened:
        where, request = ('ff02::1', 15118, 0, wire.evil.index), bytes(SdpRequest())
        begun, used, sent = time.monotonic(), time.process_time(), 0
        while time.monotonic() < begun + 1:
            while sent < (time.monotonic() - begun) * 2000:
                evil.sendto(request, where)
                sent += 1
            for station in stations:
                station.step(0.0005)
        cost = time.process_time() - used
        ask(opened, wire.pev)
        _, took = answered(opened, stations)
    assert sent > 1000
    assert charger.sockets.counts['flooding_sdp'] > sent - 3 * EACH
    assert took < 0.05
    assert cost < 1


def test_abuse_18_each_source_has_its_share():
    quota, noisy, quiet = Quota(EACH, ALL), IPv6Address('fe80::bad'), IPv6Address('fe80::1')
    assert sum(quota.grants(noisy, 0.5) for _ in range(1000)) == EACH
    assert quota.grants(quiet, 0.6)
    many = [IPv6Address(f'fe80::{n:x}') for n in range(1, 1000)]
    assert sum(quota.grants(source, 0.7) for source in many) == ALL - EACH - 1
    assert quota.grants(noisy, 1.6)


def test_abuse_18_of_a_flood_only_what_is_looked_at_is_told(stations, charger, wire):
    flood = 8 * EACH
    with asker(wire.evil) as evil:
        for _ in range(flood):
            ask(evil, wire.evil, b'nonsense')
        taken, left = charger.machine.counts, charger.sockets.counts
        stations.run(lambda: taken['malformed_sdp'] + left['flooding_sdp'] == flood)
        stations.run(lambda: len(charger.datagrams) == taken['malformed_sdp'])
    assert EACH <= len(charger.datagrams) < flood
    assert {datagram.octets for datagram in charger.datagrams} == {b'nonsense'}


def test_abuse_18_of_what_many_send_some_is_told():
    quota = Quota(TOLD_EACH, TOLD)
    many = [IPv6Address(f'fe80::{n:x}') for n in range(1, 200)]
    assert sum(quota.grants(source, 0.7) for source in many) == TOLD < ALL


def test_abuse_19_split_octet_by_octet_over_tcp(stations, charger, wire):
    with client(wire.pev, charger.server) as car:
        for octet in HELLO:
            car.send(bytes([octet]))
            time.sleep(0.001)
        stations.run(lambda: not charger.messages.empty())
    assert bytes(charger.messages.get()[1]) == HELLO


def test_abuse_19_three_messages_in_one_segment_over_tcp(stations, charger, wire):
    messages = [V2gtp(EXI, bytes([n]) * n) for n in range(1, 4)]
    with client(wire.pev, charger.server) as car:
        car.send(b''.join(map(bytes, messages)))
        stations.run(lambda: charger.messages.qsize() == 3)
    assert [charger.messages.get()[1] for _ in range(3)] == messages


@pytest.mark.parametrize('length', [0, 0x7FFFFFFF, 0xFFFFFFF8, 0xFFFFFFFF, PAYLOAD_LIMIT + 1])
def test_abuse_20_impossible_length_ends_the_connection(stations, charger, vehicle, length):
    connect(stations, charger, vehicle)
    header = struct.pack('>BBHI', 1, 0xFE, EXI, length)
    vehicle.sockets.send(vehicle.machine.status.connection_id, header)
    stations.run(lambda: state(charger) is State.CLOSED)
    assert charger.machine.status.reason.startswith('no V2GTP')


def test_abuse_21_wrong_version_ends_the_connection(stations, charger, vehicle):
    connect(stations, charger, vehicle)
    vehicle.sockets.send(vehicle.machine.status.connection_id, b'\x02\xfd\x80\x01\0\0\0\1x')
    stations.run(lambda: state(charger) is State.CLOSED)
    assert 'not with 01fe' in charger.machine.status.reason


def test_abuse_21_unknown_payload_type_is_skipped_and_counted(stations, charger, vehicle):
    connect(stations, charger, vehicle)
    number = vehicle.machine.status.connection_id
    for payload_type in 0x0000, 0x9000, 0xBEEF:
        vehicle.sockets.send(number, bytes(V2gtp(payload_type, b'?')))
    vehicle.sockets.send(number, bytes(V2gtp(0x8002, b'twenty')))
    stations.run(lambda: not charger.messages.empty())
    assert charger.messages.get()[1] == V2gtp(0x8002, b'twenty')
    assert charger.sockets.skipped() == 3


def test_abuse_22_hundred_silent_clients_do_not_keep_the_vehicle_out(
    stations, charger, vehicle, wire
):
    crowd = [client(wire.pev, charger.server) for _ in range(20)]
    stations.rest(0.1)
    crowd += [client(wire.pev, charger.server) for _ in range(80)]
    connect(stations, charger, vehicle)
    stations.run(lambda: all(map(is_closed, crowd)))
    for opened in crowd:
        opened.close()


def test_safety_7_and_abuse_52_a_hundred_connections_take_turns_and_the_vehicle_too(
    stations, charger, vehicle, wire
):
    began = time.monotonic()
    crowd = [client(wire.evil, charger.server) for _ in range(100)]
    connect(stations, charger, vehicle)
    stations.run(lambda: all(map(is_closed, crowd)))
    assert time.monotonic() - began >= 99 * BETWEEN
    for opened in crowd:
        opened.close()


def test_abuse_22_slow_loris_does_not_keep_the_vehicle_out(stations, charger, vehicle, wire):
    with client(wire.pev, charger.server) as loris:
        for octet in HELLO[:5]:
            loris.send(bytes([octet]))
        connect(stations, charger, vehicle)
        stations.run(lambda: is_closed(loris))


def test_abuse_22_another_host_is_turned_away_and_sdp_still_answers(
    stations, charger, vehicle, wire
):
    strangers = [client(wire.evil, charger.server) for _ in range(MAX_WAITING)]
    for stranger in strangers:
        stranger.send(HELLO)
    stations.run(lambda: charger.machine.counts['strangers'] == MAX_WAITING)
    connect(stations, charger, vehicle)
    with client(wire.evil, charger.server) as late, asker(wire.pev) as opened:
        ask(opened, wire.pev)
        assert answered(opened, stations)[1] < 0.05
        stations.run(lambda: is_closed(late))
    assert state(charger) is State.CONNECTED
    for stranger in strangers:
        stranger.close()


def half_close(opened):
    opened.shutdown(socket.SHUT_WR)


ENDS = {'RST': reset, 'FIN': socket.socket.close, 'half-close': half_close}
PATTERNS = {
    'RST': 'the partner reset the connection',
    'FIN': 'the partner closed the connection',
    'half-close': 'the partner closed the connection',
}


@pytest.mark.parametrize('way', ENDS)
def test_abuse_23_end_before_the_first_message(stations, charger, vehicle, wire, way):
    opened = client(wire.pev, charger.server)
    stations.run(lambda: state(charger) is State.CONNECTING)
    ENDS[way](opened)
    stations.run(lambda: state(charger) is State.SDP)
    connect(stations, charger, vehicle)


@pytest.mark.parametrize('way', ENDS)
@pytest.mark.parametrize('said', [HELLO, HELLO + HELLO[:11]], ids=['between', 'within'])
def test_abuse_23_end_after_and_within_a_message(stations, charger, vehicle, wire, way, said):
    opened = client(wire.pev, charger.server)
    opened.send(said)
    stations.run(lambda: state(charger) is State.CONNECTED)
    stations.run(lambda: not charger.messages.empty())
    charger.messages.get()
    ENDS[way](opened)
    stations.run(lambda: state(charger) is State.CLOSED)
    assert charger.machine.status.reason == PATTERNS[way]
    assert [s.state for s in charger.statuses].count(State.CLOSED) == 1
    connect(stations, charger, vehicle)


@pytest.mark.parametrize('way', ENDS)
def test_abuse_23_end_by_the_charger_is_told_to_the_vehicle(stations, vehicle, wire, way):
    with wire.evse.socket(socket.AF_INET6, socket.SOCK_STREAM) as server, asker(wire.evse) as sdp:
        address = wire.evse.link_local()
        server.bind((address, 0, 0, wire.evse.index))
        server.listen()
        sdp.bind(('::', 15118))
        vehicle.up(EVSE)
        stations.run(lambda: select.select([sdp], [], [], 0)[0])
        _, where = sdp.recvfrom(100)
        answer = SdpResponse(IPv6Address(address), server.getsockname()[1])
        sdp.sendto(bytes(answer), where)
        stations.run(lambda: state(vehicle) is State.CONNECTED)
        charger, _ = server.accept()
        ENDS[way](charger)
        stations.run(lambda: state(vehicle) is State.CLOSED)
    assert vehicle.machine.status.reason == PATTERNS[way]


def test_partner_that_reads_nothing_is_lost_not_waited_for(stations, charger, wire):
    with client(wire.pev, charger.server) as car:
        car.send(HELLO)
        stations.run(lambda: state(charger) is State.CONNECTED)
        begun = time.monotonic()
        for _ in range(200):
            charger.transmit(bytes(PAYLOAD_LIMIT))
        assert time.monotonic() - begun < 1
        stations.run(lambda: state(charger) is State.CLOSED)
    assert charger.machine.status.reason == 'the partner does not take what is sent'


def test_lesson_28_refused_port_is_tried_three_times_and_then_that_of_sdp(stations, vehicle, wire):
    with asker(wire.evse) as sdp, wire.evse.socket(socket.AF_INET6, socket.SOCK_STREAM) as server:
        address = wire.evse.link_local()
        server.bind((address, 15118, 0, wire.evse.index))
        server.listen()
        sdp.bind(('::', 15118))
        vehicle.up(EVSE)
        stations.run(lambda: select.select([sdp], [], [], 0)[0])
        _, where = sdp.recvfrom(100)
        sdp.sendto(bytes(SdpResponse(IPv6Address(address), 53537)), where)
        stations.run(lambda: state(vehicle) is State.CONNECTED)
    assert vehicle.machine.status.remote_address == f'[{address}]:15118'
