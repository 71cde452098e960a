# SPDX-License-Identifier: Apache-2.0
"""DIN 70121 as the charger speaks it: requests in, responses out."""

from collections.abc import Callable
from math import nan
from typing import Any, cast

from v2g.schema import din
from v2g.schema.declare import Complex
from v2g.session import din as dialect
from v2g.session.dialect import Decoded, UnexpectedMessage
from v2g.session.din import order
from v2g.session.din.refusal import refusal_of
from v2g.session.din.words import (
    ISOLATED,
    NOTIFIED,
    STATUS,
    from_octets,
    in_message,
    known,
    number,
    optional,
    ratio,
    to_octets,
)
from v2g.session.exchange import Answer, Ask, Health, Limits, Step

SERVICE_ID = 1  # of charging
SCHEDULE_ID = 1  # of the only SAScheduleTuple
DAY = 86_400  # s, what a schedule must cover at least
HIGHEST_PMAX = 32_767  # W, what DIN's PMax holds


class DinCharger:
    """Tells what DIN's requests mean, and makes its responses."""

    name = dialect.NAME

    def ask(self, message: Complex) -> Ask:
        body = getattr(message, 'Body', None)
        reader = _READERS.get(type(body))
        if reader is None:
            raise UnexpectedMessage(f'{type(body).__name__} is not allowed in DIN 70121 here')
        session_id = cast(din.V2G_Message, message).Header.SessionID
        return Ask(session_id=session_id, **reader(cast(Any, body)))

    def response(self, answer: Answer) -> Complex:
        code = din.ResponseCode(answer.code)
        return in_message(answer.session_id, _RESPONSES[answer.step](answer, code))

    def refusal(self, message: Complex, session_id: bytes, code: str) -> Complex | None:
        body = refusal_of(getattr(message, 'Body', None), din.ResponseCode(code))
        return None if body is None else in_message(session_id, body)

    def encode(self, message: Complex) -> bytes:
        return to_octets(message)

    def decode(self, octets: bytes) -> Decoded:
        return from_octets(octets)

    def may_follow(self, last: Step | None, ongoing: bool, step: Step) -> bool:
        return order.may_follow(last, ongoing, step)


def _ev_status(status: din.DC_EVStatus) -> dict[str, Any]:
    return {
        'ready': status.EVReady,
        'error': status.EVErrorCode.value,
        'soc': ratio(status.EVRESSSOC),
    }


def _told(value: float | None) -> float:
    """A limit or an energy; 0 is how a vehicle says that it has none to tell (lesson 64)."""
    return nan if value == 0 else known(value)


def _session_setup(request: din.SessionSetupReq) -> dict[str, Any]:
    return {'step': Step.SESSION_SETUP, 'evcc_id': request.EVCCID}


def _service_selection(request: din.ServicePaymentSelectionReq) -> dict[str, Any]:
    chosen = [service.ServiceID for service in request.SelectedServiceList.SelectedService]
    objection = ''
    if request.SelectedPaymentOption is not din.PaymentOption.ExternalPayment:
        objection = din.ResponseCode.FAILED_PaymentSelectionInvalid.value
    elif set(chosen) != {SERVICE_ID}:
        objection = din.ResponseCode.FAILED_ServiceSelectionInvalid.value
    return {'step': Step.SERVICE_SELECTION, 'objection': objection}


def _charge_parameters(request: din.ChargeParameterDiscoveryReq) -> dict[str, Any]:
    told = request.EVChargeParameter
    if not isinstance(told, din.DC_EVChargeParameter):
        return _alternating_current(request)
    limits = Limits(
        max_voltage=told.EVMaximumVoltageLimit,
        max_current=told.EVMaximumCurrentLimit,
        max_power=_told(told.EVMaximumPowerLimit),
    )
    objection = ''
    if not request.EVRequestedEnergyTransferType.startswith('DC'):
        objection = din.ResponseCode.FAILED_WrongEnergyTransferType.value
    elif limits.max_voltage <= 0 or limits.max_current < 0 or limits.max_power < 0:
        objection = din.ResponseCode.FAILED_WrongChargeParameter.value
    return {
        'step': Step.CHARGE_PARAMETERS,
        'limits': limits,
        'energy_transfer': request.EVRequestedEnergyTransferType.value,
        'energy_capacity': _told(told.EVEnergyCapacity),
        'energy_request': _told(told.EVEnergyRequest),
        'full_soc': ratio(told.FullSOC),
        'bulk_soc': ratio(told.BulkSOC),
        'objection': objection,
        **_ev_status(told.DC_EVStatus),
    }


def _alternating_current(request: din.ChargeParameterDiscoveryReq) -> dict[str, Any]:
    """A vehicle that asks for AC; it has a departure time, which DIN's DC has not."""
    asked: dict[str, Any] = {
        'step': Step.CHARGE_PARAMETERS,
        'energy_transfer': request.EVRequestedEnergyTransferType.value,
        'objection': din.ResponseCode.FAILED_WrongEnergyTransferType.value,
    }
    told = request.EVChargeParameter
    if isinstance(told, din.AC_EVChargeParameter):
        asked['departure_time'] = float(told.DepartureTime)
        asked['energy_request'] = _told(told.EAmount)
    return asked


