# SPDX-License-Identifier: Apache-2.0
"""Bags that were cut, scratched or never were any: what is whole is read, the rest is named."""

from hypothesis import HealthCheck, given, settings, strategies as st
from mcap.writer import Writer
import pytest

from plc_log.bag.decoded import Bag
from plc_log.bag.reader import found
from plc_log.capture import Unreadable

SCHEMA = b'uint32 number\nstring text\n'
COUNT = 300
ZSTD = b'\x28\xb5\x2f\xfd'  # where the compressed part of a chunk begins
FIXTURE = [HealthCheck.function_scoped_fixture]


def cdr(number):
    return b'\0\1\0\0' + number.to_bytes(4, 'little') + (5).to_bytes(4, 'little') + b'text\0'


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    """The octets of a bag of numbered messages in many chunks."""
    path = tmp_path_factory.mktemp('bag') / 'bag_0.mcap'
    with path.open('wb') as file:
        writer = Writer(file)
        writer.start(profile='ros2', library='test')
        schema = writer.register_schema('test_msgs/msg/Numbered', 'ros2msg', SCHEMA)
        channel = writer.register_channel('/numbers', 'cdr', schema)
        for number in range(COUNT):
            writer.add_message(channel, number, cdr(number), number)
            if number % 20 == 19:
                writer.flush()
        writer.finish()
    return path.read_bytes()


def read(path):
    """Return the numbers read, and what was said of the rest."""
    bag = Bag(path)
    numbers = [one.message.number for one in bag.messages('/numbers')]
    return numbers, bag.flaw


def test_a_whole_bag_has_no_flaw(whole, tmp_path):
    path = tmp_path / 'a.mcap'
    path.write_bytes(whole)
    assert read(path) == (list(range(COUNT)), '')


@settings(suppress_health_check=FIXTURE, max_examples=300)
@given(share=st.floats(0, 1))
def test_a_bag_cut_anywhere_gives_what_is_whole_and_says_that_it_was_cut(whole, tmp_path, share):
    path = tmp_path / 'cut.mcap'
    path.write_bytes(whole[: int(share * (len(whole) - 1))])
    numbers, flaw = read(path)
    assert numbers == list(range(len(numbers)))
    assert str(path) in flaw and 'not closed by its recorder' in flaw


@settings(suppress_health_check=FIXTURE, max_examples=500)
@given(data=st.data())
def test_flipped_octets_lose_their_chunk_at_most_and_are_named(whole, tmp_path, data):
    octets = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(8, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path / 'scratched.mcap'
    path.write_bytes(octets)
    try:
        numbers, flaw = read(path)
    except Unreadable as error:
        assert str(path) in str(error)
        return
    assert numbers == sorted(set(numbers)) and set(numbers) <= set(range(COUNT))
    assert flaw or numbers == list(range(COUNT))


@settings(suppress_health_check=FIXTURE, max_examples=200)
@given(noise=st.binary(max_size=400))
def test_noise_behind_the_beginning_is_no_traceback(tmp_path, noise):
    path = tmp_path / 'noise.mcap'
    path.write_bytes(b'\x89MCAP0\r\n' + noise)
    numbers, flaw = read(path)
    assert numbers == [] and flaw


def test_one_damaged_chunk_costs_no_other(whole, tmp_path):
    octets = bytearray(whole)
    octets[whole.index(ZSTD, len(whole) // 4) + 20] ^= 0xFF
    path = tmp_path / 'scratched.mcap'
    path.write_bytes(octets)
    numbers, flaw = read(path)
    assert COUNT - 20 <= len(numbers) < COUNT
    assert 'are damaged; all else was read' in flaw


def test_the_chunk_that_names_the_topics_may_be_the_damaged_one(whole, tmp_path):
    octets = bytearray(whole)
    octets[whole.index(ZSTD) + 20] ^= 0xFF
    path = tmp_path / 'scratched.mcap'
    path.write_bytes(octets)
    assert read(path)[0] == list(range(20, COUNT))


@pytest.mark.parametrize('octets', [b'', b'\x89MC', b'a text', bytes(range(250))])
def test_what_is_no_bag_is_a_sentence(tmp_path, octets):
    path = tmp_path / 'any.mcap'
    path.write_bytes(octets)
    if b'\x89MCAP0\r\n'.startswith(octets):
        assert read(path)[0] == []
    else:
        with pytest.raises(Unreadable, match='is no MCAP file'):
            read(path)
    assert found(path).files == ['any.mcap']
