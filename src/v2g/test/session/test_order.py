# SPDX-License-Identifier: Apache-2.0
"""Every message in every state of the charger (abuse 31 to 34), and every SessionID."""

from itertools import product

import pytest

from v2g.schema import din, sap
from v2g.session.din import NAMESPACE
from v2g.session.din.order import ALWAYS, FOLLOWS
from v2g.session.din.vehicle import DinVehicle
from v2g.session.din.words import from_octets, in_message, to_octets
from v2g.session.events import Send, Traffic
from v2g.session.exchange import Ask, Limits, Step
from v2g.session.readings import (
    DataLinkReading,
    Isolation,
    LinkReading,
    LinkState,
    PilotReading,
    PilotState,
    SlacReading,
    SlacState,
    SupplyReading,
    Switch,
)
from v2g.session.sap import from_octets as sap_from, offer, to_octets as sap_to
from v2g.session.secc.machine import Secc
from v2g.session.secc.settings import SeccSettings

STEPS = [step for step in FOLLOWS if step is not None]
WAY = [
    Step.SESSION_SETUP,
    Step.SERVICE_DISCOVERY,
    Step.SERVICE_SELECTION,
    Step.AUTHORIZATION,
    Step.CHARGE_PARAMETERS,
    Step.CABLE_CHECK,
    Step.PRECHARGE,
    Step.START,
    Step.CHARGE_LOOP,
]
ID = bytes([7] * 8)


class Charger:
    """A SECC with a supply that does at once what it is told, and a client that asks."""

    def __init__(self):
        self.now = 0.0
        self.secc = Secc(SeccSettings(), lambda n: bytes([7] * n))
        self.pilot = PilotState.B
        self.closed = False
        self.secc.slac(SlacReading(state=SlacState.SKIPPED), 0.0)
        self.secc.data_link(DataLinkReading(), 0.0)
        self.measure()
        self.secc.data_link(DataLinkReading(ready=True, link_id=1), 0.0)
        self.secc.link(LinkReading(state=LinkState.CONNECTED, link_id=1, connection_id=5), 0.0)
        assert self.secc.state.active

    def measure(self):
        command = self.secc.command
        self.secc.pilot(PilotReading(pilot=self.pilot, duty=command.duty), self.now)
        return self.secc.supply(
            SupplyReading(
                voltage=command.voltage if command.output else 0.0,
                current=0.0,
                max_voltage=500.0,
                min_voltage=150.0,
                max_current=100.0,
                min_current=0.0,
                max_power=50_000.0,
                contactors=Switch.CLOSED if command.contactors else Switch.OPEN,
                isolation=Isolation.VALID,
            ),
            self.now,
        )

    def send(self, payload):
        self.now += 0.01
        events = self.secc.receive(5, 0x8001, payload, self.now)
        sends = [event for event in events if isinstance(event, Send)]
        self.closed = self.closed or any(send.close for send in sends)
        return next((send.payload for send in sends if send.payload), None)

    def agree(self):
        return sap_from(self.send(sap_to(offer(NAMESPACE)))).message

    def ask(self, step, session_id=ID):
        if step is Step.CABLE_CHECK:
            self.pilot = PilotState.C
            self.measure()
        ask = Ask(
            step=step,
            session_id=session_id,
            evcc_id=bytes(6),
            soc=0.5,
            target_voltage=350.0,
            target_current=1.0,
            limits=Limits(max_voltage=400.0, max_current=50.0, max_power=20_000.0),
        )
        return self.talk(DinVehicle().request(ask))

    def talk(self, message):
        answer = self.send(to_octets(message))
        return None if answer is None else from_octets(answer).message

    def reach(self, last):
        """Have everything up to a step answered, cable check finished."""
        self.agree()
        for step in WAY[: WAY.index(last) + 1] if last in WAY else []:
            self.ask(step)
            for _ in range(20 if step is Step.CABLE_CHECK else 0):
                self.measure()
                if self.ask(step).Body.EVSEProcessing == 'Finished':
                    break
        return self


