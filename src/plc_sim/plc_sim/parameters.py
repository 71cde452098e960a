# SPDX-License-Identifier: Apache-2.0
"""The parameters of a simulated modem: in flash, in memory, and as its host reads and writes them.

What is written counts from the next start on, and only if it is what was announced.
"""

from enum import IntEnum

from plc_modem.homeplug.keys import NID_LENGTH, NMK_LENGTH
from plc_modem.homeplug.module import (
    PARAMETERS,
    PIECE,
    VS_MODULE_OPERATION_CNF,
    VS_MODULE_OPERATION_REQ,
    Announced,
    Operation,
    announced_by,
    confirm,
    piece_of,
)
from plc_modem.pib import (
    LENGTH_AT,
    MAC_AT,
    NID_AT,
    NMK_AT,
    Parameters,
    Role,
    UncertainLayout,
    chain,
    checksum,
)

_PIB_LENGTH = 16320
_MANIFEST, _PIB = 0x000E, 0x000F
_MANIFEST_LENGTH = 512


class Status(IntEnum):
    """What a modem says of an operation."""

    DONE = 0x00
    UNKNOWN = 0x01  # operation or module
    OUT_OF_ORDER = 0x02  # no session, a piece that is not the next, or not what was announced


class ModemMemory:
    """Knows no time; `role` is that of the parameters in memory."""

    def __init__(self, mac: str, role: Role) -> None:
        self._factory = _as_sold(mac)
        self.flash = self._factory if role is Role.NONE else self._factory.of_role(role)
        self.memory = self.flash
        self._announced: Announced | None = None
        self._brought = b''

    @property
    def role(self) -> Role:
        return self.memory.role

    @property
    def nmk(self) -> bytes:
        return self.memory.pib[NMK_AT : NMK_AT + NMK_LENGTH]

    @property
    def nid(self) -> bytes:
        return self.memory.pib[NID_AT : NID_AT + NID_LENGTH]

    def take_key(self, nmk: bytes, nid: bytes) -> None:
        """Keep a key, in memory and in flash."""
        self.memory = _with_key(self.memory, nmk, nid)
        self.flash = _with_key(self.flash, nmk, nid)

    def start(self) -> None:
        """Take from flash what is there; a session of writing is over."""
        self.memory = self.flash
        self._announced = None

    def forget(self) -> None:
        """Go back to factory defaults."""
        self.flash = self._factory

    def answer(self, request: VS_MODULE_OPERATION_REQ) -> VS_MODULE_OPERATION_CNF:
        """Do what a host asks."""
        match request.Operation:
            case Operation.READ_MEMORY:
                return self._read(request, self.memory.octets)
            case Operation.READ_FLASH:
                return self._read(request, self.flash.octets)
            case Operation.START_SESSION:
                return confirm(request, self._begin(announced_by(request)))
            case Operation.WRITE:
                return confirm(request, self._bring(request))
            case Operation.CLOSE_SESSION:
                return confirm(request, self._commit())
        return confirm(request, Status.UNKNOWN)

    def _read(self, request: VS_MODULE_OPERATION_REQ, octets: bytes) -> VS_MODULE_OPERATION_CNF:
        piece = piece_of(request)
        if piece is None or piece.module != PARAMETERS:
            return confirm(request, Status.UNKNOWN)
        length = min(piece.length, PIECE)
        return confirm(request, Status.DONE, octets[piece.offset : piece.offset + length])

    def _begin(self, announced: Announced | None) -> Status:
        if announced is None or announced.module != PARAMETERS:
            return Status.UNKNOWN
        self._announced, self._brought = announced, b''
        return Status.DONE

    def _bring(self, request: VS_MODULE_OPERATION_REQ) -> Status:
        piece = piece_of(request)
        if self._announced is None or piece is None or piece.offset > len(self._brought):
            return Status.OUT_OF_ORDER
        self._brought = self._brought[: piece.offset] + piece.octets
        return Status.DONE

    def _commit(self) -> Status:
        announced, self._announced = self._announced, None
        told = announced and (announced.length, announced.checksum)
        if told != (len(self._brought), checksum(self._brought)):
            return Status.OUT_OF_ORDER
        try:
            self.flash = Parameters(self._brought)
        except UncertainLayout:
            return Status.OUT_OF_ORDER
        return Status.DONE


def _with_key(parameters: Parameters, nmk: bytes, nid: bytes) -> Parameters:
    pib = bytearray(parameters.pib)
    pib[NMK_AT : NMK_AT + NMK_LENGTH] = nmk
    pib[NID_AT : NID_AT + NID_LENGTH] = nid
    return parameters.of_pib(bytes(pib))


def _as_sold(mac: str) -> Parameters:
    pib = bytearray(_PIB_LENGTH)
    pib[LENGTH_AT : LENGTH_AT + 2] = _PIB_LENGTH.to_bytes(2, 'little')
    pib[MAC_AT : MAC_AT + 6] = bytes.fromhex(mac.replace(':', ''))
    return Parameters(chain((_MANIFEST, bytes(_MANIFEST_LENGTH)), (_PIB, bytes(pib))))
