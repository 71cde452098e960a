# SPDX-License-Identifier: Apache-2.0
"""The registers of a QCA7005, and the octets of one transfer (chip select low) on its SPI bus.

Words have 16 bits, the high octet first. A transfer begins with a command word: whether it reads,
whether it is about a register or about the data buffer, and which register.
"""

from enum import IntEnum, IntFlag
import struct

SIGNATURE = 0xAA55
BUFFER = 3163  # octets of write space in a modem that has sent all it was given
RESET = 1 << 6  # in SPI_CONFIG

_READ, _INTERNAL = 1 << 15, 1 << 14
_WORD = struct.Struct('>H')
_COMMAND_AND_VALUE = struct.Struct('>HH')
WORD = _WORD.size


class Register(IntEnum):
    """Addresses of the registers."""

    BFR_SIZE = 0x0100  # octets of the next burst, to be written before it
    WRBUF_SPC_AVA = 0x0200  # octets of write space
    RDBUF_BYTE_AVA = 0x0300  # octets to be read
    SPI_CONFIG = 0x0400
    INTR_CAUSE = 0x0C00  # written back to acknowledge
    INTR_ENABLE = 0x0D00
    SIGNATURE = 0x1A00


class Cause(IntFlag):
    """Why a modem pulls its INT line."""

    PKT_AVLBL = 1 << 0
    RDBUF_ERR = 1 << 1
    WRBUF_ERR = 1 << 2
    ADDR_ERR = 1 << 3
    CPU_ON = 1 << 6  # it has started; what it knew is gone
    WRBUF_BELOW_WM = 1 << 10


BROKEN = Cause.RDBUF_ERR | Cause.WRBUF_ERR | Cause.ADDR_ERR

READ_BURST = _WORD.pack(_READ)
WRITE_BURST = _WORD.pack(0)


def read(register: Register) -> bytes:
    """Return the transfer that reads a register; value() takes its answer."""
    return _COMMAND_AND_VALUE.pack(_READ | _INTERNAL | register, 0)


def write(register: Register, word: int) -> bytes:
    """Return the transfer that writes a register."""
    return _COMMAND_AND_VALUE.pack(_INTERNAL | register, word)


def value(answer: bytes) -> int:
    """Return what was clocked in after the command word of read()."""
    return int(_COMMAND_AND_VALUE.unpack_from(answer)[1])


def command(transfer: bytes) -> tuple[bool, int | None]:
    """Read a command word as the modem does: (reads, register's address or None: a burst)."""
    (word,) = _WORD.unpack_from(transfer)
    address = word & ~(_READ | _INTERNAL)
    return bool(word & _READ), address if word & _INTERNAL else None


def word_after_command(transfer: bytes) -> int:
    """Return the word that a register is to take; 0 where the transfer ends before it."""
    return int(_WORD.unpack_from(transfer.ljust(2 * WORD, b'\0'), WORD)[0])


def answer(transfer: bytes, word: int) -> bytes:
    """Return what a modem clocks out while a register is read."""
    return (bytes(WORD) + _WORD.pack(word)).ljust(len(transfer), b'\0')[: len(transfer)]
