# SPDX-License-Identifier: Apache-2.0
"""What the charger answers, and which wrong choice gets which ResponseCode (R13, R15)."""

import pytest

from v2g.schema import din
from v2g.session.din.words import in_message
from v2g.session.exchange import Limits, Step
from v2g.session.readings import Isolation, PilotState, Switch

ID = bytes([7] * 8)
DC, AC = 'DC_extended', 'AC_three_phase_core'


def refused(client, response, code):
    """A response with that code, then the end, with its reason."""
    assert response.Body.ResponseCode == code
    assert client.closed
    assert not client.command.output
    assert client.error == code
    assert client.violations == []
    client.wait(2)
    assert not client.command.contactors
    assert client.command.duty == 1.0
    return True


# ServiceDiscovery, ServicePaymentSelection, ContractAuthentication


def test_the_service_is_dc_charging_paid_elsewhere(charger):
    body = charger().reach(Step.SESSION_SETUP).ask(Step.SERVICE_DISCOVERY).Body
    assert body.PaymentOptions.PaymentOption == ['ExternalPayment']
    assert body.ChargeService.ServiceTag.ServiceID == 1
    assert body.ChargeService.EnergyTransferType == DC


@pytest.mark.parametrize(
    ('payment', 'services', 'code'),
    [
        ('Contract', [1], 'FAILED_PaymentSelectionInvalid'),
        ('ExternalPayment', [2], 'FAILED_ServiceSelectionInvalid'),
        ('ExternalPayment', [1, 2], 'FAILED_ServiceSelectionInvalid'),
        ('ExternalPayment', [1], 'OK'),
    ],
)
def test_only_what_was_offered_can_be_selected(charger, payment, services, code):
    client = charger().reach(Step.SERVICE_DISCOVERY)
    chosen = [din.SelectedService(ServiceID=service) for service in services]
    body = din.ServicePaymentSelectionReq(
        SelectedPaymentOption=din.PaymentOption(payment),
        SelectedServiceList=din.SelectedServiceList(SelectedService=chosen),
    )
    response = client.talk(in_message(ID, body))
    if code == 'OK':
        assert response.Body.ResponseCode == 'OK'
        assert not client.closed
    else:
        assert refused(client, response, code)


def test_who_needs_no_permission_is_authorised_at_once(charger):
    body = charger().reach(Step.SERVICE_SELECTION).ask(Step.AUTHORIZATION).Body
    assert (body.ResponseCode, body.EVSEProcessing) == ('OK', 'Finished')


def test_authorisation_is_ongoing_until_somebody_decides(charger):
    client = charger(free=False).reach(Step.AUTHORIZATION)
    for _ in range(5):
        assert client.ask(Step.AUTHORIZATION).Body.EVSEProcessing == 'Ongoing'
    client.authorize(True)
    client.authorize(False)  # too late
    assert client.ask(Step.AUTHORIZATION).Body.EVSEProcessing == 'Finished'
    told = client.ask(Step.CHARGE_PARAMETERS).Body.EVSEChargeParameter.DC_EVSEStatus
    assert (told.EVSEStatusCode, told.EVSENotification) == ('EVSE_Ready', 'None')


def test_who_is_denied_is_asked_to_stop_and_never_gets_to_a_cable_check(charger):
    client = charger(free=False).reach(Step.AUTHORIZATION)
    client.authorize(False, 'this card is not known')
    assert client.ask(Step.AUTHORIZATION).Body.EVSEProcessing == 'Finished'
    body = client.ask(Step.CHARGE_PARAMETERS).Body
    told = body.EVSEChargeParameter.DC_EVSEStatus
    assert (told.EVSEStatusCode, told.EVSENotification) == ('EVSE_Shutdown', 'StopCharging')
    assert body.EVSEProcessing == 'Ongoing'
    assert client.ask(Step.SESSION_STOP).Body.ResponseCode == 'OK'
    assert 'card' in client.secc.state.reason


