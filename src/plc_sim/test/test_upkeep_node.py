# SPDX-License-Identifier: Apache-2.0
"""The services of the modem node, over real frames to a simulated modem with a PIB of its own."""

import os
import stat

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

from plc_kit.clock import now, stamp
from plc_kit.qos import LATCHED, STATES, STREAM
from plc_modem.modem_node import ModemNode
from plc_modem.pib import Parameters, Role
from plc_modem.state import ModemState
from plc_msgs.msg import ChargingState, MmeFrame, ModemStatus
from plc_msgs.srv import ReadPib, WritePib
from plc_sim import line as lines
from plc_sim.line import Outlet

MODEM = '02:70:65:76:00:02'


class Bench:
    """A modem node, a modem as it was sold, and somebody who calls services."""

    def __init__(self, context, line, network):
        self.outlet = line.outlets['pev']
        self.context = context
        self.executor = SingleThreadedExecutor(context=context)
        self.node = rclpy.create_node('bench', context=context)
        given = Parameter('interface', value=f'pev@{network}')
        self.modem = ModemNode(context=context, parameter_overrides=[given])
        self.status, self.recorded = [], []
        make = self.node.create_subscription
        make(ModemStatus, 'modem/status', self.status.append, STATES)
        make(MmeFrame, 'mme_log', self.recorded.append, STREAM)
        self.session = self.node.create_publisher(ChargingState, 'charging/state', LATCHED)
        self.executor.add_node(self.node)
        self.executor.add_node(self.modem)
        self.wait(lambda: self.modem._modem.state is ModemState.FOUND)

    def wait(self, until, patience=30.0):
        end = now() + patience
        while not until():
            assert now() < end
            self.executor.spin_once(0.05)

    def call(self, kind, name, **about):
        client = self.node.create_client(kind, f'modem/{name}')
        self.wait(client.service_is_ready)
        future = client.call_async(kind.Request(**about))
        self.wait(future.done)
        return future.result()

    def close(self):
        self.modem.destroy_node()
        self.node.destroy_node()


@pytest.fixture
def bench(monkeypatch, tmp_path, line_at_wires):
    monkeypatch.setenv('ROS_HOME', str(tmp_path))
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=2 + os.getpid() % 99)
    outlet = Outlet('pev', MODEM, False)
    outlet.memory.forget()
    outlet.memory.start()
    with line_at_wires('pib', [outlet], restart_time=1.5) as (line, network):
        made = Bench(context, line, network)
        yield made
        made.close()
    rclpy.shutdown(context=context)


def test_firmware_is_told(bench):
    answer = bench.call(Trigger, 'read_firmware')
    assert (answer.success, answer.message) == (
        True,
        f'the modem runs {lines.FIRMWARE.decode()}',
    )


def test_lesson_23_firmware_that_is_known_to_be_bad_is_warned_of(bench, monkeypatch):
    bad = b'MAC-QCA7420-1.1.0.844-02-20120919-FINAL'
    monkeypatch.setattr(lines, 'FIRMWARE', bad)
    answer = bench.call(Trigger, 'read_firmware')
    assert answer.success and 'known to be bad: it loses the link at random' in answer.message
    bench.wait(lambda: bench.status and bench.status[-1].firmware == bad.decode())
    assert 'known to be bad' in bench.status[-1].warning
    [finding] = bench.modem._find()
    assert finding.level != b'\0' and 'known to be bad' in finding.message


