# SPDX-License-Identifier: Apache-2.0
"""A vehicle made with the adapter keeps the contract of docs/integration.md."""

import os
import time

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor

from plc_kit.clock import age, stamp
from plc_kit.outputs import VehicleOutputs
from plc_kit.qos import NEWEST
from plc_kit.vehicle_adapter import VehicleAdapter
from plc_msgs.msg import ControlPilot, Lease, VehicleCommand, VehicleStatus

DOMAIN = 100 + os.getpid() % 100
CLOSED = VehicleOutputs(plus=True, minus=True, lock=True, pilot=ControlPilot.C)


class Hardware(VehicleAdapter):
    """Notes what it is driven to, and when."""

    def __init__(self, **options):
        super().__init__(**options)
        self.amperes = 0.0
        self.lock = VehicleStatus.UNKNOWN
        self.driven = []

    def measure(self):
        return VehicleStatus(
            pack_current=self.amperes,
            inlet_current=float('nan'),
            lock=self.lock,
            charge_wanted=True,
        )

    def drive(self, outputs):
        self.driven.append((time.monotonic(), outputs))


class Bench:
    def __init__(self, executor, hardware, commander):
        self.executor, self.hardware, self.commander = executor, hardware, commander
        self.heard = []
        commander.create_subscription(VehicleStatus, 'vehicle/status', self.heard.append, NEWEST)
        self.publisher = commander.create_publisher(VehicleCommand, 'vehicle/command', NEWEST)
        self.sequence = 0
        self.until(lambda: self.heard and self.publisher.get_subscription_count())

    def until(self, holds, patience=10.0):
        end = time.monotonic() + patience
        while not holds():
            assert time.monotonic() < end, 'it never came'
            self.executor.spin_once(0.02)

    def spin(self, seconds):
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end)

    def command(self, outputs=CLOSED, session_id=1, when=None):
        self.sequence += 1
        lease = Lease(
            stamp=when or stamp(),
            session_id=session_id,
            sequence=self.sequence,
            valid_for=0.5,
        )
        self.publisher.publish(
            VehicleCommand(
                lease=lease,
                contactor_plus=outputs.plus,
                contactor_minus=outputs.minus,
                lock=outputs.lock,
                pilot_state=outputs.pilot,
            )
        )

    def close(self):
        self.command(VehicleOutputs())
        self.until(lambda: not self.heard[-1].lease_lapsed)
        self.command()
        self.until(lambda: self.hardware.outputs == CLOSED)
        return time.monotonic()


@pytest.fixture
def bench():
    context = rclpy.Context()
    context.init(domain_id=DOMAIN)
    executor = SingleThreadedExecutor(context=context)
    nodes = [Hardware(context=context), rclpy.create_node('commander', context=context)]
    for node in nodes:
        executor.add_node(node)
    yield Bench(executor, *nodes)
    executor.shutdown()
    for node in nodes:
        node.destroy_node()
    context.try_shutdown()


def test_it_tells_twenty_times_a_second_with_a_stamp_of_its_own(bench):
    bench.heard.clear()
    bench.spin(1.0)
    assert len(bench.heard) >= 18
    assert abs(age(bench.heard[-1].stamp)) < 1.0


def test_it_does_not_close_by_a_first_command(bench):
    bench.command()
    bench.spin(0.3)
    assert [outputs.safe for _, outputs in bench.hardware.driven] == [True]


@pytest.mark.parametrize(
    ('found', 'driven'),
    [(VehicleStatus.CLOSED, True), (VehicleStatus.OPEN, False), (VehicleStatus.UNKNOWN, True)],
)
def test_outputs_are_driven_safe_at_start_and_the_lock_is_left_as_it_is(bench, found, driven):
    fresh = Hardware(context=bench.hardware.context, namespace='fresh')
    fresh.lock = found
    fresh.tell()
    fresh.tell()
    assert [outputs for _, outputs in fresh.driven] == [VehicleOutputs(lock=driven)]
    fresh.destroy_node()


def test_outputs_are_driven_safe_at_the_end_though_nothing_was_told_before(bench):
    fresh = Hardware(context=bench.hardware.context, namespace='fresh')
    fresh.destroy_node()
    assert [outputs for _, outputs in fresh.driven] == [VehicleOutputs(lock=True)]


def test_a_lapse_opens_contactors_and_shows_b_and_keeps_the_lock(bench):
    renewed = bench.close()
    bench.until(lambda: bench.heard[-1].lease_lapsed)
    when, outputs = bench.hardware.driven[-1]
    assert outputs == VehicleOutputs(lock=True)
    assert when - renewed < 0.5 + 0.2


def test_a_lapse_under_current_shows_b_at_once_and_opens_when_it_is_down(bench):
    bench.close()
    bench.hardware.amperes = 100.0
    bench.until(lambda: bench.heard[-1].lease_lapsed)
    assert bench.hardware.outputs == VehicleOutputs(plus=True, minus=True, lock=True)
    bench.hardware.amperes = 4.0
    bench.until(lambda: not bench.hardware.outputs.plus)
    (b_at, _), (opened_at, _) = bench.hardware.driven[-2:]
    assert opened_at - b_at < 0.9


def test_a_lapse_under_a_current_that_stays_opens_after_a_second(bench):
    bench.close()
    bench.hardware.amperes = 100.0
    bench.until(lambda: bench.heard[-1].lease_lapsed and not bench.hardware.outputs.plus)
    (b_at, _), (opened_at, _) = bench.hardware.driven[-2:]
    assert 0.9 < opened_at - b_at < 1.3


def test_abuse_45_a_foreign_session_and_a_played_back_command_move_nothing(bench):
    bench.close()
    before = len(bench.hardware.driven)
    bench.command(VehicleOutputs(), session_id=2)
    long_ago = stamp()
    long_ago.sec -= 60
    bench.command(VehicleOutputs(), when=long_ago)
    bench.spin(0.2)
    assert len(bench.hardware.driven) == before


def test_it_leaves_nothing_closed_behind(bench):
    bench.close()
    bench.hardware.destroy_node()
    assert bench.hardware.driven[-1][1] == VehicleOutputs(lock=True)


def test_told_to_end_it_asks_the_session_for_a_stop_and_then_for_a_fault(bench):
    bench.until(lambda: bench.heard[-1].charge_wanted)
    bench.hardware.ask_for_end(fault=False)
    bench.until(lambda: not bench.heard[-1].charge_wanted)
    assert not bench.heard[-1].fault
    bench.hardware.ask_for_end(fault=True)
    bench.until(lambda: 'told to end' in bench.heard[-1].fault)
