# SPDX-License-Identifier: Apache-2.0
"""What a charger answers in matching, field by field (ISO 15118-3, tables A.2 to A.8)."""

from scapy.packet import Packet

from plc_modem.homeplug import BROADCAST
from plc_modem.homeplug.matching import (
    CM_AMP_MAP_CNF,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_PARM_CNF,
    MatchCnfField,
)
from slac.timing import C_EV_MATCH_MNBC, MATCH_RESPONSE_TYPE, TIMEOUT_HUNDREDS_MS


def parm_cnf(vehicle: str, run_id: bytes) -> Packet:
    """Tell a vehicle how many sounds to send; its RunID goes back octet for octet (lesson 1)."""
    return CM_SLAC_PARM_CNF(
        MSoundTargetMAC=BROADCAST,
        NumberMSounds=C_EV_MATCH_MNBC,
        TimeOut=TIMEOUT_HUNDREDS_MS,
        ResponseType=MATCH_RESPONSE_TYPE,
        ForwardingSTA=vehicle,
        RunID=run_id,
    )


def match_cnf(asked: Packet, nmk: bytes, nid: bytes) -> Packet:
    """Let a vehicle in; `asked` is the variable field of its request."""
    return CM_SLAC_MATCH_CNF(
        MatchVariableFieldLen=0x56,
        VariableField=MatchCnfField(
            EVID=asked.EVID,
            EVMAC=asked.EVMAC,
            EVSEID=asked.EVSEID,
            EVSEMAC=asked.EVSEMAC,
            RunID=asked.RunID,
            NetworkID=nid,
            NMK=nmk,
        ),
    )


def amp_map_cnf() -> Packet:
    """Take an amplitude map; the modem keeps to it by itself."""
    return CM_AMP_MAP_CNF()
