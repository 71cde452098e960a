# SPDX-License-Identifier: Apache-2.0
"""Frames in the bursts of a QCA7005: split where they may be, found again after anything else."""

import random

from hypothesis import assume, given, settings, strategies as st
import pytest

from plc_modem.qca7005 import registers
from plc_modem.qca7005.bursts import LONGEST, SHORTEST, Splitter, to_host, to_modem
from plc_modem.qca7005.registers import BUFFER, Cause, Register

FRAMES = st.lists(st.binary(min_size=SHORTEST, max_size=200), max_size=8)
# Garbage that looks like frames more often than chance would have it.
GARBAGE = st.lists(
    st.one_of(
        st.binary(max_size=100),
        st.just(b'\xaa' * 4),
        st.just(b'\x55\x55'),
        st.integers(0, 2000).map(lambda n: to_host(bytes(min(n, LONGEST)))[: n % 30]),
    ),
    max_size=6,
).map(b''.join)


def without_starts(octets):
    """Garbage in which nothing looks like the start of a frame."""
    return octets.replace(b'\xaa\xaa\xaa\xaa', b'\xaa\xaa\xaa\0')


def cut(octets, chance):
    """The same octets in bursts of any length."""
    at = 0
    while at < len(octets):
        length = chance.randrange(1, 120)
        yield octets[at : at + length]
        at += length


def test_a_frame_to_the_modem_and_one_from_it_octet_for_octet():
    frame = bytes(range(60))
    inner = b'\xaa\xaa\xaa\xaa\x3c\x00\x00\x00' + frame + b'\x55\x55'
    assert to_modem(frame) == inner
    assert to_host(frame) == b'\x00\x00\x00\x46' + inner


def test_a_short_frame_is_padded_and_one_that_is_too_long_refused():
    assert len(to_modem(b'')) == 70
    assert len(to_modem(bytes(LONGEST))) == LONGEST + 10
    with pytest.raises(ValueError, match='1519'):
        to_modem(bytes(LONGEST + 1))


def test_a_length_octet_of_aa_is_no_start():
    """A frame of 170 octets has the length AA 00, one of 160 leads with 00 00 00 AA."""
    for length in (160, 170):
        assert Splitter().feed(to_host(bytes(length))) == [bytes(length)]


@given(FRAMES, st.randoms(use_true_random=False))
def test_frames_come_out_whole_however_the_bursts_cut_them(frames, chance):
    splitter = Splitter()
    octets = b''.join(map(to_host, frames))
    found = [frame for burst in cut(octets, chance) for frame in splitter.feed(burst)]
    assert found == frames
    assert splitter.garbage == 0
    assert not splitter.waits


@given(GARBAGE, st.binary(min_size=SHORTEST, max_size=LONGEST))
def test_the_next_good_frame_is_found_at_once_behind_garbage_without_a_start(garbage, frame):
    assert Splitter().feed(without_starts(garbage) + b'\0' + to_host(frame)) == [frame]


@given(GARBAGE, st.binary(min_size=SHORTEST, max_size=300).map(lambda o: o.replace(b'U', b'V')))
def test_the_next_good_frame_is_found_behind_any_garbage_once_the_bus_rests(garbage, frame):
    """Without 55 55 in it, so that no frame that broke off finds its end inside this one."""
    splitter = Splitter()
    found = splitter.feed(garbage + b'\0' + to_host(frame)) + splitter.give_up()
    # Garbage of which both lengths lead to the very end of the frame is a frame that holds it.
    assume(not any(one != frame and one.endswith(frame) for one in found))
    assert frame in found
    assert not splitter.waits


def test_a_start_that_leads_to_the_end_of_a_good_frame_is_not_taken_for_it():
    """AA 00 in the garbage claims 170 octets, which end where the frame of 160 does."""
    assert Splitter().feed(b'\xaa' * 8 + b'\0' + to_host(bytes(160))) == [bytes(160)]


@settings(max_examples=300)
@given(st.lists(st.one_of(GARBAGE, st.binary(max_size=400)), max_size=20))
def test_any_bursts_keep_less_than_a_frame_and_never_raise(bursts):
    splitter = Splitter()
    for burst in bursts:
        for frame in splitter.feed(burst):
            assert SHORTEST <= len(frame) <= LONGEST
        assert len(splitter._kept) < LONGEST + 10
    splitter.give_up()
    assert splitter.garbage + splitter.strange <= sum(map(len, bursts))


def test_a_thousand_frames_are_found_among_noise_of_any_kind():
    chance = random.Random(5)
    splitter, sent, found = Splitter(), [], []
    for number in range(1000):
        frame = number.to_bytes(4) + bytes(56)
        noise = without_starts(chance.randbytes(chance.randrange(40))) + b'\0'
        sent.append(frame)
        for burst in cut((noise if chance.random() < 0.3 else b'') + to_host(frame), chance):
            found += splitter.feed(burst)
    assert found == sent


def test_command_words_are_those_of_the_chip():
    assert registers.read(Register.SIGNATURE).hex() == 'da000000'
    assert registers.write(Register.BFR_SIZE, 70).hex() == '41000046'
    assert registers.read(Register.RDBUF_BYTE_AVA).hex() == 'c3000000'
    assert registers.read(Register.WRBUF_SPC_AVA).hex() == 'c2000000'
    assert (registers.READ_BURST.hex(), registers.WRITE_BURST.hex()) == ('8000', '0000')
    assert registers.value(b'\0\0\x0c\x5b') == BUFFER
    assert registers.command(registers.read(Register.INTR_CAUSE)) == (True, 0x0C00)
    assert registers.command(registers.WRITE_BURST + b'\xaa') == (False, None)
    assert Cause(0x40) is Cause.CPU_ON
