# SPDX-License-Identifier: Apache-2.0
"""A modem's parameters as it gives them: a chain of images, one of them the PIB.

An image has a header of 96 octets before it, with a checksum over itself and one over the image;
a checksum is the complement of all 32-bit words xored. Four places in the PIB make a HomePlug
adapter a vehicle's or a charger's SLAC modem; the rest is left as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
import struct

from plc_kit.readable import readable

_HEADER = struct.Struct('<HH I II II I II I 52s I')
_VERSION = (1, 1)
_NONE = 0xFFFFFFFF  # in place of the offset of a header
_PIB_IMAGE = 0x000F
LONGEST = 1 << 17  # octets of a file that can be one

LENGTH_AT, MAC_AT, NMK_AT = 0x04, 0x0C, 0x64
NID_AT = 0xF8  # the one that it prefers; chkpib wants that of the NMK
NAME_AT, NAME_LENGTH = 0x74, 64  # user HFID
COORDINATOR_AT = 0xF4  # CCo selection
SLAC_AT = 0x1653
SPEEDS_AT = 0x1C98  # two 32-bit numbers, kbit/s: which link counts as slow, and as fast
SPEEDS = struct.pack('<II', 10240, 102400)
_SHORTEST = SPEEDS_AT + len(SPEEDS)
_COORDINATOR = range(4)  # automatic, never, always, by the user
_SLAC = range(3)  # off, PEV, EVSE
FAMILIES = ('QCA7420', 'QCA7005', 'QCA7000')  # chips of which this layout is known


class UncertainLayout(ValueError):
    """Octets that are not, beyond doubt, the parameters of a modem known here."""


class Role(Enum):
    """What a PIB makes of its modem."""

    PEV = 'pev'
    EVSE = 'evse'
    NONE = 'none'  # as sold: SLAC does not pass between line and host
    MIXED = 'mixed'  # its places contradict each other


_PLACES = {(1, 1): Role.PEV, (2, 2): Role.EVSE}  # coordinator, SLAC


@dataclass(frozen=True)
class _Image:
    header: int  # where it begins
    begin: int
    end: int
    kind: int


class Parameters:
    """What a modem gave, checked; `octets` is the file as it is kept and written."""

    def __init__(self, octets: bytes) -> None:
        """Raises UncertainLayout with what does not fit."""
        self.octets = octets
        images = [image for image in _images(octets) if image.kind == _PIB_IMAGE]
        if len(images) != 1:
            raise UncertainLayout(f'it holds {len(images)} PIBs, not one')
        [self._image] = images
        self.pib = octets[self._image.begin : self._image.end]
        self._check()

    def __str__(self) -> str:
        roles = {
            Role.PEV: "a vehicle's modem",
            Role.EVSE: "a charger's modem",
            Role.NONE: 'as sold: no SLAC passes',
            Role.MIXED: f'no role: coordinator {self.coordinator} and SLAC {self.slac} disagree',
        }
        return f'the PIB of {self.mac}, named {self.name!r}, is {roles[self.role]}'

    @property
    def mac(self) -> str:
        """The modem's address, lower-case hex with colons."""
        return self.pib[MAC_AT : MAC_AT + 6].hex(':')

    @cached_property
    def name(self) -> str:
        """The name that a user can give it."""
        return readable(self.pib[NAME_AT : NAME_AT + NAME_LENGTH])

    @property
    def coordinator(self) -> int:
        return self.pib[COORDINATOR_AT]

    @property
    def slac(self) -> int:
        return self.pib[SLAC_AT]

    @property
    def role(self) -> Role:
        if self.slac == 0:
            return Role.NONE
        return _PLACES.get((self.coordinator, self.slac), Role.MIXED)

    def of_role(self, role: Role) -> 'Parameters':
        """Return the same with the four places of a role, PEV or EVSE."""
        number = 1 if role is Role.PEV else 2
        pib = bytearray(self.pib)
        name = role.name.encode().ljust(NAME_LENGTH, b'\0')
        pib[NAME_AT : NAME_AT + NAME_LENGTH] = name
        pib[COORDINATOR_AT] = pib[SLAC_AT] = number
        pib[SPEEDS_AT : SPEEDS_AT + len(SPEEDS)] = SPEEDS
        return self.of_pib(bytes(pib))

    def of_pib(self, pib: bytes) -> 'Parameters':
        """Return the same with another PIB of the same length, checksums made anew."""
        image, octets = self._image, bytearray(self.octets)
        header = list(_HEADER.unpack_from(octets, image.header))
        header[6], header[-1] = checksum(pib), 0
        octets[image.begin : image.end] = pib
        octets[image.header : image.begin] = _sealed(header)
        return Parameters(bytes(octets))

    def belongs_to(self, mac: str, firmware: str) -> None:
        """Raise UncertainLayout unless this is that modem's, and one whose layout is known."""
        if not any(family in firmware for family in FAMILIES):
            known = ', '.join(FAMILIES)
            raise UncertainLayout(f'{firmware or "no firmware"} is none of {known}')
        if self.mac != mac:
            raise UncertainLayout(f'it holds the address {self.mac}, the modem has {mac}')

    def same_role(self, other: 'Parameters') -> bool:
        """Tell whether all four places, and the address, are those of another."""
        return all(
            self.pib[begin : begin + length] == other.pib[begin : begin + length]
            for begin, length in _WRITTEN
        )

    def _check(self) -> None:
        length = int.from_bytes(self.pib[LENGTH_AT : LENGTH_AT + 2], 'little')
        if not _SHORTEST <= length <= len(self.pib):
            raise UncertainLayout(f'a PIB of {length} octets in an image of {len(self.pib)}')
        if self.coordinator not in _COORDINATOR or self.slac not in _SLAC:
            raise UncertainLayout('no role stands where a role should')
        text, _, rest = self.pib[NAME_AT : NAME_AT + NAME_LENGTH].partition(b'\0')
        if any(rest) or not all(32 <= letter < 127 for letter in text):
            raise UncertainLayout('no name stands where a name should')


