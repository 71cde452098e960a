# SPDX-License-Identifier: Apache-2.0
"""Where rclpy is another one than is known, its own executor runs, and a line says so."""

import inspect
import subprocess
import sys

import pytest
import rclpy
from rclpy.executors import Executor, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node

from plc_kit.executor import make_executor
from plc_kit.executor.lean import LeanExecutor
from plc_kit.refusal import CANNOT_START

# What of the base's may run, since it makes no work: the rest is overridden.
ITS_OWN = {'context', 'get_nodes', 'create_future', 'can_execute', 'wait_for_ready_callbacks'}


class _OtherArguments:
    def __init__(self, context):
        pass


class _Deaf(rclpy_implementation.WaitSet):
    def get_ready_entities(self, kind):
        return []


@pytest.fixture
def context():
    made = rclpy.Context()
    rclpy.init(context=made, domain_id=101)
    yield made
    rclpy.try_shutdown(context=made)


def test_with_the_known_one_it_is_ours_without_a_word(context, capfd):
    executor = make_executor(context)
    assert isinstance(executor, LeanExecutor)
    executor.shutdown()
    assert capfd.readouterr() == ('', '')


@pytest.mark.parametrize(
    ('change', 'why'),
    [
        (lambda patch: patch.delattr(rclpy_implementation, 'WaitSet'), 'WaitSet'),
        (
            lambda patch: patch.setattr(rclpy_implementation, 'WaitSet', _OtherArguments),
            'argument',
        ),
        (lambda patch: patch.setattr(rclpy_implementation, 'WaitSet', _Deaf), 'does not tell'),
        (lambda patch: patch.delattr(rclpy_implementation.Timer, 'call_timer'), 'call_timer'),
        (lambda patch: patch.setitem(sys.modules, 'plc_kit.executor.lean', None), 'import'),
    ],
)
def test_with_another_one_it_is_rclpys_and_a_line_tells_why(
    context, capfd, monkeypatch, change, why
):
    change(monkeypatch)
    executor = make_executor(context)
    monkeypatch.undo()
    assert type(executor) is SingleThreadedExecutor
    said = ''.join(capfd.readouterr())
    assert said.count('\n') == 1
    assert why in said
    node, rung = Node('one', context=context, use_global_arguments=False), []
    executor.add_node(node)
    node.create_guard_condition(lambda: rung.append('rung')).trigger()
    executor.spin_once(1.0)
    assert rung == ['rung']
    executor.shutdown()
    node.destroy_node()


MISTAKE = """
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
del rclpy_implementation.RCLError, rclpy_implementation.UnknownROSArgsError
from plc_kit.run import run
run(lambda: Node('no name'))
"""


def test_without_the_names_of_rcls_exceptions_a_wrong_name_is_a_sentence_still():
    ended = subprocess.run(
        [sys.executable, '-c', MISTAKE], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == CANNOT_START
    assert 'Traceback' not in ended.stderr
    assert "'no name'" in ended.stderr.splitlines()[-1]


@pytest.mark.filterwarnings('ignore::pytest.PytestUnraisableExceptionWarning')  # rclpy's __del__
def test_what_is_amiss_with_the_context_is_no_other_rclpy(capfd):
    with pytest.raises((AttributeError, TypeError, RuntimeError)):
        make_executor(rclpy.Context())  # not initialised
    assert capfd.readouterr() == ('', '')


def test_every_public_method_of_the_base_that_makes_work_is_overridden():
    methods = {name for name, _ in inspect.getmembers(Executor) if not name.startswith('_')}
    assert methods - vars(LeanExecutor).keys() <= ITS_OWN
