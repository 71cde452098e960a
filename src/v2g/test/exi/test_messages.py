# SPDX-License-Identifier: Apache-2.0
import pytest

from v2g.exi import MalformedExi, decode, decode_document, encode, from_fields, to_fields
from v2g.schema import din, sap, xmldsig

READY = din.DC_EVStatus(EVReady=True, EVErrorCode=din.DC_EVErrorCode.NO_ERROR, EVRESSSOC=57)
DEMAND = din.CurrentDemandReq(
    DC_EVStatus=READY, EVTargetCurrent=20.0, ChargingComplete=False, EVTargetVoltage=400.5
)


def in_message(body):
    return din.V2G_Message(Header=din.MessageHeader(SessionID=b'\1' * 8), Body=body)


@pytest.mark.parametrize('body', [din.SessionStopReq(), DEMAND, None])
def test_a_message_decodes_to_itself(body):
    message = in_message(body)
    assert decode(din, encode(din, message)) == message


def test_supported_app_protocol_decodes_to_itself():
    entry = sap.AppProtocol(
        ProtocolNamespace='urn:din:70121:2012:MsgDef',
        VersionNumberMajor=2,
        VersionNumberMinor=0,
        SchemaID=1,
        Priority=1,
    )
    message = sap.supportedAppProtocolReq(AppProtocol=[entry])
    assert decode(sap, encode(sap, message)) == message


def test_its_json_is_that_of_its_octets():
    message = in_message(DEMAND)
    assert message.fields() == to_fields(din, encode(din, message))


def test_it_prints_as_it_is_constructed():
    assert repr(din.SessionSetupReq(EVCCID=b'\1')) == r"SessionSetupReq(EVCCID=b'\x01')"


def test_octets_after_the_end_are_counted_not_refused():
    octets = encode(din, in_message(DEMAND))
    assert decode_document(din, octets + b'\xb8\0').spare == 2
    assert decode(din, octets + b'\xb8') == in_message(DEMAND)


@pytest.mark.parametrize(
    ('body', 'reason'),
    [
        (din.SessionSetupReq(EVCCID=bytes(9)), 'EVCCID: 9 octets, and at most 8 are allowed'),
        (din.SessionSetupReq(EVCCID='x'), "EVCCID: 'x' is no bytes"),
        (din.SessionSetupReq(EVCCID=None), 'SessionSetupReq: EVCCID is missing'),
        (din.SessionStopRes(ResponseCode='OKAY'), "ResponseCode: 'OKAY' is no ResponseCode"),
        (din.ServiceDetailReq(ServiceID=-1), 'ServiceID: -1 is not in 0..65535'),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(body, reason):
    with pytest.raises(ValueError, match='^' + reason.replace('.', r'\.') + '$'):
        encode(din, in_message(body))


def test_a_missing_unit_is_accepted_and_a_wrong_one_is_not():
    octets = encode(din, in_message(DEMAND))
    fields = to_fields(din, octets)
    voltage = fields['V2G_Message']['Body']['CurrentDemandReq']['EVTargetVoltage']
    del voltage['Unit']
    assert decode(din, from_fields(din, fields)) == in_message(DEMAND)
    voltage['Unit'] = 'A'
    with pytest.raises(MalformedExi, match='a value in A where V is due'):
        decode(din, from_fields(din, fields))


@pytest.mark.parametrize('thing', [din.MessageHeader(SessionID=b''), None, 'CurrentDemandReq'])
def test_what_is_no_document_is_refused(thing):
    with pytest.raises(ValueError, match='is no root element here'):
        encode(din, thing)


def test_a_signed_message_is_walked_and_is_itself_again():
    method = xmldsig.CanonicalizationMethod(Algorithm='http://www.w3.org/TR/canonical-exi/')
    digest = xmldsig.Reference(
        URI='#id1',
        DigestMethod=xmldsig.DigestMethod(Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'),
        DigestValue=bytes(32),
    )
    signed = xmldsig.SignedInfo(
        CanonicalizationMethod=method,
        SignatureMethod=xmldsig.SignatureMethod(Algorithm='ecdsa-sha256'),
        Reference=[digest],
    )
    signature = xmldsig.Signature(
        SignedInfo=signed, SignatureValue=xmldsig.SignatureValue(text=bytes(64))
    )
    header = din.MessageHeader(SessionID=b'', Signature=signature)
    message = din.V2G_Message(Header=header, Body=din.SessionStopReq())
    for _ in range(4):
        assert decode(din, encode(din, message)) == message
    octets = encode(xmldsig, signed, fragment=True)
    assert octets[:2] == b'\x80\x81'
    assert decode_document(xmldsig, octets, fragment=True).message == signed
