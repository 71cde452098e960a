# SPDX-License-Identifier: Apache-2.0
"""DIN 70121 as the vehicle speaks it: requests out, responses in."""

from collections.abc import Callable
from typing import Any, cast

from v2g.schema import din
from v2g.schema.declare import Complex
from v2g.session import din as dialect
from v2g.session.dialect import Decoded, UnexpectedMessage
from v2g.session.din.words import (
    HEALTH,
    ISOLATION,
    NOTIFICATION,
    from_octets,
    in_message,
    known,
    number,
    optional,
    percent,
    to_octets,
)
from v2g.session.exchange import Answer, Ask, Health, Limits, Step

SERVICE_ID = 1  # of charging


class DinVehicle:
    """Makes DIN's requests, and tells what its responses mean."""

    name = dialect.NAME

    def request(self, ask: Ask) -> Complex:
        return in_message(ask.session_id, _REQUESTS[ask.step](ask))

    def answer(self, message: Complex) -> Answer:
        body = getattr(message, 'Body', None)
        step = _STEP_OF.get(type(body))
        if step is None:
            raise UnexpectedMessage(f'{type(body).__name__} is no response of DIN 70121')
        response = cast(Any, body)
        return Answer(
            step=step,
            session_id=cast(din.V2G_Message, message).Header.SessionID,
            code=response.ResponseCode.value,
            **_status(response),
            **(_READERS[step](response) if step in _READERS else {}),
        )

    def encode(self, message: Complex) -> bytes:
        return to_octets(message)

    def decode(self, octets: bytes) -> Decoded:
        return from_octets(octets)

    def request_name(self, step: Step) -> str:
        return _NAMES[step]


def _ev_status(ask: Ask) -> din.DC_EVStatus:
    return din.DC_EVStatus(
        EVReady=ask.ready,
        EVErrorCode=din.DC_EVErrorCode(ask.error),
        EVRESSSOC=percent(ask.soc),
    )


def _session_setup(ask: Ask) -> din.BodyElement:
    return din.SessionSetupReq(EVCCID=ask.evcc_id)


def _service_discovery(ask: Ask) -> din.BodyElement:
    return din.ServiceDiscoveryReq(ServiceCategory=din.ServiceCategory.EVCharging)


def _service_selection(ask: Ask) -> din.BodyElement:
    chosen = din.SelectedService(ServiceID=SERVICE_ID)
    return din.ServicePaymentSelectionReq(
        SelectedPaymentOption=din.PaymentOption.ExternalPayment,
        SelectedServiceList=din.SelectedServiceList(SelectedService=[chosen]),
    )


def _authorization(ask: Ask) -> din.BodyElement:
    return din.ContractAuthenticationReq()


def _charge_parameters(ask: Ask) -> din.BodyElement:
    """All optional elements filled: some chargers abort without them (lesson 52)."""
    parameters = din.DC_EVChargeParameter(
        DC_EVStatus=_ev_status(ask),
        EVMaximumCurrentLimit=number(ask.limits.max_current),
        EVMaximumPowerLimit=optional(ask.limits.max_power),
        EVMaximumVoltageLimit=number(ask.limits.max_voltage),
        EVEnergyCapacity=optional(ask.energy_capacity),
        EVEnergyRequest=optional(ask.energy_request),
        FullSOC=percent(ask.full_soc),
        BulkSOC=percent(ask.bulk_soc),
    )
    return din.ChargeParameterDiscoveryReq(
        EVRequestedEnergyTransferType=din.EVRequestedEnergyTransfer.DC_extended,
        EVChargeParameter=parameters,
    )


def _cable_check(ask: Ask) -> din.BodyElement:
    return din.CableCheckReq(DC_EVStatus=_ev_status(ask))


def _precharge(ask: Ask) -> din.BodyElement:
    return din.PreChargeReq(
        DC_EVStatus=_ev_status(ask),
        EVTargetVoltage=number(ask.target_voltage),
        EVTargetCurrent=number(ask.target_current),
    )


def _power_delivery(ask: Ask) -> din.BodyElement:
    """With its optional parameter: some chargers ignore it without (lesson 55)."""
    parameter = din.DC_EVPowerDeliveryParameter(
        DC_EVStatus=_ev_status(ask),
        BulkChargingComplete=ask.bulk_complete,
        ChargingComplete=ask.complete,
    )
    return din.PowerDeliveryReq(
        ReadyToChargeState=ask.step is Step.START, EVPowerDeliveryParameter=parameter
    )


def _current_demand(ask: Ask) -> din.BodyElement:
    """With the optional limits, which some chargers need (lesson 56)."""
    return din.CurrentDemandReq(
        DC_EVStatus=_ev_status(ask),
        EVTargetCurrent=number(ask.target_current),
        EVMaximumVoltageLimit=optional(ask.limits.max_voltage),
        EVMaximumCurrentLimit=optional(ask.limits.max_current),
        EVMaximumPowerLimit=optional(ask.limits.max_power),
        BulkChargingComplete=ask.bulk_complete,
        ChargingComplete=ask.complete,
        RemainingTimeToFullSoC=optional(ask.remaining_time),
        RemainingTimeToBulkSoC=optional(ask.remaining_bulk_time),
        EVTargetVoltage=number(ask.target_voltage),
    )


def _welding_detection(ask: Ask) -> din.BodyElement:
    return din.WeldingDetectionReq(DC_EVStatus=_ev_status(ask))


def _session_stop(ask: Ask) -> din.BodyElement:
    return din.SessionStopReq()


