# SPDX-License-Identifier: Apache-2.0
"""What real cars did to chargers, each once (docs/lessons.md: sides E and B)."""

from time import perf_counter

import pytest

from v2g.schema import din
from v2g.session.din import NAMESPACE
from v2g.session.din.charger import DinCharger
from v2g.session.din.words import from_octets, in_message, to_octets
from v2g.session.exchange import Limits, Step
from v2g.session.readings import LinkState, PilotState
from v2g.session.sap import from_octets as sap_from, offer, to_octets as sap_to

ID = bytes([7] * 8)
READY = din.DC_EVStatus(EVReady=True, EVErrorCode=din.DC_EVErrorCode.NO_ERROR, EVRESSSOC=50)


def ended(client):
    client.wait(15, until=lambda client: client.ends())
    return client.ends()[-1]


@pytest.mark.parametrize('stop', [True, False])
@pytest.mark.parametrize('last', [Step.CHARGE_PARAMETERS, Step.PRECHARGE, Step.CHARGE_LOOP])
def test_lesson_40_a_reset_at_any_moment_switches_off(charger, last, stop):
    """Audi: PowerDelivery(stop), then RST."""
    client = charger().reach(last)
    if stop:
        client.ask(Step.STOP)
    happened = client.now
    client.link(LinkState.CLOSED)
    assert not client.command.output
    end = ended(client)
    assert client.now - happened < 1.0
    if not end.final:  # at once ready for the next connection
        client.wait(4, until=lambda client: client.command.duty < 1.0)
        client.pilot = PilotState.B
        client.wait()
        client.connect()
        assert client.agree().ResponseCode == 'OK_SuccessfulNegotiation'


@pytest.mark.parametrize('last', [Step.AUTHORIZATION, Step.CABLE_CHECK, Step.CHARGE_LOOP])
def test_lesson_44_82_an_answer_waits_for_nothing(charger, last):
    """It is there when receive() returns: a median of 5 ms is a fifth of what DIN allows."""
    client = charger().reach(last)
    taken = []
    for _ in range(50):
        client.now += 0.09  # an Ioniq's round
        client.measure()
        before = perf_counter()
        body = client.ask(last).Body
        taken.append(perf_counter() - before)
        assert body.ResponseCode == 'OK'
    assert sorted(taken)[25] < 0.005


@pytest.mark.parametrize('theirs', [b'\x00', bytes(8), b'\x00\x00\x00\x01', b'ABB00006'])
def test_lesson_48_a_vehicle_may_begin_with_any_session_id(charger, theirs):
    client = charger()
    client.agree()
    response = client.ask(Step.SESSION_SETUP, theirs)
    assert response.Header.SessionID == ID
    assert client.ask(Step.SERVICE_DISCOVERY).Header.SessionID == ID


def test_lesson_50_a_new_session_is_called_one(charger):
    client = charger()
    client.agree()
    assert client.ask(Step.SESSION_SETUP).Body.ResponseCode == 'OK_NewSessionEstablished'


def test_lesson_60_charge_parameters_bring_a_schedule_and_every_limit(charger):
    body = charger().reach(Step.AUTHORIZATION).ask(Step.CHARGE_PARAMETERS).Body
    assert body.EVSEProcessing == 'Finished'
    [plan] = body.SASchedules.SAScheduleTuple
    [entry] = plan.PMaxSchedule.PMaxScheduleEntry
    assert (entry.TimeInterval.start, entry.TimeInterval.duration) == (0, 86_400)
    assert entry.PMax > 0
    told = body.EVSEChargeParameter
    assert (told.EVSEMinimumVoltageLimit, told.EVSEMaximumVoltageLimit) == (150.0, 500.0)
    assert (told.EVSEMinimumCurrentLimit, told.EVSEMaximumCurrentLimit) == (0.0, 100.0)
    assert told.EVSEMaximumPowerLimit == 50_000.0


@pytest.mark.parametrize('volts', [400.0, 350.0, 350.5, 35.05, 3.505, 0.0])
def test_lesson_63_a_value_means_the_same_whatever_its_multiplier(charger, volts):
    client = charger().reach(Step.PRECHARGE)
    client.ask(Step.PRECHARGE, target_voltage=volts)
    assert client.command.voltage == pytest.approx(volts, abs=1e-6)


