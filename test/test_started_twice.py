# SPDX-License-Identifier: Apache-2.0
"""What is started beside a side that charges disturbs nothing (R6)."""

from array import array
import os
import re

from launch.substitutions import TextSubstitution
from plc_bringup.claims import own_network
from plc_bringup.reason import Failed
import pytest
from rclpy.node import Node

from launch import LaunchContext
from plc_kit.claim import Claim
from plc_kit.clock import stamp
from plc_kit.qos import LATCHED, NEWEST, STREAM
from plc_msgs.msg import (
    CableChargerEnd,
    CableVehicleEnd,
    ChargingState,
    ControlPilot,
    DataLink,
    ModemStatus,
    PilotStatus,
    SetKey,
    SlacStatus,
    SupplyStatus,
    TransportStatus,
    VehicleStatus,
)

PATIENCE = 60.0  # s
REFUSED = 78  # a node that cannot start here


def sim(network, composed):
    """The command of a simulated charge that lasts for longer than a test."""
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
    return (*command, f'composed:={composed}', 'record:=false')


def node(package, name, *parameters):
    """The command of a single node of the vehicle's side."""
    return ('ros2', 'run', package, name, '--ros-args', '-r', '__ns:=/pev', *parameters)


def test_desk_8_another_user_may_launch_a_simulated_network_of_the_same_name(network, monkeypatch):
    context = LaunchContext()
    with Claim(f'a simulated network {network!r}', of_user=True):
        with pytest.raises(Failed, match='runs already'):
            own_network(TextSubstitution(text=network)).visit(context)
        monkeypatch.setattr(os, 'getuid', lambda: 4711)
        own_network(TextSubstitution(text=network)).visit(context)


@pytest.mark.parametrize('composed', ['false', 'true'])
def test_safety_3_what_is_started_twice_ends_in_a_sentence_and_the_charge_goes_on(
    start, watch, network, domain, composed
):
    states = watch.follow('/pev/charging/state')
    first = start(*sim(network, composed))
    watch.wait(lambda: any(s.stage == ChargingState.CHARGE_LOOP for s in states), PATIENCE)

    def refused(status, sentence, *command, **environment):
        second = start('env', *(f'{k}={v}' for k, v in environment.items()), *command)
        watch.wait(lambda: second.process.poll() is not None, PATIENCE)
        assert (second.end(), 'Traceback' in second.output) == (status, False), second.output
        assert sentence in second.output

    launcher = f'(process {first.process.pid})'
    side = f'the side /pev of ROS domain {domain} runs already {launcher}'
    line = f"a simulated network '{network}' runs already {launcher}"
    pev = ('ros2', 'launch', 'plc_bringup', 'pev.launch.py', 'modem:=none', 'interface:=lo')
    refused(1, side, *pev, 'allow_ipv4:=true')
    refused(1, side, *sim(f'{network}b', 'true'))
    refused(1, line, *sim(network, 'false'), ROS_DOMAIN_ID=domain + 100)
    for package, name in (('v2g', 'session'), ('slac', 'slac'), ('plc_sim', 'vehicle')):
        refused(REFUSED, f'/pev/{name} of ROS domain {domain} runs', *node(package, name))
    modem = node('plc_modem', 'modem', '-p', f'interface:=pev@{network}')
    refused(REFUSED, f'a modem node at pev@{network} runs', *modem, ROS_DOMAIN_ID=domain + 100)

    assert {state.error for state in states} == {''}
    assert states[-1].stage == ChargingState.CHARGE_LOOP
    first.interrupt()
    watch.wait(lambda: first.process.poll() is not None, PATIENCE)
    assert first.end() == 0, first.output
    assert states[-1].stage == ChargingState.FINISHED


# What each would do if it were believed: a fault, a lost link, another key.
OF_BOTH_SIDES = (
    ('modem/status', LATCHED, ModemStatus(state=ModemStatus.FAILED, reason='a stranger')),
    ('slac/status', LATCHED, SlacStatus(state=SlacStatus.FAILED, reason='a stranger')),
    ('data_link', LATCHED, DataLink(ready=False)),
    ('transport/status', LATCHED, TransportStatus(state=TransportStatus.CLOSED)),
    ('charging/state', LATCHED, ChargingState(attempt=99, reason='a stranger')),
    ('modem/set_key', STREAM, SetKey(nmk=array('B', range(16)), nid=array('B', range(7)))),
)
STRANGE = (
    *((f'/{side}/{row[0]}', *row[1:]) for side in ('pev', 'evse') for row in OF_BOTH_SIDES),
    ('/pev/vehicle/status', NEWEST, VehicleStatus(fault='a stranger')),
    ('/evse/supply/status', NEWEST, SupplyStatus(fault='a stranger')),
    ('/evse/pilot/status', NEWEST, PilotStatus(pilot=ControlPilot(state=ControlPilot.A))),
    ('/cable/vehicle_end', NEWEST, CableVehicleEnd()),
    ('/cable/charger_end', NEWEST, CableChargerEnd()),
)


@pytest.mark.parametrize('composed', ['false', 'true'])
def test_safety_3_who_publishes_beside_the_nodes_of_a_charge_is_told_and_not_believed(
    start, watch, network, composed
):
    states = watch.follow('/pev/charging/state')
    own = lambda: [state for state in states if state.reason != 'a stranger']  # noqa: E731
    launch = start(*sim(network, composed))
    watch.wait(lambda: any(s.stage == ChargingState.CHARGE_LOOP for s in states), PATIENCE)

    stranger = Node('stranger', context=watch.node.context)
    told = [(stranger.create_publisher(type(m), topic, qos), m) for topic, qos, m in STRANGE]
    watch.wait(lambda: all(one.get_subscription_count() for one, _ in told), PATIENCE)
    for _ in range(5):
        for publisher, message in told:
            message.stamp = stamp()
            publisher.publish(message)
        before = len(own())
        watch.wait(lambda before=before: len(own()) > before, PATIENCE)  # half a second
    for topic, _, _ in STRANGE:
        told_of = f': {topic}: [0-9]+ of /stranger not believed beside /'
        watch.wait(lambda told_of=told_of: re.search(told_of, launch.output))

    assert {state.error for state in own()} == {''}
    assert own()[-1].stage == ChargingState.CHARGE_LOOP
    stranger.destroy_node()
    launch.interrupt()
    watch.wait(lambda: launch.process.poll() is not None, PATIENCE)
    assert launch.end() == 0, launch.output
    assert own()[-1].stage == ChargingState.FINISHED
