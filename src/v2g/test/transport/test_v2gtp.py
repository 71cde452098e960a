# SPDX-License-Identifier: Apache-2.0
"""V2GTP: what is whole comes out once, what is nonsense is refused before it costs anything."""

import struct
import tracemalloc

from hypothesis import given, strategies as st
import pytest

from v2g.v2gtp import (
    EXI,
    HEADER,
    PAYLOAD_LIMIT,
    BrokenStream,
    MalformedV2gtp,
    Reassembly,
    V2gtp,
    pack,
)

MESSAGES = st.lists(
    st.builds(V2gtp, st.integers(0, 0xFFFF), st.binary(min_size=1, max_size=300)), max_size=6
)


def header(length, payload_type=EXI, version=0x01, inverse=0xFE):
    return struct.pack('>BBHI', version, inverse, payload_type, length)


def fed(pieces):
    stream = Reassembly()
    return [message for piece in pieces for message in stream.feed(piece)], stream


def test_header_is_written_as_the_standard_shows_it():
    assert pack(EXI, b'\x80\x98') == bytes.fromhex('01fe 8001 00000002 8098')


@given(MESSAGES, st.lists(st.integers(1, 40), min_size=1))
def test_messages_come_out_whole_however_the_stream_is_cut(messages, cuts):
    octets, pieces = b''.join(map(bytes, messages)), []
    while octets:
        cut = cuts[len(pieces) % len(cuts)]
        pieces.append(octets[:cut])
        octets = octets[cut:]
    came, stream = fed(pieces)
    assert came == messages
    assert not stream.missing


def test_abuse_19_split_octet_by_octet():
    message = V2gtp(EXI, bytes(range(50)))
    came, _ = fed(bytes([octet]) for octet in bytes(message))
    assert came == [message]


def test_abuse_19_three_messages_in_one_segment():
    messages = [V2gtp(EXI, b'one'), V2gtp(0x8002, b'two'), V2gtp(EXI, b'three')]
    assert fed([b''.join(map(bytes, messages))])[0] == messages


def test_abuse_19_payload_split_behind_the_header():
    message = bytes(V2gtp(EXI, b'payload'))
    stream = Reassembly()
    assert stream.feed(message[:8]) == []
    assert stream.missing
    assert stream.feed(message[8:]) == [V2gtp(EXI, b'payload')]


@pytest.mark.parametrize(
    'length', [0, 0x7FFFFFFF, *range(0xFFFFFFF8, 0x100000000), PAYLOAD_LIMIT + 1]
)
def test_abuse_20_length_that_cannot_be_is_refused_at_the_header(length):
    tracemalloc.start()
    with pytest.raises(MalformedV2gtp):
        Reassembly().feed(header(length))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000


def test_biggest_payload_passes():
    message = V2gtp(EXI, bytes(PAYLOAD_LIMIT))
    assert fed([bytes(message)])[0] == [message]


@pytest.mark.parametrize('start', [b'\x02\xfd', b'\x01\x01', b'\x00', b'GE', b'\x16\x03'])
def test_abuse_21_wrong_version_or_inverse_is_refused_at_its_first_octets(start):
    with pytest.raises(MalformedV2gtp, match='not with 01fe'):
        Reassembly().feed(start)


def test_messages_before_the_nonsense_are_not_lost():
    good = V2gtp(EXI, b'good')
    with pytest.raises(BrokenStream) as broken:
        Reassembly().feed(bytes(good) + b'nonsense')
    assert broken.value.before == [good]


@pytest.mark.parametrize('size', [0, PAYLOAD_LIMIT + 1])
def test_we_never_send_what_we_would_not_take(size):
    with pytest.raises(ValueError, match='octets'):
        pack(EXI, bytes(size))


@given(st.binary(max_size=200))
def test_any_octets_are_messages_or_malformed(octets):
    stream = Reassembly()
    try:
        messages = stream.feed(octets)
    except MalformedV2gtp:
        return
    assert octets.startswith(b''.join(map(bytes, messages)))


@given(st.binary(max_size=40))
def test_any_datagram_is_one_message_or_malformed(datagram):
    try:
        message = V2gtp.parse(datagram)
    except MalformedV2gtp:
        return
    assert len(datagram) == HEADER.size + len(message.payload)
    assert bytes(message) == datagram
