# SPDX-License-Identifier: Apache-2.0
"""supportedAppProtocol: the protocols a vehicle offers, and the charger's choice (ISO 15118-2)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from v2g.schema import xs
from v2g.schema.declare import Complex, many
import v2g.schema.sap as t

APP_PROTOCOL = 'urn:iso:15118:2:2010:AppProtocol'


class ResponseCode(StrEnum):
    OK_SuccessfulNegotiation = 'OK_SuccessfulNegotiation'
    OK_SuccessfulNegotiationWithMinorDeviation = 'OK_SuccessfulNegotiationWithMinorDeviation'
    Failed_NoNegotiation = 'Failed_NoNegotiation'


ProtocolNamespace = Annotated[str, xs.Text(100)]
Priority = Annotated[int, xs.Number(1, 20)]
ProtocolName = Annotated[str, xs.Text(30)]


class supportedAppProtocolReq(Complex, ns=APP_PROTOCOL, local_ns='', element=True):
    AppProtocol: list[t.AppProtocol] = many(1, 20)


class AppProtocol(Complex, ns=APP_PROTOCOL, local_ns=''):
    ProtocolNamespace: t.ProtocolNamespace
    VersionNumberMajor: xs.unsignedInt
    VersionNumberMinor: xs.unsignedInt
    SchemaID: xs.unsignedByte
    Priority: t.Priority


class supportedAppProtocolRes(Complex, ns=APP_PROTOCOL, local_ns='', element=True):
    ResponseCode: t.ResponseCode
    SchemaID: xs.unsignedByte | None = None


document: type[supportedAppProtocolReq] | type[supportedAppProtocolRes] = supportedAppProtocolReq
