# SPDX-License-Identifier: Apache-2.0
"""A place, a side, an interface belong to one process at a time (R6)."""

from contextlib import contextmanager
import os
import signal
import subprocess
import sys

import pytest

from plc_kit.claim import Claim, Taken, namespace_of, of_node
from plc_kit.refusal import CANNOT_START

HOLDER = """
import sys
from plc_kit.claim import Claim
held = Claim(sys.argv[1])
print('held', flush=True)
sys.stdin.read()
"""
NODE = """
from plc_kit.run import run
from rclpy.node import Node

class Slac(Node):
    place = 'slac'

    def __init__(self, **options):
        super().__init__('slac', **options)
        print('joined', flush=True)

run(Slac)
"""


@pytest.fixture
def what():
    """The name of something that nobody else claims."""
    return f'the test {os.getpid()}'


@contextmanager
def process(script, *arguments):
    """Run a script until the test is done with it."""
    command = (sys.executable, '-c', script, *arguments)
    one = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, 'ROS_DOMAIN_ID': str(100 + os.getpid() % 100)},
    )
    try:
        yield one
    finally:
        one.kill()
        one.communicate()


def test_safety_3_the_second_is_told_what_runs_and_in_which_process(what):
    with process(HOLDER, what) as holder:
        assert holder.stdout.readline() == 'held\n'
        with pytest.raises(Taken) as refused:
            Claim(what, '; wait')
        assert str(refused.value) == f'{what} runs already (process {holder.pid}); wait'


def test_safety_3_a_holder_that_was_killed_holds_nothing(what):
    with process(HOLDER, what) as holder:
        assert holder.stdout.readline() == 'held\n'
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        Claim(what).close()


def test_a_closed_claim_is_anybodys(what):
    Claim(what).close()
    with Claim(what), pytest.raises(Taken):
        Claim(what)


def test_desk_8_what_is_a_users_own_another_user_may_have_too(what, monkeypatch):
    with Claim(what, of_user=True):
        with pytest.raises(Taken, match=rf'^{what} runs already \(process {os.getpid()}\)'):
            Claim(what, of_user=True)
        monkeypatch.setattr(os, 'getuid', lambda: 4711)
        Claim(what, of_user=True).close()


def test_any_length_of_a_name_can_be_claimed(what):
    with Claim('/' + 300 * what), pytest.raises(Taken):
        Claim('/' + 300 * what)


@pytest.mark.parametrize(
    ('arguments', 'namespace'),
    [
        ([], '/'),
        (['--ros-args', '-r', '__ns:=/pev'], '/pev'),
        (['--ros-args', '-r', 'modem:__ns:=/other', '-r', 'slac:__ns:=/pev'], '/pev'),
        (['--ros-args', '-r', '__ns:=/first', '-r', '__ns:=/second'], '/first'),
    ],
)
def test_a_namespace_is_the_one_that_rcl_gives_the_node(arguments, namespace):
    import rclpy

    context = rclpy.Context()
    rclpy.init(args=['slac', *arguments], context=context)
    node = rclpy.create_node('slac', context=context)
    try:
        assert namespace_of('slac', arguments) == node.get_namespace() == namespace
    finally:
        node.destroy_node()
        rclpy.shutdown(context=context)


def test_a_domain_is_one_however_it_is_written(monkeypatch):
    monkeypatch.setenv('ROS_DOMAIN_ID', '007')
    assert of_node('slac', []) == '/slac of ROS domain 7'
    for none in ('', '0'):
        monkeypatch.setenv('ROS_DOMAIN_ID', none)
        assert of_node('slac', ['-r', '__ns:=/pev']) == '/pev/slac of ROS domain 0'


def test_safety_3_a_second_node_ends_before_it_joins_and_names_the_first():
    side = ('--ros-args', '-r', '__ns:=/pev')
    with process(NODE, *side) as first:
        assert first.stdout.readline() == 'joined\n'
        with process(NODE, *side) as second:
            out, said = second.communicate(timeout=30)
        assert (out, second.returncode) == ('', CANNOT_START)
        assert f'/pev/slac of ROS domain {100 + os.getpid() % 100} runs already' in said
        assert f'(process {first.pid})' in said and 'Traceback' not in said
        with process(NODE, '--ros-args', '-r', '__ns:=/robot2/pev') as elsewhere:
            assert elsewhere.stdout.readline() == 'joined\n'
