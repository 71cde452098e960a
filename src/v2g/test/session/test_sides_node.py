# SPDX-License-Identifier: Apache-2.0
"""Messages of vehicle, supply and pilot become readings, whatever numbers they hold."""

import pytest

from plc_msgs.msg import ControlPilot, PilotStatus, SupplyStatus, VehicleStatus
from v2g.session.readings import Isolation, PilotState, Switch
from v2g.session_sides_node import pilot_reading, supply_reading, vehicle_reading


@pytest.mark.parametrize('number', [3, 77, 255])
def test_a_number_that_no_state_has_is_read_as_unknown(number):
    pilot = ControlPilot(state=max(number, 7), duty=0.05)
    vehicle = vehicle_reading(
        VehicleStatus(contactor_plus=number, contactor_minus=number, lock=number, pilot=pilot)
    )
    assert (*vehicle.poles, vehicle.lock) == (Switch.UNKNOWN,) * 3
    assert vehicle.pilot is PilotState.UNKNOWN
    assert pilot_reading(PilotStatus(pilot=pilot)).pilot is PilotState.UNKNOWN
    supply = supply_reading(SupplyStatus(contactors=number, isolation=max(number, 4)))
    assert supply.contactors is Switch.UNKNOWN
    assert supply.isolation is Isolation.INVALID


def test_numbers_that_a_state_has_are_read_as_it():
    status = VehicleStatus(contactor_plus=1, contactor_minus=2, lock=2)
    status.pilot = ControlPilot(state=ControlPilot.C, duty=0.05)
    reading = vehicle_reading(status)
    assert reading.poles == (Switch.OPEN, Switch.CLOSED)
    assert (reading.lock, reading.pilot) == (Switch.CLOSED, PilotState.C)
