# SPDX-License-Identifier: Apache-2.0
"""vehicle/status as values: pack, senses and settings in one."""

from math import isnan, nan
from typing import Any

from plc_vehicle.gear import Sensed
from plc_vehicle.pack import PackReading, PackSettings

UNKNOWN, OPEN, CLOSED = 0, 1, 2  # as plc_msgs/VehicleStatus numbers them


def status_of(pack: PackReading, sensed: Sensed, settings: PackSettings) -> dict[str, Any]:
    """Return the fields of plc_msgs/VehicleStatus, but for stamp, pilot and lease_lapsed."""
    at_inlet = sensed.inlet_current
    return {
        'pack_voltage': pack.voltage,
        'pack_current': at_inlet if isnan(pack.current) else pack.current,
        'soc': pack.soc,
        'energy_capacity': settings.energy_capacity or nan,
        'max_voltage': pack.max_voltage,
        'max_current': pack.max_current,
        'max_power': pack.max_power,
        'target_soc': settings.target_soc,
        'bulk_soc': settings.bulk_soc,
        'charge_wanted': pack.charge_wanted,
        'inlet_voltage': sensed.inlet_voltage,
        'inlet_current': at_inlet,
        'inlet_temperature': nan,
        'max_inlet_current': settings.max_inlet_current or pack.max_current,
        'proximity': sensed.proximity,
        'contactor_plus': _feedback(sensed.plus),
        'contactor_minus': _feedback(sensed.minus),
        'lock': _feedback(sensed.lock),
        'fault': pack.fault,
    }


def _feedback(closed: bool | None) -> int:
    if closed is None:
        return UNKNOWN
    return CLOSED if closed else OPEN
