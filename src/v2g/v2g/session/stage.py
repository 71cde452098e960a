# SPDX-License-Identifier: Apache-2.0
"""Stages of a session, the same for every protocol, and the field's numbers for them."""

from enum import IntEnum


class Stage(IntEnum):
    """As plc_msgs/ChargingState numbers them."""

    IDLE = 0
    MODEM_SEARCH = 1
    SLAC = 2
    AVLN = 3
    SDP = 4
    TCP = 5
    APP_PROTOCOL = 6
    SESSION_SETUP = 7
    SERVICE_DISCOVERY = 8
    SERVICE_SELECTION = 9
    AUTHORIZATION = 10
    CHARGE_PARAMETERS = 11
    CONNECTOR_LOCK = 12
    CABLE_CHECK = 13
    PRECHARGE = 14
    START = 15
    CHARGE_LOOP = 16
    STOP = 17
    WELDING_DETECTION = 18
    SESSION_STOP = 19
    FINISHED = 20
    SAFE_END = 21
    FAILED = 22


# Where a stage begins, as the field numbers it.
CHECKPOINT = {
    Stage.IDLE: 0,
    Stage.MODEM_SEARCH: 6,
    Stage.SLAC: 100,
    Stage.AVLN: 170,
    Stage.SDP: 200,
    Stage.TCP: 301,
    Stage.APP_PROTOCOL: 400,
    Stage.SESSION_SETUP: 500,
    Stage.SERVICE_DISCOVERY: 510,
    Stage.SERVICE_SELECTION: 520,
    Stage.AUTHORIZATION: 530,
    Stage.CHARGE_PARAMETERS: 540,
    Stage.CONNECTOR_LOCK: 555,
    Stage.CABLE_CHECK: 560,
    Stage.PRECHARGE: 570,
    Stage.START: 600,
    Stage.CHARGE_LOOP: 700,
    Stage.STOP: 800,
    Stage.WELDING_DETECTION: 850,
    Stage.SESSION_STOP: 900,
    Stage.FINISHED: 905,
}

CHARGER_STOPS = 790  # the charger asks for the end: EVSE_Shutdown or StopCharging
