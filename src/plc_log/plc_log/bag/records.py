# SPDX-License-Identifier: Apache-2.0
"""The records of one MCAP file, however damaged: what is whole is given, what is not is told."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
import struct
from typing import Any, BinaryIO
import zlib

import lz4.frame
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, Message, Schema, Statistics
from mcap_ros2._vendor.rosidl_adapter.parser import InvalidSpecification, InvalidValue
import zstandard

from plc_log.bag.bounds import LARGEST, Budget, TooLarge

MAGIC = b'\x89MCAP0\r\n'
UNCLOSED = 'it was not closed by its recorder'
_HEAD = struct.Struct('<BQ')  # opcode, and how many octets follow
# Everything that mcap, its decoder, zstandard and lz4 have been seen to raise on nonsense.
NONSENSE = (
    McapError,
    zstandard.ZstdError,
    struct.error,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    MemoryError,
    OverflowError,
    TypeError,
    AttributeError,
    NameError,
    InvalidSpecification,
    InvalidValue,
)
_OPCODES = frozenset(Opcode)
_READ = {
    Opcode.SCHEMA: Schema.read,
    Opcode.CHANNEL: Channel.read,
    Opcode.STATISTICS: Statistics.read,
}


class Records:
    """Iterates over schemas, channels and messages; afterwards `lost` and `closed` are known.

    A file is a chain of records that tell their length, so a damaged one is stepped over; where
    the chain itself breaks, nothing behind is found any more.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.closed = False  # it ends as a recorder ends it
        self.lost: list[str] = []
        self._given = 0  # messages

    def __iter__(self) -> Iterator[Any]:
        with open(self.path, 'rb') as file:
            size, footer = self.path.stat().st_size, False
            budget = Budget(size)
            file.seek(len(MAGIC))
            while not footer and (at := file.tell()) < size:
                head = file.read(_HEAD.size)
                opcode, length = _HEAD.unpack(head) if len(head) == _HEAD.size else (0, 0)
                if opcode not in _OPCODES and len(head) == _HEAD.size:
                    self.lose(f'from octet {at} of {size} on nothing can be read')
                    return
                if at + _HEAD.size + length > size:
                    self.lose(f'cut short at octet {at} of {size}; {UNCLOSED}')
                    return
                yield from self._record(file, opcode, length, budget)
                file.seek(at + _HEAD.size + length)
                footer = opcode == Opcode.FOOTER
            self.closed = footer and file.read() == MAGIC
        if not self.closed:
            self.lose(UNCLOSED)

    def lose(self, what: str) -> None:
        """Say in a sentence what cannot be read."""
        self.lost.append(what)

    def _record(self, file: BinaryIO, opcode: int, length: int, budget: Budget) -> Iterator[Any]:
        if opcode not in (*_READ, Opcode.CHUNK, Opcode.MESSAGE):
            return
        where = f'octets {file.tell() - _HEAD.size} to {file.tell() + length}'
        try:
            if length > LARGEST:
                raise TooLarge
            for told in _unfolded(opcode, file.read(length), budget):
                self._given += isinstance(told, Message)
                if isinstance(told, Statistics):
                    self._count(told.message_count)
                yield told
        except TooLarge:
            self.lose(f'{where} unfold to more than a recording of this size')
        except NONSENSE:
            self.lose(f'{where} are damaged')

    def _count(self, due: int) -> None:
        if due != self._given and not self.lost:
            self.lose(f'it tells of {due} messages, and has {self._given}')


def _unfolded(opcode: int, octets: bytes, budget: Budget) -> Iterator[Any]:
    """Give what a record holds: itself, or those of a chunk, one after the other."""
    if opcode != Opcode.CHUNK:
        yield _read(opcode, octets)
        return
    chunk = Chunk.read(ReadDataStream(BytesIO(octets)))
    budget.take(chunk.uncompressed_size)
    held = _held(chunk)
    if chunk.uncompressed_crc not in (0, zlib.crc32(held)):
        raise ValueError('it is not what was written')
    at = 0
    while at < len(held):
        opcode, length = _HEAD.unpack_from(held, at)
        at += _HEAD.size + length
        if at > len(held):
            raise ValueError('a record ends behind its chunk')
        if opcode in (*_READ, Opcode.MESSAGE):
            yield _read(opcode, held[at - length : at])


def _held(chunk: Chunk) -> bytes:
    """Return a chunk's records, which are of the size that it tells, whatever its data tell."""
    size, held = chunk.uncompressed_size, chunk.data
    if chunk.compression == 'zstd':
        if zstandard.frame_content_size(held) not in (-1, size):
            raise ValueError('it tells of two sizes')
        held = zstandard.ZstdDecompressor().decompress(held, max_output_size=size)
    elif chunk.compression == 'lz4':
        held = lz4.frame.LZ4FrameDecompressor().decompress(held, max_length=size + 1)
    if len(held) != size:
        raise ValueError('it is of another size')
    return held


def _read(opcode: int, octets: bytes) -> Any:
    stream = ReadDataStream(BytesIO(octets))
    if opcode == Opcode.MESSAGE:
        return Message.read(stream, len(octets))
    return _READ[Opcode(opcode)](stream)
