# SPDX-License-Identifier: Apache-2.0
"""Modem and SLAC nodes of both sides on a simulated line: real processes, real frames."""

import itertools
import os
import signal
import socket
import struct
import threading
import time

import pytest

from plc_kit import qos
from plc_kit.clock import stamp
from plc_kit.interface import Interface
from plc_kit.network import NetworkUnavailable, open_socket
from plc_modem.homeplug import dissect, is_homeplug
from plc_modem.homeplug.matching import (
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_REQ,
    CM_START_ATTEN_CHAR_IND,
)
from plc_msgs.msg import (
    ChargingState,
    ControlPilot,
    DataLink,
    MmeFrame,
    ModemStatus,
    PilotStatus,
    SlacStatus,
    VehicleStatus,
)

SIDES = ('pev', 'evse')
_SO_TIMESTAMPNS = 35


class Graph:
    """The nodes, and a session and a pilot in their place."""

    def __init__(self, start, watch, network, sides=SIDES, line='single'):
        self.watch, self.network, self.sides = watch, network, sides
        self.line = start(*run('plc_sim', 'line', 'line', network=network, line=line))
        self.modems, self.slacs, self.links, self.states = {}, {}, {}, {}
        self.logs = {}
        self.asked = watch.follow('/pev/mme_tx', MmeFrame, qos.STREAM)
        self.session = {}
        for side in sides:
            self.modems[side] = watch.follow(f'/{side}/modem/status', ModemStatus)
            self.slacs[side] = watch.follow(f'/{side}/slac/status', SlacStatus)
            self.links[side] = watch.follow(f'/{side}/data_link', DataLink, qos.LATCHED)
            self.logs[side] = watch.follow(f'/{side}/mme_log', MmeFrame, qos.STREAM)
            self.session[side] = watch.node.create_publisher(
                ChargingState, f'/{side}/charging/state', qos.LATCHED
            )
            interface = f'{side}@{network}'
            role = side.rstrip('2')
            start(*run('plc_modem', 'modem', side, role=role, interface=interface))
            start(*run('slac', 'slac', side, role=role))
        node = watch.node
        self.vehicle = node.create_publisher(VehicleStatus, '/pev/vehicle/status', qos.NEWEST)
        self.chargers = {
            side: node.create_publisher(PilotStatus, f'/{side}/pilot/status', qos.NEWEST)
            for side in sides
            if side != 'pev'
        }
        self.plugged, self.edges, self.shows_c = False, 0, False
        node.create_timer(0.1, self.show_pilot)

    def show_pilot(self):
        pilot = ControlPilot(state=ControlPilot.A, duty=1.0)
        if self.plugged:
            pilot = ControlPilot(state=ControlPilot.B, duty=0.05)
        self.vehicle.publish(VehicleStatus(stamp=stamp(), pilot=pilot))
        for side, charger in self.chargers.items():
            edges = self.edges if side == 'evse' else 0  # the one at the cable
            told = PilotStatus(stamp=stamp(), pilot=pilot, toggles=edges, toggles_counted=True)
            charger.publish(told)

    def toggle(self):
        """Show what validation wants, as a session and its vehicle would."""
        wanted = bool(last(self.slacs['pev'], 'show_c'))
        if wanted != self.shows_c:
            self.shows_c, self.edges = wanted, self.edges + 1
            self.show_pilot()

    def wait_for_modems(self):
        ready = {'pev': ModemStatus.FOUND}
        self.watch.wait(
            lambda: all(
                last(self.modems[side], 'state') == ready.get(side, ModemStatus.READY)
                for side in self.sides
            )
        )
        topics = [f'/{side}/{name}' for side in self.sides for name in ('mme_tx', 'mme_rx')]
        self.watch.wait(
            lambda: all(
                self.watch.node.count_publishers(t) and self.watch.node.count_subscribers(t)
                for t in topics
            )
        )

    def plug(self, attempt=1):
        self.plugged = True
        self.show_pilot()
        for publisher in self.session.values():
            publisher.publish(ChargingState(stamp=stamp(), attempt=attempt))

    def wait_for_links(self, ready=True):
        self.watch.wait(lambda: all(last(self.links[s], 'ready') is ready for s in SIDES))


def run(package, executable, namespace, **parameters):
    words = [f'{name}:={value}' for name, value in parameters.items()]
    given = [word for pair in zip(['-p'] * len(words), words, strict=True) for word in pair]
    return ['ros2', 'run', package, executable, '--ros-args', '-r', f'__ns:=/{namespace}', *given]


def last(messages, field):
    return getattr(messages[-1], field) if messages else None


@pytest.fixture
def graph(start, watch, network):
    return Graph(start, watch, network)


class Capture:
    """Every frame at one interface, both ways, with the kernel's time, from here to stop()."""

    def __init__(self, interface):
        self._socket = interface.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.bind((interface.name, 0x0003))
        self._socket.settimeout(0.1)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.frames, self._on = [], True
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self):
        while self._on:
            try:
                octets, notes, _, sender = self._socket.recvmsg(2048, 64)
            except TimeoutError:
                continue
            seconds, nanoseconds = struct.unpack('=qq', notes[0][2])
            self.frames.append((seconds + nanoseconds * 1e-9, sender[2], octets))

    def stop(self):
        self._on = False
        self._thread.join()
        self._socket.close()
        return self.frames


