# SPDX-License-Identifier: Apache-2.0
"""The vehicle's SDP and TCP in virtual time."""

from ipaddress import IPv6Address
from itertools import count

from hypothesis import given, strategies as st
import pytest

from v2g.link.security import Policy
from v2g.link.timing import SDP_REQUESTS
from v2g.link.values import (
    AddressFound,
    Admit,
    AskSdp,
    Changed,
    Close,
    CloseAll,
    Connect,
    DatagramCame,
    FindAddress,
    InterfaceFailed,
    LinkDown,
    LinkUp,
    Lost,
    Open,
    Opened,
    Peer,
    SessionGone,
    State,
    Transmit,
)
from v2g.link.vehicle import VehicleLink
from v2g.sdp import SdpRequest, SdpResponse, Security
from v2g.v2gtp import EXI, V2gtp

OWN, CHARGER, OTHER = (IPv6Address(f'fe80::{n}') for n in (1, 2, 3))
CHARGER_MAC, OTHER_MAC = bytes.fromhex('020000000002'), bytes.fromhex('020000000003')
PORT = 51110


def numbers():
    order = count(1)
    return lambda size: next(order).to_bytes(size, 'big')


def asking(policy=Policy.NONE, peer_mac=CHARGER_MAC):
    link = VehicleLink(policy, numbers())
    link.receive(LinkUp(7, 'pev', peer_mac), 0.0)
    link.receive(AddressFound(OWN), 0.0)
    return link


def answer(address=CHARGER, port=PORT, security=Security.NONE, source=CHARGER, mac=CHARGER_MAC):
    return DatagramCame(bytes(SdpResponse(address, port, security)), Peer(source, 15118, mac))


def connecting(**terms):
    link = asking(**terms)
    *_, connect = link.receive(answer(), 0.01)
    return link, connect


def connected(**terms):
    link, connect = connecting(**terms)
    peer = Peer(CHARGER, PORT, CHARGER_MAC)
    link.receive(Opened(connect.connection, peer, '[fe80::1]:50000'), 0.02)
    return link, connect.connection


def played(link, until=60.0):
    """Let time pass; return what was to be done, and when."""
    diary = []
    while link.deadline is not None and link.deadline <= until:
        now = link.deadline
        diary += [(round(now, 3), event) for event in link.tick(now)]
    return diary


def test_asks_once_it_has_an_address():
    link = VehicleLink(Policy.NONE, numbers())
    changed, opening = link.receive(LinkUp(7, 'pev@sim', CHARGER_MAC), 0.0)
    assert (changed.status.state, changed.status.link_id) == (State.SDP, 7)
    assert opening == Open('pev@sim')
    assert link.receive(AddressFound(None), 0.0) == []
    assert link.tick(0.05) == [FindAddress()]
    assert link.receive(AddressFound(OWN), 0.05) == [AskSdp(bytes(SdpRequest(Security.NONE)))]


def test_asks_every_250_ms_up_to_50_times_and_then_says_so():
    link = asking()
    diary = played(link)
    asked = [when for when, event in diary if isinstance(event, AskSdp)]
    assert asked == [pytest.approx(0.25 * n) for n in range(1, SDP_REQUESTS)]
    when, last = diary[-1]
    assert (when, last.status.state) == (12.5, State.CLOSED)
    assert last.status.reason == 'no usable SDP response to 50 requests'
    assert link.deadline is None


def test_lesson_28_connects_to_the_announced_port():
    link, connect = connecting()
    assert (connect.address, connect.port) == (CHARGER, PORT)
    assert link.state is State.CONNECTING
    peer = Peer(CHARGER, PORT, CHARGER_MAC)
    changed, admit = link.receive(Opened(connect.connection, peer, '[fe80::1]:50000'), 0.02)
    assert admit == Admit(connect.connection)
    assert changed.status.state is State.CONNECTED
    assert changed.status.connection_id == connect.connection
    assert changed.status.remote_address == '[fe80::2]:51110'
    assert changed.status.local_address == '[fe80::1]:50000'
    assert changed.status.security_chosen == 'none'


def test_lesson_28_tries_three_times_a_second_each_and_last_the_port_of_sdp():
    link, first = connecting()
    tries = [(when, event.port) for when, event in played(link) if isinstance(event, Connect)]
    assert tries == [(1.01, PORT), (2.01, PORT), (3.01, 15118)]
    assert link.state is State.CLOSED
    assert link.status.reason.startswith('no TCP connection to [fe80::2]:51110: no answer')
    assert first.port == PORT


def test_a_refused_try_is_followed_by_a_pause():
    link, first = connecting()
    assert link.receive(Lost(first.connection, 'connection refused'), 0.02) == []
    [second] = link.tick(0.22)
    assert isinstance(second, Connect)
    assert second.connection != first.connection


