# SPDX-License-Identifier: Apache-2.0
"""What the outputs shall be now; the defaults are the safe ones."""

from dataclasses import dataclass

from v2g.session.readings import PilotState


@dataclass(frozen=True, slots=True)
class VehicleOutputs:
    """plc_msgs/VehicleCommand without its lease."""

    contactor_plus: bool = False
    contactor_minus: bool = False
    lock: bool = False
    pilot: PilotState = PilotState.B  # B or C
    isolation_monitor_off: bool = False


@dataclass(frozen=True, slots=True)
class SupplyOutputs:
    """plc_msgs/SupplyCommand and PilotCommand without their leases."""

    output: bool = False
    voltage: float = 0.0  # V
    current: float = 0.0  # A
    contactors: bool = False
    isolation_test: bool = False
    duty: float = 1.0  # of the pilot; 0.05: digital communication


@dataclass(frozen=True, slots=True)
class PilotOutputs:
    """plc_msgs/PilotCommand without its lease, of a wallbox whose vehicle is only read (R18)."""

    duty: float = 1.0
    ac: bool = False  # True: pilot off and on again, then AC; False: the AC contactor stays open