def test_an_adapter_becomes_a_vehicles_modem_with_a_backup_and_goes_back(bench, tmp_path):
    sold = bench.call(ReadPib, 'read_pib', file=str(tmp_path / 'sold.pib'))
    assert (sold.success, sold.role, sold.mac) == (True, 'none', MODEM)
    written = bench.call(WritePib, 'write_pib', role='pev')
    assert written.success, written.message
    assert "is a vehicle's modem" in written.message
    assert bench.outlet.role is Role.PEV
    kept = (tmp_path / 'sold.pib').read_bytes()
    assert kept == open(written.backup, 'rb').read()  # noqa: SIM115
    assert Parameters(kept).role is Role.NONE
    assert stat.S_IMODE(os.stat(written.backup).st_mode) == 0o600
    assert written.backup.startswith(str(tmp_path))
    back = bench.call(WritePib, 'write_pib', file=written.backup)
    assert back.success, back.message
    assert bench.outlet.memory.flash.octets == kept
    assert bench.call(ReadPib, 'read_pib').role == 'none'


def test_factory_defaults_and_reset_bring_the_modem_back(bench):
    assert bench.call(WritePib, 'write_pib', role='evse').success
    assert bench.call(Trigger, 'reset').success
    assert bench.outlet.role is Role.EVSE
    assert bench.call(Trigger, 'factory_defaults').success
    assert bench.outlet.role is Role.NONE
    bench.wait(lambda: bench.modem._modem.state is ModemState.FOUND)


def test_a_backup_that_cannot_be_written_stops_everything_before_it_begins(bench, tmp_path):
    (tmp_path / 'there').write_text('mine')
    for path, why in ((tmp_path / 'there', 'File exists'), ('/proc/nowhere/x', 'No such file')):
        answer = bench.call(WritePib, 'write_pib', role='pev', backup=str(path))
        assert not answer.success and why in answer.message
    assert (tmp_path / 'there').read_text() == 'mine'
    assert bench.outlet.role is Role.NONE


@pytest.mark.parametrize(
    ('about', 'why'),
    [
        ({'role': 'robot'}, "'robot' is no role"),
        ({}, "'' is no role"),
        ({'file': '/nowhere/x.pib'}, 'No such file'),
        ({'file': '/dev/null'}, 'is no file'),
        ({'file': '~nobody-of-that-name/x.pib'}, 'nobody-of-that-name'),
        ({'file': __file__}, 'no header of an image'),
    ],
)
def test_nonsense_is_answered_with_a_sentence(bench, about, why):
    answer = bench.call(WritePib, 'write_pib', **about)
    assert not answer.success and why in answer.message and not answer.backup


def test_while_a_session_runs_all_of_it_is_refused(bench):
    bench.session.publish(ChargingState(stamp=stamp(), active=True))
    bench.wait(lambda: bench.modem._upkeep._session.active)
    for kind, name, about in (
        (Trigger, 'read_firmware', {}),
        (Trigger, 'reset', {}),
        (Trigger, 'factory_defaults', {}),
        (ReadPib, 'read_pib', {}),
        (WritePib, 'write_pib', {'role': 'pev'}),
    ):
        answer = bench.call(kind, name, **about)
        assert not answer.success and 'a session runs' in answer.message
    bench.session.publish(ChargingState(stamp=stamp(), active=False))
    bench.wait(lambda: not bench.modem._upkeep._session.active)
    assert bench.call(Trigger, 'read_firmware').success


def test_deactivated_nothing_is_done(bench):
    bench.modem.trigger_deactivate()
    answer = bench.call(Trigger, 'reset')
    assert not answer.success and 'the modem is inactive' in answer.message


def test_r27_what_is_recorded_of_a_pib_holds_no_key(bench):
    key = bytes(range(7, 23))
    pib = bytearray(bench.outlet.memory.flash.pib)
    pib[0x64:0x74] = key
    bench.outlet.memory.flash = bench.outlet.memory.flash.of_pib(bytes(pib))
    bench.outlet.memory.start()
    assert bench.call(WritePib, 'write_pib', role='pev').success
    frames = [bytes(frame.octets) for frame in bench.recorded]
    pieces = [octets for octets in frames if octets[15:17] in (b'\xb0\xa0', b'\xb1\xa0')]
    assert len(pieces) > 20
    assert not any(key in octets or any(octets[47:]) for octets in pieces)
