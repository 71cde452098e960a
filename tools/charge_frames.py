# SPDX-License-Identifier: Apache-2.0
"""A whole charge as frames, made here: SLAC, SDP, TCP and DIN 70121 from plug to SessionStop."""

from ipaddress import IPv6Address
from typing import Any

from scapy.packet import Packet

from plc_log.capture import Frame
from plc_log.conversation import Conversation
from plc_log.events import Side
from plc_log.packets import Datagram, Endpoint
from plc_modem.homeplug import BROADCAST, LOCAL_MODEM, Mme
from plc_modem.homeplug.matching import (
    CM_ATTEN_CHAR_IND,
    CM_ATTEN_CHAR_RSP,
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_MATCH_REQ,
    CM_SLAC_PARM_CNF,
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
    MatchCnfField,
    MatchReqField,
)
from plc_modem.homeplug.station import CM_SET_KEY_CNF, CM_SET_KEY_REQ
from v2g.exi import encode
from v2g.schema import din, sap
from v2g.sdp import ALL_NODES, SDP_PORT, SdpRequest, SdpResponse

VEHICLE, CHARGER, MODEM = '02:00:00:00:00:0a', '02:00:00:00:00:0b', '02:00:00:00:00:0c'
RUN_ID, SESSION = bytes(range(8)), bytes.fromhex('0102030405060708')
NMK, NID = bytes.fromhex('00112233445566778899aabbccddeeff'), bytes.fromhex('a0a1a2a3a4a506')
GROUPS = bytes(range(8, 66))  # dB
EVERYBODY = Endpoint(IPv6Address(ALL_NODES).packed, SDP_PORT)
BEGIN = 1_750_000_000.0  # s since 1970
READY = din.DC_EVSEStatus(
    EVSEIsolationStatus=din.IsolationLevel.Valid,
    EVSEStatusCode=din.DC_EVSEStatusCode.EVSE_Ready,
    NotificationMaxDelay=0,
    EVSENotification=din.EVSENotification.None_,
)


def vehicle_status(soc: int) -> din.DC_EVStatus:
    """Return what the vehicle says of itself; `soc` in %."""
    return din.DC_EVStatus(EVReady=True, EVErrorCode=din.DC_EVErrorCode.NO_ERROR, EVRESSSOC=soc)


