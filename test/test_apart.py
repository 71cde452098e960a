# SPDX-License-Identifier: Apache-2.0
"""Vehicle and charger started apart on the ends of a veth pair; what is left when one dies."""

import os
import signal

import pytest

from plc_kit.qos import NEWEST
from plc_msgs.msg import ChargingState, SupplyStatus, VehicleStatus

LOOP = ChargingState.CHARGE_LOOP


def side(role, interface, *arguments):
    """The command of one side, without modem and SLAC."""
    command = ('ros2', 'launch', 'plc_bringup', f'{role}.launch.py', f'interface:={interface}')
    return (*command, 'slac:=skip', 'modem:=none', *arguments)


@pytest.fixture
def both(start, watch, ends):
    """Start both sides; return them with what they say of their sessions."""

    def begin(*pev_arguments):
        pev = start(*side('pev', ends[0], *pev_arguments))
        evse = start(*side('evse', ends[1]))
        return pev, evse, watch.follow('/pev/charging/state'), watch.follow('/evse/charging/state')

    return begin


def in_loop(states):
    """Tell whether current flows now."""
    return states and states[-1].stage == LOOP and states[-1].present_current > 5


def finished(states):
    """Tell whether the session has ended as it should, whatever came after."""
    stages = [state.stage for state in states]
    return ChargingState.FINISHED in stages and ChargingState.FAILED not in stages


def test_a_whole_session_without_modems(both, watch):
    pev, _, _, evse_states = both('exit_when_done:=true', 'speed:=60')
    watch.wait(lambda: pev.process.poll() is not None, 60)
    assert pev.end() == 0, pev.output
    watch.wait(lambda: finished(evse_states))


def test_a_killed_vehicle_leaves_a_charger_without_current(both, watch):
    pev, _, _, evse_states = both()
    supply = watch.follow('/evse/supply/status', SupplyStatus, NEWEST)
    watch.wait(lambda: in_loop(evse_states), 40)
    pev.kill_group()
    watch.wait(lambda: not supply[-1].output and supply[-1].voltage < 60, 5)
    watch.wait(lambda: evse_states[-1].stage == ChargingState.FAILED, 15)
    assert evse_states[-1].reason


def test_a_killed_charger_leaves_a_vehicle_with_open_contactors(both, watch):
    _, evse, pev_states, _ = both()
    vehicle = watch.follow('/pev/vehicle/status', VehicleStatus, NEWEST)
    watch.wait(lambda: in_loop(pev_states), 40)
    evse.kill_group()
    watch.wait(lambda: vehicle[-1].contactor_plus == VehicleStatus.OPEN, 5)
    assert vehicle[-1].contactor_minus == VehicleStatus.OPEN
    watch.wait(lambda: pev_states[-1].stage == ChargingState.FAILED, 15)
    assert pev_states[-1].reason


def test_a_killed_launcher_leaves_no_node_and_a_safe_end(both, watch):
    pev, _, pev_states, _ = both()
    vehicle = watch.follow('/pev/vehicle/status', VehicleStatus, NEWEST)
    watch.wait(lambda: in_loop(pev_states), 40)
    os.kill(pev.process.pid, signal.SIGKILL)
    pev.process.wait()
    watch.wait(lambda: not pev.members(), 15)
    watch.wait(lambda: pev_states[-1].stage == ChargingState.FAILED, 1)
    assert vehicle[-1].contactor_plus == vehicle[-1].contactor_minus == VehicleStatus.OPEN


def test_sigint_in_the_loop_ends_the_charge_as_it_should(both, watch):
    pev, _, pev_states, evse_states = both()
    watch.wait(lambda: in_loop(pev_states), 40)
    pev.interrupt()
    watch.wait(lambda: pev.process.poll() is not None, 15)
    watch.wait(lambda: finished(evse_states), 5)
    watch.wait(lambda: finished(pev_states), 1)
    assert 'Traceback' not in pev.output
    assert 'escalating' not in pev.output
