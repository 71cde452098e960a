# SPDX-License-Identifier: Apache-2.0
"""Who may ask what when, and what everybody else is told (R2, R15, abuse 31 to 33)."""

import pytest

from v2g.schema import din
from v2g.session.din.order import ALWAYS, FOLLOWS, may_follow
from v2g.session.din.words import in_message
from v2g.session.exchange import Step
from v2g.session.readings import Isolation

ID = bytes([7] * 8)
STEPS = [step for step in FOLLOWS if step is not None]
RESPONSE = {
    Step.SESSION_SETUP: 'SessionSetupRes',
    Step.SERVICE_DISCOVERY: 'ServiceDiscoveryRes',
    Step.SERVICE_SELECTION: 'ServicePaymentSelectionRes',
    Step.AUTHORIZATION: 'ContractAuthenticationRes',
    Step.CHARGE_PARAMETERS: 'ChargeParameterDiscoveryRes',
    Step.CABLE_CHECK: 'CableCheckRes',
    Step.PRECHARGE: 'PreChargeRes',
    Step.START: 'PowerDeliveryRes',
    Step.CHARGE_LOOP: 'CurrentDemandRes',
    Step.STOP: 'PowerDeliveryRes',
    Step.WELDING_DETECTION: 'WeldingDetectionRes',
    Step.SESSION_STOP: 'SessionStopRes',
}

# Said last, and in the order of RESPONSE what may be said next (x).
# fmt: off
MATRIX = {
    'app protocol':     'x...........',
    'SessionSetup':     '.x.......x.x',
    'ServiceDiscovery': '..x......x.x',
    'PaymentSelection': '...x.....x.x',
    'Auth, Ongoing':    '...x.....x.x',
    'Auth':             '...xx....x.x',
    'ChargeParameter':  '....xx...x.x',
    'Cable, Ongoing':   '.....x...x.x',
    'CableCheck':       '.....xx..x.x',
    'PreCharge':        '......xx.x.x',
    'Power on':         '........xx.x',
    'CurrentDemand':    '........xx.x',
    'Power off':        '.........xxx',
    'Welding':          '.........xxx',
    'SessionStop':      '.........x.x',
}
# fmt: on
LAST = {
    'app protocol': None,
    'SessionSetup': Step.SESSION_SETUP,
    'ServiceDiscovery': Step.SERVICE_DISCOVERY,
    'PaymentSelection': Step.SERVICE_SELECTION,
    'Auth': Step.AUTHORIZATION,
    'ChargeParameter': Step.CHARGE_PARAMETERS,
    'CableCheck': Step.CABLE_CHECK,
    'PreCharge': Step.PRECHARGE,
    'Power on': Step.START,
    'CurrentDemand': Step.CHARGE_LOOP,
    'Power off': Step.STOP,
    'Welding': Step.WELDING_DETECTION,
    'SessionStop': Step.SESSION_STOP,
}
ALL = [
    (state, step, mark == 'x')
    for state, row in MATRIX.items()
    for step, mark in zip(RESPONSE, row, strict=True)
]
WAY = [step for step in STEPS if step <= Step.CHARGE_LOOP]


@pytest.fixture
def stand(charger):
    """A charger in a state of the matrix."""

    def make(state):
        if state == 'Auth, Ongoing':
            return charger(free=False).reach(Step.AUTHORIZATION)
        if state == 'Cable, Ongoing':
            busy = charger().reach(Step.CHARGE_PARAMETERS)
            busy.bench.override = {'isolation': Isolation.INVALID}
            busy.ask(Step.CABLE_CHECK)
            return busy
        return charger().reach(LAST[state])

    return make


@pytest.mark.parametrize(('state', 'step', 'allowed'), ALL)
def test_abuse_31_every_request_in_every_state(stand, state, step, allowed):
    client = stand(state)
    response = client.ask(step)
    assert type(response.Body).__name__ == RESPONSE[step]
    if allowed:
        assert response.Body.ResponseCode.startswith('OK')
        assert not client.closed
    else:
        assert response.Body.ResponseCode == 'FAILED_SequenceError'
        assert client.closed
        assert not client.command.output
    assert client.violations == []


def test_the_table_of_the_dialect_is_the_matrix():
    for state, step, allowed in ALL:
        last = {'Auth, Ongoing': Step.AUTHORIZATION, 'Cable, Ongoing': Step.CABLE_CHECK}
        assert may_follow((LAST | last)[state], 'Ongoing' in state, step) is allowed
    assert ALWAYS == (Step.STOP, Step.SESSION_STOP)


@pytest.mark.parametrize('session_id', [bytes(8), b'', b'\x07', bytes([7] * 7 + [8])])
@pytest.mark.parametrize('last', WAY)
def test_abuse_32_another_session_id_is_an_unknown_session(charger, last, session_id):
    client = charger().reach(last)
    step = FOLLOWS[last][0]
    response = client.ask(step, session_id)
    assert type(response.Body).__name__ == RESPONSE[step]
    assert response.Body.ResponseCode == 'FAILED_UnknownSession'
    assert client.closed
    assert not client.command.output


