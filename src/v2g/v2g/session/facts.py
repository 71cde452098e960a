# SPDX-License-Identifier: Apache-2.0
"""What a charger knows of the vehicle that is plugged in (R18)."""

from dataclasses import dataclass
from enum import IntEnum
from math import nan

_EVCCID = 6  # octets: a MAC


class Acquaintance(IntEnum):
    """How far it goes, as plc_msgs/ChargingVehicle numbers it."""

    EMPTY = 0
    PLUGGED_IN = 1
    CONNECTED = 2
    READ = 3
    NO_DATA = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleFacts:
    """plc_msgs/ChargingVehicle; times on the steady clock, None: has not happened."""

    status: Acquaintance = Acquaintance.EMPTY
    plugged_in_at: float | None = None
    connected_at: float | None = None
    told_at: float | None = None
    ended_at: float | None = None
    mac: str = ''
    modem_mac: str = ''
    evcc_id: str = ''
    protocols: tuple[str, ...] = ()
    soc: float = nan  # 0..1
    full_soc: float = nan  # 0..1
    bulk_soc: float = nan  # 0..1
    energy_capacity: float = nan  # Wh
    energy_request: float = nan  # Wh
    max_voltage: float = nan  # V
    max_current: float = nan  # A
    max_power: float = nan  # W
    energy_transfer: str = ''
    departure_time: float = nan  # s from `told_at` on
    reason: str = ''


def evcc_id_text(octets: bytes) -> str:
    """EVCCID as 12 lower-case hex digits; some vehicles pad their MAC to 8 octets (lesson 51)."""
    if len(octets) > _EVCCID:
        padding = len(octets) - _EVCCID
        if not any(octets[_EVCCID:]):
            octets = octets[:_EVCCID]
        elif not any(octets[:padding]):
            octets = octets[padding:]
    return octets.hex().zfill(2 * _EVCCID)