def test_lesson_63_a_negative_target_is_nothing(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.ask(Step.CHARGE_LOOP, target_voltage=-350.0, target_current=-20.0)
    assert (client.command.voltage, client.command.current) == (0.0, 0.0)


@pytest.mark.parametrize('told', [0.0, None, 78_500.0])
def test_lesson_64_a_capacity_of_zero_is_not_known_and_no_obstacle(charger, told):
    client = charger().reach(Step.AUTHORIZATION)
    request = din.ChargeParameterDiscoveryReq(
        EVRequestedEnergyTransferType=din.EVRequestedEnergyTransfer.DC_extended,
        EVChargeParameter=din.DC_EVChargeParameter(
            DC_EVStatus=READY,
            EVMaximumCurrentLimit=50.0,
            EVMaximumVoltageLimit=400.0,
            EVEnergyCapacity=told,
            FullSOC=0,
            BulkSOC=0,
        ),
    )
    assert client.talk(in_message(ID, request)).Body.ResponseCode == 'OK'
    learnt = DinCharger().ask(in_message(ID, request)).energy_capacity
    assert learnt == told if told else not learnt > 0


def test_lesson_69_precharge_is_ready_from_its_first_answer_to_its_last(charger):
    client = charger().reach(Step.CABLE_CHECK)
    client.bench.override = {'voltage': 100.0}  # it takes its time
    client.wait()
    for _ in range(119):
        body = client.ask(Step.PRECHARGE).Body
        assert body.DC_EVSEStatus.EVSEStatusCode == 'EVSE_Ready'
        assert body.EVSEPresentVoltage == client.secc.reading.voltage


@pytest.mark.parametrize('welding', [0, 1, 10])
def test_lesson_79_welding_detection_is_the_vehicles_to_choose(charger, welding):
    client = charger().reach(Step.CHARGE_LOOP)
    client.ask(Step.STOP)
    client.pilot = PilotState.B
    for volts in range(362, 362 - 7 * welding, -7):  # Polestar: 362 to 290 V
        client.bench.override = {'voltage': float(volts)}
        client.wait()
        body = client.ask(Step.WELDING_DETECTION).Body
        assert body.ResponseCode == 'OK'
        assert body.EVSEPresentVoltage == float(volts)
    client.bench.override = {}
    assert client.ask(Step.SESSION_STOP).Body.ResponseCode == 'OK'
    assert ended(client).error == ''


def test_lesson_80_a_session_may_stop_straight_from_precharge(charger):
    client = charger().reach(Step.PRECHARGE)
    assert client.ask(Step.SESSION_STOP).Body.ResponseCode == 'OK'
    assert not client.command.output
    end = ended(client)
    assert (end.error, client.violations) == ('VEHICLE_STOPS', [])
    assert not end.final  # it may come again (R5)


def test_lesson_81_what_a_vehicle_complains_of_is_logged_once_and_ends_cleanly(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    for _ in range(3):
        client.ask(Step.CHARGE_LOOP, error='FAILED_ChargingCurrentdifferential')
    said = [text for text in client.notes() if 'FAILED_ChargingCurrentdifferential' in text]
    assert len(said) == 1
    assert client.secc.state.vehicle_error == 'FAILED_ChargingCurrentdifferential'
    client.ask(Step.STOP)
    client.ask(Step.SESSION_STOP)
    assert ended(client).error == ''


@pytest.mark.parametrize(
    ('soc', 'full', 'error'),
    [
        (1.0, 1.0, ''),
        (0.94, 0.94, ''),
        (1.0, 0.0, ''),  # told no FullSOC
        (0.93, 1.0, 'VEHICLE_STOPS'),
    ],
)
@pytest.mark.parametrize('last', [Step.CHARGE_PARAMETERS, Step.PRECHARGE])
def test_lesson_83_a_full_vehicle_that_leaves_early_is_no_error(charger, last, soc, full, error):
    client = charger().reach(Step.AUTHORIZATION)
    limits = Limits(max_voltage=400.0, max_current=50.0)
    client.ask(Step.CHARGE_PARAMETERS, soc=soc, full_soc=full, limits=limits)
    for step in (Step.CABLE_CHECK, Step.CABLE_CHECK, Step.PRECHARGE):
        if last is Step.PRECHARGE:
            client.ask(step, soc=soc)
    client.ask(Step.SESSION_STOP)
    assert ended(client).error == error


def test_lesson_83_a_vehicle_that_is_nearly_full_may_stay_in_the_loop(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    for _ in range(100):
        assert client.ask(Step.CHARGE_LOOP, soc=0.93, target_current=0.0).Body.EVSEPresentVoltage
    assert client.error == ''


@pytest.mark.parametrize('ready', [True, False])
def test_lesson_87_ev_ready_and_an_early_zero_are_not_enforced(charger, ready):
    client = charger()
    client.agree()
    for step in Step:
        if Step.SESSION_SETUP <= step <= Step.CHARGE_LOOP and step is not Step.CONNECTOR_LOCK:
            times = 3 if step is Step.CABLE_CHECK else 1
            bodies = [client.ask(step, ready=ready, target_current=0.0).Body] * times
            for _ in range(times - 1):
                bodies.append(client.ask(step, ready=ready, target_current=0.0).Body)
            assert bodies[-1].ResponseCode.startswith('OK')
        if step is Step.PRECHARGE:
            assert client.command.output  # a Plaid wants the voltage nevertheless
            assert client.command.current == 2.0


def test_lesson_88_what_satisfied_cars(charger):
    client = charger().reach(Step.AUTHORIZATION)
    told = client.ask(Step.CHARGE_PARAMETERS).Body.EVSEChargeParameter.DC_EVSEStatus
    assert (told.EVSEStatusCode, told.EVSEIsolationStatus) == ('EVSE_Ready', 'Invalid')
    body = charger().reach(Step.START).ask(Step.CHARGE_LOOP).Body
    assert body.EVSECurrentLimitAchieved
    assert body.EVSEMaximumVoltageLimit == 500.0
    assert body.EVSEMaximumCurrentLimit == 100.0
    assert body.EVSEMaximumPowerLimit == 50_000.0


@pytest.mark.parametrize('amperes', [0.0, 0.04, 125.0, 549.0, 32_767.0, 327_670.0])
def test_lesson_88_a_limit_keeps_its_value_with_its_multiplier(charger, amperes):
    client = charger()
    client.bench.override = {'max_current': amperes or 1.0, 'max_power': 500e3}
    client.wait()
    body = client.reach(Step.AUTHORIZATION).ask(Step.CHARGE_PARAMETERS).Body
    told = body.EVSEChargeParameter.EVSEMaximumCurrentLimit
    assert told == pytest.approx(amperes or 1.0, rel=1e-3)


@pytest.mark.parametrize('text', ['ZZ00000', 'DE*ABC*E1', 'x' * 40, '', 'ü'])
def test_lesson_89_our_evse_id_is_what_was_set_and_always_fits(charger, text):
    client = charger(evse_id=text)
    client.agree()
    told = client.ask(Step.SESSION_SETUP).Body.EVSEID
    assert 1 <= len(told) <= 32
    assert told.decode('ascii').startswith(text[:32]) or not text.isascii() or not text


def test_lesson_59_66_a_list_of_many_protocols_leads_to_a_finished_cable_check(charger):
    client = charger()
    request = offer(NAMESPACE)
    request.AppProtocol[0].SchemaID = 0
    answer = sap_from(client.send(sap_to(request))).message
    assert answer.SchemaID == 0
    client.agree = lambda: None
    client.reach(Step.CABLE_CHECK)
    body = client.ask(Step.CABLE_CHECK).Body
    told = body.DC_EVSEStatus
    assert (body.EVSEProcessing, told.EVSEStatusCode, told.EVSEIsolationStatus) == (
        'Finished',
        'EVSE_Ready',
        'Valid',
    )


def test_lesson_63_a_message_is_the_same_after_it_has_travelled():
    request = in_message(
        ID, din.PreChargeReq(DC_EVStatus=READY, EVTargetVoltage=350.5, EVTargetCurrent=1.0)
    )
    assert from_octets(to_octets(request)).message == request