def reach(last):
    if last in (Step.STOP, Step.WELDING_DETECTION, Step.SESSION_STOP):
        charger = Charger().reach(Step.CHARGE_LOOP)
        for step in (Step.STOP, Step.WELDING_DETECTION, Step.SESSION_STOP):
            charger.pilot = PilotState.B
            charger.ask(step)
            if step is last:
                break
        return charger
    return Charger().reach(last)


@pytest.mark.parametrize(('last', 'step'), list(product(FOLLOWS, STEPS)))
def test_abuse_31_every_request_in_every_state(last, step):
    charger = reach(last)
    asked = DinVehicle().request(Ask(step=step, session_id=ID, evcc_id=bytes(6)))
    response = charger.ask(step)
    assert type(response.Body).__name__ == type(asked.Body).__name__.replace('Req', 'Res')
    allowed = step in FOLLOWS[last] or (step in ALWAYS and last is not None)
    if last is Step.SESSION_STOP and step not in ALWAYS:
        allowed = False
    if allowed:
        assert response.Body.ResponseCode.startswith('OK')
        assert not charger.closed
    else:
        assert response.Body.ResponseCode == 'FAILED_SequenceError'
        assert charger.closed
        assert not charger.secc.command.output


@pytest.mark.parametrize('session_id', [bytes(8), b'', b'\x07', bytes([7] * 7 + [8])])
@pytest.mark.parametrize('last', WAY)
def test_abuse_32_another_session_id_is_an_unknown_session(last, session_id):
    charger = Charger().reach(last)
    step = FOLLOWS[last][0]
    response = charger.ask(step, session_id)
    assert response.Body.ResponseCode == 'FAILED_UnknownSession'
    assert charger.closed
    assert not charger.secc.command.output


@pytest.mark.parametrize('step', [Step.SESSION_STOP, Step.STOP])
@pytest.mark.parametrize('last', WAY)
def test_abuse_33_a_vehicle_may_stop_anywhere(last, step):
    charger = Charger().reach(last)
    response = charger.ask(step)
    assert response.Body.ResponseCode == 'OK'
    assert not charger.secc.command.output


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
@pytest.mark.parametrize('last', [Step.SERVICE_DISCOVERY, Step.CHARGE_LOOP])
def test_what_is_never_allowed_gets_its_own_response(last, request_):
    charger = Charger().reach(last)
    response = charger.talk(in_message(ID, request_))
    assert type(response.Body).__name__ == type(request_).__name__.replace('Req', 'Res')
    assert response.Body.ResponseCode == 'FAILED_SequenceError'
    assert charger.closed


@pytest.mark.parametrize('body', [None, din.SessionStopRes(ResponseCode=din.ResponseCode.OK)])
def test_what_is_no_request_closes_the_connection(body):
    charger = Charger().reach(Step.SESSION_SETUP)
    assert charger.talk(din.V2G_Message(Header=din.MessageHeader(SessionID=ID), Body=body)) is None
    assert charger.closed
    assert charger.secc.state.error == 'UNEXPECTED_MESSAGE'


def protocols(*rows):
    return sap.supportedAppProtocolReq(
        AppProtocol=[
            sap.AppProtocol(
                ProtocolNamespace=namespace,
                VersionNumberMajor=major,
                VersionNumberMinor=minor,
                SchemaID=schema,
                Priority=priority,
            )
            for namespace, major, minor, schema, priority in rows
        ]
    )


def negotiate(*rows):
    charger = Charger()
    response = sap_from(charger.send(sap_to(protocols(*rows)))).message
    return response, charger


@pytest.mark.parametrize('schema', [0, 1, 7, 255])
def test_the_schema_id_is_the_vehicles_own(schema):
    response, charger = negotiate(
        ('urn:iso:15118:2:2013:MsgDef', 2, 0, 3, 1), (NAMESPACE, 2, 0, schema, 2)
    )
    assert response.ResponseCode == 'OK_SuccessfulNegotiation'
    assert response.SchemaID == schema
    assert not charger.closed


@pytest.mark.parametrize(
    'rows',
    [
        [('urn:tesla:din:2018:MsgDef', 1, 0, 1, 1)],
        [('urn:din:70121:2012:MsgDe', 2, 0, 1, 1)],
        [(NAMESPACE, 3, 0, 1, 1)],
    ],
)
def test_abuse_30_no_common_protocol_is_said_and_closed(rows):
    response, charger = negotiate(*rows)
    assert response.ResponseCode == 'Failed_NoNegotiation'
    assert charger.closed
    assert charger.secc.state.error == 'NO_PROTOCOL'


