# SPDX-License-Identifier: Apache-2.0
"""The messages of DIN SPEC 70121:2014, as its schema declares them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from v2g.schema import xmldsig, xs
from v2g.schema.declare import Complex, attribute, many, reference, within
import v2g.schema.din as t
from v2g.schema.physical import Physical

DEFINITION = 'urn:din:70121:2012:MsgDef'
HEADER = 'urn:din:70121:2012:MsgHeader'
BODY = 'urn:din:70121:2012:MsgBody'
DATA_TYPES = 'urn:din:70121:2012:MsgDataTypes'
IMPORTS = (xmldsig,)

Volts = Annotated[float, Physical('V')]
Amperes = Annotated[float, Physical('A')]
Watts = Annotated[float, Physical('W')]
WattHours = Annotated[float, Physical('Wh')]
Seconds = Annotated[float, Physical('s')]


class UnitSymbol(StrEnum):
    h = 'h'
    m = 'm'
    s = 's'
    A = 'A'
    Ah = 'Ah'
    V = 'V'
    VA = 'VA'
    W = 'W'
    W_s = 'W/s'
    Wh = 'Wh'


class EVSENotification(StrEnum):
    None_ = 'None'
    StopCharging = 'StopCharging'
    ReNegotiation = 'ReNegotiation'


class DC_EVErrorCode(StrEnum):
    NO_ERROR = 'NO_ERROR'
    FAILED_RESSTemperatureInhibit = 'FAILED_RESSTemperatureInhibit'
    FAILED_EVShiftPosition = 'FAILED_EVShiftPosition'
    FAILED_ChargerConnectorLockFault = 'FAILED_ChargerConnectorLockFault'
    FAILED_EVRESSMalfunction = 'FAILED_EVRESSMalfunction'
    FAILED_ChargingCurrentdifferential = 'FAILED_ChargingCurrentdifferential'
    FAILED_ChargingVoltageOutOfRange = 'FAILED_ChargingVoltageOutOfRange'
    Reserved_A = 'Reserved_A'
    Reserved_B = 'Reserved_B'
    Reserved_C = 'Reserved_C'
    FAILED_ChargingSystemIncompatibility = 'FAILED_ChargingSystemIncompatibility'
    NoData = 'NoData'


class ResponseCode(StrEnum):
    OK = 'OK'
    OK_NewSessionEstablished = 'OK_NewSessionEstablished'
    OK_OldSessionJoined = 'OK_OldSessionJoined'
    OK_CertificateExpiresSoon = 'OK_CertificateExpiresSoon'
    FAILED = 'FAILED'
    FAILED_SequenceError = 'FAILED_SequenceError'
    FAILED_ServiceIDInvalid = 'FAILED_ServiceIDInvalid'
    FAILED_UnknownSession = 'FAILED_UnknownSession'
    FAILED_ServiceSelectionInvalid = 'FAILED_ServiceSelectionInvalid'
    FAILED_PaymentSelectionInvalid = 'FAILED_PaymentSelectionInvalid'
    FAILED_CertificateExpired = 'FAILED_CertificateExpired'
    FAILED_SignatureError = 'FAILED_SignatureError'
    FAILED_NoCertificateAvailable = 'FAILED_NoCertificateAvailable'
    FAILED_CertChainError = 'FAILED_CertChainError'
    FAILED_ChallengeInvalid = 'FAILED_ChallengeInvalid'
    FAILED_ContractCanceled = 'FAILED_ContractCanceled'
    FAILED_WrongChargeParameter = 'FAILED_WrongChargeParameter'
    FAILED_PowerDeliveryNotApplied = 'FAILED_PowerDeliveryNotApplied'
    FAILED_TariffSelectionInvalid = 'FAILED_TariffSelectionInvalid'
    FAILED_ChargingProfileInvalid = 'FAILED_ChargingProfileInvalid'
    FAILED_EVSEPresentVoltageToLow = 'FAILED_EVSEPresentVoltageToLow'
    FAILED_MeteringSignatureNotValid = 'FAILED_MeteringSignatureNotValid'
    FAILED_WrongEnergyTransferType = 'FAILED_WrongEnergyTransferType'


class IsolationLevel(StrEnum):
    Invalid = 'Invalid'
    Valid = 'Valid'
    Warning = 'Warning'
    Fault = 'Fault'


class DC_EVSEStatusCode(StrEnum):
    EVSE_NotReady = 'EVSE_NotReady'
    EVSE_Ready = 'EVSE_Ready'
    EVSE_Shutdown = 'EVSE_Shutdown'
    EVSE_UtilityInterruptEvent = 'EVSE_UtilityInterruptEvent'
    EVSE_IsolationMonitoringActive = 'EVSE_IsolationMonitoringActive'
    EVSE_EmergencyShutdown = 'EVSE_EmergencyShutdown'
    EVSE_Malfunction = 'EVSE_Malfunction'
    Reserved_8 = 'Reserved_8'
    Reserved_9 = 'Reserved_9'
    Reserved_A = 'Reserved_A'
    Reserved_B = 'Reserved_B'
    Reserved_C = 'Reserved_C'


class EVSEProcessing(StrEnum):
    Finished = 'Finished'
    Ongoing = 'Ongoing'


class EVRequestedEnergyTransfer(StrEnum):
    AC_single_phase_core = 'AC_single_phase_core'
    AC_three_phase_core = 'AC_three_phase_core'
    DC_core = 'DC_core'
    DC_extended = 'DC_extended'
    DC_combo_core = 'DC_combo_core'
    DC_unique = 'DC_unique'


class CostKind(StrEnum):
    relativePricePercentage = 'relativePricePercentage'
    RenewableGenerationPercentage = 'RenewableGenerationPercentage'
    CarbonDioxideEmission = 'CarbonDioxideEmission'


class ServiceCategory(StrEnum):
    EVCharging = 'EVCharging'
    Internet = 'Internet'
    ContractCertificate = 'ContractCertificate'
    OtherCustom = 'OtherCustom'


class EVSESupportedEnergyTransfer(StrEnum):
    AC_single_phase_core = 'AC_single_phase_core'
    AC_three_phase_core = 'AC_three_phase_core'
    DC_core = 'DC_core'
    DC_extended = 'DC_extended'
    DC_combo_core = 'DC_combo_core'
    DC_dual = 'DC_dual'
    AC_core1p_DC_extended = 'AC_core1p_DC_extended'
    AC_single_DC_core = 'AC_single_DC_core'
    AC_single_phase_three_phase_core_DC_extended = 'AC_single_phase_three_phase_core_DC_extended'
    AC_core3p_DC_extended = 'AC_core3p_DC_extended'


class ValueType(StrEnum):
    bool = 'bool'
    byte = 'byte'
    short = 'short'
    int = 'int'
    physicalValue = 'physicalValue'
    string = 'string'


class PaymentOption(StrEnum):
    Contract = 'Contract'
    ExternalPayment = 'ExternalPayment'


class FaultCode(StrEnum):
    ParsingError = 'ParsingError'
    NoTLSRootCertificatAvailable = 'NoTLSRootCertificatAvailable'
    UnknownError = 'UnknownError'


UnitMultiplier = Annotated[int, xs.Number(-3, 3)]
PercentValue = Annotated[int, xs.Number(0, 100)]
Certificate = Annotated[bytes, xs.Base64(1200)]
RootCertificateID = Annotated[str, xs.Text(40)]
DHParams = Annotated[bytes, xs.Base64(256)]
PrivateKey = Annotated[bytes, xs.Base64(128)]
ContractID = Annotated[str, xs.Text(24)]
EvseID = Annotated[bytes, xs.Hex(32)]
SAID = xs.short
MeterID = Annotated[str, xs.Text(32)]
SigMeterReading = Annotated[bytes, xs.Base64(32)]
SessionID = Annotated[bytes, xs.Hex(8)]
PMax = xs.short
TariffDescription = Annotated[str, xs.Text(32)]
ServiceName = Annotated[str, xs.Text(32)]
ServiceScope = Annotated[str, xs.Text(32)]
EvccID = Annotated[bytes, xs.Hex(8)]
FaultMsg = Annotated[str, xs.Text(64)]


class EVChargeParameter(Complex, ns=DATA_TYPES, head=True):
    """Nothing in it."""


class AC_EVChargeParameter(EVChargeParameter):
    DepartureTime: xs.unsignedInt
    EAmount: t.WattHours
    EVMaxVoltage: t.Volts
    EVMaxCurrent: t.Amperes
    EVMinCurrent: t.Amperes


class PhysicalValue(Complex, ns=DATA_TYPES):
    Multiplier: t.UnitMultiplier
    Unit: t.UnitSymbol | None = None
    Value: xs.short


class EVSEChargeParameter(Complex, ns=DATA_TYPES, head=True):
    """Nothing in it."""


class AC_EVSEChargeParameter(EVSEChargeParameter):
    AC_EVSEStatus: t.AC_EVSEStatus
    EVSEMaxVoltage: t.Volts
    EVSEMaxCurrent: t.Amperes
    EVSEMinCurrent: t.Amperes


class EVSEStatus(Complex, ns=DATA_TYPES, head=True):
    """Nothing in it."""


class AC_EVSEStatus(EVSEStatus):
    PowerSwitchClosed: xs.boolean
    RCD: xs.boolean
    NotificationMaxDelay: xs.unsignedInt
    EVSENotification: t.EVSENotification


class BodyElement(Complex, ns=BODY, head=DEFINITION):
    """Nothing in it."""


class EVStatus(Complex, ns=DATA_TYPES, head=True):
    """Nothing in it."""


class DC_EVStatus(EVStatus):
    EVReady: xs.boolean
    EVCabinConditioning: xs.boolean | None = None
    EVRESSConditioning: xs.boolean | None = None
    EVErrorCode: t.DC_EVErrorCode
    EVRESSSOC: t.PercentValue


class DC_EVSEStatus(EVSEStatus):
    EVSEIsolationStatus: t.IsolationLevel | None = None
    EVSEStatusCode: t.DC_EVSEStatusCode
    NotificationMaxDelay: xs.unsignedInt
    EVSENotification: t.EVSENotification


class ListOfRootCertificateIDs(Complex, ns=DATA_TYPES):
    RootCertificateID: list[t.RootCertificateID] = many(1)


class CertificateChain(Complex, ns=DATA_TYPES):
    Certificate: t.Certificate
    SubCertificates: t.SubCertificates | None = None


class SubCertificates(Complex, ns=DATA_TYPES):
    Certificate: list[t.Certificate] = many(1)


class SASchedules(Complex, ns=DATA_TYPES, head=True):
    """Nothing in it."""


class MeterInfo(Complex, ns=DATA_TYPES):
    MeterID: t.MeterID
    MeterReading: t.WattHours | None = None
    SigMeterReading: t.SigMeterReading | None = None
    MeterStatus: xs.short | None = None
    TMeter: xs.long | None = None


class DC_EVChargeParameter(EVChargeParameter):
    DC_EVStatus: t.DC_EVStatus
    EVMaximumCurrentLimit: t.Amperes
    EVMaximumPowerLimit: t.Watts | None = None
    EVMaximumVoltageLimit: t.Volts
    EVEnergyCapacity: t.WattHours | None = None
    EVEnergyRequest: t.WattHours | None = None
    FullSOC: t.PercentValue | None = None
    BulkSOC: t.PercentValue | None = None


class EVPowerDeliveryParameter(Complex, ns=DATA_TYPES, head=True):
    """Nothing in it."""


class DC_EVPowerDeliveryParameter(EVPowerDeliveryParameter):
    DC_EVStatus: t.DC_EVStatus
    BulkChargingComplete: xs.boolean | None = None
    ChargingComplete: xs.boolean


class DC_EVSEChargeParameter(EVSEChargeParameter):
    DC_EVSEStatus: t.DC_EVSEStatus
    EVSEMaximumCurrentLimit: t.Amperes
    EVSEMaximumPowerLimit: t.Watts | None = None
    EVSEMaximumVoltageLimit: t.Volts
    EVSEMinimumCurrentLimit: t.Amperes
    EVSEMinimumVoltageLimit: t.Volts
    EVSECurrentRegulationTolerance: t.Amperes | None = None
    EVSEPeakCurrentRipple: t.Amperes
    EVSEEnergyToBeDelivered: t.WattHours | None = None


class Entry(Complex, ns=DATA_TYPES, head=True):
    TimeInterval: t.TimeInterval


class TimeInterval(Complex, ns=DATA_TYPES, head=True):
    """Nothing in it."""


class PMaxScheduleEntry(Entry):
    PMax: t.PMax


class ChargingProfile(Complex, ns=DATA_TYPES):
    SAScheduleTupleID: t.SAID
    ProfileEntry: list[t.ProfileEntry] = many(1)


class ProfileEntry(Complex, ns=DATA_TYPES):
    ChargingProfileEntryStart: xs.unsignedInt
    ChargingProfileEntryMaxPower: t.PMax


class RelativeTimeInterval(TimeInterval):
    start: xs.unsignedInt
    duration: xs.unsignedInt | None = None


class SAScheduleList(SASchedules):
    SAScheduleTuple: list[t.SAScheduleTuple] = many(1)


class SAScheduleTuple(Complex, ns=DATA_TYPES):
    SAScheduleTupleID: t.SAID
    PMaxSchedule: t.PMaxSchedule
    SalesTariff: t.SalesTariff | None = None


class PMaxSchedule(Complex, ns=DATA_TYPES):
    PMaxScheduleID: t.SAID
    PMaxScheduleEntry: list[t.PMaxScheduleEntry] = many(1)


class SalesTariff(Complex, ns=DATA_TYPES):
    Id: xs.IDREF = attribute()
    SalesTariffID: t.SAID
    SalesTariffDescription: t.TariffDescription | None = None
    NumEPriceLevels: xs.unsignedByte
    SalesTariffEntry: list[t.SalesTariffEntry] = many(1)


class SalesTariffEntry(Entry):
    EPriceLevel: xs.unsignedByte
    ConsumptionCost: list[t.ConsumptionCost] = many(0, factory=list)


class ConsumptionCost(Complex, ns=DATA_TYPES):
    startValue: xs.unsignedInt
    Cost: list[t.Cost] = many(0, factory=list)


class Cost(Complex, ns=DATA_TYPES):
    costKind: t.CostKind
    amount: xs.unsignedInt
    amountMultiplier: t.UnitMultiplier | None = None


class Service(Complex, ns=DATA_TYPES):
    ServiceTag: t.ServiceTag
    FreeService: xs.boolean


class ServiceCharge(Service, element=True):
    EnergyTransferType: t.EVSESupportedEnergyTransfer


class ServiceTag(Complex, ns=DATA_TYPES):
    ServiceID: xs.unsignedShort
    ServiceName: t.ServiceName | None = None
    ServiceCategory: t.ServiceCategory
    ServiceScope: t.ServiceScope | None = None


class ServiceParameterList(Complex, ns=DATA_TYPES):
    ParameterSet: list[t.ParameterSet] = many(1)


class ParameterSet(Complex, ns=DATA_TYPES):
    ParameterSetID: xs.short
    Parameter: list[t.Parameter] = many(1)


class Parameter(
    Complex,
    ns=DATA_TYPES,
    content='(boolValue | byteValue | shortValue | intValue | physicalValue | stringValue)',
):
    Name: xs.string = attribute()
    ValueType: t.ValueType = attribute()
    boolValue: xs.boolean | None = None
    byteValue: xs.byte | None = None
    shortValue: xs.short | None = None
    intValue: xs.int_ | None = None
    physicalValue: t.PhysicalValue | None = None
    stringValue: xs.string | None = None


class PaymentOptions(Complex, ns=DATA_TYPES):
    PaymentOption: list[t.PaymentOption] = many(1)


class ServiceTagList(Complex, ns=DATA_TYPES):
    Service: list[t.Service] = many(1)


class SelectedServiceList(Complex, ns=DATA_TYPES):
    SelectedService: list[t.SelectedService] = many(1)


class SelectedService(Complex, ns=DATA_TYPES):
    ServiceID: xs.unsignedShort
    ParameterSetID: xs.short | None = None


class Body(Complex, ns=DEFINITION):
    BodyElement: t.BodyElement | None = None


class V2G_Message(Complex, ns=DEFINITION, element=True):
    Header: t.MessageHeader
    Body: t.BodyElement | None = within('Body')


class MessageHeader(Complex, ns=HEADER):
    SessionID: t.SessionID
    Notification: t.Notification | None = None
    Signature: xmldsig.Signature | None = reference(xmldsig.XMLDSIG, default=None)


class Notification(Complex, ns=DATA_TYPES):
    FaultCode: t.FaultCode
    FaultMsg: t.FaultMsg | None = None


class CableCheckReq(BodyElement):
    DC_EVStatus: t.DC_EVStatus


class CableCheckRes(BodyElement):
    ResponseCode: t.ResponseCode
    DC_EVSEStatus: t.DC_EVSEStatus
    EVSEProcessing: t.EVSEProcessing


class CertificateInstallationReq(BodyElement):
    Id: xs.IDREF | None = attribute(default=None)
    OEMProvisioningCert: t.Certificate
    ListOfRootCertificateIDs: t.ListOfRootCertificateIDs
    DHParams: t.DHParams


class CertificateInstallationRes(BodyElement):
    Id: xs.IDREF = attribute()
    ResponseCode: t.ResponseCode
    ContractSignatureCertChain: t.CertificateChain
    ContractSignatureEncryptedPrivateKey: t.PrivateKey
    DHParams: t.DHParams
    ContractID: t.ContractID


class CertificateUpdateReq(BodyElement):
    Id: xs.IDREF | None = attribute(default=None)
    ContractSignatureCertChain: t.CertificateChain
    ContractID: t.ContractID
    ListOfRootCertificateIDs: t.ListOfRootCertificateIDs
    DHParams: t.DHParams


class CertificateUpdateRes(BodyElement):
    Id: xs.IDREF = attribute()
    ResponseCode: t.ResponseCode
    ContractSignatureCertChain: t.CertificateChain
    ContractSignatureEncryptedPrivateKey: t.PrivateKey
    DHParams: t.DHParams
    ContractID: t.ContractID
    RetryCounter: xs.short


class ChargeParameterDiscoveryReq(BodyElement):
    EVRequestedEnergyTransferType: t.EVRequestedEnergyTransfer
    EVChargeParameter: t.EVChargeParameter


class ChargeParameterDiscoveryRes(BodyElement):
    ResponseCode: t.ResponseCode
    EVSEProcessing: t.EVSEProcessing
    SASchedules: t.SASchedules
    EVSEChargeParameter: t.EVSEChargeParameter


class ChargingStatusReq(BodyElement):
    """Nothing in it."""


class ChargingStatusRes(BodyElement):
    ResponseCode: t.ResponseCode
    EVSEID: t.EvseID
    SAScheduleTupleID: t.SAID
    EVSEMaxCurrent: t.Amperes | None = None
    MeterInfo: t.MeterInfo | None = None
    ReceiptRequired: xs.boolean
    AC_EVSEStatus: t.AC_EVSEStatus


class ContractAuthenticationReq(BodyElement):
    Id: xs.IDREF | None = attribute(default=None)
    GenChallenge: xs.string | None = None


class ContractAuthenticationRes(BodyElement):
    ResponseCode: t.ResponseCode
    EVSEProcessing: t.EVSEProcessing


class CurrentDemandReq(BodyElement):
    DC_EVStatus: t.DC_EVStatus
    EVTargetCurrent: t.Amperes
    EVMaximumVoltageLimit: t.Volts | None = None
    EVMaximumCurrentLimit: t.Amperes | None = None
    EVMaximumPowerLimit: t.Watts | None = None
    BulkChargingComplete: xs.boolean | None = None
    ChargingComplete: xs.boolean
    RemainingTimeToFullSoC: t.Seconds | None = None
    RemainingTimeToBulkSoC: t.Seconds | None = None
    EVTargetVoltage: t.Volts


class CurrentDemandRes(BodyElement):
    ResponseCode: t.ResponseCode
    DC_EVSEStatus: t.DC_EVSEStatus
    EVSEPresentVoltage: t.Volts
    EVSEPresentCurrent: t.Amperes
    EVSECurrentLimitAchieved: xs.boolean
    EVSEVoltageLimitAchieved: xs.boolean
    EVSEPowerLimitAchieved: xs.boolean
    EVSEMaximumVoltageLimit: t.Volts | None = None
    EVSEMaximumCurrentLimit: t.Amperes | None = None
    EVSEMaximumPowerLimit: t.Watts | None = None


class MeteringReceiptReq(BodyElement):
    Id: xs.IDREF | None = attribute(default=None)
    SessionID: t.SessionID
    SAScheduleTupleID: t.SAID | None = None
    MeterInfo: t.MeterInfo


class MeteringReceiptRes(BodyElement):
    ResponseCode: t.ResponseCode
    AC_EVSEStatus: t.AC_EVSEStatus


class PaymentDetailsReq(BodyElement):
    ContractID: t.ContractID
    ContractSignatureCertChain: t.CertificateChain


class PaymentDetailsRes(BodyElement):
    ResponseCode: t.ResponseCode
    GenChallenge: xs.string
    DateTimeNow: xs.long


class PowerDeliveryReq(BodyElement):
    ReadyToChargeState: xs.boolean
    ChargingProfile: t.ChargingProfile | None = None
    EVPowerDeliveryParameter: t.EVPowerDeliveryParameter | None = None


class PowerDeliveryRes(BodyElement):
    ResponseCode: t.ResponseCode
    EVSEStatus: t.EVSEStatus


class PreChargeReq(BodyElement):
    DC_EVStatus: t.DC_EVStatus
    EVTargetVoltage: t.Volts
    EVTargetCurrent: t.Amperes


class PreChargeRes(BodyElement):
    ResponseCode: t.ResponseCode
    DC_EVSEStatus: t.DC_EVSEStatus
    EVSEPresentVoltage: t.Volts


class ServiceDetailReq(BodyElement):
    ServiceID: xs.unsignedShort


class ServiceDetailRes(BodyElement):
    ResponseCode: t.ResponseCode
    ServiceID: xs.unsignedShort
    ServiceParameterList: t.ServiceParameterList | None = None


class ServiceDiscoveryReq(BodyElement):
    ServiceScope: t.ServiceScope | None = None
    ServiceCategory: t.ServiceCategory | None = None


class ServiceDiscoveryRes(BodyElement):
    ResponseCode: t.ResponseCode
    PaymentOptions: t.PaymentOptions
    ChargeService: t.ServiceCharge
    ServiceList: t.ServiceTagList | None = None


class ServicePaymentSelectionReq(BodyElement):
    SelectedPaymentOption: t.PaymentOption
    SelectedServiceList: t.SelectedServiceList


class ServicePaymentSelectionRes(BodyElement):
    ResponseCode: t.ResponseCode


class SessionSetupReq(BodyElement):
    EVCCID: t.EvccID


class SessionSetupRes(BodyElement):
    ResponseCode: t.ResponseCode
    EVSEID: t.EvseID
    DateTimeNow: xs.long | None = None


class SessionStopReq(BodyElement):
    """Nothing in it."""


class SessionStopRes(BodyElement):
    ResponseCode: t.ResponseCode


class WeldingDetectionReq(BodyElement):
    DC_EVStatus: t.DC_EVStatus


class WeldingDetectionRes(BodyElement):
    ResponseCode: t.ResponseCode
    DC_EVSEStatus: t.DC_EVSEStatus
    EVSEPresentVoltage: t.Volts


document = V2G_Message
