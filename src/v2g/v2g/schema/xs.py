# SPDX-License-Identifier: Apache-2.0
"""Simple types: the built-in ones of XML Schema by their names, and how each looks on the wire.

A kind turns a value into its raw form and back: an int for what has one, bytes for strings,
binaries and integers without bound. The EXI representation follows from the range (EXI 1.0, 7.1):
up to 4096 values take the fewest bits, others without negatives are Unsigned Integer, the rest
Integer.
"""

from base64 import b64decode, b64encode
import binascii
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Final

Raw = int | bytes


class Wire(IntEnum):
    """How a value is written; the numbers are those of engine.h."""

    N_BIT = 0
    UNSIGNED = 1
    INTEGER = 2
    BIG_INTEGER = 3
    BINARY = 4
    STRING = 5


N_BIT_RANGE: Final = 4096
BIG_INTEGER_BITS: Final = 4096  # longest xs:integer taken; certificate serial numbers have 160


class Kind:
    """What all simple types have: a wire form, and the way to JSON and to Python values."""

    wire: Wire
    minimum: int = 0
    maximum: int = 0

    @property
    def bits(self) -> int:
        """Width of an n-bit value."""
        return (self.maximum - self.minimum).bit_length() if self.wire is Wire.N_BIT else 0

    def pack(self, value: Any) -> Raw:
        """Raw form of a Python value; ValueError or TypeError where it has none."""
        raise NotImplementedError

    def unpack(self, raw: Any) -> Any:
        raise NotImplementedError

    def pack_json(self, value: Any) -> Raw:
        return self.pack(value)

    def unpack_json(self, raw: Any) -> Any:
        return self.unpack(raw)


@dataclass(frozen=True)
class Flag(Kind):
    """xs:boolean."""

    wire = Wire.N_BIT
    maximum = 1

    def pack(self, value: Any) -> Raw:
        if not isinstance(value, bool):
            raise TypeError(f'{value!r} is neither True nor False')
        return int(value)

    def unpack(self, raw: Any) -> bool:
        return bool(raw)


@dataclass(frozen=True)
class Number(Kind):
    """An integer of a range."""

    minimum: int
    maximum: int

    @property
    def wire(self) -> Wire:  # type: ignore[override]
        if self.maximum - self.minimum < N_BIT_RANGE:
            return Wire.N_BIT
        return Wire.UNSIGNED if self.minimum >= 0 else Wire.INTEGER

    def pack(self, value: Any) -> Raw:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f'{value!r} is no integer')
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f'{value} is not in {self.minimum}..{self.maximum}')
        return value - (1 << 64) if value >> 63 > 0 else value

    def unpack(self, raw: Any) -> int:
        return int(raw) + (1 << 64) if raw < self.minimum else int(raw)


@dataclass(frozen=True)
class AnyInteger(Kind):
    """xs:integer, without bound (up to BIG_INTEGER_BITS); raw: sign octet, 7-bit groups."""

    wire = Wire.BIG_INTEGER

    def pack(self, value: Any) -> Raw:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f'{value!r} is no integer')
        magnitude = -value - 1 if value < 0 else value
        if magnitude.bit_length() > BIG_INTEGER_BITS:
            raise ValueError(f'an integer of more than {BIG_INTEGER_BITS} bits')
        groups = [value < 0, magnitude & 0x7F]
        while magnitude := magnitude >> 7:
            groups.append(magnitude & 0x7F)
        return bytes(groups)

    def unpack(self, raw: Any) -> int:
        magnitude = 0
        for group in reversed(raw[1:]):
            magnitude = magnitude << 7 | group
        return -magnitude - 1 if raw[0] else magnitude


@dataclass(frozen=True)
class Octets(Kind):
    """xs:hexBinary or xs:base64Binary; the longest that the standard allows, in octets."""

    wire = Wire.BINARY
    longest: int | None = None

    def pack(self, value: Any) -> Raw:
        octets = bytes(value) if isinstance(value, bytes | bytearray | memoryview) else None
        if octets is None:
            raise TypeError(f'{value!r} is no bytes')
        if self.longest is not None and len(octets) > self.longest:
            raise ValueError(f'{len(octets)} octets, and at most {self.longest} are allowed')
        return octets

    def unpack(self, raw: Any) -> bytes:
        return bytes(raw)


class Hex(Octets):
    """xs:hexBinary: upper-case hex in JSON."""

    def pack_json(self, value: Any) -> Raw:
        try:
            return binascii.unhexlify(value)
        except (binascii.Error, TypeError) as error:
            raise ValueError(f'{value!r} is no hex') from error

    def unpack_json(self, raw: Any) -> str:
        return bytes(raw).hex().upper()


class Base64(Octets):
    """xs:base64Binary: base64 in JSON."""

    def pack_json(self, value: Any) -> Raw:
        try:
            return b64decode(value, validate=True)
        except (binascii.Error, TypeError) as error:
            raise ValueError(f'{value!r} is no base64') from error

    def unpack_json(self, raw: Any) -> str:
        return b64encode(raw).decode()


@dataclass(frozen=True)
class Text(Kind):
    """xs:string and its like; the longest that the standard allows, in characters."""

    wire = Wire.STRING
    longest: int | None = None

    def pack(self, value: Any) -> Raw:
        raw = self.pack_json(value)
        if self.longest is not None and len(value) > self.longest:
            raise ValueError(f'{len(value)} characters, and at most {self.longest} are allowed')
        return raw

    def unpack(self, raw: Any) -> str:
        return str(raw, 'utf-8')

    def pack_json(self, value: Any) -> Raw:
        if not isinstance(value, str):
            raise TypeError(f'{value!r} is no string')
        return value.encode()  # a lone surrogate: UnicodeEncodeError, a ValueError


class Enumeration(Kind):
    """A list of names, sent as the index in schema order."""

    wire = Wire.N_BIT

    def __init__(self, names: type[StrEnum]) -> None:
        self.names = names
        self.members: tuple[StrEnum, ...] = tuple(names)
        self.maximum = len(self.members) - 1
        self.index = {name: index for index, name in enumerate(self.members)}

    def pack(self, value: Any) -> Raw:
        try:
            return self.index[value]
        except (KeyError, TypeError):
            raise ValueError(f'{value!r} is no {self.names.__name__}') from None

    def unpack(self, raw: int) -> StrEnum:
        return self.members[raw]

    def unpack_json(self, raw: int) -> str:
        return str(self.members[raw])


boolean = Annotated[bool, Flag()]
byte = Annotated[int, Number(-(2**7), 2**7 - 1)]
short = Annotated[int, Number(-(2**15), 2**15 - 1)]
int_ = Annotated[int, Number(-(2**31), 2**31 - 1)]
long = Annotated[int, Number(-(2**63), 2**63 - 1)]
integer = Annotated[int, AnyInteger()]
unsignedByte = Annotated[int, Number(0, 2**8 - 1)]
unsignedShort = Annotated[int, Number(0, 2**16 - 1)]
unsignedInt = Annotated[int, Number(0, 2**32 - 1)]
unsignedLong = Annotated[int, Number(0, 2**64 - 1)]
hexBinary = Annotated[bytes, Hex()]
base64Binary = Annotated[bytes, Base64()]
string = Annotated[str, Text()]
anyURI = Annotated[str, Text()]
ID = Annotated[str, Text()]
IDREF = Annotated[str, Text()]
