# SPDX-License-Identifier: Apache-2.0
"""The modem node's life cycle, over a real wire with a simulated modem at its end."""

from itertools import pairwise
import os
import threading
import time

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter

from plc_kit.clock import STEADY, stamp
from plc_kit.interface import Interface
from plc_kit.network import Network, NetworkUnavailable
from plc_kit.qos import STATES, STREAM
from plc_kit.run import CannotStart
from plc_modem import modem_node
from plc_modem.homeplug import MalformedMme, Mme, build, dissect
from plc_modem.homeplug.station import VS_SW_VER_CNF, VS_SW_VER_REQ
from plc_modem.modem_node import ModemNode
from plc_modem.ports.ethernet import EthernetPort
from plc_modem.state import ModemState
from plc_msgs.msg import MmeFrame, ModemStatus

CONFIGURE, ACTIVATE = Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE
DEACTIVATE, CLEANUP = Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_CLEANUP
SHUTDOWN = Transition.TRANSITION_ACTIVE_SHUTDOWN


class AnsweringModem:
    """A modem at the other end of the wire; counts what it is asked."""

    def __init__(self, network):
        self.asked = 0
        self._port = EthernetPort(Interface('pev-modem', network), self._answer)
        self.close = self._port.close

    def flood(self, times):
        version = VS_SW_VER_CNF(Version=b'MAC-QCA7005')
        answer = build(Mme('02:70:65:76:00:01', '00:b0:52:00:00:77', version))
        for _ in range(times):
            self._port.send(answer)

    def _answer(self, octets):
        try:
            mme = dissect(octets)
        except MalformedMme:
            return
        if isinstance(mme.message, VS_SW_VER_REQ):
            self.asked += 1
            version = VS_SW_VER_CNF(Version=b'MAC-QCA7005')
            self._port.send(build(Mme(mme.source, '00:b0:52:00:00:77', version)))


@pytest.fixture
def wire():
    """Make the wire when asked to."""
    made = []

    def make():
        name = f'life-{os.getpid()}'
        try:
            made.append(Network(name, [('pev', '02:70:65:76:00:01')]))
        except NetworkUnavailable as error:
            pytest.skip(str(error))
        made.append(AnsweringModem(name))
        return made[-1]

    yield make
    for one in reversed(made):
        one.close()


class Bench:
    """A modem node, who commands it, and what it tells."""

    def __init__(self, context):
        self.context = context
        self.executor = SingleThreadedExecutor(context=context)
        self.node = rclpy.create_node('bench', context=context)
        self.executor.add_node(self.node)
        self.told, self.frames = [], []
        self.node.create_subscription(ModemStatus, 'modem/status', self.told.append, STATES)
        self.node.create_subscription(MmeFrame, 'mme_rx', self.frames.append, STREAM)
        self.to_send = self.node.create_publisher(MmeFrame, 'mme_tx', STREAM)
        self._change = self.node.create_client(ChangeState, 'modem/change_state')
        self._ask = self.node.create_client(GetState, 'modem/get_state')
        self.modem = None

    def start(self, **parameters):
        given = {'interface': f'pev@life-{os.getpid()}', **parameters}
        overrides = [Parameter(name, value=value) for name, value in given.items()]
        self.modem = ModemNode(context=self.context, parameter_overrides=overrides)
        self.executor.add_node(self.modem)

    def wait(self, until):
        end = time.monotonic() + 20
        while not until():
            assert time.monotonic() < end, [ModemStatus.state, self.told[-3:]]
            self.executor.spin_once(0.05)

    def _call(self, client, request):
        self.wait(client.service_is_ready)
        future = client.call_async(request)
        self.wait(future.done)
        return future.result()

    def command(self, transition):
        request = ChangeState.Request(transition=Transition(id=transition))
        return self._call(self._change, request).success

    @property
    def state(self):
        return self._call(self._ask, GetState.Request()).current_state.id

    def becomes(self, state):
        self.wait(lambda: self.told and self.told[-1].state == state)

    @property
    def port_threads(self):
        return [t.name for t in threading.enumerate() if t.name in ('ethernet port', 'pacer')]


@pytest.fixture
def bench():
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=102)
    made = Bench(context)
    yield made
    if made.modem is not None:
        made.modem.destroy_node()
    made.node.destroy_node()
    rclpy.shutdown(context=context)


def test_it_configures_and_activates_itself(bench, wire):
    wire()
    bench.start()
    bench.becomes(ModemStatus.FOUND)
    assert bench.state == State.PRIMARY_STATE_ACTIVE
    assert bench.frames


def test_a_configure_that_fails_leaves_it_unconfigured_and_is_tried_again(bench, wire):
    bench.start(autostart=False)
    bench.becomes(ModemState.INACTIVE)
    assert bench.state == State.PRIMARY_STATE_UNCONFIGURED
    assert not bench.command(CONFIGURE)
    assert bench.state == State.PRIMARY_STATE_UNCONFIGURED
    wire()
    assert bench.command(CONFIGURE)
    assert bench.state == State.PRIMARY_STATE_INACTIVE
    assert bench.command(ACTIVATE)
    bench.becomes(ModemStatus.FOUND)


def test_at_rest_no_frame_passes_and_after_cleanup_the_interface_is_free(bench, wire):
    modem = wire()
    ports = len(bench.port_threads)  # the modem at the other end has one too
    bench.start()
    bench.becomes(ModemStatus.FOUND)
    assert bench.command(DEACTIVATE)
    bench.becomes(ModemState.INACTIVE)
    asked, frames = modem.asked, len(bench.frames)
    question = build(Mme('00:b0:52:00:00:01', '02:70:65:76:00:01', VS_SW_VER_REQ()))
    bench.to_send.publish(MmeFrame(stamp=stamp(), octets=question))
    bench.wait(lambda: bench.modem._counts['refused'] == 1)
    assert (modem.asked, len(bench.frames)) == (asked, frames)
    assert bench.command(CLEANUP)
    assert len(bench.port_threads) == ports
    assert bench.command(CONFIGURE) and bench.command(ACTIVATE)
    bench.becomes(ModemStatus.FOUND)
    assert bench.command(SHUTDOWN)
    assert len(bench.port_threads) == ports
    assert bench.state == State.PRIMARY_STATE_FINALIZED


def test_one_that_starts_itself_and_cannot_is_no_node(bench):
    with pytest.raises(CannotStart, match='nosuch0'):
        bench.start(interface='nosuch0')


def test_safety_7_and_abuse_52_an_answer_repeated_3000_times_neither_blinds_nor_stays(
    bench, wire, monkeypatch
):
    modem, read, read_at = wire(), [], []
    bench.start()
    bench.becomes(ModemStatus.FOUND)
    own = modem_node.dissect
    monkeypatch.setattr(modem_node, 'dissect', lambda octets: (read.append(1), own(octets))[1])
    bench.modem.create_timer(0.001, lambda: read_at.append(len(read)), clock=STEADY)
    counts, began = bench.modem._counts, time.monotonic()
    modem.flood(3000)
    bench.wait(lambda: counts['flooding'] and read_at and bench.modem._inbox.empty)
    rings = len(read_at)
    bench.wait(lambda: len(read_at) > rings + 1)
    most = max(after - before for before, after in pairwise([0, *read_at]))
    print(f'{len(read)} read, {most} between two rings of a timer, {counts}')
    assert most <= modem_node._ROOM  # of which a spell of reading is the lesser part
    granted = modem_node._EACH * (time.monotonic() - began + 2)
    assert counts['frames received'] <= granted
    assert len(read) + counts['unread'] <= counts['frames received'] + 1
