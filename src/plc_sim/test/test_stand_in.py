# SPDX-License-Identifier: Apache-2.0
"""The stand-in for the plug of a foreign partner: what it shows follows the messages alone."""

from math import nan

import pytest

from plc_sim.cable import NO_VEHICLE, ChargerEnd, Pilot, VehicleEnd, at_inlet, at_output
from plc_sim.stand_in import OUT, SILENCE, StandInCharger, StandInVehicle, Told
from v2g.session.stage import Stage

C = VehicleEnd(True, Pilot.C, True, True, 350.0, 0.08)
B = C._replace(pilot=Pilot.B, connected=False)
ENERGY = (Stage.PRECHARGE, Stage.START, Stage.CHARGE_LOOP)


def output(volts, amperes=0.0):
    """A charger whose output has so many V."""
    return ChargerEnd(0.05, False, True, volts, amperes, volts)


class Vehicle:
    """A stand-in at our charger, told each 0.1 s what our session says."""

    def __init__(self):
        self.one, self.now = StandInVehicle(), 100.0
        self.charger = output(0.0)

    def told(self, stage, seconds=0.1, voltage=nan):
        """Have our session say this for a while; return what is shown then."""
        for _ in range(round(seconds / 0.1)):
            self.now += 0.1
            self.one.see(self.charger, 0.0, self.now)
            self.one.hear(Told(stage, voltage, 2.0), self.now)
            end = self.one.end(self.now)
        return end


@pytest.fixture
def vehicle():
    return Vehicle()


@pytest.fixture
def charging(vehicle):
    """One whose contactors are closed at a charger that delivers."""
    vehicle.told(Stage.PRECHARGE, voltage=400.0)
    vehicle.charger = output(400.0, 50.0)
    assert vehicle.told(Stage.START).connected
    assert vehicle.told(Stage.CHARGE_LOOP).connected
    return vehicle


def test_desk_2_a_charger_shows_5_percent_from_the_start():
    end = StandInCharger().end(0.0)
    assert (end.duty, end.connected, end.plug_voltage) == (0.05, False, 0.0)


@pytest.mark.parametrize('stage', Stage)
def test_desk_2_a_charger_is_live_from_precharge_to_the_loop_alone(stage):
    one = StandInCharger()
    one.see(C, 0.0, 1.0)
    one.hear(Told(stage, 360.0, 20.0), 1.0)
    inlet = at_inlet(C, one.end(1.0))
    assert inlet.current == (20.0 if stage in ENERGY else 0.0)
    dead = at_inlet(B, one.end(1.0))
    assert dead.voltage == (360.0 if stage in ENERGY else 0.0)


@pytest.mark.parametrize('after', [Stage.STOP, Stage.SAFE_END, Stage.FINISHED])
def test_desk_2_a_charger_takes_its_current_down_before_it_opens(after):
    one = StandInCharger()
    one.see(C, 0.0, 1.0)
    one.hear(Told(Stage.CHARGE_LOOP, 400.0, 200.0), 1.0)
    assert one.end(1.0).connected
    one.hear(Told(after, 400.0, 200.0), 1.05)
    end = one.end(1.05)
    assert end.connected and at_inlet(C, end).current == 0.0
    assert not one.end(1.1).connected


@pytest.mark.parametrize(
    ('told', 'vehicle', 'seconds'),
    [
        (Told(Stage.CHARGE_LOOP, 360.0, 20.0), B, 0.0),  # no C
        (Told(Stage.CHARGE_LOOP, nan, nan), C, 0.0),  # nothing asked for yet
        (Told(Stage.CHARGE_LOOP, 360.0, 20.0), C, SILENCE),  # our session is gone
        (Told(Stage.CHARGE_LOOP, 360.0, 20.0), NO_VEHICLE, 0.0),
    ],
)
def test_desk_2_a_charger_gives_nothing_that_is_not_asked_for_now(told, vehicle, seconds):
    one = StandInCharger()
    one.hear(told, 1.0)
    one.see(vehicle, 0.0, 1.0 + seconds)
    end = one.end(1.0 + seconds)
    assert (end.plug_voltage, end.current_limit) == (0.0, 0.0)


@pytest.mark.parametrize('stage', Stage)
def test_desk_2_a_vehicle_shows_c_behind_a_lock_where_the_messages_say_so(vehicle, stage):
    end = vehicle.told(stage)
    wants = Stage.CONNECTOR_LOCK <= stage <= Stage.CHARGE_LOOP
    if stage not in (Stage.FINISHED, Stage.FAILED):  # the plug is on its way out
        assert end.plugged and end.pilot is (Pilot.C if wants else Pilot.B)
        assert end.locked is wants and not (end.connected and stage not in ENERGY)


def test_desk_2_a_vehicle_closes_on_the_voltage_that_it_asked_for(vehicle):
    vehicle.charger = output(300.0)
    assert not vehicle.told(Stage.PRECHARGE, voltage=400.0).connected
    assert not vehicle.told(Stage.START).connected
    vehicle.charger = output(400.0, 10.0)
    assert not vehicle.told(Stage.PRECHARGE, voltage=400.0).connected
    end = vehicle.told(Stage.START)
    assert end.connected and at_output(end, vehicle.charger).current == 10.0


def test_desk_2_a_vehicle_opens_without_current_after_c(charging):
    end = charging.told(Stage.STOP)
    assert end.pilot is Pilot.B and end.connected and end.locked  # 50 A flow
    charging.charger = output(400.0, 0.0)
    end = charging.told(Stage.STOP)
    assert not end.connected and not end.locked


@pytest.mark.parametrize('stage', [Stage.STOP, Stage.SAFE_END, Stage.IDLE])
def test_desk_2_a_vehicle_opens_a_second_after_c_whatever_flows(charging, stage):
    assert charging.told(stage, 0.8).connected
    assert not charging.told(stage, 0.4).connected


def test_desk_2_a_vehicle_whose_session_falls_silent_leaves_c(charging):
    charging.now += SILENCE
    charging.one.see(charging.charger, 0.0, charging.now)
    assert charging.one.end(charging.now).pilot is Pilot.B


@pytest.mark.parametrize('over', [Stage.FINISHED, Stage.FAILED])
def test_desk_2_the_plug_goes_out_and_in_again_behind_a_session(vehicle, over):
    vehicle.told(Stage.SESSION_STOP)
    assert vehicle.told(over) == NO_VEHICLE
    assert vehicle.told(over, OUT - 0.3) == NO_VEHICLE
    assert vehicle.told(Stage.IDLE, 0.4).plugged
    assert vehicle.told(over, 1.0).plugged  # a state of before is no end of a session
