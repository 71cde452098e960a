# SPDX-License-Identifier: Apache-2.0
"""One step of a session as both sides mean it, whatever the protocol's messages are (R28)."""

from dataclasses import dataclass
from enum import Enum, IntEnum
from math import nan

from v2g.session.readings import Isolation
from v2g.session.stage import Stage


class Step(IntEnum):
    """A pair of request and answer; START and STOP switch the energy on and off."""

    APP_PROTOCOL = Stage.APP_PROTOCOL
    SESSION_SETUP = Stage.SESSION_SETUP
    SERVICE_DISCOVERY = Stage.SERVICE_DISCOVERY
    SERVICE_SELECTION = Stage.SERVICE_SELECTION
    AUTHORIZATION = Stage.AUTHORIZATION
    CHARGE_PARAMETERS = Stage.CHARGE_PARAMETERS
    CONNECTOR_LOCK = Stage.CONNECTOR_LOCK  # between two messages: the vehicle locks, shows C
    CABLE_CHECK = Stage.CABLE_CHECK
    PRECHARGE = Stage.PRECHARGE
    START = Stage.START
    CHARGE_LOOP = Stage.CHARGE_LOOP
    STOP = Stage.STOP
    WELDING_DETECTION = Stage.WELDING_DETECTION
    SESSION_STOP = Stage.SESSION_STOP

    @property
    def stage(self) -> Stage:
        return Stage(self)


class Health(Enum):
    """What the charger says of itself; the dialect has the words for it."""

    READY = 'ready'
    NOT_READY = 'not ready'
    TESTING_ISOLATION = 'testing isolation'
    SHUTDOWN = 'shutdown'  # a normal stop is asked for
    NO_POWER = 'no power'  # the grid or the site gives none
    EMERGENCY = 'emergency'
    MALFUNCTION = 'malfunction'


class Notification(Enum):
    """What the charger wants of the vehicle."""

    NONE = 'none'
    STOP = 'stop'
    RENEGOTIATE = 'renegotiate'


class Code(Enum):
    """Answers of the core; a dialect may put a more exact one in `Ask.objection`."""

    OK = 'OK'
    NEW_SESSION = 'OK_NewSessionEstablished'
    FAILED = 'FAILED'
    SEQUENCE_ERROR = 'FAILED_SequenceError'
    UNKNOWN_SESSION = 'FAILED_UnknownSession'
    WRONG_PARAMETER = 'FAILED_WrongChargeParameter'
    PROFILE_INVALID = 'FAILED_ChargingProfileInvalid'
    NOT_APPLIED = 'FAILED_PowerDeliveryNotApplied'
    VOLTAGE_TOO_LOW = 'FAILED_EVSEPresentVoltageToLow'


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one side can; NaN: not told."""

    max_voltage: float = nan  # V
    min_voltage: float = nan  # V
    max_current: float = nan  # A
    min_current: float = nan  # A
    max_power: float = nan  # W
    ripple: float = nan  # A
    tolerance: float = nan  # A


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request of the vehicle."""

    step: Step
    session_id: bytes = b''
    evcc_id: bytes = b''
    ready: bool = False
    error: str = 'NO_ERROR'  # EVErrorCode
    soc: float = nan  # 0..1
    target_voltage: float = nan  # V
    target_current: float = nan  # A
    limits: Limits = Limits()
    energy_capacity: float = nan  # Wh
    energy_request: float = nan  # Wh
    full_soc: float = nan  # 0..1
    bulk_soc: float = nan  # 0..1
    energy_transfer: str = ''  # the way of charging that is asked for, in the standard's word
    departure_time: float = nan  # s from now
    bulk_complete: bool = False
    complete: bool = False
    remaining_time: float = nan  # s
    remaining_bulk_time: float = nan  # s
    profile_power: float = nan  # W, the highest of the vehicle's own plan
    objection: str = ''  # response code, where the request itself is wrong

    @property
    def knows_soc(self) -> bool:
        """A state of charge is told; 0 is none, as a Seres tells it for ever (R18)."""
        return self.soc > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response of the charger."""

    step: Step
    session_id: bytes = b''
    code: str = Code.OK.value
    ongoing: bool = False
    health: Health | None = None  # None: this response carries no status
    status: str = ''  # the standard's word for `health`
    notification: Notification = Notification.NONE
    isolation: Isolation | None = None
    evse_id: bytes = b''
    present_voltage: float = nan  # V
    present_current: float = nan  # A
    limits: Limits | None = None
    schedule_power: float = nan  # W
    current_limited: bool = False
    voltage_limited: bool = False
    power_limited: bool = False

    @property
    def failed(self) -> bool:
        return not self.code.startswith('OK')
