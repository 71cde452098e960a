# SPDX-License-Identifier: Apache-2.0
"""The messages of ISO 15118-2:2014 (schema version 2013), as its schema declares them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from v2g.schema import xmldsig, xs
from v2g.schema.declare import Complex, attribute, characters, many, reference, within
import v2g.schema.iso2 as t
from v2g.schema.physical import Physical

DEFINITION = 'urn:iso:15118:2:2013:MsgDef'
HEADER = 'urn:iso:15118:2:2013:MsgHeader'
BODY = 'urn:iso:15118:2:2013:MsgBody'
DATA_TYPES = 'urn:iso:15118:2:2013:MsgDataTypes'
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
    V = 'V'
    W = 'W'
    Wh = 'Wh'


class EVSENotification(StrEnum):
    None_ = 'None'
    StopCharging = 'StopCharging'
    ReNegotiation = 'ReNegotiation'


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
    FAILED_MeteringSignatureNotValid = 'FAILED_MeteringSignatureNotValid'
    FAILED_NoChargeServiceSelected = 'FAILED_NoChargeServiceSelected'
    FAILED_WrongEnergyTransferMode = 'FAILED_WrongEnergyTransferMode'
    FAILED_ContactorError = 'FAILED_ContactorError'
    FAILED_CertificateNotAllowedAtThisEVSE = 'FAILED_CertificateNotAllowedAtThisEVSE'
    FAILED_CertificateRevoked = 'FAILED_CertificateRevoked'


class EVSEProcessing(StrEnum):
    Finished = 'Finished'
    Ongoing = 'Ongoing'
    Ongoing_WaitingForCustomerInteraction = 'Ongoing_WaitingForCustomerInteraction'


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


class IsolationLevel(StrEnum):
    Invalid = 'Invalid'
    Valid = 'Valid'
    Warning = 'Warning'
    Fault = 'Fault'
    No_IMD = 'No_IMD'


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


class EnergyTransferMode(StrEnum):
    AC_single_phase_core = 'AC_single_phase_core'
    AC_three_phase_core = 'AC_three_phase_core'
    DC_core = 'DC_core'
    DC_extended = 'DC_extended'
    DC_combo_core = 'DC_combo_core'
    DC_unique = 'DC_unique'


class PaymentOption(StrEnum):
    Contract = 'Contract'
    ExternalPayment = 'ExternalPayment'


class ChargeProgress(StrEnum):
    Start = 'Start'
    Stop = 'Stop'
    Renegotiate = 'Renegotiate'


class CostKind(StrEnum):
    relativePricePercentage = 'relativePricePercentage'
    RenewableGenerationPercentage = 'RenewableGenerationPercentage'
    CarbonDioxideEmission = 'CarbonDioxideEmission'


class ServiceCategory(StrEnum):
    EVCharging = 'EVCharging'
    Internet = 'Internet'
    ContractCertificate = 'ContractCertificate'
    OtherCustom = 'OtherCustom'


class ChargingSession(StrEnum):
    Terminate = 'Terminate'
    Pause = 'Pause'


class FaultCode(StrEnum):
    ParsingError = 'ParsingError'
    NoTLSRootCertificatAvailable = 'NoTLSRootCertificatAvailable'
    UnknownError = 'UnknownError'


class ValueType(StrEnum):
    bool = 'bool'
    byte = 'byte'
    short = 'short'
    int = 'int'
    physicalValue = 'physicalValue'
    string = 'string'


UnitMultiplier = Annotated[int, xs.Number(-3, 3)]
GenChallenge = Annotated[bytes, xs.Base64(16)]
PercentValue = Annotated[int, xs.Number(0, 100)]
Certificate = Annotated[bytes, xs.Base64(800)]
PrivateKey = Annotated[bytes, xs.Base64(48)]
DHpublickey = Annotated[bytes, xs.Base64(65)]
EMAIDText = Annotated[str, xs.Text(15)]
EvseID = Annotated[str, xs.Text(37)]
SAID = Annotated[int, xs.Number(1, 255)]
MeterID = Annotated[str, xs.Text(32)]
SigMeterReading = Annotated[bytes, xs.Base64(64)]
SessionID = Annotated[bytes, xs.Hex(8)]
MaxNumPhases = Annotated[int, xs.Number(1, 3)]
Start = Annotated[int, xs.Number(0, 16777214)]
Duration = Annotated[int, xs.Number(0, 86400)]
TariffDescription = Annotated[str, xs.Text(32)]
ServiceScope = Annotated[str, xs.Text(64)]
ServiceName = Annotated[str, xs.Text(32)]
EvccID = Annotated[bytes, xs.Hex(6)]
FaultMsg = Annotated[str, xs.Text(64)]


class EVChargeParameter(Complex, ns=DATA_TYPES, head=True):
    DepartureTime: xs.unsignedInt | None = None


class AC_EVChargeParameter(EVChargeParameter):
    EAmount: t.WattHours
    EVMaxVoltage: t.Volts
    EVMaxCurrent: t.Amperes
    EVMinCurrent: t.Amperes


class PhysicalValue(Complex, ns=DATA_TYPES):
    Multiplier: t.UnitMultiplier
    Unit: t.UnitSymbol
    Value: xs.short


class EVSEChargeParameter(Complex, ns=DATA_TYPES, head=True):
    """Nothing in it."""


class AC_EVSEChargeParameter(EVSEChargeParameter):
    AC_EVSEStatus: t.AC_EVSEStatus
    EVSENominalVoltage: t.Volts
    EVSEMaxCurrent: t.Amperes


class EVSEStatus(Complex, ns=DATA_TYPES, head=True):
    NotificationMaxDelay: xs.unsignedShort
    EVSENotification: t.EVSENotification


class AC_EVSEStatus(EVSEStatus):
    RCD: xs.boolean


class BodyElement(Complex, ns=BODY, head=True):
    """Nothing in it."""


class EVStatus(Complex, ns=DATA_TYPES, head=True):
    """Nothing in it."""


class DC_EVStatus(EVStatus):
    EVReady: xs.boolean
    EVErrorCode: t.DC_EVErrorCode
    EVRESSSOC: t.PercentValue


class DC_EVSEStatus(EVSEStatus):
    EVSEIsolationStatus: t.IsolationLevel | None = None
    EVSEStatusCode: t.DC_EVSEStatusCode


class ListOfRootCertificateIDs(Complex, ns=DATA_TYPES):
    RootCertificateID: list[xmldsig.X509IssuerSerial] = many(1, 20)


class CertificateChain(Complex, ns=DATA_TYPES):
    Id: xs.ID | None = attribute(ns=DATA_TYPES, default=None)
    Certificate: t.Certificate
    SubCertificates: t.SubCertificates | None = None


class SubCertificates(Complex, ns=DATA_TYPES):
    Certificate: list[t.Certificate] = many(1, 4)


class ContractSignatureEncryptedPrivateKey(Complex, ns=DATA_TYPES):
    Id: xs.ID = attribute(ns=DATA_TYPES)
    text: t.PrivateKey = characters()


class DiffieHellmanPublickey(Complex, ns=DATA_TYPES):
    Id: xs.ID = attribute(ns=DATA_TYPES)
    text: t.DHpublickey = characters()


class EMAID(Complex, ns=DATA_TYPES):
    Id: xs.ID = attribute(ns=DATA_TYPES)
    text: t.EMAIDText = characters()


class SASchedules(Complex, ns=DATA_TYPES, head=True):
    """Nothing in it."""


class MeterInfo(Complex, ns=DATA_TYPES):
    MeterID: t.MeterID
    MeterReading: xs.unsignedLong | None = None
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
    EVSEMaximumPowerLimit: t.Watts
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
    PMax: t.Watts


class SelectedServiceList(Complex, ns=DATA_TYPES):
    SelectedService: list[t.SelectedService] = many(1, 16)


class SelectedService(Complex, ns=DATA_TYPES):
    ServiceID: xs.unsignedShort
    ParameterSetID: xs.short | None = None


class ChargingProfile(Complex, ns=DATA_TYPES):
    ProfileEntry: list[t.ProfileEntry] = many(1, 24)


class ProfileEntry(Complex, ns=DATA_TYPES):
    ChargingProfileEntryStart: xs.unsignedInt
    ChargingProfileEntryMaxPower: t.Watts
    ChargingProfileEntryMaxNumberOfPhasesInUse: t.MaxNumPhases | None = None


class RelativeTimeInterval(TimeInterval):
    start: t.Start
    duration: t.Duration | None = None


class SAScheduleList(SASchedules):
    SAScheduleTuple: list[t.SAScheduleTuple] = many(1, 3)


class SAScheduleTuple(Complex, ns=DATA_TYPES):
    SAScheduleTupleID: t.SAID
    PMaxSchedule: t.PMaxSchedule
    SalesTariff: t.SalesTariff | None = None


class PMaxSchedule(Complex, ns=DATA_TYPES):
    PMaxScheduleEntry: list[t.PMaxScheduleEntry] = many(1, 1024)


class SalesTariff(Complex, ns=DATA_TYPES):
    Id: xs.ID | None = attribute(ns=DATA_TYPES, default=None)
    SalesTariffID: t.SAID
    SalesTariffDescription: t.TariffDescription | None = None
    NumEPriceLevels: xs.unsignedByte | None = None
    SalesTariffEntry: list[t.SalesTariffEntry] = many(1, 1024)


class SalesTariffEntry(Entry):
    EPriceLevel: xs.unsignedByte | None = None
    ConsumptionCost: list[t.ConsumptionCost] = many(0, 3, factory=list)


class ConsumptionCost(Complex, ns=DATA_TYPES):
    startValue: t.Watts
    Cost: list[t.Cost] = many(1, 3)


class Cost(Complex, ns=DATA_TYPES):
    costKind: t.CostKind
    amount: xs.unsignedInt
    amountMultiplier: t.UnitMultiplier | None = None


class ServiceParameterList(Complex, ns=DATA_TYPES):
    ParameterSet: list[t.ParameterSet] = many(1, 255)


class ParameterSet(Complex, ns=DATA_TYPES):
    ParameterSetID: xs.short
    Parameter: list[t.Parameter] = many(1, 16)


class Parameter(
    Complex,
    ns=DATA_TYPES,
    content='(boolValue | byteValue | shortValue | intValue | physicalValue | stringValue)',
):
    Name: xs.string = attribute(ns=DATA_TYPES)
    boolValue: xs.boolean | None = None
    byteValue: xs.byte | None = None
    shortValue: xs.short | None = None
    intValue: xs.int_ | None = None
    physicalValue: t.PhysicalValue | None = None
    stringValue: xs.string | None = None


class PaymentOptionList(Complex, ns=DATA_TYPES):
    PaymentOption: list[t.PaymentOption] = many(1, 2)


class Service(Complex, ns=DATA_TYPES):
    ServiceID: xs.unsignedShort
    ServiceName: t.ServiceName | None = None
    ServiceCategory: t.ServiceCategory
    ServiceScope: t.ServiceScope | None = None
    FreeService: xs.boolean


class ChargeService(Service):
    SupportedEnergyTransferMode: t.SupportedEnergyTransferMode


class SupportedEnergyTransferMode(Complex, ns=DATA_TYPES):
    EnergyTransferMode: list[t.EnergyTransferMode] = many(1, 6)


class ServiceList(Complex, ns=DATA_TYPES):
    Service: list[t.Service] = many(1, 8)


class Body(Complex, ns=BODY):
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


class AuthorizationReq(BodyElement):
    Id: xs.ID | None = attribute(ns=BODY, default=None)
    GenChallenge: t.GenChallenge | None = None


class AuthorizationRes(BodyElement):
    ResponseCode: t.ResponseCode
    EVSEProcessing: t.EVSEProcessing


class CableCheckReq(BodyElement):
    DC_EVStatus: t.DC_EVStatus


class CableCheckRes(BodyElement):
    ResponseCode: t.ResponseCode
    DC_EVSEStatus: t.DC_EVSEStatus
    EVSEProcessing: t.EVSEProcessing


class CertificateInstallationReq(BodyElement):
    Id: xs.ID = attribute(ns=BODY)
    OEMProvisioningCert: t.Certificate
    ListOfRootCertificateIDs: t.ListOfRootCertificateIDs


class CertificateInstallationRes(BodyElement):
    ResponseCode: t.ResponseCode
    SAProvisioningCertificateChain: t.CertificateChain
    ContractSignatureCertChain: t.CertificateChain
    ContractSignatureEncryptedPrivateKey: t.ContractSignatureEncryptedPrivateKey
    DHpublickey: t.DiffieHellmanPublickey
    eMAID: t.EMAID


class CertificateUpdateReq(BodyElement):
    Id: xs.ID = attribute(ns=BODY)
    ContractSignatureCertChain: t.CertificateChain
    eMAID: t.EMAIDText
    ListOfRootCertificateIDs: t.ListOfRootCertificateIDs


class CertificateUpdateRes(BodyElement):
    ResponseCode: t.ResponseCode
    SAProvisioningCertificateChain: t.CertificateChain
    ContractSignatureCertChain: t.CertificateChain
    ContractSignatureEncryptedPrivateKey: t.ContractSignatureEncryptedPrivateKey
    DHpublickey: t.DiffieHellmanPublickey
    eMAID: t.EMAID
    RetryCounter: xs.short | None = None


class ChargeParameterDiscoveryReq(BodyElement):
    MaxEntriesSAScheduleTuple: xs.unsignedShort | None = None
    RequestedEnergyTransferMode: t.EnergyTransferMode
    EVChargeParameter: t.EVChargeParameter


class ChargeParameterDiscoveryRes(BodyElement):
    ResponseCode: t.ResponseCode
    EVSEProcessing: t.EVSEProcessing
    SASchedules: t.SASchedules | None = None
    EVSEChargeParameter: t.EVSEChargeParameter


class ChargingStatusReq(BodyElement):
    """Nothing in it."""


class ChargingStatusRes(BodyElement):
    ResponseCode: t.ResponseCode
    EVSEID: t.EvseID
    SAScheduleTupleID: t.SAID
    EVSEMaxCurrent: t.Amperes | None = None
    MeterInfo: t.MeterInfo | None = None
    ReceiptRequired: xs.boolean | None = None
    AC_EVSEStatus: t.AC_EVSEStatus


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
    EVSEID: t.EvseID
    SAScheduleTupleID: t.SAID
    MeterInfo: t.MeterInfo | None = None
    ReceiptRequired: xs.boolean | None = None


class MeteringReceiptReq(BodyElement):
    Id: xs.ID | None = attribute(ns=BODY, default=None)
    SessionID: t.SessionID
    SAScheduleTupleID: t.SAID | None = None
    MeterInfo: t.MeterInfo


class MeteringReceiptRes(BodyElement):
    ResponseCode: t.ResponseCode
    EVSEStatus: t.EVSEStatus


class PaymentDetailsReq(BodyElement):
    eMAID: t.EMAIDText
    ContractSignatureCertChain: t.CertificateChain


class PaymentDetailsRes(BodyElement):
    ResponseCode: t.ResponseCode
    GenChallenge: t.GenChallenge
    EVSETimeStamp: xs.long


class PaymentServiceSelectionReq(BodyElement):
    SelectedPaymentOption: t.PaymentOption
    SelectedServiceList: t.SelectedServiceList


class PaymentServiceSelectionRes(BodyElement):
    ResponseCode: t.ResponseCode


class PowerDeliveryReq(BodyElement):
    ChargeProgress: t.ChargeProgress
    SAScheduleTupleID: t.SAID
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
    PaymentOptionList: t.PaymentOptionList
    ChargeService: t.ChargeService
    ServiceList: t.ServiceList | None = None


class SessionSetupReq(BodyElement):
    EVCCID: t.EvccID


class SessionSetupRes(BodyElement):
    ResponseCode: t.ResponseCode
    EVSEID: t.EvseID
    EVSETimeStamp: xs.long | None = None


class SessionStopReq(BodyElement):
    ChargingSession: t.ChargingSession


class SessionStopRes(BodyElement):
    ResponseCode: t.ResponseCode


class WeldingDetectionReq(BodyElement):
    DC_EVStatus: t.DC_EVStatus


class WeldingDetectionRes(BodyElement):
    ResponseCode: t.ResponseCode
    DC_EVSEStatus: t.DC_EVSEStatus
    EVSEPresentVoltage: t.Volts


document = V2G_Message
