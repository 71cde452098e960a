# SPDX-License-Identifier: Apache-2.0
"""The charger's SDP and TCP in virtual time."""

from ipaddress import IPv6Address

from hypothesis import given, strategies as st
import pytest

from v2g.link.charger import MAX_WAITING, ChargerLink
from v2g.link.security import Policy
from v2g.link.timing import FIRST_MESSAGE_WAIT
from v2g.link.values import (
    Accepted,
    AddressFound,
    Admit,
    AnswerSdp,
    Changed,
    Close,
    CloseAll,
    DatagramCame,
    FindAddress,
    InterfaceFailed,
    LinkDown,
    LinkUp,
    Listen,
    Listening,
    Lost,
    Open,
    Peer,
    SessionGone,
    Spoke,
    State,
)
from v2g.sdp import SdpRequest, SdpResponse, Security

OWN, CAR, OTHER = (IPv6Address(f'fe80::{n}') for n in (2, 1, 3))
CAR_MAC, OTHER_MAC = bytes.fromhex('020000000001'), bytes.fromhex('020000000003')
PORT = 61000


def listening(policy=Policy.NONE, peer_mac=CAR_MAC):
    link = ChargerLink(policy, lambda size: bytes(size))
    link.receive(LinkUp(3, 'evse', peer_mac), 0.0)
    link.receive(AddressFound(OWN), 0.0)
    link.receive(Listening(PORT), 0.0)
    return link


def asked(security=Security.NONE, source=CAR, mac=CAR_MAC):
    return DatagramCame(bytes(SdpRequest(security)), Peer(source, 50123, mac))


def accepted(number, address=CAR, mac=CAR_MAC):
    return Accepted(number, Peer(address, 55000 + number, mac), '[fe80::2]:61000')


def connected(**terms):
    link = listening(**terms)
    link.receive(asked(), 0.1)
    link.receive(accepted(1), 0.2)
    link.receive(Spoke(1), 0.3)
    return link


def test_opens_its_servers_once_it_has_an_address():
    link = ChargerLink(Policy.NONE, lambda size: bytes(size))
    changed, opening = link.receive(LinkUp(3, 'evse', CAR_MAC), 0.0)
    assert (changed.status.state, opening) == (State.SDP, Open('evse'))
    assert link.receive(AddressFound(None), 0.0) == []
    assert link.tick(0.05) == [FindAddress()]
    assert link.receive(AddressFound(OWN), 0.06) == [Listen(OWN)]
    [failed] = link.receive(Listening(0, 'address is tentative'), 0.06)
    assert failed.status.reason == 'address is tentative'
    assert link.receive(Listening(0, 'address is tentative'), 0.06) == []
    assert link.tick(0.12) == [FindAddress()]
    [changed] = link.receive(Listening(PORT), 0.12)
    assert changed.status.local_address == '[fe80::2]:61000'
    assert link.deadline is None


@pytest.mark.parametrize('security', Security)
def test_lesson_26_request_for_either_security_is_answered_with_what_is_offered(security):
    answer, _ = listening().receive(asked(security), 0.1)
    assert answer == AnswerSdp(bytes(SdpResponse(OWN, PORT, Security.NONE)), asked().source)


def test_charger_with_tls_offers_it_to_who_asks():
    link = listening(policy=Policy.PREFER_TLS)
    for security in Security:
        answer, *_ = link.receive(asked(security), 0.1)
        assert SdpResponse.parse(answer.octets).security is security


def test_line_11_the_first_request_of_a_link_is_told_at_once_and_no_later_one():
    link = listening()
    answer, changed = link.receive(asked(Security.TLS), 0.1)
    assert isinstance(answer, AnswerSdp)
    assert (changed.status.state, changed.status.security_asked) == (State.SDP, 'tls')
    assert [type(event) for event in link.receive(asked(Security.NONE), 0.4)] == [AnswerSdp]
    link.receive(LinkUp(4, 'evse', CAR_MAC), 5.0)
    assert link.status.security_asked == ''


def test_lesson_27_what_was_asked_and_offered_is_told_with_the_connection():
    link = listening()
    link.receive(asked(Security.TLS), 0.1)
    link.receive(accepted(1), 0.2)
    changed, admit = link.receive(Spoke(1), 0.3)
    status = changed.status
    assert admit == Admit(1)
    assert (status.state, status.connection_id) == (State.CONNECTED, 1)
    assert (status.security_asked, status.security_offered) == ('tls', 'none')
    assert (status.security_chosen, status.security_policy) == ('none', 'none')


@pytest.mark.parametrize('octets', [b'', b'\x01', bytes(SdpResponse(CAR, 1)), bytes(300)])
def test_abuse_17_malformed_request_is_counted_and_not_answered(octets):
    link = listening()
    assert link.receive(DatagramCame(octets, Peer(CAR, 1, CAR_MAC)), 0.1) == []
    assert link.status.refused == 1
    assert link.receive(asked(), 0.2)


def test_stranger_gets_no_answer():
    link = listening()
    assert link.receive(asked(source=OTHER, mac=OTHER_MAC), 0.1) == []
    assert link.receive(asked(source=IPv6Address('2001:db8::1')), 0.1) == []
    assert link.status.refused == 2


def test_who_is_not_yet_in_the_neighbour_table_is_answered():
    assert listening().receive(asked(mac=None), 0.1)


def test_sdp_is_answered_during_a_session():
    link = connected()
    assert link.receive(asked(Security.TLS), 9.0)
    assert link.status.security_asked == 'none'  # of the connection that lives


def test_abuse_22_stranger_is_turned_away():
    link = listening()
    assert link.receive(accepted(1, OTHER, OTHER_MAC), 0.1) == [Close(1)]
    assert link.receive(accepted(2, CAR, None), 0.1) == [Close(2)]
    assert link.status.refused == 2
    assert link.state is State.SDP