def test_a_vehicle_and_a_charger_match_and_leave_no_key_and_no_stray_frame(graph):
    graph.wait_for_modems()
    capture = Capture(Interface('pev-modem', graph.network))
    graph.plug()
    graph.wait_for_links()
    assert last(graph.links['pev'], 'peer_mac') == '02:65:76:73:65:01'
    assert last(graph.links['evse'], 'peer_mac') == '02:70:65:76:00:01'
    assert last(graph.links['pev'], 'interface') == f'pev@{graph.network}'
    graph.watch.wait(lambda: last(graph.slacs['evse'], 'state') == SlacStatus.MATCHED)
    assert last(graph.modems['pev'], 'network') == last(graph.modems['evse'], 'network') != ''
    check_r23(capture.stop())
    check_r27(graph)
    check_frames_go_before_what_is_told(graph)


def check_r23(frames):
    sent = [when for when, _, octets in frames if is_homeplug(octets) and is_batch(octets)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(sent)]
    assert sent and len(sent) % 13 == 0  # a busy machine may need a second matching
    assert min(gaps) >= 0.020


def is_batch(octets):
    return isinstance(dissect(octets).message, (CM_START_ATTEN_CHAR_IND, CM_MNBC_SOUND_IND))


def check_r27(graph):
    """The recorded match confirmation has the pseudonym that both modems tell, and no key."""
    network = bytes.fromhex(last(graph.modems['pev'], 'network'))
    for side in SIDES:
        logged = [bytes(message.octets) for message in graph.logs[side]]
        confirmed = [octets for octets in logged if octets[15:17] == b'\x7d\x60']
        assert confirmed
        assert all(octets[93:97] == network for octets in confirmed)


def check_frames_go_before_what_is_told(graph):
    """A status and its line in the log take milliseconds, for which a charger need not wait."""
    asked = [m for m in graph.asked if is_match_request(bytes(m.octets))]
    told = [status for status in graph.slacs['pev'] if status.checkpoint == 150]
    assert moment(asked[0]) <= moment(told[0])


def is_match_request(octets):
    return isinstance(dissect(octets).message, CM_SLAC_MATCH_REQ)


def moment(message):
    return message.stamp.sec, message.stamp.nanosec


def test_r25_lesson_34_an_idle_and_a_matched_interface_carry_homeplug_and_nothing_else(graph):
    graph.wait_for_modems()
    capture = Capture(Interface('pev', graph.network))
    graph.plug()
    graph.wait_for_links()
    own_talk = [octets for _, kind, octets in capture.stop() if kind == 4]
    kinds = {octets[12:14].hex() for octets in own_talk if not is_listener_report(octets)}
    assert kinds == {'88e1'}


def is_listener_report(octets):
    """An MLDv2 report: the kernel joins the groups that neighbour discovery listens to."""
    return octets[12:14] == b'\x86\xdd' and octets[20] == 0 and octets[62] == 143


def test_unplug_ends_the_link_and_a_second_plug_in_makes_a_new_one(graph):
    graph.wait_for_modems()
    graph.plug()
    graph.wait_for_links()
    graph.plugged = False
    graph.wait_for_links(ready=False)
    graph.watch.wait(lambda: last(graph.modems['evse'], 'state') == ModemStatus.READY)
    graph.plug(attempt=2)
    graph.wait_for_links()
    assert last(graph.links['pev'], 'link_id') == 2


def test_nothing_is_left_when_the_line_is_killed(start, network):
    line = start(*run('plc_sim', 'line', 'line', network=network))
    wait_until(lambda: there(network))
    broker = [pid for pid, words in line.members().items() if 'network_broker' in words]
    assert broker
    os.kill(line.pid_of('line', '/line'), signal.SIGKILL)
    wait_until(lambda: not there(network))
    wait_until(lambda: not line.members())


def there(network):
    try:
        open_socket(network, '', socket.AF_INET, socket.SOCK_DGRAM).close()
    except NetworkUnavailable:
        return False
    return True


def wait_until(holds, patience=20):
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_r19_the_pilot_tells_which_of_two_chargers_is_ours(start, watch, network):
    graph = Graph(start, watch, network, ('pev', 'evse', 'evse2'), 'close neighbours')
    graph.wait_for_modems()
    watch.node.create_timer(0.01, graph.toggle)
    graph.plug()
    watch.wait(lambda: last(graph.links['pev'], 'ready'))
    assert last(graph.links['pev'], 'peer_mac') == '02:65:76:73:65:01'
    assert any('within 3 dB' in status.reason for status in graph.slacs['pev'])
    assert len(last(graph.slacs['pev'], 'chargers')) == 2
    assert graph.edges >= 2 and graph.edges % 2 == 0


@pytest.mark.parametrize(
    ('parameters', 'sentence'),
    [
        ({'interface': 'nobody0'}, 'there is no interface nobody0'),
        ({'interface': 'lo'}, 'lo has an IPv4 address'),
        ({'interface': 'auto', 'modem': 'none'}, 'modem:=none needs interface:=NAME'),
        ({'interface': 'a b'}, 'is no interface'),
    ],
)
def test_a_modem_node_that_cannot_start_says_why_in_one_sentence(start, parameters, sentence):
    modem = start(*run('plc_modem', 'modem', 'pev', **parameters))
    assert modem.end(30) != 0
    assert sentence in modem.output
    assert 'Traceback' not in modem.output


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can give its rights away')
def test_without_the_capability_the_modem_node_says_what_to_type(start):
    drop = ['setpriv', '--bounding-set', '-net_raw', '--inh-caps', '-net_raw']
    command = run('plc_modem', 'modem', 'pev', interface='lo', allow_ipv4='true')
    modem = start(*drop, *command)
    assert modem.end(30) != 0
    assert 'setpriv' in modem.output
    assert 'Traceback' not in modem.output
