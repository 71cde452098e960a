# SPDX-License-Identifier: Apache-2.0
"""How a goal of charging/charge ends, and the number for each way to fail."""

from dataclasses import dataclass
from enum import Enum, IntEnum


class Code(IntEnum):
    """error_code as plc_msgs/Charge numbers it."""

    NONE = 0
    BUSY = 15101
    INVALID_GOAL = 15102
    NOT_READY = 15103
    CANCELED = 15104
    STOPPED = 15105
    FAILED = 15110
    NO_LINK = 15111
    LINK_LOST = 15112
    PROTOCOL = 15113
    TIMEOUT = 15114
    UNSUITABLE = 15115
    CHARGER = 15116
    ISOLATION = 15117
    PLUG = 15118
    CONTACTOR = 15119
    ELECTRICAL = 15120
    VEHICLE = 15121
    EMERGENCY_STOP = 15122
    NODE = 15123


_WORDS = {
    Code.NOT_READY: 'RESTARTED',
    Code.NO_LINK: 'MODEM_FAILED SLAC_FAILED NO_CONNECTION',
    Code.LINK_LOST: 'CONNECTION_LOST CARRIER_LOST',
    Code.PROTOCOL: 'NO_PROTOCOL MALFORMED_MESSAGE UNEXPECTED_MESSAGE WRONG_SESSION',
    Code.UNSUITABLE: 'UNSUITABLE_CHARGER',
    Code.CHARGER: 'CHARGER_REFUSES CHARGER_FAULT CHARGER_STOPS',
    Code.ISOLATION: 'ISOLATION_FAULT ISOLATION_INVALID',
    Code.PLUG: 'PILOT_LOST PROXIMITY_LOST LOCK_LOST',
    Code.CONTACTOR: 'CONTACTOR_FEEDBACK WELD_SUSPECTED',
    Code.ELECTRICAL: 'OVERVOLTAGE OVERCURRENT VOLTAGE_DRIFT LIMIT_FELL INLET_VOLTAGE_MISMATCH'
    ' INLET_LIVE OVERPOWER REVERSE_CURRENT PACK_VOLTAGE_MISMATCH',
    Code.VEHICLE: 'VEHICLE_FAULT VALUE_MISSING STALE_INPUT LEASE_LAPSED INLET_OVERHEATED',
    Code.EMERGENCY_STOP: 'EMERGENCY_STOP',
    Code.NODE: 'NODE_DIED TOLD_TO_END',
}
_CODES = {word: code for code, words in _WORDS.items() for word in words.split()}


def code_of(error: str) -> Code:
    """The class that an error word of charging/state belongs to."""
    if error.startswith('TIMEOUT_'):
        return Code.TIMEOUT
    return _CODES.get(error, Code.FAILED) if error else Code.NONE


class End(Enum):
    """The three ways an action ends."""

    SUCCEEDED = 'succeeded'
    CANCELED = 'canceled'
    ABORTED = 'aborted'


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a goal; `energy` in Wh since it was accepted, `soc` 0..1."""

    end: End
    code: Code
    error: str
    reason: str
    energy: float
    soc: float
