# SPDX-License-Identifier: Apache-2.0
"""R25 over a whole charge: the vehicle's interface is one of this machine, with an IPv4 address.

That address tempts whatever multicasts; at the charger's end somebody takes part in DDS with the
widest discovery there is.
"""

import os
from pathlib import Path
import socket
import struct
import subprocess
import sys
import time

import pytest
from test_slac_graph import Capture, is_listener_report, run, there, wait_until

from plc_kit.interface import Interface
from plc_kit.network import QUIET_IPV6
from plc_kit.reach import NEW, OLD
from v2g.sdp import ALL_NODES, SDP_PORT, SdpRequest, SdpResponse

OURS, THEIRS, ALL = '169.254.7.7', '169.254.7.8', '169.254.255.255'
KNOCK = 15999  # UDP port at which the stranger shows that IPv4 does cross the line
SDP_AFTER = 0.3  # s after CM_SLAC_MATCH.CNF (lesson 16)
MATCH_CNF = b'\x7d\x60'
STRANGER = f"""
import socket, sys, rclpy
rclpy.init()
node = rclpy.create_node('stranger')
knock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
knock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
while True:
    rclpy.spin_once(node, timeout_sec=0.2)
    knock.sendto(b'knock', ('{ALL}', {KNOCK}))
    names = {{name for name, _ in node.get_topic_names_and_types()}}
    others = {{name for name in node.get_node_names() if name != 'stranger'}}
    print(*sorted(names - {{'/rosout', '/parameter_events'}}), *sorted(others), flush=True)
"""


def in_namespace(place, *command):
    return ('nsenter', f'--net={place}', *command)


def place_of(pid, interface):
    """Return the network namespace, held by the line's process, that has an interface."""
    for held in Path(f'/proc/{pid}/fd').iterdir():
        if os.readlink(held).startswith('net:'):
            look = in_namespace(held, 'ip', 'link', 'show', interface)
            if subprocess.run(look, capture_output=True).returncode == 0:
                return held
    return None


@pytest.fixture
def ends(start, network):
    """The vehicle's end in this machine's own network, and where the charger's is."""
    line = start(*run('plc_sim', 'line', 'line', network=network, restart_time=0.1))
    wait_until(lambda: there(network))
    [broker] = [pid for pid, words in line.members().items() if 'network_broker' in words]
    ours, theirs = place_of(broker, 'pev'), place_of(broker, 'evse')
    name = f'ccs{os.getpid()}'
    if os.geteuid() != 0 or ours is None:
        pytest.skip('only root can move an interface to where DDS is')
    moved = f'ip link set pev down name {name} netns {os.getpid()}'
    subprocess.run(in_namespace(ours, *moved.split()), check=True)
    for setting, value in QUIET_IPV6.items():
        Path(f'/proc/sys/net/ipv6/conf/{name}/{setting}').write_text(value)
    for command in (f'addr add {OURS}/16 brd + dev {name}', f'link set {name} up'):
        subprocess.run(('ip', *command.split()), check=True)
    for command in (f'addr add {THEIRS}/16 brd + dev evse', 'link set lo up'):
        subprocess.run(in_namespace(theirs, 'ip', *command.split()), check=True)
    yield name, theirs
    subprocess.run(('ip', 'link', 'del', name), capture_output=True)


@pytest.fixture
def stranger(start, ends, monkeypatch):
    """Somebody who looks for DDS from the charger's end; what they have seen is printed."""
    with monkeypatch.context() as theirs:
        theirs.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'SUBNET')
        for ours in (NEW, OLD):
            theirs.delenv(ours, raising=False)
        return start(*in_namespace(ends[1], sys.executable, '-c', STRANGER))


def sdp_answer(interface, at):
    """Ask for a charger at a moment of the wall clock, and return the answer."""
    with interface.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        udp.settimeout(5)
        udp.bind(('::', 0, 0, interface.index))
        time.sleep(max(0.0, at - time.time()))
        udp.sendto(bytes(SdpRequest()), (ALL_NODES, SDP_PORT, 0, interface.index))
        return udp.recv(100)


def of_r25(octets):
    """Tell what R25 allows of a frame, or what else it is."""
    if octets[12:14] == b'\x88\xe1':
        return 'HomePlug'
    if octets[12:14] != b'\x86\xdd' or is_listener_report(octets):
        return 'listener report' if is_listener_report(octets) else octets[12:14].hex()
    source, target = struct.unpack_from('!HH', octets, 54)
    match octets[20]:
        case 58 if octets[54] in (135, 136):
            return 'neighbour discovery'
        case 17 if SDP_PORT in (source, target):
            return 'SDP'
        case 6:
            return f'TCP to {target}'
    return f'IPv6 {octets[20]} {octets[54:58].hex()}'


def test_r25_lessons_16_31_34_a_whole_charge_leaves_nothing_else_and_sdp_is_answered_at_once(
    start, watch, network, ends, stranger
):
    name, _ = ends
    interface = Interface(name)
    capture = Capture(interface)
    knocks = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    knocks.bind(('', KNOCK))
    knocks.setblocking(False)
    launch = ('ros2', 'launch', 'plc_bringup')
    given = (f'interface:={name}', 'allow_ipv4:=true', 'exit_when_done:=true', 'speed:=60')
    theirs = (f'interface:=evse@{network}', 'allow_ipv4:=true', 'speed:=60')
    start(*launch, 'evse.launch.py', *theirs)
    vehicle = start(*launch, 'pev.launch.py', *given)
    confirmed = watch.wait(lambda: [w for w, _, o in capture.frames if o[15:17] == MATCH_CNF], 90)
    answer = sdp_answer(interface, confirmed[0] + SDP_AFTER)
    assert SdpResponse.parse(answer).port
    watch.wait(lambda: vehicle.process.poll() is not None, 90)
    assert vehicle.end() == 0, vehicle.output
    kinds = {of_r25(octets) for _, direction, octets in capture.stop() if direction == 4}
    assert {kind for kind in kinds if not kind.startswith('TCP')} == {
        'HomePlug', 'neighbour discovery', 'SDP', 'listener report',
    }  # fmt: skip
    assert any(kind.startswith('TCP') for kind in kinds)
    assert knocks.recv(10) == b'knock'  # IPv4 would have crossed the line
    knocks.close()
    assert set(stranger.output.splitlines()) == {''}, stranger.output
