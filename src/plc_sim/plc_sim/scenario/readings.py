# SPDX-License-Identifier: Apache-2.0
"""The simulated hardware's readings as the sessions take them."""

from plc_kit.outputs import VehicleOutputs as VehicleOrder
from plc_sim.pilot import PilotOrder
from plc_sim.supply import Supply, SupplyOrder
from plc_sim.vehicle import Vehicle
from plc_sim.wallbox import Wallbox
from v2g.session.outputs import SupplyOutputs, VehicleOutputs
from v2g.session.readings import (
    Isolation,
    PilotReading,
    PilotState,
    SupplyReading,
    Switch,
    VehicleReading,
)


def _switch(closed: bool | None) -> Switch:
    if closed is None:
        return Switch.UNKNOWN
    return Switch.CLOSED if closed else Switch.OPEN


def of_vehicle(vehicle: Vehicle) -> VehicleReading:
    """What vehicle/status would say."""
    s, r = vehicle.settings, vehicle.reading
    return VehicleReading(
        pack_voltage=r.pack.voltage,
        pack_current=r.pack.current,
        soc=r.soc,
        energy_capacity=s.energy_capacity,
        max_voltage=s.max_voltage,
        max_current=r.max_current,
        max_power=r.max_power,
        target_soc=s.target_soc,
        bulk_soc=s.bulk_soc,
        charge_wanted=r.charge_wanted,
        inlet_voltage=r.inlet.voltage,
        inlet_current=r.inlet.current,
        inlet_temperature=r.inlet_temperature,
        max_inlet_current=s.max_inlet_current,
        proximity=r.proximity,
        pilot=PilotState(r.pilot.state),
        duty=r.pilot.duty,
        contactor_plus=_switch(r.plus),
        contactor_minus=_switch(r.minus),
        lock=_switch(r.lock),
        weld_suspected=r.weld_suspected,
        lease_lapsed=r.lease_lapsed,
        fault=r.fault,
    )


def of_supply(supply: Supply) -> SupplyReading:
    """What supply/status would say."""
    s, r = supply.settings, supply.reading
    return SupplyReading(
        voltage=r.output.voltage,
        current=r.output.current,
        max_voltage=s.max_voltage,
        min_voltage=s.min_voltage,
        max_current=s.max_current,
        min_current=s.min_current,
        max_power=s.max_power,
        peak_current_ripple=s.current_ripple,
        regulation_tolerance=s.regulation_tolerance,
        output=r.on,
        contactors=_switch(r.contactors),
        isolation=Isolation(r.isolation),
        lease_lapsed=r.lease_lapsed,
        fault=r.fault,
    )


def of_pilot(supply: Supply) -> PilotReading:
    """What pilot/status would say."""
    line = supply.line
    return PilotReading(
        pilot=PilotState(line.state), duty=line.duty, lease_lapsed=supply.pilot.lease_lapsed
    )


def of_wallbox(wallbox: Wallbox) -> PilotReading:
    """What its pilot/status would say."""
    line = wallbox.line
    return PilotReading(
        pilot=PilotState(line.state), duty=line.duty, lease_lapsed=wallbox.lease_lapsed
    )


def vehicle_order(command: VehicleOutputs) -> VehicleOrder:
    """What vehicle/command would ask."""
    return VehicleOrder(
        plus=command.contactor_plus,
        minus=command.contactor_minus,
        lock=command.lock,
        pilot=int(command.pilot),
        isolation_monitor_off=command.isolation_monitor_off,
    )


def supply_order(command: SupplyOutputs) -> SupplyOrder:
    """What supply/command would ask."""
    return SupplyOrder(
        output=command.output,
        voltage=command.voltage,
        current=command.current,
        contactors=command.contactors,
        isolation_test=command.isolation_test,
    )


def pilot_order(command: SupplyOutputs) -> PilotOrder:
    """What pilot/command would ask."""
    return PilotOrder(command.duty, out_of_order=False)