def test_a_decision_holds_for_one_connection(charger):
    client = charger(free=False).reach(Step.AUTHORIZATION)
    client.authorize(True)
    client.ask(Step.SESSION_STOP)
    client.wait(20, until=lambda client: client.command.duty < 1.0 and client.ends())
    client.connect()
    client.reach(Step.AUTHORIZATION)
    assert client.ask(Step.AUTHORIZATION).Body.EVSEProcessing == 'Ongoing'


# ChargeParameterDiscovery


def parameters(charging=DC, **more):
    values = {
        'DC_EVStatus': din.DC_EVStatus(
            EVReady=False, EVErrorCode=din.DC_EVErrorCode.NO_ERROR, EVRESSSOC=50
        ),
        'EVMaximumCurrentLimit': 50.0,
        'EVMaximumVoltageLimit': 400.0,
        **more,
    }
    return in_message(
        ID,
        din.ChargeParameterDiscoveryReq(
            EVRequestedEnergyTransferType=din.EVRequestedEnergyTransfer(charging),
            EVChargeParameter=din.DC_EVChargeParameter(**values),
        ),
    )


@pytest.mark.parametrize(
    ('told', 'code'),
    [
        ({'charging': AC}, 'FAILED_WrongEnergyTransferType'),
        ({'EVMaximumVoltageLimit': 0.0}, 'FAILED_WrongChargeParameter'),
        ({'EVMaximumVoltageLimit': -400.0}, 'FAILED_WrongChargeParameter'),
        ({'EVMaximumCurrentLimit': -1.0}, 'FAILED_WrongChargeParameter'),
        ({'EVMaximumPowerLimit': -1000.0}, 'FAILED_WrongChargeParameter'),
        ({'EVMaximumVoltageLimit': 149.0}, 'FAILED_WrongChargeParameter'),
    ],
)
def test_parameters_that_cannot_be_are_refused(charger, told, code):
    client = charger().reach(Step.AUTHORIZATION)
    assert refused(client, client.talk(parameters(**told)), code)


@pytest.mark.parametrize('charging', ['DC_core', 'DC_extended', 'DC_combo_core', 'DC_unique'])
def test_every_word_for_dc_is_taken(charger, charging):
    client = charger().reach(Step.AUTHORIZATION)
    assert client.talk(parameters(charging)).Body.ResponseCode == 'OK'


def test_an_ac_vehicle_is_told_that_this_is_dc(charger):
    client = charger().reach(Step.AUTHORIZATION)
    told = din.AC_EVChargeParameter(
        DepartureTime=0,
        EAmount=1000.0,
        EVMaxVoltage=400.0,
        EVMaxCurrent=32.0,
        EVMinCurrent=6.0,
    )
    body = din.ChargeParameterDiscoveryReq(
        EVRequestedEnergyTransferType=din.EVRequestedEnergyTransfer(AC), EVChargeParameter=told
    )
    assert refused(client, client.talk(in_message(ID, body)), 'FAILED_WrongEnergyTransferType')


@pytest.mark.parametrize(
    ('setting', 'able', 'watts'), [(0, 20_000.0, 20_000), (0, 5e6, 32_767), (7000, 5e4, 7000)]
)
def test_there_is_always_one_schedule_with_power_for_a_day(charger, setting, able, watts):
    client = charger(schedule_power=setting)
    client.bench.override = {'max_power': able}
    body = client.reach(Step.AUTHORIZATION).ask(Step.CHARGE_PARAMETERS).Body
    [plan] = body.SASchedules.SAScheduleTuple
    [entry] = plan.PMaxSchedule.PMaxScheduleEntry
    assert entry.PMax == watts
    assert entry.TimeInterval.duration == 86_400


@pytest.mark.parametrize('able', [0.0, -1.0, float('nan')])
def test_a_supply_without_power_still_gets_a_schedule_above_zero(charger, able):
    client = charger()
    client.bench.override = {'max_power': able}
    body = client.reach(Step.AUTHORIZATION).ask(Step.CHARGE_PARAMETERS).Body
    assert body.SASchedules.SAScheduleTuple[0].PMaxSchedule.PMaxScheduleEntry[0].PMax >= 1


# CableCheck


