# SPDX-License-Identifier: Apache-2.0
"""The core's words in DIN's, and back; the same on both sides."""

from math import isfinite, isnan, nan

from v2g.exi import decode_document, encode
from v2g.schema import din
from v2g.schema.declare import Complex
from v2g.session.dialect import Decoded
from v2g.session.exchange import Health, Notification
from v2g.session.readings import Isolation

HEALTH = {
    din.DC_EVSEStatusCode.EVSE_NotReady: Health.NOT_READY,
    din.DC_EVSEStatusCode.EVSE_Ready: Health.READY,
    din.DC_EVSEStatusCode.EVSE_Shutdown: Health.SHUTDOWN,
    din.DC_EVSEStatusCode.EVSE_UtilityInterruptEvent: Health.SHUTDOWN,
    din.DC_EVSEStatusCode.EVSE_IsolationMonitoringActive: Health.TESTING_ISOLATION,
    din.DC_EVSEStatusCode.EVSE_EmergencyShutdown: Health.EMERGENCY,
}  # all others: a malfunction, the reserved ones too

STATUS = {
    Health.NOT_READY: din.DC_EVSEStatusCode.EVSE_NotReady,
    Health.READY: din.DC_EVSEStatusCode.EVSE_Ready,
    Health.SHUTDOWN: din.DC_EVSEStatusCode.EVSE_Shutdown,
    Health.NO_POWER: din.DC_EVSEStatusCode.EVSE_UtilityInterruptEvent,
    Health.TESTING_ISOLATION: din.DC_EVSEStatusCode.EVSE_IsolationMonitoringActive,
    Health.EMERGENCY: din.DC_EVSEStatusCode.EVSE_EmergencyShutdown,
    Health.MALFUNCTION: din.DC_EVSEStatusCode.EVSE_Malfunction,
}

NOTIFICATION = {
    din.EVSENotification.None_: Notification.NONE,
    din.EVSENotification.StopCharging: Notification.STOP,
    din.EVSENotification.ReNegotiation: Notification.RENEGOTIATE,
}
NOTIFIED = {meaning: word for word, meaning in NOTIFICATION.items()}

ISOLATION = {
    din.IsolationLevel.Invalid: Isolation.INVALID,
    din.IsolationLevel.Valid: Isolation.VALID,
    din.IsolationLevel.Warning: Isolation.WARNING,
    din.IsolationLevel.Fault: Isolation.FAULT,
}
ISOLATED = {meaning: word for word, meaning in ISOLATION.items()}

HIGHEST = 32_767_000.0  # what a PhysicalValue holds


def number(value: float, otherwise: float = 0.0) -> float:
    """A value that a mandatory element can hold."""
    return max(-HIGHEST, min(value, HIGHEST)) if isfinite(value) else otherwise


def optional(value: float) -> float | None:
    """A value of an optional element: absent where it is not known."""
    return None if isnan(value) else number(value)


def known(value: float | None) -> float:
    """The value of an optional element, NaN where it is absent."""
    return nan if value is None else value


def percent(ratio: float) -> int:
    """A ratio as PercentValue; not known: 0."""
    return round(100 * min(max(ratio, 0.0), 1.0)) if isfinite(ratio) else 0


def ratio(value: int | None) -> float:
    """A PercentValue as ratio."""
    return nan if value is None else value / 100


def to_octets(message: Complex) -> bytes:
    """EXI of a DIN message."""
    return encode(din, message)


def from_octets(octets: bytes) -> Decoded:
    """Message in EXI of DIN; MalformedExi."""
    document = decode_document(din, octets)
    return Decoded(document.message, document.spare)


def in_message(session_id: bytes, body: din.BodyElement) -> din.V2G_Message:
    """A body with its header."""
    return din.V2G_Message(Header=din.MessageHeader(SessionID=session_id), Body=body)