_REQUESTS: dict[Step, Callable[[Ask], din.BodyElement]] = {
    Step.SESSION_SETUP: _session_setup,
    Step.SERVICE_DISCOVERY: _service_discovery,
    Step.SERVICE_SELECTION: _service_selection,
    Step.AUTHORIZATION: _authorization,
    Step.CHARGE_PARAMETERS: _charge_parameters,
    Step.CABLE_CHECK: _cable_check,
    Step.PRECHARGE: _precharge,
    Step.START: _power_delivery,
    Step.CHARGE_LOOP: _current_demand,
    Step.STOP: _power_delivery,
    Step.WELDING_DETECTION: _welding_detection,
    Step.SESSION_STOP: _session_stop,
}

# fmt: off
_NAMES = {
    Step.APP_PROTOCOL:      'supportedAppProtocolReq',
    Step.SESSION_SETUP:     'SessionSetupReq',
    Step.SERVICE_DISCOVERY: 'ServiceDiscoveryReq',
    Step.SERVICE_SELECTION: 'ServicePaymentSelectionReq',
    Step.AUTHORIZATION:     'ContractAuthenticationReq',
    Step.CHARGE_PARAMETERS: 'ChargeParameterDiscoveryReq',
    Step.CONNECTOR_LOCK:    'ConnectorLock',
    Step.CABLE_CHECK:       'CableCheckReq',
    Step.PRECHARGE:         'PreChargeReq',
    Step.START:             'PowerDeliveryReq',
    Step.CHARGE_LOOP:       'CurrentDemandReq',
    Step.STOP:              'PowerDeliveryReq',
    Step.WELDING_DETECTION: 'WeldingDetectionReq',
    Step.SESSION_STOP:      'SessionStopReq',
}

_STEP_OF: dict[type, Step] = {
    din.SessionSetupRes:             Step.SESSION_SETUP,
    din.ServiceDiscoveryRes:         Step.SERVICE_DISCOVERY,
    din.ServicePaymentSelectionRes:  Step.SERVICE_SELECTION,
    din.ContractAuthenticationRes:   Step.AUTHORIZATION,
    din.ChargeParameterDiscoveryRes: Step.CHARGE_PARAMETERS,
    din.CableCheckRes:               Step.CABLE_CHECK,
    din.PreChargeRes:                Step.PRECHARGE,
    din.PowerDeliveryRes:            Step.START,  # or STOP: the vehicle knows what it asked
    din.CurrentDemandRes:            Step.CHARGE_LOOP,
    din.WeldingDetectionRes:         Step.WELDING_DETECTION,
    din.SessionStopRes:              Step.SESSION_STOP,
}
# fmt: on


def _status(response: Any) -> dict[str, Any]:
    """What a response says of the charger, wherever it stands in it."""
    status = getattr(response, 'DC_EVSEStatus', None) or getattr(response, 'EVSEStatus', None)
    if status is None:
        parameter = getattr(response, 'EVSEChargeParameter', None)
        status = getattr(parameter, 'DC_EVSEStatus', None)
    if not isinstance(status, din.DC_EVSEStatus):
        return {}
    isolation = status.EVSEIsolationStatus
    return {
        'health': HEALTH.get(status.EVSEStatusCode, Health.MALFUNCTION),
        'status': status.EVSEStatusCode.value,
        'notification': NOTIFICATION[status.EVSENotification],
        'isolation': None if isolation is None else ISOLATION[isolation],
    }


def _ongoing(response: Any) -> dict[str, Any]:
    return {'ongoing': response.EVSEProcessing is din.EVSEProcessing.Ongoing}


def _read_session_setup(response: din.SessionSetupRes) -> dict[str, Any]:
    return {'evse_id': response.EVSEID}


def _read_charge_parameters(response: din.ChargeParameterDiscoveryRes) -> dict[str, Any]:
    told = response.EVSEChargeParameter
    if not isinstance(told, din.DC_EVSEChargeParameter):
        return _ongoing(response)
    limits = Limits(
        max_voltage=told.EVSEMaximumVoltageLimit,
        min_voltage=told.EVSEMinimumVoltageLimit,
        max_current=told.EVSEMaximumCurrentLimit,
        min_current=told.EVSEMinimumCurrentLimit,
        max_power=known(told.EVSEMaximumPowerLimit),
        ripple=told.EVSEPeakCurrentRipple,
        tolerance=known(told.EVSECurrentRegulationTolerance),
    )
    return {**_ongoing(response), 'limits': limits}


def _read_voltage(response: Any) -> dict[str, Any]:
    return {'present_voltage': response.EVSEPresentVoltage}


def _read_current_demand(response: din.CurrentDemandRes) -> dict[str, Any]:
    told: dict[str, Any] = {
        'present_voltage': response.EVSEPresentVoltage,
        'present_current': response.EVSEPresentCurrent,
    }
    voltage, current = response.EVSEMaximumVoltageLimit, response.EVSEMaximumCurrentLimit
    power = response.EVSEMaximumPowerLimit
    if (voltage, current, power) != (None, None, None):
        told['limits'] = Limits(
            max_voltage=known(voltage), max_current=known(current), max_power=known(power)
        )
    return told


_READERS: dict[Step, Callable[[Any], dict[str, Any]]] = {
    Step.SESSION_SETUP: _read_session_setup,
    Step.AUTHORIZATION: _ongoing,
    Step.CHARGE_PARAMETERS: _read_charge_parameters,
    Step.CABLE_CHECK: _ongoing,
    Step.PRECHARGE: _read_voltage,
    Step.CHARGE_LOOP: _read_current_demand,
    Step.WELDING_DETECTION: _read_voltage,
}
