# SPDX-License-Identifier: Apache-2.0
"""When the plug may be unlocked (R3)."""

from math import isnan, nan

from v2g.session.readings import PilotState, VehicleReading

TOUCHABLE = 60.0  # V
IN_B = 5.0  # s without an inlet measurement
B_SEEN = 0.5  # s in which a charger that was raising its voltage has noticed B
UNLOCK_TIME = 10.0  # s after which only charging/release_lock unlocks
RELEASE_CURRENT = 1.0  # A above which nobody unlocks


def live(reading: VehicleReading) -> str:
    """Why nothing may begin at this inlet, as a sentence; empty: it is dead, or not measured."""
    volts = reading.inlet_voltage
    return f'the inlet has {volts:.0f} V before any cable check' if abs(volts) >= TOUCHABLE else ''


def why_locked(
    reading: VehicleReading | None, since_b: float, *, weld: bool = False, told: float = nan
) -> str:
    """Why the plug must stay locked; empty: it may be unlocked.

    reading: None where it is stale. since_b: s since the vehicle shows B. weld: the session
    itself suspects one. told: V since then, by the charger or by a measurement that is lost.
    """
    if reading is None:
        return 'vehicle/status is stale'
    if reading.weld_suspected or weld:
        return 'a contactor may be welded'
    if reading.any_closed:
        return 'a contactor is closed'
    if not reading.open:
        return 'nothing confirms that the contactors are open'
    if isnan(reading.inlet_voltage) and abs(told) >= TOUCHABLE:
        return f'the inlet is not measured, and {told:.0f} V were told last'
    if isnan(reading.inlet_voltage):
        in_b = reading.pilot in (PilotState.A, PilotState.B) and since_b >= IN_B
        return '' if in_b else 'the inlet is not measured, and 5 s in state B are not over'
    if abs(reading.inlet_voltage) >= TOUCHABLE:
        return f'the inlet has {reading.inlet_voltage:.0f} V'
    if reading.pilot in (PilotState.C, PilotState.D) or since_b < B_SEEN:
        return 'the charger has not had time to see state B'
    return ''
