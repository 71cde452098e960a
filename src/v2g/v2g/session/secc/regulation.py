# SPDX-License-Identifier: Apache-2.0
"""What the power supply is told: never above a limit of either side (R13)."""

from dataclasses import replace
from math import inf, isnan

from v2g.session.evcc.demand import least
from v2g.session.exchange import Limits
from v2g.session.outputs import SupplyOutputs
from v2g.session.readings import SupplyReading

LOWEST = 0.5  # of the setpoint that a pack in a charge can have


def off(outputs: SupplyOutputs) -> SupplyOutputs:
    """The same without power."""
    return replace(outputs, output=False, voltage=0.0, current=0.0, isolation_test=False)


def regulated(
    outputs: SupplyOutputs, supply: SupplyReading, vehicle: Limits, volts: float, amperes: float
) -> SupplyOutputs:
    """The same with power, as near to what is asked for as both sides allow."""
    highest = least(vehicle.max_voltage, supply.max_voltage)
    voltage = max(0.0, min(volts, highest))
    most = least(vehicle.max_current, supply.max_current, amperes)
    return replace(
        outputs,
        output=True,
        contactors=True,
        voltage=voltage,
        current=max(0.0, min(most, _by_power(supply, vehicle, voltage))),
    )


def limits_of(supply: SupplyReading) -> Limits:
    """What the supply can."""
    return Limits(
        max_voltage=supply.max_voltage,
        min_voltage=supply.min_voltage,
        max_current=supply.max_current,
        min_current=supply.min_current,
        max_power=supply.max_power,
        ripple=supply.peak_current_ripple,
        tolerance=supply.regulation_tolerance,
    )


def has_power(supply: SupplyReading) -> bool:
    """The supply may deliver something now."""
    return not (supply.max_current <= 0 or supply.max_power <= 0)


def _by_power(supply: SupplyReading, vehicle: Limits, setpoint: float) -> float:
    """A that the powers of both sides allow; infinite where none is told.

    A measurement far below the setpoint (V) lifts no power limit.
    """
    watts = least(vehicle.max_power, supply.max_power)
    return inf if isnan(watts) else watts / max(supply.voltage, LOWEST * setpoint, 1.0)
