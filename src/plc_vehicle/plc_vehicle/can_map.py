# SPDX-License-Identifier: Apache-2.0
"""CAN messages by a DBC: what a battery says in them, and what the bus is told of a session.

What the DBC says of a frame is heeded both ways: identifiers of 29 bits are sent and received as
such, and a received number that the DBC does not allow, or names as none, is not known (NaN).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isfinite, nan
import re
from typing import cast

import cantools.database
from cantools.database.can import Database, Signal
from cantools.database.errors import DecodeError, Error

RECEIVED = ('ClaraBattery', 'ClaraRequest')
SENT = {
    'clara': ('ClaraLimits', 'ClaraPresent'),
    'foccci': ('FoccciInfo', 'FoccciPower', 'FoccciVehicle'),
}

# Names that a DBC has for a value that is no number (J1939's and the car makers' habits).
NO_NUMBER = re.compile(r'sna|n/?a|err(or)?|invalid|(signal)?(not|un)(available|defined|known)')
MOST_OCTETS = 8  # of a classic CAN frame

# FoccciCape's info number of each stage (plc_msgs/ChargingState).
INFO_NUMBER = {
    0: 18,  # IDLE: listening
    1: 18,  # MODEM_SEARCH
    2: 20,  # SLAC: SLAC param
    3: 22,  # AVLN: SLAC match
    4: 18,  # SDP: listening
    5: 19,  # TCP: connected
    6: 1,  # APP_PROTOCOL: waiting for SAP
    7: 4,  # SESSION_SETUP: session
    8: 5,  # SERVICE_DISCOVERY: services
    9: 6,  # SERVICE_SELECTION: payment
    10: 11,  # AUTHORIZATION: contract auth
    11: 8,  # CHARGE_PARAMETERS: charge parameter
    12: 8,  # CONNECTOR_LOCK
    13: 9,  # CABLE_CHECK: cable check
    14: 10,  # PRECHARGE: precharging
    15: 7,  # START: power delivery
    16: 13,  # CHARGE_LOOP: current demand
    17: 7,  # STOP: power delivery
    18: 14,  # WELDING_DETECTION: welding
    19: 15,  # SESSION_STOP: session stop
    20: 2,  # FINISHED: stopped
    21: 2,  # SAFE_END: stopped
    22: 16,  # FAILED: stopped forever
}


@dataclass(frozen=True)
class CanFrame:
    """A data frame of classic CAN."""

    frame_id: int
    octets: bytes
    extended: bool = False  # the identifier has 29 bits, not 11

    def __str__(self) -> str:
        return f'CAN {self.frame_id:#x}{"x" if self.extended else ""}'


class MalformedFrame(ValueError):
    """A frame of ours that cannot be read."""


class BadDbc(ValueError):
    """A DBC that lacks what we speak; the text is a sentence for the user."""


@dataclass(frozen=True)
class Story:
    """What the bus is told of a session; NaN: not known."""

    stage: int = 0
    soc: float = nan  # 0..1
    max_voltage: float = nan  # V, of the charger
    max_current: float = nan  # A, of the charger
    present_voltage: float = nan  # V
    present_current: float = nan  # A
    target_voltage: float = nan  # V
    target_current: float = nan  # A
    mac: bytes = bytes(6)  # EVCCID
    attempt: int = 0


class CanMap:
    """Reads and makes the frames of one DBC."""

    def __init__(self, dbc: str, tells: str) -> None:
        """Raises BadDbc where a message of ours is missing, or cannot be made."""
        try:
            database = cast(Database, cantools.database.load_string(dbc, 'dbc'))
            heard = [database.get_message_by_name(name) for name in RECEIVED]
            self._told = [database.get_message_by_name(name) for name in SENT[tells]]
        except (KeyError, Error) as error:
            raise BadDbc(f'the DBC lacks what is spoken on CAN: {error}') from error
        for message in (*heard, *self._told):
            if message.length > MOST_OCTETS:
                has = f'{message.name} has {message.length} octets'
                raise BadDbc(f'{has}; a frame here carries {MOST_OCTETS}')
        self._heard = {(m.frame_id, m.is_extended_frame): m for m in heard}
        try:
            list(self.tell(Story()))
        except (KeyError, ValueError, OverflowError, Error) as error:
            raise BadDbc(f'the DBC has a message that cannot be made: {error}') from error

    def read(self, frame: CanFrame) -> dict[str, float]:
        """Return the signals of a battery's frame, none where it is not one; NaN: not known.

        Raises MalformedFrame for one that is too short.
        """
        message = self._heard.get((frame.frame_id, frame.extended))
        if message is None:
            return {}
        try:
            raw = message.decode(frame.octets, decode_choices=False, scaling=False)
        except (DecodeError, ValueError) as error:
            raise MalformedFrame(f'{frame}: {error}') from error
        told = cast(dict[str, float], raw)
        return {s.name: _number(told[s.name], s) for s in message.signals if s.name in told}

    def tell(self, story: Story) -> Iterator[CanFrame]:
        """Return the frames that tell a story."""
        values = _signals(story)
        for message in self._told:
            own = {
                s.name: _clamped(values.get((s.name, message.name), 0), s) for s in message.signals
            }
            yield CanFrame(message.frame_id, message.encode(own), message.is_extended_frame)


def _number(raw: float, signal: Signal) -> float:
    """What a raw value means; NaN: by the DBC it means none."""
    key = cast(int, raw)  # a float, too, which may be NaN
    name = str(signal.choices.get(key, '')) if signal.choices else ''
    if NO_NUMBER.fullmatch(re.sub('[^a-z/]', '', name.lower())):
        return nan
    value = float(raw * signal.scale + signal.offset)
    low, high = _told_range(signal)
    return value if low <= value <= high else nan


def _signals(story: Story) -> dict[tuple[str, str], float]:
    return {
        ('EvseMaxVoltage', 'ClaraLimits'): story.max_voltage,
        ('EvseMaxCurrent', 'ClaraLimits'): story.max_current,
        ('EvsePresentVoltage', 'ClaraPresent'): story.present_voltage,
        ('EvseCurrent', 'ClaraPresent'): story.present_current,
        ('OpMode', 'ClaraPresent'): story.stage,
        ('InfoNumber', 'FoccciInfo'): INFO_NUMBER.get(story.stage, 0),
        ('SoC', 'FoccciInfo'): 100 * story.soc,
        ('TargetVoltage', 'FoccciPower'): story.target_voltage,
        ('TargetCurrent', 'FoccciPower'): story.target_current,
        ('PresentVoltage', 'FoccciPower'): story.present_voltage,
        ('PresentCurrent', 'FoccciPower'): story.present_current,
        ('PevMac', 'FoccciVehicle'): int.from_bytes(story.mac[:6], 'little'),
        ('LogNumber', 'FoccciVehicle'): story.attempt & 0xFFFF,
    }


def _clamped(value: float, signal: Signal) -> float:
    """A number that its signal can carry; of one that is not known, the nearest to 0."""
    low, high = _range(signal)
    return min(max(value if isfinite(value) else 0, low), high)


def _range(signal: Signal) -> tuple[float, float]:
    """What fits into the bits and into the range that the DBC tells; many tell none: [0|0]."""
    low, high = _told_range(signal)
    if signal.is_float:
        return low, high
    first = -(1 << signal.length - 1) if signal.is_signed else 0
    raw = (first, first + (1 << signal.length) - 1)
    ends = sorted(float(one * signal.scale + signal.offset) for one in raw)
    return max(low, ends[0]), min(high, ends[1])


def _told_range(signal: Signal) -> tuple[float, float]:
    """The range that the DBC tells; without end where it tells none."""
    low = -inf if signal.minimum is None else float(signal.minimum)
    return low, inf if signal.maximum is None else float(signal.maximum)
