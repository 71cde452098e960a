# SPDX-License-Identifier: Apache-2.0
"""What a session is told by the nodes around it; NaN: not measured."""

from dataclasses import dataclass
from enum import IntEnum
from math import isnan, nan

STALE = 0.5  # s after which a reading counts as lost (R1, R7)


def fresh(age: float) -> bool:
    """Tell a reading of now from one of a played-back bag (R6); `age` in s."""
    return abs(age) <= STALE


def measured_at(age: float, now: float) -> float:
    """When a reading was measured (s); of a clock that is ahead of ours: now, at the latest."""
    return now - max(0.0, age)


class PilotState(IntEnum):
    """States of the control pilot (IEC 61851-1); a number that is none of them: UNKNOWN."""

    UNKNOWN = 0
    A = 1
    B = 2
    C = 3
    D = 4
    E = 5
    F = 6

    @property
    def plugged(self) -> bool:
        return self in (PilotState.B, PilotState.C, PilotState.D)

    @classmethod
    def _missing_(cls, value: object) -> 'PilotState':
        return cls.UNKNOWN


class Switch(IntEnum):
    """What the feedback of a contactor or lock says; a number that is none of them: UNKNOWN."""

    UNKNOWN = 0
    OPEN = 1
    CLOSED = 2

    @classmethod
    def _missing_(cls, value: object) -> 'Switch':
        return cls.UNKNOWN


class Isolation(IntEnum):
    """Result of an isolation test; a number that is none of them: INVALID."""

    INVALID = 0
    VALID = 1
    WARNING = 2
    FAULT = 3

    @classmethod
    def _missing_(cls, value: object) -> 'Isolation':
        return cls.INVALID


class ModemState(IntEnum):
    """As plc_msgs/ModemStatus numbers them; a number that is none of them: FAILED."""

    NONE = 0
    SEARCHING = 1
    FOUND = 2
    SETTING_KEY = 3
    RESTARTING = 4
    READY = 5
    LINKED = 6
    FAILED = 7
    INACTIVE = 8

    @classmethod
    def _missing_(cls, value: object) -> 'ModemState':
        return cls.FAILED


class SlacState(IntEnum):
    """As plc_msgs/SlacStatus numbers them; a number that is none of them: FAILED."""

    UNMATCHED = 0
    MATCHING = 1
    JOINING = 2
    MATCHED = 3
    FAILED = 4
    SKIPPED = 5

    @classmethod
    def _missing_(cls, value: object) -> 'SlacState':
        return cls.FAILED


