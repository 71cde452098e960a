# SPDX-License-Identifier: Apache-2.0
"""Timers of DIN 70121, as the standard has them and as the field needs them (R26), in seconds.

Field: lessons 53, 68, 70 and 82; a charger that answers late still charges.
"""

from v2g.session.dialect import Timers
from v2g.session.exchange import Step

# fmt: off
V2G_EVCC_Msg_Timeout = 2.0  # every pair that has none of its own
V2G_EVCC_Msg_Timeout_CurrentDemand = 0.25
V2G_EVCC_CommunicationSetup_Timeout = 20.0
V2G_EVCC_ReadyToCharge_Timeout = 150.0
V2G_EVCC_Ongoing_Timeout = 60.0
V2G_EVCC_CableCheck_Timeout = 40.0
V2G_EVCC_PreCharge_Timeout = 7.0
V2G_SECC_Sequence_Timeout = 60.0
V2G_SECC_CommunicationSetup_Timeout = 18.0
V2G_SECC_Ongoing_Performance_Time = 55.0
V2G_SECC_CableCheck_Performance_Time = 38.0
V2G_SECC_PreCharge_Performance_Time = 5.0
V2G_SECC_ReadyToCharge_Performance_Time = 148.0
T_CP_State_Detection = 1.5

FIELD_Msg_Timeout = 5.0
FIELD_Msg_Timeout_PowerDelivery = 6.0
FIELD_Msg_Timeout_CurrentDemand = 5.0
FIELD_CommunicationSetup = 60.0
FIELD_ReadyToCharge = 300.0
FIELD_ContractAuthentication = 120.0
FIELD_CableCheck = 60.0
FIELD_PreCharge = 30.0
FIELD_SequenceInLoop = 5.0
FIELD_SECC_ContractAuthentication = 118.0
FIELD_SECC_CableCheck = 55.0
FIELD_SECC_PreCharge = 28.0
FIELD_SECC_ReadyToCharge = 298.0
FIELD_SECC_Shutdown = 20.0
FIELD_CP_State_Detection = 3.0
# fmt: on

CONNECTOR_LOCK = 5.0  # lock motor and state C; no standard has a time for it

STANDARD = Timers(
    message={
        **dict.fromkeys(Step, V2G_EVCC_Msg_Timeout),
        Step.CHARGE_LOOP: V2G_EVCC_Msg_Timeout_CurrentDemand,
    },
    total={
        Step.AUTHORIZATION: V2G_EVCC_Ongoing_Timeout,
        Step.CHARGE_PARAMETERS: V2G_EVCC_Ongoing_Timeout,
        Step.CONNECTOR_LOCK: CONNECTOR_LOCK,
        Step.CABLE_CHECK: V2G_EVCC_CableCheck_Timeout,
        Step.PRECHARGE: V2G_EVCC_PreCharge_Timeout,
    },
    communication_setup=V2G_EVCC_CommunicationSetup_Timeout,
    ready_to_charge=V2G_EVCC_ReadyToCharge_Timeout,
    sequence=V2G_SECC_Sequence_Timeout,
    sequence_in_loop=V2G_SECC_Sequence_Timeout,
    secc_communication_setup=V2G_SECC_CommunicationSetup_Timeout,
    secc_total={
        Step.AUTHORIZATION: V2G_SECC_Ongoing_Performance_Time,
        Step.CABLE_CHECK: V2G_SECC_CableCheck_Performance_Time,
        Step.PRECHARGE: V2G_SECC_PreCharge_Performance_Time,
    },
    pilot_detection=T_CP_State_Detection,
    secc_shutdown=V2G_SECC_Sequence_Timeout,
    secc_ready_to_charge=V2G_SECC_ReadyToCharge_Performance_Time,
)

FIELD = Timers(
    message={
        **dict.fromkeys(Step, FIELD_Msg_Timeout),
        Step.START: FIELD_Msg_Timeout_PowerDelivery,
        Step.CHARGE_LOOP: FIELD_Msg_Timeout_CurrentDemand,
    },
    total={
        Step.AUTHORIZATION: FIELD_ContractAuthentication,
        Step.CHARGE_PARAMETERS: V2G_EVCC_Ongoing_Timeout,
        Step.CONNECTOR_LOCK: CONNECTOR_LOCK,
        Step.CABLE_CHECK: FIELD_CableCheck,
        Step.PRECHARGE: FIELD_PreCharge,
    },
    communication_setup=FIELD_CommunicationSetup,
    ready_to_charge=FIELD_ReadyToCharge,
    sequence=V2G_SECC_Sequence_Timeout,
    sequence_in_loop=FIELD_SequenceInLoop,
    secc_communication_setup=FIELD_CommunicationSetup,
    secc_total={
        Step.AUTHORIZATION: FIELD_SECC_ContractAuthentication,
        Step.CABLE_CHECK: FIELD_SECC_CableCheck,
        Step.PRECHARGE: FIELD_SECC_PreCharge,
    },
    pilot_detection=FIELD_CP_State_Detection,
    secc_shutdown=FIELD_SECC_Shutdown,
    secc_ready_to_charge=FIELD_SECC_ReadyToCharge,
)

BY_NAME = {'field': FIELD, 'standard': STANDARD}