def test_cable_check_says_what_cars_want_to_hear(charger):
    client = charger().reach(Step.CHARGE_PARAMETERS)
    client.bench.override = {'isolation': Isolation.INVALID}
    client.ask(Step.CABLE_CHECK)
    client.wait(0.5)
    command = client.command
    assert (command.voltage, command.current, command.isolation_test) == (400.0, 2.0, True)
    seen = []
    for turn in range(10):
        if turn == 5:
            client.bench.override = {}
        body = client.ask(Step.CABLE_CHECK).Body
        told = body.DC_EVSEStatus
        row = (body.EVSEProcessing, told.EVSEStatusCode, told.EVSEIsolationStatus)
        seen.append(tuple(word.value for word in row))
    ongoing = ('Ongoing', 'EVSE_IsolationMonitoringActive', 'Invalid')
    finished = ('Finished', 'EVSE_Ready', 'Valid')
    assert set(seen) == {ongoing, finished}
    assert seen == sorted(seen, reverse=True)


def test_finished_comes_with_an_output_below_60_volts_alone(charger):
    client = charger().reach(Step.CHARGE_PARAMETERS)
    client.ask(Step.CABLE_CHECK)
    client.bench.override = {'voltage': 380.0}
    for voltage in (380.0, 120.0, 60.0, 59.9):
        client.bench.override = {'voltage': voltage}
        client.wait()
        done = client.ask(Step.CABLE_CHECK).Body.EVSEProcessing == 'Finished'
        assert done is (voltage < 60.0)
        assert not client.command.output


def test_a_warning_is_told_as_one_and_the_charge_goes_on(charger):
    client = charger()
    client.bench.override = {'isolation': Isolation.WARNING}
    client.reach(Step.CHARGE_LOOP)
    told = client.ask(Step.CHARGE_LOOP).Body.DC_EVSEStatus
    assert (told.EVSEStatusCode, told.EVSEIsolationStatus) == ('EVSE_Ready', 'Warning')


def test_an_isolation_fault_fails_the_cable_check(charger):
    client = charger().reach(Step.CHARGE_PARAMETERS)
    client.bench.override = {'isolation': Isolation.FAULT}
    client.ask(Step.CABLE_CHECK)
    assert client.error == 'ISOLATION_FAULT'
    assert not client.command.output
    body = client.ask(Step.CABLE_CHECK).Body
    told = body.DC_EVSEStatus
    assert (body.ResponseCode, body.EVSEProcessing) == ('FAILED', 'Finished')
    assert (told.EVSEStatusCode, told.EVSEIsolationStatus) == ('EVSE_Malfunction', 'Fault')
    assert client.closed


# PreCharge, PowerDelivery(start), CurrentDemand


@pytest.mark.parametrize(('asked', 'set_to'), [(1.5, 1.5), (30.0, 2.0), (0.0, 2.0), (-5.0, 2.0)])
def test_precharge_is_ready_and_two_amperes_at_most(charger, asked, set_to):
    client = charger().reach(Step.CABLE_CHECK)
    body = client.ask(Step.PRECHARGE, target_voltage=600.0, target_current=asked).Body
    assert body.DC_EVSEStatus.EVSEStatusCode == 'EVSE_Ready'
    assert client.command.current == set_to
    assert client.command.voltage == 400.0  # the vehicle's own limit