_WRITTEN = (
    (MAC_AT, 6),
    (NAME_AT, NAME_LENGTH),
    (COORDINATOR_AT, 1),
    (SLAC_AT, 1),
    (SPEEDS_AT, len(SPEEDS)),
)


def checksum(octets: bytes) -> int:
    """Return the complement of all 32-bit words xored; what is no whole word does not count."""
    words = len(octets) // 4
    folded = int.from_bytes(octets[: 4 * words], 'little')
    while words > 1:  # the upper half onto the lower one: thousands of words at once
        words = (words + 1) // 2
        folded = (folded >> 32 * words) ^ (folded & ((1 << 32 * words) - 1))
    return folded ^ 0xFFFFFFFF


def chain(*images: tuple[int, bytes]) -> bytes:
    """Return a file of images, each of a kind and with a length that 4 divides."""
    octets, before = b'', _NONE
    for number, (kind, image) in enumerate(images):
        begin = len(octets)
        after = _NONE if number == len(images) - 1 else begin + _HEADER.size + len(image)
        header = [*_VERSION, 0, 0, 0, len(image), checksum(image), 0, after, before, kind]
        octets += _sealed([*header, bytes(52), 0]) + image
        before = begin
    return octets


def _sealed(header: list[int | bytes]) -> bytes:
    return _HEADER.pack(*header[:-1], checksum(_HEADER.pack(*header)))


def _images(octets: bytes) -> Iterator[_Image]:
    before, at = _NONE, 0
    while at != _NONE:
        if len(octets) < at + _HEADER.size:
            raise UncertainLayout('it ends before its last header')
        header = octets[at : at + _HEADER.size]
        *version, _, _, _, length, sum_, _, after, previous, kind, _, _ = _HEADER.unpack(header)
        begin = at + _HEADER.size
        image = octets[begin : begin + length]
        if tuple(version) != _VERSION or checksum(header) or previous != before:
            raise UncertainLayout(f'there is no header of an image at its octet {at}')
        if len(image) != length or length % 4 or checksum(image) != sum_:
            raise UncertainLayout(f'the checksum of the image at its octet {begin} is wrong')
        if after != _NONE and after < begin + length:
            raise UncertainLayout('its images overlap')
        yield _Image(at, begin, begin + length, kind)
        before, at = at, after