def test_each_try_is_given_up_before_the_next():
    link, first = connecting()
    given_up, second = link.tick(1.01)
    assert given_up == Close(first.connection)
    late = Opened(first.connection, Peer(CHARGER, PORT, CHARGER_MAC), '')
    assert link.receive(late, 1.02) == [Close(first.connection)]
    assert link.receive(Lost(first.connection, 'reset'), 1.03) == []
    assert second.connection != first.connection


FORGED = {
    'another station': answer(mac=OTHER_MAC, source=OTHER, address=OTHER),
    'another station under its address': answer(mac=OTHER_MAC),
    'global address': answer(address=IPv6Address('2001:db8::2')),
    'global source': answer(source=IPv6Address('fd00::2')),
    'multicast address': answer(address=IPv6Address('ff02::2')),
    'no address': answer(address=IPv6Address('::')),
    'port 0': answer(port=0),
    'port of a system service': answer(port=22),
    'TLS that was not asked for': answer(security=Security.TLS),
    'not SDP': DatagramCame(b'\x01\xfe\x90\x01', Peer(CHARGER, 15118, CHARGER_MAC)),
    'a request': DatagramCame(bytes(SdpRequest()), Peer(CHARGER, 15118, CHARGER_MAC)),
}


@pytest.mark.parametrize('forged', FORGED.values(), ids=FORGED)
def test_abuse_16_forged_response_is_counted_and_the_right_one_still_taken(forged):
    link = asking()
    assert link.receive(forged, 0.01) == []
    assert link.status.refused == 1
    *_, connect = link.receive(answer(), 0.02)
    assert connect.address == CHARGER


def test_abuse_16_reason_names_the_last_refusal_when_nothing_better_came():
    link = asking()
    link.receive(answer(port=0), 0.01)
    played(link)
    assert link.status.reason.endswith('the last response was refused: port 0 cannot be')


def test_abuse_16_tls_that_was_required_is_not_bargained_away():
    link = asking(policy=Policy.REQUIRE_TLS)
    assert link.receive(answer(security=Security.NONE), 0.01) == []
    *_, connect = link.receive(answer(security=Security.TLS), 0.02)
    assert isinstance(connect, Connect)
    assert link.status.security_offered == 'tls'


def test_tls_that_is_preferred_may_be_refused_by_the_charger():
    link = asking(policy=Policy.PREFER_TLS)
    changed, _ = link.receive(answer(security=Security.NONE), 0.01)
    assert (changed.status.security_asked, changed.status.security_offered) == ('tls', 'none')


def test_abuse_16_station_that_proves_foreign_once_connected_is_left_and_asked_for_no_more():
    link = asking()
    forged = answer(mac=None, source=OTHER, address=OTHER)  # not yet in the neighbour table
    *_, connect = link.receive(forged, 0.01)
    events = link.receive(Opened(connect.connection, Peer(OTHER, PORT, OTHER_MAC), ''), 0.02)
    assert events[0] == Close(connect.connection)
    assert isinstance(events[-1], AskSdp)
    assert link.state is State.SDP
    assert link.receive(forged, 0.03) == []
    *_, right = link.receive(answer(), 0.04)
    assert right.address == CHARGER


def test_partner_unknown_to_the_neighbour_table_is_no_partner():
    link, connect = connecting()
    events = link.receive(Opened(connect.connection, Peer(CHARGER, PORT), ''), 0.02)
    assert events[0] == Close(connect.connection)


def test_without_slac_the_sender_of_sdp_is_the_partner():
    link = asking(peer_mac=None)
    assert link.receive(answer(address=CHARGER, source=OTHER), 0.01) == []
    *_, connect = link.receive(answer(), 0.02)
    foreign = Opened(connect.connection, Peer(CHARGER, PORT, OTHER_MAC), '')
    assert link.receive(foreign, 0.03)[0] == Close(connect.connection)


def test_lesson_29_neighbours_response_during_the_session_is_not_heeded():
    link, _ = connected()
    assert link.receive(answer(address=OTHER), 5.0) == []
    assert link.state is State.CONNECTED


@pytest.mark.parametrize('reason', ['the partner reset the connection', 'the partner closed it'])
def test_abuse_23_end_by_the_partner_is_told_once(reason):
    link, connection = connected()
    [changed] = link.receive(Lost(connection, reason), 9.0)
    assert (changed.status.state, changed.status.reason) == (State.CLOSED, reason)
    assert changed.status.connection_id == 0
    assert link.receive(Lost(connection, reason), 9.1) == []
    assert link.deadline is None