@pytest.mark.parametrize('session_id', [bytes(1), bytes(8), b'\x01', b'ABB00006', ID, b''])
def test_a_session_may_begin_with_any_session_id(charger, session_id):
    client = charger()
    client.agree()
    response = client.ask(Step.SESSION_SETUP, session_id)
    assert response.Body.ResponseCode == 'OK_NewSessionEstablished'
    assert response.Header.SessionID == ID  # ours, whatever came
    assert client.ask(Step.SERVICE_DISCOVERY).Body.ResponseCode == 'OK'


@pytest.mark.parametrize('step', [Step.SESSION_STOP, Step.STOP])
@pytest.mark.parametrize('last', WAY)
def test_abuse_33_a_vehicle_may_stop_anywhere(charger, last, step):
    client = charger().reach(last)
    response = client.ask(step)
    assert response.Body.ResponseCode == 'OK'
    assert not client.command.output
    assert not client.closed  # that is the vehicle's to do


@pytest.mark.parametrize('last', WAY)
def test_the_output_is_off_before_a_stop_is_answered(charger, last):
    client = charger().reach(last)
    seen = []
    client.referee = lambda: seen.append(client.command.output)
    client.ask(Step.STOP)
    assert seen[0] is False


def test_five_seconds_after_session_stop_the_charger_closes(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.ask(Step.STOP)
    client.ask(Step.SESSION_STOP)
    asked = client.now
    client.wait(4.97)
    assert not client.closed
    client.wait(0.05)
    assert client.closed
    assert client.now - asked == pytest.approx(5.0, abs=0.03)


def test_after_a_fault_too_a_vehicle_has_five_seconds_from_its_session_stop(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.bench.override = {'fault': 'a fan is broken'}
    client.wait(3.0)
    assert client.ask(Step.SESSION_STOP).Body.ResponseCode == 'OK'
    client.wait(4.9)
    assert not client.closed
    client.ask(Step.SESSION_STOP)  # once more does not make it longer
    client.wait(0.1)
    assert client.closed


NEVER = [
    din.ServiceDetailReq(ServiceID=1),
    din.PaymentDetailsReq(
        ContractID='x', ContractSignatureCertChain=din.CertificateChain(Certificate=b'x')
    ),
    din.MeteringReceiptReq(SessionID=ID, MeterInfo=din.MeterInfo(MeterID='x')),
    din.ChargingStatusReq(),
    din.CertificateInstallationReq(
        OEMProvisioningCert=b'x',
        ListOfRootCertificateIDs=din.ListOfRootCertificateIDs(RootCertificateID=['x']),
        DHParams=b'x',
    ),
    din.CertificateUpdateReq(
        ContractSignatureCertChain=din.CertificateChain(Certificate=b'x'),
        ContractID='x',
        ListOfRootCertificateIDs=din.ListOfRootCertificateIDs(RootCertificateID=['x']),
        DHParams=b'x',
    ),
]


@pytest.mark.parametrize('request_', NEVER, ids=lambda body: type(body).__name__)
@pytest.mark.parametrize('last', [None, *STEPS])
def test_abuse_31_what_is_never_allowed_gets_its_own_response(charger, last, request_):
    client = charger().reach(last)
    response = client.talk(in_message(ID, request_))
    assert type(response.Body).__name__ == type(request_).__name__.replace('Req', 'Res')
    assert response.Body.ResponseCode == 'FAILED_SequenceError'
    assert client.closed
    assert not client.command.output


@pytest.mark.parametrize('request_', NEVER, ids=lambda body: type(body).__name__)
def test_abuse_32_holds_for_what_is_never_allowed(charger, request_):
    client = charger().reach(Step.PRECHARGE)
    response = client.talk(in_message(b'\x08', request_))
    assert response.Body.ResponseCode == 'FAILED_UnknownSession'
    assert client.closed


@pytest.mark.parametrize('body', [None, din.SessionStopRes(ResponseCode=din.ResponseCode.OK)])
@pytest.mark.parametrize('last', [None, *STEPS])
def test_what_is_no_request_closes_the_connection(charger, last, body):
    client = charger().reach(last)
    header = din.MessageHeader(SessionID=ID)
    assert client.talk(din.V2G_Message(Header=header, Body=body)) is None
    assert client.closed
    assert client.error == ('' if last is Step.SESSION_STOP else 'UNEXPECTED_MESSAGE')


@pytest.mark.parametrize('payload_type', [0x8002, 0x9000, 0x9001, 0xFFFF])
@pytest.mark.parametrize('last', [None, Step.SESSION_SETUP, Step.CHARGE_LOOP])
def test_another_payload_type_ends_the_session(charger, last, payload_type):
    client = charger().reach(last)
    assert client.send(b'\x10\x00', payload_type) is None
    assert client.closed
    assert client.error == 'MALFORMED_MESSAGE'
    assert not client.command.output
