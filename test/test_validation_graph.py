# SPDX-License-Identifier: Apache-2.0
"""Two chargers heard alike, and the pilot tells them apart: with sessions, cable and all."""

from plc_kit import qos
from plc_kit.clock import stamp
from plc_msgs.msg import (
    ChargingState,
    ControlPilot,
    DataLink,
    ModemStatus,
    PilotStatus,
    SlacStatus,
    VehicleCommand,
)

OURS, NEIGHBOUR = '02:65:76:73:65:01', '02:65:76:73:65:03'


def node(package, name, **parameters):
    words = [word for key, value in parameters.items() for word in ('-p', f'{key}:={value}')]
    space = f'__ns:=/{"line" if name == "line" else "evse2"}'
    return ['ros2', 'run', package, name, '--ros-args', '-r', space, *words]


def side(name, network):
    return ['ros2', 'launch', 'plc_bringup', f'{name}.launch.py', f'interface:={name}@{network}']


def neighbour(start, watch, network):
    """A charger beside ours with a car that never toggles; it counts edges too."""
    pilot = watch.node.create_publisher(PilotStatus, '/evse2/pilot/status', qos.NEWEST)
    plugged = ControlPilot(state=ControlPilot.B, duty=0.05)
    watch.node.create_timer(
        0.1, lambda: pilot.publish(PilotStatus(stamp=stamp(), pilot=plugged, toggles_counted=True))
    )
    modem = watch.follow('/evse2/modem/status', ModemStatus)
    start(*node('plc_modem', 'modem', role='evse', interface=f'evse2@{network}'))
    start(*node('slac', 'slac', role='evse'))
    watch.wait(lambda: modem and modem[-1].state == ModemStatus.READY)


def test_r8_and_r19_a_charge_begins_at_the_charger_that_saw_the_toggles(start, watch, network):
    start(*node('plc_sim', 'line', network=network, line='close neighbours'))
    neighbour(start, watch, network)
    slac = watch.follow('/pev/slac/status', SlacStatus)
    link = watch.follow('/pev/data_link', DataLink, qos.LATCHED)
    pilot = watch.follow('/evse/pilot/status', PilotStatus, qos.NEWEST)
    commands = watch.follow('/pev/vehicle/command', VehicleCommand, qos.NEWEST)
    state = watch.follow('/pev/charging/state')
    modem = watch.follow('/evse/modem/status', ModemStatus)
    start(*side('evse', network))
    watch.wait(lambda: modem and modem[-1].state == ModemStatus.READY)  # else one answers alone
    start(*side('pev', network))
    watch.wait(lambda: link and link[-1].ready, 60)
    toggles = pilot[-1].toggles
    before = list(commands)
    watch.wait(lambda: state[-1].stage == ChargingState.CABLE_CHECK, 60)

    assert {mac for status in slac for mac in status.chargers} == {OURS, NEIGHBOUR}
    assert link[-1].peer_mac == OURS
    assert any('within 3 dB' in status.reason for status in slac)
    assert toggles >= 2 and toggles % 2 == 0
    shown = [command for command in before if command.pilot_state == ControlPilot.C]
    assert shown
    assert not any(command.contactor_plus or command.lock for command in shown)
