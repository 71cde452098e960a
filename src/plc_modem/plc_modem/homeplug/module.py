# SPDX-License-Identifier: Apache-2.0
"""VS_MODULE_OPERATION: how a QCA7000, QCA7005 or QCA7420 gives and takes its parameters.

Reading takes one message for each 1400 octets; writing is a session: announced with length and
checksum, brought in pieces, committed at its end. (Older chips have VS_RD_MOD and VS_WR_MOD.)
"""

from dataclasses import dataclass
from enum import IntEnum
import struct

from scapy.contrib.homeplugav import (
    HomePlugAV,
    ModuleOperationConfirmation as _SCAPY_CNF,
    ModuleOperationRequest as _SCAPY_REQ,
)
from scapy.fields import ByteField, LEIntField, LEShortField, StrField
from scapy.packet import Packet, split_layers

from plc_modem.homeplug.layer import Message, bind

PIECE = 1400  # octets of a module in one message
PARAMETERS = 0x7002  # module: the chain of images with the PIB in it
_SESSION = 0x63637332  # ours; the modem keeps one session of writing at a time
_ROOM_FOR_MODULES = 10  # that an announcement has, used or not

_ABOUT = 8  # octets of operation, length and reserved before what an operation says
_READ = struct.Struct('<HHHI')  # module, part, length, offset
_START = struct.Struct('<IBHHII')  # session, modules, and of the one: module, part, length, sum
_WRITE = struct.Struct('<IBHHHI')  # session, number, module, part, length, offset
_CLOSE = struct.Struct('<II')  # session, what to do
_UNUSED = bytes(20)  # behind a commit


class Operation(IntEnum):
    """What is to be done with a module."""

    READ_MEMORY = 0x00
    READ_FLASH = 0x01
    START_SESSION = 0x10
    WRITE = 0x11
    CLOSE_SESSION = 0x12


class VS_MODULE_OPERATION_REQ(Message):
    """One operation on a module; `Said` depends on it."""

    fields_desc = [
        LEIntField('Reserved', 0),
        ByteField('NumOperations', 1),
        LEShortField('Operation', 0),
        LEShortField('Length', _ABOUT),
        LEIntField('Reserved2', 0),
        StrField('Said', b''),
    ]


class VS_MODULE_OPERATION_CNF(Message):
    """What became of it; `Said` repeats the request's, and what was read follows."""

    fields_desc = [
        LEShortField('Status', 0),  # 0: done
        LEShortField('ErrorCode', 0),
        LEIntField('Reserved', 0),
        ByteField('NumOperations', 1),
        LEShortField('Operation', 0),
        LEShortField('Length', _ABOUT),
        LEIntField('Reserved2', 0),
        StrField('Said', b''),
    ]


@dataclass(frozen=True)
class Piece:
    """Some octets of a module."""

    module: int
    offset: int
    length: int  # that are wanted, or there
    octets: bytes = b''


@dataclass(frozen=True)
class Announced:
    """A module that is going to be written."""

    module: int
    length: int
    checksum: int


def read_piece(offset: int, operation: Operation = Operation.READ_MEMORY) -> Message:
    """Ask for a piece of the parameters."""
    return _request(operation, _READ.pack(PARAMETERS, 0, PIECE, offset))


def announce(length: int, checksum: int) -> Message:
    """Begin to write new parameters."""
    said = _START.pack(_SESSION, 1, PARAMETERS, 0, length, checksum)
    return _request(
        Operation.START_SESSION, said.ljust(5 + 12 * _ROOM_FOR_MODULES, b'\0'), _START.size
    )


def write_piece(offset: int, octets: bytes) -> Message:
    """Bring a piece; whatever its length, the message has room for 1400 octets."""
    said = _WRITE.pack(_SESSION, 0, PARAMETERS, 0, len(octets), offset)
    return _request(Operation.WRITE, said + octets.ljust(PIECE, b'\0'))


def commit() -> Message:
    """Have what was brought written to flash; it counts from the next start on."""
    return _request(Operation.CLOSE_SESSION, _CLOSE.pack(_SESSION, 0) + _UNUSED)


def piece_of(message: Packet) -> Piece | None:
    """Return the piece that a message asks for, brings or confirms; None: it is too short."""
    layout = _WRITE if message.Operation == Operation.WRITE else _READ
    if len(message.Said) < layout.size:
        return None
    module, _, length, offset = layout.unpack_from(message.Said)[-4:]
    octets = message.Said[layout.size : layout.size + length]
    return Piece(module, offset, length, octets)


def announced_by(message: VS_MODULE_OPERATION_REQ) -> Announced | None:
    """Return what a session is to write; None: the message is too short."""
    if len(message.Said) < _START.size:
        return None
    _, _, module, _, length, checksum = _START.unpack_from(message.Said)
    return Announced(module, length, checksum)


def confirm(request: Message, status: int, octets: bytes = b'') -> VS_MODULE_OPERATION_CNF:
    """Answer as a modem does: the request again, for a read with its true length and octets."""
    said = request.Said
    if request.Operation in (Operation.READ_MEMORY, Operation.READ_FLASH):
        module, part, _, offset = _READ.unpack_from(said.ljust(_READ.size, b'\0'))
        said = _READ.pack(module, part, len(octets), offset) + octets
    elif request.Operation == Operation.WRITE:
        said = said[: _WRITE.size]
    return VS_MODULE_OPERATION_CNF(
        Status=status, Operation=request.Operation, Length=_ABOUT + len(said), Said=said
    )


def _request(operation: Operation, said: bytes, length: int | None = None) -> Message:
    counted = len(said) if length is None else length
    return VS_MODULE_OPERATION_REQ(Operation=operation, Length=_ABOUT + counted, Said=said)


split_layers(HomePlugAV, _SCAPY_REQ, HPtype=0xA0B0)
split_layers(HomePlugAV, _SCAPY_CNF, HPtype=0xA0B1)
bind(VS_MODULE_OPERATION_REQ, 0xA0B0)
bind(VS_MODULE_OPERATION_CNF, 0xA0B1)