def _cable_check(request: din.CableCheckReq) -> dict[str, Any]:
    return {'step': Step.CABLE_CHECK, **_ev_status(request.DC_EVStatus)}


def _precharge(request: din.PreChargeReq) -> dict[str, Any]:
    return {
        'step': Step.PRECHARGE,
        'target_voltage': request.EVTargetVoltage,
        'target_current': request.EVTargetCurrent,
        **_ev_status(request.DC_EVStatus),
    }


def _profile(profile: din.ChargingProfile) -> dict[str, Any]:
    """The vehicle's plan for the one schedule it was offered."""
    powers = [entry.ChargingProfileEntryMaxPower for entry in profile.ProfileEntry]
    starts = [entry.ChargingProfileEntryStart for entry in profile.ProfileEntry]
    objection = ''
    if profile.SAScheduleTupleID != SCHEDULE_ID:
        objection = din.ResponseCode.FAILED_TariffSelectionInvalid.value
    elif min(powers) < 0 or starts != sorted(set(starts)):
        objection = din.ResponseCode.FAILED_ChargingProfileInvalid.value
    return {'profile_power': float(max(powers)), 'objection': objection}


def _power_delivery(request: din.PowerDeliveryReq) -> dict[str, Any]:
    told: dict[str, Any] = {'step': Step.START if request.ReadyToChargeState else Step.STOP}
    if request.ReadyToChargeState and request.ChargingProfile is not None:
        told |= _profile(request.ChargingProfile)
    parameter = request.EVPowerDeliveryParameter
    if isinstance(parameter, din.DC_EVPowerDeliveryParameter):
        told |= _ev_status(parameter.DC_EVStatus)
        told['complete'] = parameter.ChargingComplete
    return told


def _current_demand(request: din.CurrentDemandReq) -> dict[str, Any]:
    return {
        'step': Step.CHARGE_LOOP,
        'target_voltage': request.EVTargetVoltage,
        'target_current': request.EVTargetCurrent,
        'limits': Limits(
            max_voltage=known(request.EVMaximumVoltageLimit),
            max_current=known(request.EVMaximumCurrentLimit),
            max_power=_told(request.EVMaximumPowerLimit),
        ),
        'complete': request.ChargingComplete,
        'bulk_complete': bool(request.BulkChargingComplete),
        'remaining_time': known(request.RemainingTimeToFullSoC),
        'remaining_bulk_time': known(request.RemainingTimeToBulkSoC),
        **_ev_status(request.DC_EVStatus),
    }


def _welding_detection(request: din.WeldingDetectionReq) -> dict[str, Any]:
    return {'step': Step.WELDING_DETECTION, **_ev_status(request.DC_EVStatus)}


_READERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    din.SessionSetupReq: _session_setup,
    din.ServiceDiscoveryReq: lambda _: {'step': Step.SERVICE_DISCOVERY},
    din.ServicePaymentSelectionReq: _service_selection,
    din.ContractAuthenticationReq: lambda _: {'step': Step.AUTHORIZATION},
    din.ChargeParameterDiscoveryReq: _charge_parameters,
    din.CableCheckReq: _cable_check,
    din.PreChargeReq: _precharge,
    din.PowerDeliveryReq: _power_delivery,
    din.CurrentDemandReq: _current_demand,
    din.WeldingDetectionReq: _welding_detection,
    din.SessionStopReq: lambda _: {'step': Step.SESSION_STOP},
}


def _evse_status(answer: Answer) -> din.DC_EVSEStatus:
    isolation = answer.isolation
    return din.DC_EVSEStatus(
        EVSEIsolationStatus=None if isolation is None else ISOLATED[isolation],
        EVSEStatusCode=STATUS[answer.health or Health.NOT_READY],
        NotificationMaxDelay=0,
        EVSENotification=NOTIFIED[answer.notification],
    )


def _processing(answer: Answer) -> din.EVSEProcessing:
    return din.EVSEProcessing.Ongoing if answer.ongoing else din.EVSEProcessing.Finished


def _session_setup_res(answer: Answer, code: din.ResponseCode) -> din.BodyElement:
    return din.SessionSetupRes(ResponseCode=code, EVSEID=answer.evse_id)


def _service_discovery_res(answer: Answer, code: din.ResponseCode) -> din.BodyElement:
    charging = din.ServiceCharge(
        ServiceTag=din.ServiceTag(
            ServiceID=SERVICE_ID, ServiceCategory=din.ServiceCategory.EVCharging
        ),
        FreeService=False,
        EnergyTransferType=din.EVSESupportedEnergyTransfer.DC_extended,
    )
    return din.ServiceDiscoveryRes(
        ResponseCode=code,
        PaymentOptions=din.PaymentOptions(PaymentOption=[din.PaymentOption.ExternalPayment]),
        ChargeService=charging,
    )


