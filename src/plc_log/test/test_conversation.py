# SPDX-License-Identifier: Apache-2.0
"""The frames that are made around datagrams: whose they are is not made up."""

from ipaddress import IPv6Address

from hypothesis import given, strategies as st
import pytest

from plc_log.conversation import Conversation
from plc_log.events import Side
from plc_log.packets import Datagram, Endpoint, parse_ipv6

EVERYBODY = Endpoint.parse('[ff02::1]:15118')
ENDPOINTS = st.builds(Endpoint, st.binary(min_size=16, max_size=16), st.integers(0, 0xFFFF))


def macs(talk, source, destination=EVERYBODY):
    octets = talk.carries(Datagram(source, destination, b'\x01\xfe'))
    return octets[6:12].hex(':'), octets[:6].hex(':')


@given(ENDPOINTS, ENDPOINTS, st.binary(max_size=256))
def test_a_datagram_is_in_its_frame_as_it_was(source, destination, octets):
    datagram = Datagram(source, destination, octets)
    assert parse_ipv6(Conversation().carries(datagram)) == datagram


def test_an_address_made_of_a_mac_tells_it():
    source = Endpoint.parse('[fe80::70:65ff:fe76:1]:50000')
    assert macs(Conversation(), source) == ('02:70:65:76:00:01', '33:33:00:00:00:01')


def test_the_partners_address_has_the_mac_that_slac_told():
    talk = Conversation()
    talk.ends[Side.CHARGER].located('[fe80::1234]:50000')
    talk.ends[Side.CHARGER].mac = '52:ad:92:07:32:8b'
    assert macs(talk, Endpoint.parse('[fe80::1234]:15118'))[0] == '52:ad:92:07:32:8b'


def test_a_stranger_is_not_given_the_partners_mac():
    talk = Conversation()
    known = {end.mac for end in talk.ends.values()}
    assert macs(talk, Endpoint.parse('[fe80::bad:5eed]:15118'))[0] not in known


@given(ENDPOINTS)
def test_an_endpoint_is_read_as_it_is_written(endpoint):
    assert Endpoint.parse(str(endpoint)) == endpoint


@pytest.mark.parametrize('text', ['', '[fe80::1]', 'fe80::1:15118', '[fe80::1]:', '[::1]:123456'])
def test_what_is_no_endpoint_is_refused(text):
    with pytest.raises(ValueError, match='no address with a port'):
        Endpoint.parse(text)


def test_a_scope_is_left_out():
    assert Endpoint.parse('[fe80::1%eth0]:15118') == Endpoint(IPv6Address('fe80::1').packed, 15118)