class Charge:
    """Collects the frames of a session; every part of it may be left out, or told otherwise.

    Times are in s from the beginning.
    """

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._talk = Conversation()
        self._talk.ends[Side.VEHICLE].mac = VEHICLE
        self._talk.ends[Side.CHARGER].mac = CHARGER

    def add(self, at: float, *octets: bytes) -> None:
        self.frames += [Frame(BEGIN + at, one) for one in octets]

    def mme(self, at: float, source: str, to: str, message: Packet) -> None:
        self.add(at, bytes(Mme(to, source, message)))

    def say(self, at: float, side: Side, message: Any, schema: Any = din) -> None:
        if schema is din:
            header = din.MessageHeader(SessionID=SESSION)
            message = din.V2G_Message(Header=header, Body=message)
        self.add(at, *self._talk.says(side, encode(schema, message)))

    def pair(self, at: float, request: Any, response: Any, wait: float = 0.01) -> None:
        self.say(at, Side.VEHICLE, request)
        if response is not None:
            self.say(at + wait, Side.CHARGER, response)

    def slac(self, groups: bytes = GROUPS) -> None:
        self.mme(0.0, VEHICLE, BROADCAST, CM_SLAC_PARM_REQ(RunID=RUN_ID))
        self.mme(0.01, CHARGER, VEHICLE, CM_SLAC_PARM_CNF(RunID=RUN_ID))
        for n in range(3):
            start = CM_START_ATTEN_CHAR_IND(NumberOfSounds=10, TimeOut=6, RunID=RUN_ID)
            self.mme(0.05 + n * 0.025, VEHICLE, BROADCAST, start)
        for n in range(10):
            sound = CM_MNBC_SOUND_IND(Countdown=9 - n, RunID=RUN_ID)
            self.mme(0.125 + n * 0.025, VEHICLE, BROADCAST, sound)
        report = CM_ATTEN_CHAR_IND(
            SourceAddress=VEHICLE, RunID=RUN_ID, NumSounds=10, Groups=groups
        )
        self.mme(0.4, CHARGER, VEHICLE, report)
        self.mme(0.41, VEHICLE, CHARGER, CM_ATTEN_CHAR_RSP(SourceAddress=VEHICLE, RunID=RUN_ID))
        asked = MatchReqField(EVMAC=VEHICLE, EVSEMAC=CHARGER, RunID=RUN_ID)
        self.mme(0.5, VEHICLE, CHARGER, CM_SLAC_MATCH_REQ(VariableField=asked))
        given = MatchCnfField(EVMAC=VEHICLE, EVSEMAC=CHARGER, RunID=RUN_ID, NetworkID=NID, NMK=NMK)
        self.mme(0.51, CHARGER, VEHICLE, CM_SLAC_MATCH_CNF(VariableField=given))
        self.mme(0.52, VEHICLE, LOCAL_MODEM, CM_SET_KEY_REQ(NetworkID=NID, NewKey=NMK))
        self.mme(0.53, MODEM, VEHICLE, CM_SET_KEY_CNF(Result=1))

    def find(self) -> None:
        vehicle, charger = self._talk.ends[Side.VEHICLE], self._talk.ends[Side.CHARGER]
        asked_from, server = Endpoint(vehicle.packed, 50000), Endpoint(charger.packed, SDP_PORT)
        request = Datagram(asked_from, EVERYBODY, bytes(SdpRequest()))
        response = bytes(SdpResponse(IPv6Address(charger.address), charger.port))
        self.add(4.0, self._talk.carries(request))
        self.add(4.01, self._talk.carries(Datagram(server, asked_from, response)))

    def connect(self) -> None:
        self.find()
        self.add(4.5, *self._talk.opens())
        offer = sap.AppProtocol(
            ProtocolNamespace='urn:din:70121:2012:MsgDef',
            VersionNumberMajor=2,
            VersionNumberMinor=0,
            SchemaID=1,
            Priority=1,
        )
        self.say(4.6, Side.VEHICLE, sap.supportedAppProtocolReq(AppProtocol=[offer]), sap)
        code = sap.ResponseCode.OK_SuccessfulNegotiation
        agreed = sap.supportedAppProtocolRes(ResponseCode=code, SchemaID=1)
        self.say(4.61, Side.CHARGER, agreed, sap)

    def set_up(self, evseid: bytes = b'DE*ABC*E1') -> None:
        code = din.ResponseCode.OK_NewSessionEstablished
        self.pair(
            4.7,
            din.SessionSetupReq(EVCCID=bytes.fromhex('02000000000a')),
            din.SessionSetupRes(ResponseCode=code, EVSEID=evseid),
        )

    def cable_check(
        self,
        rounds: int = 20,
        status: din.DC_EVSEStatus = READY,
        code: din.ResponseCode = din.ResponseCode.OK,
    ) -> None:
        for n in range(rounds):
            last = n == rounds - 1
            step = din.EVSEProcessing.Finished if last else din.EVSEProcessing.Ongoing
            response = din.CableCheckRes(
                ResponseCode=code, DC_EVSEStatus=status, EVSEProcessing=step
            )
            request = din.CableCheckReq(DC_EVStatus=vehicle_status(50))
            self.pair(5.0 + n * 0.25, request, response)

    def precharge(self, target: float = 400.0, present: float = 398.0) -> None:
        for n in range(4):
            request = din.PreChargeReq(
                DC_EVStatus=vehicle_status(50), EVTargetVoltage=target, EVTargetCurrent=2.0
            )
            response = din.PreChargeRes(
                ResponseCode=din.ResponseCode.OK,
                DC_EVSEStatus=READY,
                EVSEPresentVoltage=present * (n + 1) / 4,
            )
            self.pair(11.0 + n * 0.25, request, response)

    def power(self, at: float, on: bool, wait: float = 0.05) -> None:
        self.pair(
            at,
            din.PowerDeliveryReq(ReadyToChargeState=on),
            din.PowerDeliveryRes(
                ResponseCode=din.ResponseCode.OK,
                EVSEStatus=READY,
            ),
            wait,
        )

    def loop(
        self, rounds: int = 100, wait: float = 0.01, status: din.DC_EVSEStatus = READY
    ) -> None:
        for n in range(rounds):
            request = din.CurrentDemandReq(
                DC_EVStatus=vehicle_status(50 + n * 10 // rounds),
                EVTargetVoltage=420.0,
                EVTargetCurrent=100.0,
                ChargingComplete=False,
            )
            response = din.CurrentDemandRes(
                ResponseCode=din.ResponseCode.OK,
                DC_EVSEStatus=status,
                EVSEPresentVoltage=400.0,
                EVSEPresentCurrent=100.0,
                EVSECurrentLimitAchieved=False,
                EVSEVoltageLimitAchieved=False,
                EVSEPowerLimitAchieved=False,
            )
            self.pair(12.5 + n * 0.1, request, response, wait)

    def stop(self, at: float = 23.0) -> None:
        self.power(at, False)
        welding = din.WeldingDetectionRes(
            ResponseCode=din.ResponseCode.OK, DC_EVSEStatus=READY, EVSEPresentVoltage=10.0
        )
        self.pair(at + 0.5, din.WeldingDetectionReq(DC_EVStatus=vehicle_status(60)), welding)
        self.pair(
            at + 1, din.SessionStopReq(), din.SessionStopRes(ResponseCode=din.ResponseCode.OK)
        )
        self.add(at + 1.1, *self._talk.closes(Side.VEHICLE))


def whole_charge(rounds: int = 100) -> Charge:
    """Return all of it, from SLAC to the end of TCP, with so many rounds of CurrentDemand."""
    charge = Charge()
    charge.slac()
    charge.connect()
    charge.set_up()
    charge.cable_check()
    charge.precharge()
    charge.power(12.2, True)
    charge.loop(rounds)
    charge.stop(13.0 + rounds * 0.1)
    return charge