def test_session_sends_and_closes():
    link, connection = connected()
    assert link.transmit(connection, EXI, b'req', age=0.01) == [
        Transmit(connection, bytes(V2gtp(EXI, b'req')))
    ]
    sent, closed, changed = link.transmit(connection, EXI, b'stop', age=0.0, close=True)
    assert (sent.connection, closed) == (connection, Close(connection))
    assert changed.status.reason == 'closed by this side'
    assert link.transmit(connection, EXI, b'more', age=0.0) == []


def test_empty_message_with_close_closes_at_once():
    link, connection = connected()
    assert link.transmit(connection, EXI, b'', age=0.0, close=True)[0] == Close(connection)


@pytest.mark.parametrize(('stranger', 'age'), [(1, 0.0), (0, 1.5), (0, -1.5), (5, 900.0)])
def test_what_a_bag_plays_back_is_not_sent(stranger, age):
    link, connection = connected()
    assert link.transmit(connection + stranger, EXI, b'req', age=age) == []
    assert link.counts.keys() <= {'foreign_v2g_tx', 'stale_v2g_tx'}
    assert link.counts.total() == 1


def test_dead_session_node_closes_the_connection():
    link, connection = connected()
    closed, changed = link.receive(SessionGone(), 3.0)
    assert closed == Close(connection)
    assert changed.status.reason == 'the session node has died'


@pytest.mark.parametrize('begin', [asking, lambda: connecting()[0], lambda: connected()[0]])
def test_lost_data_link_ends_everything(begin):
    link = begin()
    closed, changed = link.receive(LinkDown(), 1.0)
    assert (closed, changed.status.state) == (CloseAll(), State.DOWN)
    assert link.deadline is None
    assert link.tick(99.0) == []


def test_new_data_link_begins_anew_and_the_same_one_told_again_does_not():
    link, _ = connected()
    assert link.receive(LinkUp(7, 'pev', CHARGER_MAC), 1.0) == []
    closed, changed, opening = link.receive(LinkUp(8, 'pev', CHARGER_MAC), 1.0)
    assert (closed, opening) == (CloseAll(), Open('pev'))
    assert changed.status.state is State.SDP


def test_interface_that_cannot_be_used_is_told_and_tried_again():
    link = VehicleLink(Policy.NONE, numbers())
    link.receive(LinkUp(7, 'pev', CHARGER_MAC), 0.0)
    closed, changed = link.receive(InterfaceFailed('no such interface'), 0.0)
    assert closed == CloseAll()
    assert (changed.status.state, changed.status.reason) == (State.SDP, 'no such interface')
    assert link.tick(0.9) == []
    assert link.tick(1.0) == [Open('pev')]
    assert link.receive(InterfaceFailed('no such interface'), 1.0) == [CloseAll()]
    assert link.tick(2.0) == [Open('pev')]
    changed, ask = link.receive(AddressFound(OWN), 2.0)
    assert changed.status.reason == ''
    assert isinstance(ask, AskSdp)


def test_abuse_43_interface_that_fails_in_a_session_ends_it():
    link, _ = connected()
    _, changed = link.receive(InterfaceFailed('it is gone'), 5.0)
    assert (changed.status.state, changed.status.reason) == (State.DOWN, 'it is gone')
    assert link.deadline is None


HAPPENINGS = st.one_of(
    st.sampled_from(
        [
            *FORGED.values(),
            answer(),
            LinkUp(1, 'pev', CHARGER_MAC),
            LinkUp(2, 'pev', None),
            LinkDown('gone'),
            InterfaceFailed('down'),
            SessionGone(),
            AddressFound(None),
            AddressFound(OWN),
            None,
        ]
    ),
    st.builds(Lost, st.integers(1, 5), st.just('reset')),
    st.builds(
        Opened,
        st.integers(1, 5),
        st.sampled_from([Peer(CHARGER, PORT, CHARGER_MAC), Peer(OTHER, PORT, OTHER_MAC)]),
        st.just(''),
    ),
)


@given(st.lists(st.tuples(st.floats(0, 2), HAPPENINGS), max_size=40))
def test_whatever_happens_the_machine_waits_for_something_or_has_ended(story):
    link, now, told = VehicleLink(Policy.NONE, numbers()), 0.0, State.DOWN
    for pause, happening in story:
        now += pause
        events = link.tick(now)
        events += link.receive(happening, now) if happening else []
        for event in events:
            if isinstance(event, Changed):
                told = event.status.state
        assert told is link.state
        waits = link.deadline is not None
        assert not (waits and link.state in (State.DOWN, State.CONNECTED, State.CLOSED))
        assert (link.status.connection_id != 0) == (link.state is State.CONNECTED)