class LinkState(IntEnum):
    """As plc_msgs/TransportStatus numbers them; a number that is none of them: CLOSED."""

    DOWN = 0
    SDP = 1
    CONNECTING = 2
    CONNECTED = 3
    CLOSED = 4

    @classmethod
    def _missing_(cls, value: object) -> 'LinkState':
        return cls.CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleReading:
    """plc_msgs/VehicleStatus: battery, inlet, and what the outputs really do."""

    pack_voltage: float = nan  # V
    pack_current: float = nan  # A, positive while charging
    soc: float = nan  # 0..1
    energy_capacity: float = nan  # Wh
    max_voltage: float = nan  # V, the pack's limit
    max_current: float = nan  # A
    max_power: float = nan  # W
    target_soc: float = nan  # 0..1
    bulk_soc: float = nan  # 0..1
    charge_wanted: bool = True
    inlet_voltage: float = nan  # V
    inlet_current: float = nan  # A
    inlet_temperature: float = nan  # degrees Celsius
    max_inlet_current: float = nan  # A
    proximity: bool = False
    pilot: PilotState = PilotState.UNKNOWN
    duty: float = nan  # 0..1
    contactor_plus: Switch = Switch.UNKNOWN
    contactor_minus: Switch = Switch.UNKNOWN
    lock: Switch = Switch.UNKNOWN
    weld_suspected: bool = False
    lease_lapsed: bool = False
    fault: str = ''
    age: float = 0.0  # s since it was measured

    @property
    def plugged(self) -> bool:
        return self.proximity and self.pilot.plugged

    @property
    def unplugged(self) -> bool:
        """The plug is out; a charger that lost its power shows no pilot either, but proximity.

        A pilot that is not measured says nothing, and F is a charger's.
        """
        return not self.proximity and self.pilot in (PilotState.A, PilotState.E)

    @property
    def current(self) -> float:
        """A at the inlet; where that is not measured, what flows into the pack.

        What flows out of it feeds the vehicle's own consumers and says nothing of the charger.
        """
        if not isnan(self.inlet_current):
            return self.inlet_current
        return 0.0 if self.pack_current < 0 else self.pack_current

    @property
    def flowing(self) -> float:
        """A that contactors would open on: the most of what inlet and pack tell.

        An inlet that tells an exact 0 may be one whose current nobody filled in.
        """
        told = (abs(self.inlet_current), 0.0 if self.pack_current < 0 else self.pack_current)
        return max((one for one in told if not isnan(one)), default=nan)

    @property
    def poles(self) -> tuple[Switch, Switch]:
        return self.contactor_plus, self.contactor_minus

    @property
    def closed(self) -> bool:
        """Both contactors are confirmed closed."""
        return self.poles == (Switch.CLOSED, Switch.CLOSED)

    @property
    def open(self) -> bool:
        """Both contactors are confirmed open."""
        return self.poles == (Switch.OPEN, Switch.OPEN)

    @property
    def any_closed(self) -> bool:
        return Switch.CLOSED in self.poles

    @property
    def any_open(self) -> bool:
        return Switch.OPEN in self.poles

    @property
    def feedback(self) -> bool:
        """Both contactors tell what they do; each one that does is heeded without the other."""
        return Switch.UNKNOWN not in self.poles


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyReading:
    """plc_msgs/SupplyStatus: the charger's power supply."""

    voltage: float = nan  # V
    current: float = nan  # A
    max_voltage: float = nan  # V
    min_voltage: float = nan  # V
    max_current: float = nan  # A
    min_current: float = nan  # A
    max_power: float = nan  # W
    peak_current_ripple: float = nan  # A
    regulation_tolerance: float = nan  # A
    output: bool = False
    contactors: Switch = Switch.UNKNOWN
    isolation: Isolation = Isolation.INVALID
    lease_lapsed: bool = False
    fault: str = ''
    age: float = 0.0  # s since it was measured


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotReading:
    """plc_msgs/PilotStatus: the control pilot as its owner on the charger's side sees it."""

    pilot: PilotState = PilotState.UNKNOWN
    duty: float = nan  # 0..1, as put out
    lease_lapsed: bool = False
    age: float = 0.0  # s since it was measured


@dataclass(frozen=True, slots=True, kw_only=True)
class ModemReading:
    """plc_msgs/ModemStatus."""

    state: ModemState = ModemState.SEARCHING
    remote_mac: str = ''  # of the other modem in the AVLN, where it was heard
    reason: str = ''


@dataclass(frozen=True, slots=True, kw_only=True)
class SlacReading:
    """plc_msgs/SlacStatus."""

    state: SlacState = SlacState.UNMATCHED
    attempt: int = 0
    checkpoint: int = 0
    show_c: bool = False  # validation wants C on the pilot (R19)
    reason: str = ''


@dataclass(frozen=True, slots=True, kw_only=True)
class DataLinkReading:
    """plc_msgs/DataLink."""

    ready: bool = False
    link_id: int = 0
    peer_mac: str = ''  # of the partner in SLAC
    modem_mac: str = ''  # of the partner's modem, where SLAC knows it


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReading:
    """plc_msgs/TransportStatus."""

    state: LinkState = LinkState.DOWN
    carrier: bool = True  # the charging interface has an Ethernet partner
    link_id: int = 0
    connection_id: int = 0
    reason: str = ''
