# SPDX-License-Identifier: Apache-2.0
"""The CommonMessages of ISO 15118-20:2022, as their schema declares them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from v2g.schema import xmldsig, xs
from v2g.schema.declare import Complex, attribute, many, reference
import v2g.schema.iso20_common as t

COMMON_MESSAGES = 'urn:iso:std:iso:15118:-20:CommonMessages'
COMMON_TYPES = 'urn:iso:std:iso:15118:-20:CommonTypes'
IMPORTS = (xmldsig,)


class Authorization(StrEnum):
    EIM = 'EIM'
    PnC = 'PnC'


class ResponseCode(StrEnum):
    OK = 'OK'
    OK_CertificateExpiresSoon = 'OK_CertificateExpiresSoon'
    OK_NewSessionEstablished = 'OK_NewSessionEstablished'
    OK_OldSessionJoined = 'OK_OldSessionJoined'
    OK_PowerToleranceConfirmed = 'OK_PowerToleranceConfirmed'
    WARNING_AuthorizationSelectionInvalid = 'WARNING_AuthorizationSelectionInvalid'
    WARNING_CertificateExpired = 'WARNING_CertificateExpired'
    WARNING_CertificateNotYetValid = 'WARNING_CertificateNotYetValid'
    WARNING_CertificateRevoked = 'WARNING_CertificateRevoked'
    WARNING_CertificateValidationError = 'WARNING_CertificateValidationError'
    WARNING_ChallengeInvalid = 'WARNING_ChallengeInvalid'
    WARNING_EIMAuthorizationFailure = 'WARNING_EIMAuthorizationFailure'
    WARNING_eMSPUnknown = 'WARNING_eMSPUnknown'
    WARNING_EVPowerProfileViolation = 'WARNING_EVPowerProfileViolation'
    WARNING_GeneralPnCAuthorizationError = 'WARNING_GeneralPnCAuthorizationError'
    WARNING_NoCertificateAvailable = 'WARNING_NoCertificateAvailable'
    WARNING_NoContractMatchingPCIDFound = 'WARNING_NoContractMatchingPCIDFound'
    WARNING_PowerToleranceNotConfirmed = 'WARNING_PowerToleranceNotConfirmed'
    WARNING_ScheduleRenegotiationFailed = 'WARNING_ScheduleRenegotiationFailed'
    WARNING_StandbyNotAllowed = 'WARNING_StandbyNotAllowed'
    WARNING_WPT = 'WARNING_WPT'
    FAILED = 'FAILED'
    FAILED_AssociationError = 'FAILED_AssociationError'
    FAILED_ContactorError = 'FAILED_ContactorError'
    FAILED_EVPowerProfileInvalid = 'FAILED_EVPowerProfileInvalid'
    FAILED_EVPowerProfileViolation = 'FAILED_EVPowerProfileViolation'
    FAILED_MeteringSignatureNotValid = 'FAILED_MeteringSignatureNotValid'
    FAILED_NoEnergyTransferServiceSelected = 'FAILED_NoEnergyTransferServiceSelected'
    FAILED_NoServiceRenegotiationSupported = 'FAILED_NoServiceRenegotiationSupported'
    FAILED_PauseNotAllowed = 'FAILED_PauseNotAllowed'
    FAILED_PowerDeliveryNotApplied = 'FAILED_PowerDeliveryNotApplied'
    FAILED_PowerToleranceNotConfirmed = 'FAILED_PowerToleranceNotConfirmed'
    FAILED_ScheduleRenegotiation = 'FAILED_ScheduleRenegotiation'
    FAILED_ScheduleSelectionInvalid = 'FAILED_ScheduleSelectionInvalid'
    FAILED_SequenceError = 'FAILED_SequenceError'
    FAILED_ServiceIDInvalid = 'FAILED_ServiceIDInvalid'
    FAILED_ServiceSelectionInvalid = 'FAILED_ServiceSelectionInvalid'
    FAILED_SignatureError = 'FAILED_SignatureError'
    FAILED_UnknownSession = 'FAILED_UnknownSession'
    FAILED_WrongChargeParameter = 'FAILED_WrongChargeParameter'


class Processing(StrEnum):
    Finished = 'Finished'
    Ongoing = 'Ongoing'
    Ongoing_WaitingForCustomerInteraction = 'Ongoing_WaitingForCustomerInteraction'


class EcdhCurve(StrEnum):
    SECP521 = 'SECP521'
    X448 = 'X448'


class ChargeProgress(StrEnum):
    Start = 'Start'
    Stop = 'Stop'
    Standby = 'Standby'
    ScheduleRenegotiation = 'ScheduleRenegotiation'


class PowerToleranceAcceptance(StrEnum):
    PowerToleranceNotConfirmed = 'PowerToleranceNotConfirmed'
    PowerToleranceConfirmed = 'PowerToleranceConfirmed'


class ChannelSelection(StrEnum):
    Charge = 'Charge'
    Discharge = 'Discharge'


class EvseNotification(StrEnum):
    Pause = 'Pause'
    ExitStandby = 'ExitStandby'
    Terminate = 'Terminate'
    ScheduleRenegotiation = 'ScheduleRenegotiation'
    ServiceRenegotiation = 'ServiceRenegotiation'
    MeteringConfirmation = 'MeteringConfirmation'


class ChargingSession(StrEnum):
    Pause = 'Pause'
    Terminate = 'Terminate'
    ServiceRenegotiation = 'ServiceRenegotiation'


class EvCheckInStatus(StrEnum):
    CheckIn = 'CheckIn'
    Processing = 'Processing'
    Completed = 'Completed'


class ParkingMethod(StrEnum):
    AutoParking = 'AutoParking'
    MVGuideManual = 'MVGuideManual'
    Manual = 'Manual'


class EvCheckOutStatus(StrEnum):
    CheckOut = 'CheckOut'
    Processing = 'Processing'
    Completed = 'Completed'


class EvseCheckOutStatus(StrEnum):
    Scheduled = 'Scheduled'
    Completed = 'Completed'


SessionID = Annotated[bytes, xs.Hex(8)]
GenChallenge = Annotated[bytes, xs.Base64(16)]
Certificate = Annotated[bytes, xs.Base64(1600)]
Name = Annotated[str, xs.Text(80)]
Identifier = Annotated[str, xs.Text(255)]
DhPublicKey = Annotated[bytes, xs.Base64(133)]
Secp521_EncryptedPrivateKey = Annotated[bytes, xs.Base64(94)]
X448_EncryptedPrivateKey = Annotated[bytes, xs.Base64(84)]
Tpm_EncryptedPrivateKey = Annotated[bytes, xs.Base64(206)]
MeterID = Annotated[str, xs.Text(32)]
MeterSignature = Annotated[bytes, xs.Base64(64)]
NumericID = Annotated[int, xs.Number(1, 4294967295)]
MaxSupportingPointsScheduleTuple = Annotated[int, xs.Number(12, 1024)]
PercentValue = Annotated[int, xs.Number(0, 100)]
Currency = Annotated[str, xs.Text(3)]
Description = Annotated[str, xs.Text(160)]
Language = Annotated[str, xs.Text(3)]


class V2GMessage(Complex, ns=COMMON_TYPES):
    Header: t.MessageHeader


class V2GRequest(V2GMessage):
    """Nothing in it."""


class AuthorizationReq(
    V2GRequest,
    ns=COMMON_MESSAGES,
    element=True,
    content='Header, SelectedAuthorizationService, '
    '(EIM_AReqAuthorizationMode | PnC_AReqAuthorizationMode)',
):
    SelectedAuthorizationService: t.Authorization
    EIM_AReqAuthorizationMode: t.EIM_AReqAuthorizationMode | None = None
    PnC_AReqAuthorizationMode: t.PnC_AReqAuthorizationMode | None = None


class MessageHeader(Complex, ns=COMMON_TYPES):
    SessionID: t.SessionID
    TimeStamp: xs.unsignedLong
    Signature: xmldsig.Signature | None = reference(xmldsig.XMLDSIG, default=None)


class EIM_AReqAuthorizationMode(Complex, ns=COMMON_MESSAGES):
    """Nothing in it."""


class PnC_AReqAuthorizationMode(Complex, ns=COMMON_MESSAGES):
    Id: xs.ID = attribute(ns=COMMON_MESSAGES)
    GenChallenge: t.GenChallenge
    ContractCertificateChain: t.ContractCertificateChain


class ContractCertificateChain(Complex, ns=COMMON_MESSAGES):
    Certificate: t.Certificate
    SubCertificates: t.SubCertificates


class SubCertificates(Complex, ns=COMMON_MESSAGES):
    Certificate: list[t.Certificate] = many(1, 3)


class V2GResponse(V2GMessage):
    ResponseCode: t.ResponseCode


class AuthorizationRes(V2GResponse, ns=COMMON_MESSAGES, element=True):
    EVSEProcessing: t.Processing


class AuthorizationSetupReq(V2GRequest, ns=COMMON_MESSAGES, element=True):
    """Nothing in it."""


class AuthorizationSetupRes(
    V2GResponse,
    ns=COMMON_MESSAGES,
    element=True,
    content='Header, ResponseCode, AuthorizationServices{1,2}, '
    'CertificateInstallationService, '
    '(EIM_ASResAuthorizationMode | PnC_ASResAuthorizationMode)',
):
    AuthorizationServices: list[t.Authorization] = many(1, 2)
    CertificateInstallationService: xs.boolean
    EIM_ASResAuthorizationMode: t.EIM_ASResAuthorizationMode | None = None
    PnC_ASResAuthorizationMode: t.PnC_ASResAuthorizationMode | None = None


class EIM_ASResAuthorizationMode(Complex, ns=COMMON_MESSAGES):
    """Nothing in it."""


class PnC_ASResAuthorizationMode(Complex, ns=COMMON_MESSAGES):
    GenChallenge: t.GenChallenge
    SupportedProviders: t.SupportedProvidersList | None = None


class SupportedProvidersList(Complex, ns=COMMON_MESSAGES):
    ProviderID: list[t.Name] = many(1, 128)


class CLReqControlMode(Complex, ns=COMMON_TYPES, head=True):
    """Nothing in it."""


class CLResControlMode(Complex, ns=COMMON_TYPES, head=True):
    """Nothing in it."""


class CertificateInstallationReq(V2GRequest, ns=COMMON_MESSAGES, element=True):
    OEMProvisioningCertificateChain: t.SignedCertificateChain
    ListOfRootCertificateIDs: t.ListOfRootCertificateIDs
    MaximumContractCertificateChains: xs.unsignedByte
    PrioritizedEMAIDs: t.EMAIDList | None = None


class SignedCertificateChain(Complex, ns=COMMON_MESSAGES):
    Id: xs.ID = attribute(ns=COMMON_MESSAGES)
    Certificate: t.Certificate
    SubCertificates: t.SubCertificates | None = None


class ListOfRootCertificateIDs(Complex, ns=COMMON_TYPES):
    RootCertificateID: list[xmldsig.X509IssuerSerial] = many(1, 20)


class EMAIDList(Complex, ns=COMMON_MESSAGES):
    EMAID: list[t.Identifier] = many(1, 8)


class CertificateInstallationRes(V2GResponse, ns=COMMON_MESSAGES, element=True):
    EVSEProcessing: t.Processing
    CPSCertificateChain: t.CertificateChain
    SignedInstallationData: t.SignedInstallationData
    RemainingContractCertificateChains: xs.unsignedByte


class CertificateChain(Complex, ns=COMMON_MESSAGES):
    Certificate: t.Certificate
    SubCertificates: t.SubCertificates | None = None


class SignedInstallationData(
    Complex,
    ns=COMMON_MESSAGES,
    element=True,
    content='ContractCertificateChain, ECDHCurve, DHPublicKey, '
    '(SECP521_EncryptedPrivateKey | X448_EncryptedPrivateKey | TPM_EncryptedPrivateKey)',
):
    Id: xs.ID = attribute(ns=COMMON_MESSAGES)
    ContractCertificateChain: t.ContractCertificateChain
    ECDHCurve: t.EcdhCurve
    DHPublicKey: t.DhPublicKey
    SECP521_EncryptedPrivateKey: t.Secp521_EncryptedPrivateKey | None = None
    X448_EncryptedPrivateKey: t.X448_EncryptedPrivateKey | None = None
    TPM_EncryptedPrivateKey: t.Tpm_EncryptedPrivateKey | None = None


class MeteringConfirmationReq(V2GRequest, ns=COMMON_MESSAGES, element=True):
    SignedMeteringData: t.SignedMeteringData


class SignedMeteringData(
    Complex,
    ns=COMMON_MESSAGES,
    element=True,
    content='SessionID, MeterInfo, Receipt?, '
    '(Dynamic_SMDTControlMode | Scheduled_SMDTControlMode)',
):
    Id: xs.ID = attribute(ns=COMMON_MESSAGES)
    SessionID: t.SessionID
    MeterInfo: t.MeterInfo
    Receipt: t.Receipt | None = None
    Dynamic_SMDTControlMode: t.Dynamic_SMDTControlMode | None = None
    Scheduled_SMDTControlMode: t.Scheduled_SMDTControlMode | None = None


class MeterInfo(Complex, ns=COMMON_TYPES):
    MeterID: t.MeterID
    ChargedEnergyReadingWh: xs.unsignedLong
    BPT_DischargedEnergyReadingWh: xs.unsignedLong | None = None
    CapacitiveEnergyReadingVARh: xs.unsignedLong | None = None
    BPT_InductiveEnergyReadingVARh: xs.unsignedLong | None = None
    MeterSignature: t.MeterSignature | None = None
    MeterStatus: xs.short | None = None
    MeterTimestamp: xs.unsignedLong | None = None


class Receipt(Complex, ns=COMMON_TYPES):
    TimeAnchor: xs.unsignedLong
    EnergyCosts: t.DetailedCost | None = None
    OccupancyCosts: t.DetailedCost | None = None
    AdditionalServicesCosts: t.DetailedCost | None = None
    OverstayCosts: t.DetailedCost | None = None
    TaxCosts: list[t.DetailedTax] = many(0, 10, factory=list)


class DetailedCost(Complex, ns=COMMON_TYPES):
    Amount: t.RationalNumber
    CostPerUnit: t.RationalNumber


class RationalNumber(Complex, ns=COMMON_TYPES):
    Exponent: xs.byte
    Value: xs.short


class DetailedTax(Complex, ns=COMMON_TYPES):
    TaxRuleID: t.NumericID
    Amount: t.RationalNumber


class Dynamic_SMDTControlMode(Complex, ns=COMMON_MESSAGES):
    """Nothing in it."""


class Scheduled_SMDTControlMode(Complex, ns=COMMON_MESSAGES):
    SelectedScheduleTupleID: t.NumericID


class MeteringConfirmationRes(V2GResponse, ns=COMMON_MESSAGES, element=True):
    """Nothing in it."""


class PowerDeliveryReq(V2GRequest, ns=COMMON_MESSAGES, element=True):
    EVProcessing: t.Processing
    ChargeProgress: t.ChargeProgress
    EVPowerProfile: t.EVPowerProfile | None = None
    BPT_ChannelSelection: t.ChannelSelection | None = None


class EVPowerProfile(
    Complex,
    ns=COMMON_MESSAGES,
    content='TimeAnchor, (Dynamic_EVPPTControlMode | Scheduled_EVPPTControlMode), '
    'EVPowerProfileEntries',
):
    TimeAnchor: xs.unsignedLong
    Dynamic_EVPPTControlMode: t.Dynamic_EVPPTControlMode | None = None
    Scheduled_EVPPTControlMode: t.Scheduled_EVPPTControlMode | None = None
    EVPowerProfileEntries: t.EVPowerProfileEntryList


class Dynamic_EVPPTControlMode(Complex, ns=COMMON_MESSAGES):
    """Nothing in it."""


class Scheduled_EVPPTControlMode(Complex, ns=COMMON_MESSAGES):
    SelectedScheduleTupleID: t.NumericID
    PowerToleranceAcceptance: t.PowerToleranceAcceptance | None = None


class EVPowerProfileEntryList(Complex, ns=COMMON_MESSAGES):
    EVPowerProfileEntry: list[t.PowerScheduleEntry] = many(1, 2048)


class PowerScheduleEntry(Complex, ns=COMMON_MESSAGES):
    Duration: xs.unsignedInt
    Power: t.RationalNumber
    Power_L2: t.RationalNumber | None = None
    Power_L3: t.RationalNumber | None = None


class PowerDeliveryRes(V2GResponse, ns=COMMON_MESSAGES, element=True):
    EVSEStatus: t.EVSEStatus | None = None


class EVSEStatus(Complex, ns=COMMON_TYPES):
    NotificationMaxDelay: xs.unsignedShort
    EVSENotification: t.EvseNotification


class ScheduleExchangeReq(
    V2GRequest,
    ns=COMMON_MESSAGES,
    element=True,
    content='Header, MaximumSupportingPoints, '
    '(Dynamic_SEReqControlMode | Scheduled_SEReqControlMode)',
):
    MaximumSupportingPoints: t.MaxSupportingPointsScheduleTuple
    Dynamic_SEReqControlMode: t.Dynamic_SEReqControlMode | None = None
    Scheduled_SEReqControlMode: t.Scheduled_SEReqControlMode | None = None


class Dynamic_SEReqControlMode(Complex, ns=COMMON_MESSAGES):
    DepartureTime: xs.unsignedInt
    MinimumSOC: t.PercentValue | None = None
    TargetSOC: t.PercentValue | None = None
    EVTargetEnergyRequest: t.RationalNumber
    EVMaximumEnergyRequest: t.RationalNumber
    EVMinimumEnergyRequest: t.RationalNumber
    EVMaximumV2XEnergyRequest: t.RationalNumber | None = None
    EVMinimumV2XEnergyRequest: t.RationalNumber | None = None


class Scheduled_SEReqControlMode(Complex, ns=COMMON_MESSAGES):
    DepartureTime: xs.unsignedInt | None = None
    EVTargetEnergyRequest: t.RationalNumber | None = None
    EVMaximumEnergyRequest: t.RationalNumber | None = None
    EVMinimumEnergyRequest: t.RationalNumber | None = None
    EVEnergyOffer: t.EVEnergyOffer | None = None


class EVEnergyOffer(Complex, ns=COMMON_MESSAGES):
    EVPowerSchedule: t.EVPowerSchedule
    EVAbsolutePriceSchedule: t.EVAbsolutePriceSchedule


class EVPowerSchedule(Complex, ns=COMMON_MESSAGES):
    TimeAnchor: xs.unsignedLong
    EVPowerScheduleEntries: t.EVPowerScheduleEntryList


class EVPowerScheduleEntryList(Complex, ns=COMMON_MESSAGES):
    EVPowerScheduleEntry: list[t.EVPowerScheduleEntry] = many(1, 1024)


class EVPowerScheduleEntry(Complex, ns=COMMON_MESSAGES):
    Duration: xs.unsignedInt
    Power: t.RationalNumber


class EVAbsolutePriceSchedule(Complex, ns=COMMON_MESSAGES):
    TimeAnchor: xs.unsignedLong
    Currency: t.Currency
    PriceAlgorithm: t.Identifier
    EVPriceRuleStacks: t.EVPriceRuleStackList


class EVPriceRuleStackList(Complex, ns=COMMON_MESSAGES):
    EVPriceRuleStack: list[t.EVPriceRuleStack] = many(1, 1024)


class EVPriceRuleStack(Complex, ns=COMMON_MESSAGES):
    Duration: xs.unsignedInt
    EVPriceRule: list[t.EVPriceRule] = many(1, 8)


class EVPriceRule(Complex, ns=COMMON_MESSAGES):
    EnergyFee: t.RationalNumber
    PowerRangeStart: t.RationalNumber


class ScheduleExchangeRes(
    V2GResponse,
    ns=COMMON_MESSAGES,
    element=True,
    content='Header, ResponseCode, EVSEProcessing, GoToPause?, '
    '(Dynamic_SEResControlMode | Scheduled_SEResControlMode)',
):
    EVSEProcessing: t.Processing
    GoToPause: xs.boolean | None = None
    Dynamic_SEResControlMode: t.Dynamic_SEResControlMode | None = None
    Scheduled_SEResControlMode: t.Scheduled_SEResControlMode | None = None


class Dynamic_SEResControlMode(
    Complex,
    ns=COMMON_MESSAGES,
    content='DepartureTime?, MinimumSOC?, TargetSOC?, '
    '(AbsolutePriceSchedule | PriceLevelSchedule)?',
):
    DepartureTime: xs.unsignedInt | None = None
    MinimumSOC: t.PercentValue | None = None
    TargetSOC: t.PercentValue | None = None
    AbsolutePriceSchedule: t.AbsolutePriceSchedule | None = None
    PriceLevelSchedule: t.PriceLevelSchedule | None = None


class PriceSchedule(Complex, ns=COMMON_MESSAGES):
    TimeAnchor: xs.unsignedLong
    PriceScheduleID: t.NumericID
    PriceScheduleDescription: t.Description | None = None


class AbsolutePriceSchedule(PriceSchedule):
    Id: xs.ID | None = attribute(ns=COMMON_MESSAGES, default=None)
    Currency: t.Currency
    Language: t.Language
    PriceAlgorithm: t.Identifier
    MinimumCost: t.RationalNumber | None = None
    MaximumCost: t.RationalNumber | None = None
    TaxRules: t.TaxRuleList | None = None
    PriceRuleStacks: t.PriceRuleStackList
    OverstayRules: t.OverstayRuleList | None = None
    AdditionalSelectedServices: t.AdditionalServiceList | None = None


class TaxRuleList(Complex, ns=COMMON_MESSAGES):
    TaxRule: list[t.TaxRule] = many(1, 10)


class TaxRule(Complex, ns=COMMON_MESSAGES):
    TaxRuleID: t.NumericID
    TaxRuleName: t.Name | None = None
    TaxRate: t.RationalNumber
    TaxIncludedInPrice: xs.boolean | None = None
    AppliesToEnergyFee: xs.boolean
    AppliesToParkingFee: xs.boolean
    AppliesToOverstayFee: xs.boolean
    AppliesMinimumMaximumCost: xs.boolean


class PriceRuleStackList(Complex, ns=COMMON_MESSAGES):
    PriceRuleStack: list[t.PriceRuleStack] = many(1, 1024)


class PriceRuleStack(Complex, ns=COMMON_MESSAGES):
    Duration: xs.unsignedInt
    PriceRule: list[t.PriceRule] = many(1, 8)


class PriceRule(Complex, ns=COMMON_MESSAGES):
    EnergyFee: t.RationalNumber
    ParkingFee: t.RationalNumber | None = None
    ParkingFeePeriod: xs.unsignedInt | None = None
    CarbonDioxideEmission: xs.unsignedShort | None = None
    RenewableGenerationPercentage: xs.unsignedByte | None = None
    PowerRangeStart: t.RationalNumber


class OverstayRuleList(Complex, ns=COMMON_MESSAGES):
    OverstayTimeThreshold: xs.unsignedInt | None = None
    OverstayPowerThreshold: t.RationalNumber | None = None
    OverstayRule: list[t.OverstayRule] = many(1, 5)


class OverstayRule(Complex, ns=COMMON_MESSAGES):
    OverstayRuleDescription: t.Description | None = None
    StartTime: xs.unsignedInt
    OverstayFee: t.RationalNumber
    OverstayFeePeriod: xs.unsignedInt


class AdditionalServiceList(Complex, ns=COMMON_MESSAGES):
    AdditionalService: list[t.AdditionalService] = many(1, 5)


class AdditionalService(Complex, ns=COMMON_MESSAGES):
    ServiceName: t.Name
    ServiceFee: t.RationalNumber


class PriceLevelSchedule(PriceSchedule):
    Id: xs.ID | None = attribute(ns=COMMON_MESSAGES, default=None)
    NumberOfPriceLevels: xs.unsignedByte
    PriceLevelScheduleEntries: t.PriceLevelScheduleEntryList


class PriceLevelScheduleEntryList(Complex, ns=COMMON_MESSAGES):
    PriceLevelScheduleEntry: list[t.PriceLevelScheduleEntry] = many(1, 1024)


class PriceLevelScheduleEntry(Complex, ns=COMMON_MESSAGES):
    Duration: xs.unsignedInt
    PriceLevel: xs.unsignedByte


class Scheduled_SEResControlMode(Complex, ns=COMMON_MESSAGES):
    ScheduleTuple: list[t.ScheduleTuple] = many(1, 3)


class ScheduleTuple(Complex, ns=COMMON_MESSAGES):
    ScheduleTupleID: t.NumericID
    ChargingSchedule: t.ChargingSchedule
    DischargingSchedule: t.ChargingSchedule | None = None


class ChargingSchedule(
    Complex,
    ns=COMMON_MESSAGES,
    content='PowerSchedule, (AbsolutePriceSchedule | PriceLevelSchedule)?',
):
    PowerSchedule: t.PowerSchedule
    AbsolutePriceSchedule: t.AbsolutePriceSchedule | None = None
    PriceLevelSchedule: t.PriceLevelSchedule | None = None


class PowerSchedule(Complex, ns=COMMON_MESSAGES):
    TimeAnchor: xs.unsignedLong
    AvailableEnergy: t.RationalNumber | None = None
    PowerTolerance: t.RationalNumber | None = None
    PowerScheduleEntries: t.PowerScheduleEntryList


class PowerScheduleEntryList(Complex, ns=COMMON_MESSAGES):
    PowerScheduleEntry: list[t.PowerScheduleEntry] = many(1, 1024)


class ServiceDetailReq(V2GRequest, ns=COMMON_MESSAGES, element=True):
    ServiceID: xs.unsignedShort


class ServiceDetailRes(V2GResponse, ns=COMMON_MESSAGES, element=True):
    ServiceID: xs.unsignedShort
    ServiceParameterList: t.ServiceParameterList


class ServiceParameterList(Complex, ns=COMMON_MESSAGES):
    ParameterSet: list[t.ParameterSet] = many(1, 32)


class ParameterSet(Complex, ns=COMMON_MESSAGES):
    ParameterSetID: xs.unsignedShort
    Parameter: list[t.Parameter] = many(1, 32)


class Parameter(
    Complex,
    ns=COMMON_MESSAGES,
    content='boolValue | byteValue | shortValue | intValue | rationalNumber | finiteString',
):
    Name: t.Name = attribute(ns=COMMON_MESSAGES)
    boolValue: xs.boolean | None = None
    byteValue: xs.byte | None = None
    shortValue: xs.short | None = None
    intValue: xs.int_ | None = None
    rationalNumber: t.RationalNumber | None = None
    finiteString: t.Name | None = None


class ServiceDiscoveryReq(V2GRequest, ns=COMMON_MESSAGES, element=True):
    SupportedServiceIDs: t.ServiceIDList | None = None


class ServiceIDList(Complex, ns=COMMON_MESSAGES):
    ServiceID: list[xs.unsignedShort] = many(1, 16)


class ServiceDiscoveryRes(V2GResponse, ns=COMMON_MESSAGES, element=True):
    ServiceRenegotiationSupported: xs.boolean
    EnergyTransferServiceList: t.ServiceList
    VASList: t.ServiceList | None = None


class ServiceList(Complex, ns=COMMON_MESSAGES):
    Service: list[t.Service] = many(1, 8)


class Service(Complex, ns=COMMON_MESSAGES):
    ServiceID: xs.unsignedShort
    FreeService: xs.boolean


class ServiceSelectionReq(V2GRequest, ns=COMMON_MESSAGES, element=True):
    SelectedEnergyTransferService: t.SelectedService
    SelectedVASList: t.SelectedServiceList | None = None


class SelectedService(Complex, ns=COMMON_MESSAGES):
    ServiceID: xs.unsignedShort
    ParameterSetID: xs.unsignedShort


class SelectedServiceList(Complex, ns=COMMON_MESSAGES):
    SelectedService: list[t.SelectedService] = many(1, 16)


class ServiceSelectionRes(V2GResponse, ns=COMMON_MESSAGES, element=True):
    """Nothing in it."""


class SessionSetupReq(V2GRequest, ns=COMMON_MESSAGES, element=True):
    EVCCID: t.Identifier


class SessionSetupRes(V2GResponse, ns=COMMON_MESSAGES, element=True):
    EVSEID: t.Identifier


class SessionStopReq(V2GRequest, ns=COMMON_MESSAGES, element=True):
    ChargingSession: t.ChargingSession
    EVTerminationCode: t.Name | None = None
    EVTerminationExplanation: t.Description | None = None


class SessionStopRes(V2GResponse, ns=COMMON_MESSAGES, element=True):
    """Nothing in it."""


class VehicleCheckInReq(V2GRequest, ns=COMMON_MESSAGES, element=True):
    EVCheckInStatus: t.EvCheckInStatus
    ParkingMethod: t.ParkingMethod
    VehicleFrame: xs.short | None = None
    DeviceOffset: xs.short | None = None
    VehicleTravel: xs.short | None = None


class VehicleCheckInRes(V2GResponse, ns=COMMON_MESSAGES, element=True):
    ParkingSpace: xs.short | None = None
    DeviceLocation: xs.short | None = None
    TargetDistance: xs.short | None = None


class VehicleCheckOutReq(V2GRequest, ns=COMMON_MESSAGES, element=True):
    EVCheckOutStatus: t.EvCheckOutStatus
    CheckOutTime: xs.unsignedLong


class VehicleCheckOutRes(V2GResponse, ns=COMMON_MESSAGES, element=True):
    EVSECheckOutStatus: t.EvseCheckOutStatus


class ChargeParameterDiscoveryReq(V2GRequest):
    """Nothing in it."""


class ChargeParameterDiscoveryRes(V2GResponse):
    """Nothing in it."""


class ChargeLoopReq(V2GRequest):
    DisplayParameters: t.DisplayParameters | None = None
    MeterInfoRequested: xs.boolean


class DisplayParameters(Complex, ns=COMMON_TYPES):
    PresentSOC: t.PercentValue | None = None
    MinimumSOC: t.PercentValue | None = None
    TargetSOC: t.PercentValue | None = None
    MaximumSOC: t.PercentValue | None = None
    RemainingTimeToMinimumSOC: xs.unsignedInt | None = None
    RemainingTimeToTargetSOC: xs.unsignedInt | None = None
    RemainingTimeToMaximumSOC: xs.unsignedInt | None = None
    ChargingComplete: xs.boolean | None = None
    BatteryEnergyCapacity: t.RationalNumber | None = None
    InletHot: xs.boolean | None = None


class ChargeLoopRes(V2GResponse):
    EVSEStatus: t.EVSEStatus | None = None
    MeterInfo: t.MeterInfo | None = None
    Receipt: t.Receipt | None = None


class Scheduled_CLReqControlMode(CLReqControlMode, element=False):
    EVTargetEnergyRequest: t.RationalNumber | None = None
    EVMaximumEnergyRequest: t.RationalNumber | None = None
    EVMinimumEnergyRequest: t.RationalNumber | None = None


class Scheduled_CLResControlMode(CLResControlMode, element=False):
    """Nothing in it."""


class Dynamic_CLReqControlMode(CLReqControlMode, element=False):
    DepartureTime: xs.unsignedInt | None = None
    EVTargetEnergyRequest: t.RationalNumber
    EVMaximumEnergyRequest: t.RationalNumber
    EVMinimumEnergyRequest: t.RationalNumber


class Dynamic_CLResControlMode(CLResControlMode, element=False):
    DepartureTime: xs.unsignedInt | None = None
    MinimumSOC: t.PercentValue | None = None
    TargetSOC: t.PercentValue | None = None
    AckMaxDelay: xs.unsignedShort | None = None


class TargetPosition(Complex, ns=COMMON_MESSAGES):
    TargetOffsetX: xs.unsignedShort
    TargetOffsetY: xs.unsignedShort


document = Complex
