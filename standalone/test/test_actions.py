# SPDX-License-Identifier: Apache-2.0
"""`ros2 action` and `ros2 lifecycle` print the genuine text, over real DDS."""

import re
import signal
import subprocess
import sys

import pytest

NODE = """
import threading, time
import rclpy
from rclpy.action import ActionServer, CancelResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import MultiThreadedExecutor
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn
from plc_msgs.action import Charge

class Some(LifecycleNode):
    def __init__(self):
        super().__init__('some', namespace='/pev')
        self.tries = 0
        ActionServer(self, Charge, 'charge', self.charge, cancel_callback=self.cancel,
                     goal_callback=self.ask, callback_group=ReentrantCallbackGroup())

    def ask(self, goal):
        return rclpy.action.GoalResponse.REJECT if goal.target_soc > 1 else \\
            rclpy.action.GoalResponse.ACCEPT

    def cancel(self, goal):
        return CancelResponse.ACCEPT

    def charge(self, goal):
        goal.publish_feedback(Charge.Feedback(stage_name='CHARGE_LOOP', soc=0.5))
        while not goal.request.energy and not goal.is_cancel_requested:
            time.sleep(0.02)
        if goal.is_cancel_requested:
            goal.canceled()
            print('canceled here', flush=True)
        else:
            goal.succeed()
        return Charge.Result(soc=0.8)

    def on_configure(self, state):
        self.tries += 1
        both = TransitionCallbackReturn
        return both.FAILURE if self.tries == 1 else both.SUCCESS

rclpy.init()
some = Some()
executor = MultiThreadedExecutor(4)
executor.add_node(some)
executor.spin()
"""
KIND = 'plc_msgs/action/Charge'


@pytest.fixture
def some(env, tmp_path):
    """A lifecycle node whose first configure fails, with an action."""
    with (tmp_path / 'some.log').open('w') as log:
        process = subprocess.Popen([sys.executable, '-c', NODE], env=env, cwd=tmp_path, stdout=log)
    yield tmp_path / 'some.log'
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_an_action_is_listed_and_a_goal_sent_with_feedback(some, ros2):
    assert f'/pev/charge [{KIND}]\n' in ros2('action', 'list', '-t').stdout
    assert ros2('action', 'info', '/pev/charge', '-t').stdout == (
        f'Action: /pev/charge\nAction clients: 0\nAction servers: 1\n    /pev/some [{KIND}]\n'
    )
    done = ros2('action', 'send_goal', '/pev/charge', KIND, '{energy: 5}', '--feedback')
    lines = re.sub('ID: [0-9a-f]{32}', 'ID: N', done.stdout).splitlines()
    assert lines[:3] == [
        'Waiting for an action server to become available...',
        'Sending goal:',
        '     target_soc: 0.0',
    ]
    assert lines.index('Goal accepted with ID: N') < lines.index('Feedback:')
    assert 'stage_name: CHARGE_LOOP' in lines
    assert lines[lines.index('Result:') + 1] == '    error_code: 0'
    assert lines[-1] == 'Goal finished with status: SUCCEEDED'
    assert done.returncode == 0
    refused = ros2('action', 'send_goal', '/pev/charge', KIND, '{target_soc: 2}')
    assert refused.stderr == 'Goal was rejected.\n'
    assert ros2('action', 'send_goal', '/pev/charge', 'no_msgs/action/No', '{}').stderr == (
        'The passed action type is invalid\n'
    )


def test_ctrl_c_cancels_the_goal(some, start):
    sent = start('action', 'send_goal', '/pev/charge', KIND, '{}', '--feedback')
    sent.until('CHARGE_LOOP')
    assert sent.end() == 2
    assert sent.text.endswith('Canceling goal...\nGoal canceled.\n')
    assert 'Traceback' not in sent.text
    sent.until(lambda _: 'canceled here' in some.read_text())


def test_a_life_cycle_is_shown_and_commanded(some, ros2):
    assert ros2('lifecycle', 'nodes').stdout == '/pev/some\n'
    assert ros2('lifecycle', 'get').stdout == '/pev/some: unconfigured [1]\n'
    assert ros2('lifecycle', 'list', '/pev/some').stdout == (
        '- configure [1]\n\tStart: unconfigured\n\tGoal: configuring\n'
        '- shutdown [5]\n\tStart: unconfigured\n\tGoal: shuttingdown\n'
    )
    failed = ros2('lifecycle', 'set', '/pev/some', 'configure')
    assert failed.stderr.endswith('Transitioning failed\n')
    assert ros2('lifecycle', 'set', '/pev/some', '1').stdout == 'Transitioning successful\n'
    assert ros2('lifecycle', 'get', '/pev/some').stdout == 'inactive [2]\n'
    assert ros2('lifecycle', 'set', '/pev/some', 'fly').stderr.startswith(
        'Unknown transition requested, available ones are:\n- '
    )
    assert ros2('lifecycle', 'get', '/nobody').stderr == 'Node not found\n'


def test_an_action_is_shown_with_its_three_parts(ros2):
    shown = ros2('interface', 'show', '--no-comments', KIND).stdout.splitlines()
    assert shown.count('---') == 2
    assert shown.index('uint16 error_code') < shown.index('uint8 stage')
    assert '\tint32 sec' in shown  # of the departure
