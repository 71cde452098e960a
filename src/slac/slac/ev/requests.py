# SPDX-License-Identifier: Apache-2.0
"""What a vehicle says in matching, field by field (ISO 15118-3, tables A.2 to A.8)."""

from collections.abc import Callable

from scapy.packet import Packet

from plc_modem.homeplug.matching import (
    CM_ATTEN_CHAR_RSP,
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_REQ,
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
    MatchReqField,
)
from slac.timing import C_EV_START_ATTEN_CHAR_INDS, MATCH_RESPONSE_TYPE, TIMEOUT_HUNDREDS_MS


def parm_req(run_id: bytes) -> Packet:
    """Ask all chargers for the parameters of matching."""
    return CM_SLAC_PARM_REQ(RunID=run_id)


def batch(run_id: bytes, mac: str, sounds: int, entropy: Callable[[int], bytes]) -> list[Packet]:
    """Return the STARTs and sounds in the order and number they are sent in."""
    start = CM_START_ATTEN_CHAR_IND(
        NumberOfSounds=sounds,
        TimeOut=TIMEOUT_HUNDREDS_MS,
        ResponseType=MATCH_RESPONSE_TYPE,
        ForwardingSTA=mac,
        RunID=run_id,
    )
    return [start] * C_EV_START_ATTEN_CHAR_INDS + [
        CM_MNBC_SOUND_IND(Countdown=left, RunID=run_id, RandomValue=entropy(16))
        for left in reversed(range(sounds))
    ]


def atten_char_rsp(report: Packet) -> Packet:
    """Tell a charger that its CM_ATTEN_CHAR.IND has come."""
    return CM_ATTEN_CHAR_RSP(
        SourceAddress=report.SourceAddress,
        RunID=report.RunID,
        SourceID=report.SourceID,
        ResponseID=report.ResponseID,
    )


def match_req(run_id: bytes, mac: str, charger: str) -> Packet:
    """Ask a charger to let us in."""
    return CM_SLAC_MATCH_REQ(
        MatchVariableFieldLen=0x3E,
        VariableField=MatchReqField(EVMAC=mac, EVSEMAC=charger, RunID=run_id),
    )
