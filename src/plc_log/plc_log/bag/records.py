# SPDX-License-Identifier: Apache-2.0
"""The records of one MCAP file, however damaged: what is whole is given, what is not is told."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
import struct
from typing import Any, BinaryIO

from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, Message, Schema, Statistics
from mcap.stream_reader import breakup_chunk
from mcap_ros2._vendor.rosidl_adapter.parser import InvalidSpecification, InvalidValue
import zstandard

MAGIC = b'\x89MCAP0\r\n'
UNCLOSED = 'it was not closed by its recorder'
_HEAD = struct.Struct('<BQ')  # opcode, and how many octets follow
_LARGEST = 1 << 28  # octets a chunk may unfold to; ours have a megabyte
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
                yield from self._record(file, opcode, length, at)
                file.seek(at + _HEAD.size + length)
                footer = opcode == Opcode.FOOTER
            self.closed = footer and file.read() == MAGIC
        if not self.closed:
            self.lose(UNCLOSED)

    def lose(self, what: str) -> None:
        """Say in a sentence what cannot be read."""
        self.lost.append(what)

    def _record(self, file: BinaryIO, opcode: int, length: int, at: int) -> list[Any]:
        if opcode not in (*_READ, Opcode.CHUNK, Opcode.MESSAGE):
            return []
        octets = file.read(length)
        try:
            unfolded = _unfolded(opcode, octets)
        except NONSENSE:
            self.lose(f'octets {at} to {at + _HEAD.size + length} are damaged')
            return []
        self._given += sum(isinstance(one, Message) for one in unfolded)
        for told in unfolded:
            if isinstance(told, Statistics):
                self._count(told.message_count)
        return unfolded

    def _count(self, due: int) -> None:
        if due != self._given and not self.lost:
            self.lose(f'it tells of {due} messages, and has {self._given}')


def _unfolded(opcode: int, octets: bytes) -> list[Any]:
    stream = ReadDataStream(BytesIO(octets))
    if opcode == Opcode.MESSAGE:
        return [Message.read(stream, len(octets))]
    if opcode != Opcode.CHUNK:
        return [_READ[Opcode(opcode)](stream)]
    chunk = Chunk.read(stream)
    if chunk.uncompressed_size > _LARGEST:
        raise ValueError('a chunk of this size was written by nobody')
    return list(breakup_chunk(chunk, validate_crc=True))
