# SPDX-License-Identifier: Apache-2.0
"""supportedAppProtocol: what the vehicle offers, what the charger chooses (R15, lesson 59)."""

from v2g.exi import decode_document, encode
from v2g.schema import sap
from v2g.schema.declare import Complex
from v2g.session.dialect import Decoded

SCHEMA_ID = 1  # ours; the charger answers with it
MAJOR, MINOR = 2, 0  # of DIN 70121:2014

_AGREED = (
    sap.ResponseCode.OK_SuccessfulNegotiation,
    sap.ResponseCode.OK_SuccessfulNegotiationWithMinorDeviation,
)


DECLINED = sap.supportedAppProtocolRes(
    ResponseCode=sap.ResponseCode.Failed_NoNegotiation, SchemaID=None
)


def offer(namespace: str) -> sap.supportedAppProtocolReq:
    """The request of a vehicle that speaks one protocol."""
    protocol = sap.AppProtocol(
        ProtocolNamespace=namespace,
        VersionNumberMajor=MAJOR,
        VersionNumberMinor=MINOR,
        SchemaID=SCHEMA_ID,
        Priority=1,
    )
    return sap.supportedAppProtocolReq(AppProtocol=[protocol])


def agreed(response: sap.supportedAppProtocolRes) -> bool:
    """The charger took what was offered; an answer without SchemaID can mean nothing else."""
    return response.ResponseCode in _AGREED and response.SchemaID in (None, SCHEMA_ID)


def choose(
    request: sap.supportedAppProtocolReq, namespace: str
) -> tuple[sap.supportedAppProtocolRes, bool]:
    """The charger's answer, and whether it is an agreement.

    The SchemaID is the car's own, 0 included; a BMW iX3 closes when it is another one.
    """
    fitting = [p for p in request.AppProtocol if p.ProtocolNamespace == namespace]
    same_major = [p for p in fitting if p.VersionNumberMajor == MAJOR]
    if not same_major:
        return DECLINED, False
    best = min(same_major, key=lambda p: p.Priority)
    exact, deviating = _AGREED
    code = exact if best.VersionNumberMinor == MINOR else deviating
    return sap.supportedAppProtocolRes(ResponseCode=code, SchemaID=best.SchemaID), True


def to_octets(message: Complex) -> bytes:
    """EXI of a supportedAppProtocol message."""
    return encode(sap, message)


def from_octets(octets: bytes) -> Decoded:
    """Message in EXI of supportedAppProtocol; MalformedExi."""
    document = decode_document(sap, octets)
    return Decoded(document.message, document.spare)
