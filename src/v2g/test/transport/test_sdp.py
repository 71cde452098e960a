# SPDX-License-Identifier: Apache-2.0
"""SDP: octets and values, and the scapy layers that say the same."""

from ipaddress import IPv6Address

from hypothesis import given, strategies as st
import pytest
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

from v2g.layers import V2GTP, SDPRequest as RequestLayer, SDPResponse as ResponseLayer
from v2g.sdp import MalformedSdp, SdpRequest, SdpResponse, Security
from v2g.v2gtp import EXI, V2gtp

FE80 = IPv6Address('fe80::1')

REQUESTS = st.builds(SdpRequest, st.sampled_from(Security))
RESPONSES = st.builds(
    SdpResponse, st.ip_addresses(v=6), st.integers(0, 0xFFFF), st.sampled_from(Security)
)


def test_request_is_written_as_cars_send_it():
    assert bytes(SdpRequest(Security.NONE)) == bytes.fromhex('01fe9000000000021000')
    assert bytes(SdpRequest(Security.TLS)) == bytes.fromhex('01fe9000000000020000')


@given(REQUESTS)
def test_request_comes_back(request):
    assert SdpRequest.parse(bytes(request)) == request


@given(RESPONSES)
def test_response_comes_back(response):
    assert SdpResponse.parse(bytes(response)) == response


@pytest.mark.parametrize(
    'datagram',
    [
        '',
        '01fe9000',
        '01fe900000000000',  # no payload
        '01fe90000000000110',
        '01fe9000000000031000ff',
        '01fe9000000000021000ff',  # an octet behind the end
        '01fe90000000000210',  # length lies
        '01fe90007fffffff1000',
        '01fe9001000000021000',  # a response's type
        '01fe8001000000021000',
        '02fd9000000000021000',
        '01fe9000000000022000',  # security 0x20
        '01fe9000000000021010',  # over UDP
    ],
)
def test_abuse_17_request_that_lies_is_malformed(datagram):
    with pytest.raises(MalformedSdp):
        SdpRequest.parse(bytes.fromhex(datagram))


@given(st.binary(max_size=40))
def test_any_datagram_is_sdp_or_malformed(datagram):
    for message in SdpRequest, SdpResponse:
        try:
            parsed = message.parse(datagram)
        except MalformedSdp:
            continue
        assert bytes(parsed) == datagram


@given(REQUESTS)
def test_request_layer_agrees(request):
    layer = V2GTP(payload_type=0x9000) / RequestLayer(security=request.security)
    assert bytes(layer) == bytes(request)
    assert V2GTP(bytes(request))[RequestLayer].security == request.security


@given(RESPONSES)
def test_response_layer_agrees(response):
    layer = V2GTP(payload_type=0x9001) / ResponseLayer(
        address=str(response.address), port=response.port, security=response.security
    )
    assert bytes(layer) == bytes(response)
    read = V2GTP(bytes(response))[ResponseLayer]
    assert (IPv6Address(read.address), read.port) == (response.address, response.port)


def test_layers_are_bound_to_udp_and_tcp():
    lower = Ether() / IPv6(src='fe80::1', dst='ff02::1')
    asked = Ether(bytes(lower / UDP(sport=50000, dport=15118) / bytes(SdpRequest())))
    answered = Ether(
        bytes(lower / UDP(sport=15118, dport=50000) / bytes(SdpResponse(FE80, 61000)))
    )
    message = Ether(bytes(lower / TCP(sport=55000, dport=61000) / bytes(V2gtp(EXI, b'\x80'))))
    inside = Ether(bytes(lower / TCP(sport=55000, dport=61000) / b'middle of a message'))
    assert asked[RequestLayer].security == Security.NONE
    assert answered[ResponseLayer].port == 61000
    assert message[V2GTP].payload_type == EXI
    assert bytes(message[V2GTP].payload) == b'\x80'
    assert inside[Raw].load == b'middle of a message'


def test_rdpcap_dissects_a_real_session(captures):
    packets = rdpcap(str(captures / '2024-04-20_ModelY_pyPLC_stop_in_precharge.pcapng'))
    assert sum(RequestLayer in packet for packet in packets) == 1
    assert sum(ResponseLayer in packet for packet in packets) == 1
    assert sum(V2GTP in packet and packet[V2GTP].payload_type == EXI for packet in packets) == 274