def test_abuse_22_silent_connections_do_not_keep_the_vehicle_out():
    link = listening()
    for number in range(1, 4):
        link.receive(accepted(number), 0.1)
    link.receive(accepted(4), 0.2)
    _, admit, *others = link.receive(Spoke(4), 0.3)
    assert admit == Admit(4)
    assert others == [Close(1), Close(2), Close(3)]


def test_abuse_22_hundred_connections_hold_eight_places():
    link, closed = listening(), []
    for number in range(1, 101):
        events = link.receive(accepted(number), 0.1)
        closed += [event.connection for event in events if isinstance(event, Close)]
    assert closed == list(range(1, 101 - MAX_WAITING))
    assert link.receive(Spoke(100), 0.2)[1] == Admit(100)


def test_abuse_22_silent_connection_is_closed_in_the_end():
    link = listening()
    [changed] = link.receive(accepted(1), 1.0)
    assert changed.status.state is State.CONNECTING
    assert link.deadline == 1.0 + FIRST_MESSAGE_WAIT
    assert link.tick(20.9) == []
    closed, changed = link.tick(21.0)
    assert (closed, changed.status.state) == (Close(1), State.SDP)


def test_second_connection_of_the_vehicle_is_turned_away_while_the_first_lives():
    link = connected()
    assert link.receive(accepted(2), 5.0) == [Close(2)]
    assert link.status.refused == 1
    assert link.state is State.CONNECTED


def test_abuse_23_after_the_end_a_new_connection_is_admitted_at_once():
    link = connected()
    [changed] = link.receive(Lost(1, 'the partner reset the connection'), 5.0)
    assert changed.status.state is State.CLOSED
    [changed] = link.receive(accepted(2), 5.1)
    assert changed.status.state is State.CONNECTING
    changed, admit = link.receive(Spoke(2), 5.2)
    assert (changed.status.connection_id, admit) == (2, Admit(2))


def test_waiting_connection_that_ends_leaves_no_trace():
    link = listening()
    link.receive(accepted(1), 0.1)
    closed, changed = link.receive(Lost(1, 'no V2GTP'), 0.2)
    assert (closed, changed.status.state) == (Close(1), State.SDP)
    assert link.receive(Spoke(1), 0.3) == []
    assert link.deadline is None


def test_without_slac_who_asked_by_sdp_is_the_partner():
    link = listening(peer_mac=None)
    assert link.receive(accepted(1), 0.1) == [Close(1)]
    link.receive(asked(), 0.2)
    [changed] = link.receive(accepted(2), 0.3)
    assert changed.status.state is State.CONNECTING


def test_dead_session_node_closes_the_connection():
    closed, changed = connected().receive(SessionGone(), 3.0)
    assert closed == Close(1)
    assert changed.status.state is State.CLOSED


def test_lost_data_link_ends_everything():
    link = connected()
    closed, changed = link.receive(LinkDown('unplugged'), 3.0)
    assert (closed, changed.status.state) == (CloseAll(), State.DOWN)
    assert changed.status.reason == 'unplugged'
    assert link.receive(asked(), 3.1) == []
    assert link.receive(accepted(4), 3.1) == [Close(4)]


def test_interface_that_cannot_be_used_is_told_and_tried_again():
    link = ChargerLink(Policy.NONE, lambda size: bytes(size))
    link.receive(LinkUp(3, 'evse', CAR_MAC), 0.0)
    _, changed = link.receive(InterfaceFailed('no such interface'), 0.0)
    assert (changed.status.state, changed.status.reason) == (State.SDP, 'no such interface')
    assert link.tick(1.0) == [Open('evse')]
    assert link.receive(AddressFound(OWN), 1.0) == [Listen(OWN)]
    [changed] = link.receive(Listening(PORT), 1.0)
    assert changed.status.reason == ''


def test_abuse_43_interface_that_fails_in_a_session_ends_it():
    link = connected()
    _, changed = link.receive(InterfaceFailed('it is gone'), 5.0)
    assert (changed.status.state, changed.status.reason) == (State.DOWN, 'it is gone')
    assert link.receive(asked(), 5.1) == []


HAPPENINGS = st.one_of(
    st.sampled_from(
        [
            asked(),
            asked(mac=OTHER_MAC, source=OTHER),
            LinkUp(1, 'evse', CAR_MAC),
            LinkUp(2, 'evse', None),
            LinkDown('gone'),
            InterfaceFailed('down'),
            SessionGone(),
            AddressFound(None),
            AddressFound(OWN),
            Listening(PORT),
            Listening(0, 'tentative'),
            None,
        ]
    ),
    st.builds(Lost, st.integers(1, 12), st.just('reset')),
    st.builds(Spoke, st.integers(1, 12)),
    st.builds(accepted, st.integers(1, 12)),
    st.builds(accepted, st.integers(1, 12), st.just(OTHER), st.just(OTHER_MAC)),
)


@given(st.lists(st.tuples(st.floats(0, 9), HAPPENINGS), max_size=50))
def test_whatever_happens_at_most_one_connection_is_the_sessions(story):
    link, now, told, admitted = (
        ChargerLink(Policy.NONE, lambda n: bytes(n)),
        0.0,
        State.DOWN,
        set(),
    )
    for pause, happening in story:
        now += pause
        events = link.tick(now)
        events += link.receive(happening, now) if happening else []
        for event in events:
            match event:
                case Changed(status):
                    told = status.state
                    if told is not State.CONNECTED:
                        admitted.clear()
                case Admit(connection):
                    admitted.add(connection)
        assert told is link.state
        assert len(admitted) == (link.state is State.CONNECTED)
