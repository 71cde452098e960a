# SPDX-License-Identifier: Apache-2.0
"""What can be done to a modem: its parameters read and written, a restart, factory defaults.

As plctool does it with a QCA7420 or QCA7000; each is a generator that Upkeep plays.
"""

from collections.abc import Generator

from scapy.packet import Packet

from plc_kit.readable import readable
from plc_modem.homeplug.module import (
    PARAMETERS,
    PIECE,
    VS_MODULE_OPERATION_CNF as _CNF,
    Operation,
    announce,
    commit,
    piece_of,
    read_piece,
    write_piece,
)
from plc_modem.homeplug.station import (
    VS_FAC_DEFAULTS_CNF,
    VS_FAC_DEFAULTS_REQ,
    VS_RS_DEV_CNF,
    VS_RS_DEV_REQ,
    VS_SW_VER_CNF,
    VS_SW_VER_REQ,
)
from plc_modem.pib import LONGEST, Parameters, Role, UncertainLayout, checksum
from plc_modem.state import Modem, ModemState
from plc_modem.upkeep import Ask, Pause, Refused

READ_PATIENCE = 2.0  # s for a piece; a modem that has just restarted is given more tries
BEGIN_PATIENCE = 60.0  # s in which a modem makes room for a session of writing
WRITE_PATIENCE = 90.0  # s in which it erases and writes flash
AWAY = 1.0  # s after a reset in which an answer would be from before it
BACK_TRIES, BACK_PATIENCE = 40, 0.5  # asked so often, so long, whether it is back
TRIES = 8


def permit(modem: Modem, charging: bool) -> None:
    """Raise Refused where a modem cannot, or must not, be worked on now."""
    if charging:
        raise Refused('a session runs or is on its way; end it first, and pull the plug')
    if modem.state is ModemState.LINKED:
        raise Refused('the modem is in an AVLN with another; pull the plug first')
    if not modem.answers:
        raise Refused(
            f'the modem is {modem.state.name.lower()}: {modem.reason or "wait a moment"}'
        )


def wanted(before: Parameters, kept: Parameters | None, role: str, modem: Modem) -> Parameters:
    """Return what is to be written: what was kept, or what is there with another role."""
    before.belongs_to(modem.mac, modem.firmware)
    if kept is not None:
        kept.belongs_to(modem.mac, modem.firmware)
        return kept
    if role not in (Role.PEV.value, Role.EVSE.value):
        raise Refused(f'{role!r} is no role; pev and evse are')
    return before.of_role(Role(role))


def read() -> Generator[Ask | Pause, Packet | None, Parameters]:
    """Read a modem's parameters; refuses what is not, beyond doubt, what is known here."""
    octets = b''
    while True:
        piece = yield from _piece(len(octets))
        octets += piece
        if len(piece) < PIECE:
            break
        if len(octets) > LONGEST:
            raise Refused(f'the parameters of this modem do not end after {LONGEST} octets')
    try:
        return Parameters(octets)
    except UncertainLayout as error:
        raise Refused(
            f'the parameters of this modem have a layout that is not known here ({error}); '
            'nothing is read from them or written'
        ) from error


def write(parameters: Parameters) -> Generator[Ask | Pause, Packet | None, Parameters]:
    """Write parameters, have the modem start with them, and return what it then has."""
    octets = parameters.octets
    yield from _operation(announce(len(octets), checksum(octets)), BEGIN_PATIENCE)
    for offset in range(0, len(octets), PIECE):
        yield from _operation(write_piece(offset, octets[offset : offset + PIECE]), WRITE_PATIENCE)
    unknown = 'whether they were written is not known: read them'
    yield from _operation(commit(), WRITE_PATIENCE, unknown)
    yield from reset()
    written = yield from read()
    if not written.same_role(parameters):
        raise Refused('the modem has started with other parameters than were written')
    return written


def reset() -> Generator[Ask | Pause, Packet | None, str]:
    """Have the modem start anew; return its firmware."""
    return (yield from _restart(VS_RS_DEV_REQ(), VS_RS_DEV_CNF))


def factory_defaults() -> Generator[Ask | Pause, Packet | None, str]:
    """Have the modem forget its settings and start anew; return its firmware."""
    return (yield from _restart(VS_FAC_DEFAULTS_REQ(), VS_FAC_DEFAULTS_CNF))


def firmware() -> Generator[Ask | Pause, Packet | None, str]:
    """Return the modem's firmware."""
    answer = yield Ask(VS_SW_VER_REQ(), VS_SW_VER_CNF, BACK_PATIENCE, TRIES)
    if answer is None:
        raise Refused('the modem does not answer')
    return _text(answer)


def _restart(request: Packet, answer: type[Packet]) -> Generator[Ask | Pause, Packet | None, str]:
    told = yield Ask(request, answer, READ_PATIENCE, tries=1)
    if told is not None and told.Status:
        raise Refused(f'the modem refuses to start anew (status {told.Status})')
    yield Pause(AWAY)
    back = yield Ask(VS_SW_VER_REQ(), VS_SW_VER_CNF, BACK_PATIENCE, BACK_TRIES)
    if back is None:
        raise Refused('the modem did not come back from its restart')
    return _text(back)


def _piece(offset: int) -> Generator[Ask | Pause, Packet | None, bytes]:
    def fits(message: Packet) -> bool:
        piece = piece_of(message) if message.Operation == Operation.READ_MEMORY else None
        return bool(message.Status) or (piece is not None and piece.offset == offset)

    answer = yield Ask(read_piece(offset), _CNF, READ_PATIENCE, TRIES, fits)
    piece = piece_of(_accepted(answer, 'its parameters cannot be read'))
    if piece is None or piece.module != PARAMETERS or len(piece.octets) != piece.length:
        raise Refused('the modem answered with a piece that is none of its parameters')
    return piece.octets


def _operation(
    request: Packet, patience: float, else_: str = 'its parameters are as they were'
) -> Generator[Ask | Pause, Packet | None, None]:
    def fits(message: Packet) -> bool:
        same = message.Operation == request.Operation
        if request.Operation != Operation.WRITE or message.Status:
            return bool(same)
        asked, told = piece_of(request), piece_of(message)
        return same and told is not None and asked is not None and told.offset == asked.offset

    answer = yield Ask(request, _CNF, patience, 1, fits)
    _accepted(answer, else_)


def _accepted(answer: Packet | None, else_: str) -> Packet:
    if answer is None:
        raise Refused(f'the modem does not answer; {else_}')
    if answer.Status:
        raise Refused(f'the modem refuses (status {answer.Status:#06x}); {else_}')
    return answer


def _text(answer: Packet) -> str:
    return readable(bytes(answer.Version))