def test_the_output_is_never_above_a_limit_of_either_side(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.ask(Step.CHARGE_LOOP, target_voltage=900.0, target_current=500.0)
    assert (client.command.voltage, client.command.current) == (400.0, 50.0)
    client.bench.override = {'max_voltage': 380.0, 'max_current': 20.0}
    client.wait()
    client.ask(Step.CHARGE_LOOP, target_voltage=900.0, target_current=500.0)
    assert (client.command.voltage, client.command.current) == (380.0, 20.0)


def test_the_vehicles_power_is_a_limit_too_and_zero_is_none(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    less = Limits(max_voltage=400.0, max_current=50.0, max_power=4000.0)
    client.ask(Step.CHARGE_LOOP, target_voltage=400.0, target_current=50.0, limits=less)
    client.ask(Step.CHARGE_LOOP, target_voltage=400.0, target_current=50.0, limits=less)
    assert client.command.current == pytest.approx(10.0)
    none = Limits(max_voltage=400.0, max_current=50.0, max_power=0.0)
    fresh = charger().reach(Step.AUTHORIZATION)
    fresh.talk(parameters(EVMaximumPowerLimit=0.0))
    for step in (Step.CABLE_CHECK, Step.CABLE_CHECK, Step.PRECHARGE, Step.START):
        fresh.ask(step)
    fresh.ask(Step.CHARGE_LOOP, target_voltage=400.0, target_current=50.0, limits=none)
    assert fresh.command.current == 50.0


def test_a_site_without_power_is_a_utility_interrupt(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.bench.override = {'max_power': 0.0}
    client.wait()
    body = client.ask(Step.CHARGE_LOOP, target_current=40.0).Body
    assert body.DC_EVSEStatus.EVSEStatusCode == 'EVSE_UtilityInterruptEvent'
    assert client.command.current == 0.0
    client.bench.override = {}
    client.wait()
    body = client.ask(Step.CHARGE_LOOP).Body
    assert body.DC_EVSEStatus.EVSEStatusCode == 'EVSE_Ready'


def start(*entries, tuple_id=1):
    rows = [
        din.ProfileEntry(ChargingProfileEntryStart=at, ChargingProfileEntryMaxPower=watts)
        for at, watts in entries
    ]
    profile = din.ChargingProfile(SAScheduleTupleID=tuple_id, ProfileEntry=rows)
    return in_message(ID, din.PowerDeliveryReq(ReadyToChargeState=True, ChargingProfile=profile))


@pytest.mark.parametrize(
    ('message', 'code'),
    [
        (start((0, 20_000)), 'OK'),
        (start((0, 20_000), (3600, 0)), 'OK'),
        (start((0, 20_001)), 'FAILED_ChargingProfileInvalid'),
        (start((0, 5_000), (60, 20_001)), 'FAILED_ChargingProfileInvalid'),
        (start((0, -1)), 'FAILED_ChargingProfileInvalid'),
        (start((60, 5_000), (60, 5_000)), 'FAILED_ChargingProfileInvalid'),
        (start((0, 5_000), tuple_id=2), 'FAILED_TariffSelectionInvalid'),
    ],
)
def test_a_charging_profile_must_fit_the_schedule(charger, message, code):
    client = charger(schedule_power=20_000.0).reach(Step.PRECHARGE)
    response = client.talk(message)
    if code == 'OK':
        assert response.Body.ResponseCode == 'OK'
        assert not client.closed
    else:
        assert refused(client, response, code)


def test_power_is_not_applied_while_an_output_contactor_is_open(charger):
    client = charger().reach(Step.PRECHARGE)
    client.bench.override = {'contactors': Switch.OPEN}
    client.wait()
    response = client.ask(Step.START)
    assert refused(client, response, 'FAILED_PowerDeliveryNotApplied')


def test_power_is_not_applied_to_an_output_that_never_came_up(charger):
    client = charger().reach(Step.PRECHARGE)
    client.bench.override = {'voltage': 170.0}
    client.wait()
    response = client.ask(Step.START)
    client.bench.override = {}
    assert refused(client, response, 'FAILED_EVSEPresentVoltageToLow')


def test_a_failure_has_the_mandatory_elements_of_its_response(charger):
    client = charger().reach(Step.SESSION_SETUP)
    body = client.ask(Step.CHARGE_PARAMETERS).Body
    assert body.ResponseCode == 'FAILED_SequenceError'
    assert body.SASchedules.SAScheduleTuple
    assert body.EVSEChargeParameter.DC_EVSEStatus.EVSEStatusCode == 'EVSE_NotReady'


def test_state_c_is_enough_and_d_as_well(charger):
    client = charger().reach(Step.CHARGE_LOOP)
    client.pilot = PilotState.D
    client.wait(1)
    assert client.command.output
    assert client.error == ''