def test_abuse_30_duplicates_and_a_minor_deviation_are_no_obstacle():
    response, _ = negotiate((NAMESPACE, 2, 1, 4, 1), (NAMESPACE, 2, 1, 4, 1))
    assert response.ResponseCode == 'OK_SuccessfulNegotiationWithMinorDeviation'
    assert response.SchemaID == 4


def test_charge_parameters_always_hold_a_schedule_with_power():
    charger = Charger().reach(Step.AUTHORIZATION)
    response = charger.ask(Step.CHARGE_PARAMETERS).Body
    [plan] = response.SASchedules.SAScheduleTuple
    [entry] = plan.PMaxSchedule.PMaxScheduleEntry
    assert entry.PMax > 0
    assert entry.TimeInterval.duration == 86_400
    assert response.EVSEChargeParameter.EVSEMaximumVoltageLimit == 500.0


def test_cable_check_says_what_cars_want_to_hear():
    charger = Charger().reach(Step.CHARGE_PARAMETERS)
    seen = []
    for _ in range(10):
        body = charger.ask(Step.CABLE_CHECK).Body
        told = body.DC_EVSEStatus
        row = (body.EVSEProcessing, told.EVSEStatusCode, told.EVSEIsolationStatus)
        seen.append(tuple(word.value for word in row))
        charger.measure()
    assert set(seen) == {
        ('Ongoing', 'EVSE_IsolationMonitoringActive', 'Invalid'),
        ('Finished', 'EVSE_Ready', 'Valid'),
    }
    assert seen == sorted(seen, reverse=True)


def test_precharge_is_ready_and_two_amperes_at_most():
    charger = Charger().reach(Step.PRECHARGE)
    ask = Ask(
        step=Step.PRECHARGE, session_id=ID, soc=0.5, target_voltage=600.0, target_current=30.0
    )
    response = charger.talk(DinVehicle().request(ask)).Body
    assert response.DC_EVSEStatus.EVSEStatusCode == 'EVSE_Ready'
    assert charger.secc.command.current == 2.0
    assert charger.secc.command.voltage == 400.0  # the vehicle's own limit


def test_the_output_is_never_above_a_limit_of_either_side():
    charger = Charger().reach(Step.CHARGE_LOOP)
    ask = Ask(
        step=Step.CHARGE_LOOP, session_id=ID, soc=0.5, target_voltage=900.0, target_current=500.0
    )
    charger.talk(DinVehicle().request(ask))
    command = charger.secc.command
    assert (command.voltage, command.current) == (400.0, 50.0)


@pytest.mark.parametrize('junk', [b'', b'\x80', b'\x80\x9a\xff', bytes(200)])
def test_octets_that_are_no_message_end_the_session_with_a_reason(junk):
    charger = Charger().reach(Step.CHARGE_LOOP)
    events = charger.secc.receive(5, 0x8001, junk, 1.0)
    [traffic] = [event for event in events if isinstance(event, Traffic)]
    assert traffic.message is None
    assert traffic.error
    assert charger.secc.state.error == 'MALFORMED_MESSAGE'
    assert not charger.secc.command.output


def test_the_wrong_payload_type_ends_the_session():
    charger = Charger().reach(Step.CHARGE_LOOP)
    charger.secc.receive(5, 0x8002, b'', 1.0)
    assert charger.secc.state.error == 'MALFORMED_MESSAGE'


def test_a_contract_or_ac_is_refused_with_its_own_code():
    charger = Charger().reach(Step.SERVICE_DISCOVERY)
    wanted = din.SelectedServiceList(SelectedService=[din.SelectedService(ServiceID=1)])
    body = din.ServicePaymentSelectionReq(
        SelectedPaymentOption=din.PaymentOption.Contract, SelectedServiceList=wanted
    )
    response = charger.talk(in_message(ID, body))
    assert response.Body.ResponseCode == 'FAILED_PaymentSelectionInvalid'
    assert charger.closed
