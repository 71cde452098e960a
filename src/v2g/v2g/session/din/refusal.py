# SPDX-License-Identifier: Apache-2.0
"""Responses to what this charger never allows: each request gets its own (R15)."""

from collections.abc import Callable
from typing import Any

from v2g.schema import din

_ID = 'ID1'  # an attribute that the schema demands
_NO_CHAIN = din.CertificateChain(Certificate=b'\x00')
_NO_AC_STATUS = din.AC_EVSEStatus(
    PowerSwitchClosed=False,
    RCD=False,
    NotificationMaxDelay=0,
    EVSENotification=din.EVSENotification.None_,
)


def refusal_of(body: Any, code: din.ResponseCode) -> din.BodyElement | None:
    """The response of a request with its mandatory elements; None for what is no request."""
    make = _RESPONSES.get(type(body))
    return None if make is None else make(body, code)


def _service_detail(request: din.ServiceDetailReq, code: din.ResponseCode) -> din.BodyElement:
    return din.ServiceDetailRes(ResponseCode=code, ServiceID=request.ServiceID)


def _payment_details(request: Any, code: din.ResponseCode) -> din.BodyElement:
    return din.PaymentDetailsRes(ResponseCode=code, GenChallenge='', DateTimeNow=0)


def _certificate_installation(request: Any, code: din.ResponseCode) -> din.BodyElement:
    return din.CertificateInstallationRes(
        Id=_ID,
        ResponseCode=code,
        ContractSignatureCertChain=_NO_CHAIN,
        ContractSignatureEncryptedPrivateKey=b'',
        DHParams=b'',
        ContractID='',
    )


def _certificate_update(request: Any, code: din.ResponseCode) -> din.BodyElement:
    return din.CertificateUpdateRes(
        Id=_ID,
        ResponseCode=code,
        ContractSignatureCertChain=_NO_CHAIN,
        ContractSignatureEncryptedPrivateKey=b'',
        DHParams=b'',
        ContractID='',
        RetryCounter=0,
    )


def _charging_status(request: Any, code: din.ResponseCode) -> din.BodyElement:
    return din.ChargingStatusRes(
        ResponseCode=code,
        EVSEID=b'\x00',
        SAScheduleTupleID=1,
        ReceiptRequired=False,
        AC_EVSEStatus=_NO_AC_STATUS,
    )


def _metering_receipt(request: Any, code: din.ResponseCode) -> din.BodyElement:
    return din.MeteringReceiptRes(ResponseCode=code, AC_EVSEStatus=_NO_AC_STATUS)


_RESPONSES: dict[type, Callable[[Any, din.ResponseCode], din.BodyElement]] = {
    din.ServiceDetailReq: _service_detail,
    din.PaymentDetailsReq: _payment_details,
    din.CertificateInstallationReq: _certificate_installation,
    din.CertificateUpdateReq: _certificate_update,
    din.ChargingStatusReq: _charging_status,
    din.MeteringReceiptReq: _metering_receipt,
}
