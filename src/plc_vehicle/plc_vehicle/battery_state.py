# SPDX-License-Identifier: Apache-2.0
"""What a sensor_msgs/BatteryState means for a charge."""

from math import isfinite

from plc_vehicle.pack import PackReading

# POWER_SUPPLY_HEALTH_… of sensor_msgs/BatteryState that forbid charging.
AILING = {
    2: 'is overheated',
    3: 'is dead',
    4: 'has overvoltage',
    5: 'has failed',
    6: 'is too cold',
    7: 'has a watchdog timer that expired',
    8: 'has a safety timer that expired',
}
MAX_AGE = 1.0  # s, an older stamp is a played-back bag


class NotTaken(ValueError):
    """A message that says nothing of this pack now; the text says why."""


def reading_of(
    voltage: float, current: float, percentage: float, health: int, age: float | None
) -> PackReading:
    """Return what a battery says: V, A (positive while charging), 0..1.

    age: s since it was stamped; None where it carries no stamp. Raises NotTaken.
    """
    if age is not None and not abs(age) <= MAX_AGE:
        raise NotTaken(f'its stamp is {age:.1f} s old')
    if not isfinite(voltage):
        raise NotTaken('it tells no voltage')
    if not 0.0 <= percentage <= 1.0:
        raise NotTaken(f'its percentage is {percentage:g}; it is 0 to 1')
    ill = AILING.get(health, '')
    return PackReading(
        voltage=voltage,
        current=current,
        soc=percentage,
        fault=f'the battery {ill}' if ill else '',
    )
