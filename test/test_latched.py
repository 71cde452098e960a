# SPDX-License-Identifier: Apache-2.0
"""Whoever comes late hears the present state of a latched topic, and none that has passed."""

import subprocess

import pytest
import rclpy
from rclpy.qos import DurabilityPolicy

from plc_home.soc_callback_node import SocCallbackNode
from plc_kit.qos import STATES
from plc_log.status_node import StatusNode
from plc_modem.modem_node import ModemNode
from plc_msgs.msg import ChargingState, ModemStatus, SlacStatus, TransportStatus
from slac.slac_node import SlacNode
from v2g.session_node import SessionNode
from v2g.transport_node import TransportNode

KINDS = {
    'modem/status': ModemStatus,
    'slac/status': SlacStatus,
    'transport/status': TransportStatus,
    'charging/state': ChargingState,
}
NODES = [
    (ModemNode, ['autostart:=false']),
    (SlacNode, []),
    (TransportNode, []),
    (SessionNode, ['role:=pev']),
    (SessionNode, ['role:=evse']),
    (SessionNode, ['role:=evse', 'mode:=soc_reader']),
    (StatusNode, []),
    (SocCallbackNode, ['url:=http://127.0.0.1:1/']),
]


@pytest.mark.parametrize(('kind', 'parameters'), NODES)
def test_desk_5_a_node_latches_one_state_of_each_topic(kind, parameters, domain):
    context = rclpy.Context()
    words = [word for parameter in parameters for word in ('-p', parameter)]
    rclpy.init(context=context, args=['--ros-args', *words] if words else [], domain_id=domain)
    node = kind(context=context)
    try:
        profiles = {one.topic_name: one.qos_profile for one in node.publishers}
    finally:
        node.destroy_node()
        rclpy.shutdown(context=context)
    latched = {
        name: profile.depth
        for name, profile in profiles.items()
        if profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
    }
    assert latched and set(latched.values()) == {1}, latched


def echoed(topic, field):
    command = ('ros2', 'topic', 'echo', '--once', '--field', field, topic)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    # The genuine echo says first, in three lines, that a newer state came before it read one.
    return next(one for one in done.stdout.splitlines() if not one.startswith(('A mess', '\t')))


def test_desk_5_who_comes_in_a_charge_hears_its_present_states_first(start, watch, network):
    start('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
    early = {topic: watch.follow(f'/pev/{topic}', kind) for topic, kind in KINDS.items()}
    states = early['charging/state']
    watch.wait(lambda: states and states[-1].stage == ChargingState.CHARGE_LOOP, 60)
    late = {topic: [] for topic in KINDS}
    for topic, kind in KINDS.items():
        watch.node.create_subscription(kind, f'/pev/{topic}', late[topic].append, STATES)
    watch.wait(lambda: all(late.values()))
    assert late.pop('charging/state')[0].stage == ChargingState.CHARGE_LOOP
    assert {topic: heard[0] for topic, heard in late.items()} == {
        topic: early[topic][-1] for topic in late
    }
    assert echoed('/pev/charging/state', 'stage_name') == 'CHARGE_LOOP'
    assert echoed('/pev/modem/status', 'state') == str(ModemStatus.LINKED)
    assert echoed('/pev/slac/status', 'state') == str(SlacStatus.MATCHED)
    assert echoed('/pev/transport/status', 'state') == str(TransportStatus.CONNECTED)
