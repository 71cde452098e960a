# SPDX-License-Identifier: Apache-2.0
"""TCP reassembly: whatever a capture lacks or repeats, each octet comes at most once, in order."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from plc_log.packets import ACK, FIN, RST, SYN, Endpoint, Segment, parse_ipv6
from plc_log.streams import PATIENCE, Connection, Direction

CAR, CHARGER = Endpoint(bytes(15) + b'\x01', 55000), Endpoint(bytes(15) + b'\x02', 61000)


def octets_of(chunks):
    return b''.join(chunk.octets for chunk in chunks)


@st.composite
def shuffled(draw):
    """A stream, and segments of it that overlap, repeat, and come somewhat out of order."""
    stream = draw(st.binary(min_size=1, max_size=200))
    cuts = sorted({0, len(stream), *draw(st.lists(st.integers(0, len(stream)), max_size=8))})
    pieces = [(a, stream[a:b]) for a, b in pairwise(cuts)]
    starts = st.integers(0, len(stream) - 1)
    repeats = draw(st.lists(st.tuples(starts, st.integers(1, 30)), max_size=6))
    pieces += [(start, stream[start : start + size]) for start, size in repeats]
    return stream, draw(st.permutations(pieces))


@given(shuffled(), st.integers(0, 2**32 - 1))
def test_any_order_gives_the_stream_once_wherever_its_numbers_begin(story, isn):
    stream, pieces = story
    direction = Direction()
    direction.begin(isn)
    chunks = []
    for at, octets in pieces:
        chunks += direction.take((isn + 1 + at) & 0xFFFFFFFF, octets, 0.0)
    assert octets_of(chunks) == stream
    assert not any(chunk.gap for chunk in chunks)
    assert direction.flush() == []


def test_stream_that_began_before_the_capture_begins_where_it_is_met():
    direction = Direction()
    assert octets_of(direction.take(5000, b'abc', 0.0)) == b'abc'
    assert octets_of(direction.take(5003, b'def', 0.0)) == b'def'


def test_repeat_is_counted_and_gives_nothing():
    direction = Direction()
    direction.take(1, b'abc', 0.0)
    assert direction.take(1, b'abc', 0.1) == []
    assert direction.take(0, b'x', 0.2) == []  # a keep-alive probe
    assert direction.repeats == 2


def test_segment_that_was_never_recorded_is_skipped_once_the_other_side_has_it():
    direction = Direction()
    direction.take(1, b'abc', 0.0)
    assert direction.take(6, b'fgh', 0.1) == []
    direction.acknowledge(9)
    assert direction.take(9, b'', 0.2) == []  # it may still come, out of order
    [chunk] = direction.take(9, b'', 0.2 + PATIENCE)
    assert (chunk.octets, chunk.gap) == (b'fgh', 2)


def test_lost_segment_is_waited_for_until_its_repeat():
    direction = Direction()
    direction.take(1, b'abc', 0.0)
    direction.acknowledge(4)
    assert direction.take(6, b'fgh', 0.1) == []
    assert direction.take(9, b'i', 3.0) == []
    assert octets_of(direction.take(4, b'de', 3.1)) == b'defghi'


def test_what_stands_behind_a_gap_comes_at_the_end():
    direction = Direction()
    direction.take(1, b'abc', 0.0)
    direction.take(6, b'fgh', 0.1)
    direction.take(12, b'l', 0.2)
    assert [(chunk.octets, chunk.gap) for chunk in direction.flush()] == [(b'fgh', 2), (b'l', 3)]


def segment(source, to, flags, sequence=100):
    return Segment(source, to, sequence, 0, flags, b'')


def test_connection_tells_each_thing_once():
    connection = Connection(CAR, CHARGER)
    story = [
        segment(CAR, CHARGER, SYN),
        segment(CAR, CHARGER, SYN),
        segment(CHARGER, CAR, SYN | ACK),
        segment(CAR, CHARGER, ACK),
        segment(CHARGER, CAR, FIN | ACK),
        segment(CHARGER, CAR, FIN | ACK),
        segment(CAR, CHARGER, RST),
    ]
    told = [word for one in story for word in connection.news(one)]
    assert told == ['connects', 'accepts', 'ends (FIN)', 'resets (RST)']


def test_second_syn_with_another_number_is_another_connection():
    connection = Connection(CAR, CHARGER)
    connection.take(segment(CAR, CHARGER, SYN), 0.0)
    assert not connection.is_new(segment(CAR, CHARGER, SYN))
    assert connection.is_new(segment(CAR, CHARGER, SYN, 7))


@pytest.mark.parametrize('protocol', ['06', '11', '00', '2b', '3a'])
@given(st.binary(max_size=120))
def test_any_frame_is_a_packet_or_none(protocol, octets):
    frame = bytes(12) + b'\x86\xdd' + b'\x60' + bytes(5) + bytes.fromhex(protocol) + octets
    parse_ipv6(frame)
    parse_ipv6(octets)