def _service_selection_res(answer: Answer, code: din.ResponseCode) -> din.BodyElement:
    return din.ServicePaymentSelectionRes(ResponseCode=code)


def _authorization_res(answer: Answer, code: din.ResponseCode) -> din.BodyElement:
    return din.ContractAuthenticationRes(ResponseCode=code, EVSEProcessing=_processing(answer))


def _schedule(power: float) -> din.SAScheduleList:
    """One schedule for a day: cars leave without one, or at 0 W (lesson 60)."""
    entry = din.PMaxScheduleEntry(
        TimeInterval=din.RelativeTimeInterval(start=0, duration=DAY),
        PMax=max(1, min(int(number(power, HIGHEST_PMAX)), HIGHEST_PMAX)),
    )
    schedule = din.PMaxSchedule(PMaxScheduleID=1, PMaxScheduleEntry=[entry])
    plan = din.SAScheduleTuple(SAScheduleTupleID=SCHEDULE_ID, PMaxSchedule=schedule)
    return din.SAScheduleList(SAScheduleTuple=[plan])


def _charge_parameters_res(answer: Answer, code: din.ResponseCode) -> din.BodyElement:
    limits = answer.limits or Limits()
    parameters = din.DC_EVSEChargeParameter(
        DC_EVSEStatus=_evse_status(answer),
        EVSEMaximumCurrentLimit=number(limits.max_current),
        EVSEMaximumPowerLimit=optional(limits.max_power),
        EVSEMaximumVoltageLimit=number(limits.max_voltage),
        EVSEMinimumCurrentLimit=number(limits.min_current),
        EVSEMinimumVoltageLimit=number(limits.min_voltage),
        EVSECurrentRegulationTolerance=optional(limits.tolerance),
        EVSEPeakCurrentRipple=number(limits.ripple),
    )
    return din.ChargeParameterDiscoveryRes(
        ResponseCode=code,
        EVSEProcessing=_processing(answer),
        SASchedules=_schedule(answer.schedule_power),
        EVSEChargeParameter=parameters,
    )


def _cable_check_res(answer: Answer, code: din.ResponseCode) -> din.BodyElement:
    return din.CableCheckRes(
        ResponseCode=code,
        DC_EVSEStatus=_evse_status(answer),
        EVSEProcessing=_processing(answer),
    )


def _precharge_res(answer: Answer, code: din.ResponseCode) -> din.BodyElement:
    return din.PreChargeRes(
        ResponseCode=code,
        DC_EVSEStatus=_evse_status(answer),
        EVSEPresentVoltage=number(answer.present_voltage),
    )


def _power_delivery_res(answer: Answer, code: din.ResponseCode) -> din.BodyElement:
    return din.PowerDeliveryRes(ResponseCode=code, EVSEStatus=_evse_status(answer))


def _current_demand_res(answer: Answer, code: din.ResponseCode) -> din.BodyElement:
    limits = answer.limits or Limits()
    return din.CurrentDemandRes(
        ResponseCode=code,
        DC_EVSEStatus=_evse_status(answer),
        EVSEPresentVoltage=number(answer.present_voltage),
        EVSEPresentCurrent=number(answer.present_current),
        EVSECurrentLimitAchieved=answer.current_limited,
        EVSEVoltageLimitAchieved=answer.voltage_limited,
        EVSEPowerLimitAchieved=answer.power_limited,
        EVSEMaximumVoltageLimit=optional(limits.max_voltage),
        EVSEMaximumCurrentLimit=optional(limits.max_current),
        EVSEMaximumPowerLimit=optional(limits.max_power),
    )


def _welding_detection_res(answer: Answer, code: din.ResponseCode) -> din.BodyElement:
    return din.WeldingDetectionRes(
        ResponseCode=code,
        DC_EVSEStatus=_evse_status(answer),
        EVSEPresentVoltage=number(answer.present_voltage),
    )


def _session_stop_res(answer: Answer, code: din.ResponseCode) -> din.BodyElement:
    return din.SessionStopRes(ResponseCode=code)


_RESPONSES: dict[Step, Callable[[Answer, din.ResponseCode], din.BodyElement]] = {
    Step.SESSION_SETUP: _session_setup_res,
    Step.SERVICE_DISCOVERY: _service_discovery_res,
    Step.SERVICE_SELECTION: _service_selection_res,
    Step.AUTHORIZATION: _authorization_res,
    Step.CHARGE_PARAMETERS: _charge_parameters_res,
    Step.CABLE_CHECK: _cable_check_res,
    Step.PRECHARGE: _precharge_res,
    Step.START: _power_delivery_res,
    Step.CHARGE_LOOP: _current_demand_res,
    Step.STOP: _power_delivery_res,
    Step.WELDING_DETECTION: _welding_detection_res,
    Step.SESSION_STOP: _session_stop_res,
}
