# SPDX-License-Identifier: Apache-2.0
"""A process whose hardware fails mid-charge leaves nothing closed behind (R1, R6)."""

import os
import subprocess
import sys

import pytest

from plc_kit.refusal import CANNOT_START
from plc_kit.run import BROKEN

VEHICLE = """
import sys
from plc_kit.clock import stamp
from plc_kit.qos import NEWEST
from plc_kit.run import run
from plc_kit.vehicle_adapter import VehicleAdapter
from plc_msgs.msg import Lease, VehicleCommand, VehicleStatus
from rclpy.node import Node

class Hardware(VehicleAdapter):
    broken, refusals, sequence = False, 0, 0

    def __init__(self, **options):
        super().__init__(**options)
        self.told = self.create_publisher(VehicleCommand, 'vehicle/command', NEWEST)
        self.create_timer(0.05, self.ask)

    def ask(self):
        # safe outputs until they are obeyed, then closed contactors
        self.sequence += 1
        lease = Lease(stamp=stamp(), session_id=1, sequence=self.sequence, valid_for=0.5)
        closed = self.commanded
        self.told.publish(VehicleCommand(
            lease=lease, contactor_plus=closed, contactor_minus=closed, lock=True,
            pilot_state=3 if closed else 2,
        ))
        self.broken = self.outputs.plus
        if self.broken:
            {raises}

    def measure(self):
        if self.broken:
            raise OSError(5, 'Input/output error')
        return VehicleStatus(inlet_current=300.0)

    def drive(self, outputs):
        if self.broken and self.refusals < {refusals}:
            self.refusals += 1
            raise OSError(5, 'Input/output error')
        print(outputs.plus, outputs.minus, outputs.lock, outputs.pilot, flush=True)

class Stubborn(Node):
    def destroy_node(self):
        super().destroy_node()
        raise RuntimeError('not today')

run(lambda **options: Stubborn('stubborn', **options), Hardware)
"""


def play(raises='self.measure()', refusals=0):
    return ran(VEHICLE.replace('{raises}', raises).replace('{refusals}', str(refusals)))


def ran(script):
    return subprocess.run(
        (sys.executable, '-c', script),
        env={**os.environ, 'ROS_DOMAIN_ID': str(100 + os.getpid() % 100)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


CLOSED, B_AND_CLOSED, OPEN = 'True True True 3', 'True True True 2', 'False False True 2'


@pytest.mark.parametrize('refusals', [0, 3])
def test_contactors_open_behind_hardware_that_fails_with_a_sentence(refusals):
    ended = play(refusals=refusals)
    driven = ended.stdout.splitlines()
    first = driven.index(CLOSED)
    assert driven[first + 1] == B_AND_CLOSED and driven[-1] == OPEN
    assert ended.returncode == BROKEN
    assert 'Input/output error' in ended.stderr and 'Traceback' not in ended.stderr


def test_contactors_open_behind_a_mistake_in_the_code_that_keeps_its_traceback():
    ended = play(raises='{}["voltage"]')
    assert ended.stdout.splitlines()[-1] == OPEN
    assert ended.returncode == 1 and "KeyError: 'voltage'" in ended.stderr


def test_a_node_that_will_not_end_does_not_keep_the_others_closed():
    ended = play()
    assert 'stubborn did not end as it should: not today' in ended.stderr
    assert ended.stdout.splitlines()[-1] == OPEN


LATE = """
import os, signal, sys
from plc_kit.run import run
from rclpy.node import Node

class Late:
    def __del__(self, kill=os.kill, own=os.getpid(), number=signal.SIGINT):
        kill(own, number)

sys.modules['late'] = Late()  # goes while Python takes itself down

class Told(Node):
    def __init__(self):
        super().__init__({name!r})
        self.create_timer(0.01, lambda: os.kill(os.getpid(), signal.SIGINT))

run(Told)
"""


@pytest.mark.parametrize(('name', 'status'), [('told', 0), ('no name', CANNOT_START)])
def test_a_signal_to_a_process_that_is_ending_changes_nothing_about_its_end(name, status):
    ended = ran(LATE.replace('{name!r}', repr(name)))
    assert ended.returncode == status, ended.stderr
    assert 'Traceback' not in ended.stderr
