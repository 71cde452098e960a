# SPDX-License-Identifier: Apache-2.0
"""Spinning ends: with a future, a limit, a signal, a shutdown from wherever."""

import signal
import subprocess
import sys
import threading
import time

import pytest
import rclpy
from rclpy.signals import SignalHandlerGuardCondition, SignalHandlerOptions
from rclpy.task import Future

from plc_kit.executor import turns
from plc_kit.executor.lean import LeanExecutor

PATIENCE = 10.0  # s
GONE = 30.0  # s for a process to leave DDS and Python on a busy machine, where 9 s were seen
SOON = 0.001  # s

SPINS = """
import rclpy
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future
from plc_kit.executor.lean import LeanExecutor

rclpy.init(signal_handler_options=SignalHandlerOptions.ALL)
executor = LeanExecutor()
executor.add_node(Node('spins'))
executor.create_task(print, 'ready', flush=True)
try:
    {spin}
except KeyboardInterrupt:  # of SIGINT: Python's own, beside the end of the context
    pass
print('ended')
"""


def test_a_future_of_another_thread_ends_it(scene):
    future = Future()
    threading.Timer(0.05, lambda: future.set_result('done')).start()
    scene.executor.spin_until_future_complete(future)
    assert future.result() == 'done'


def test_one_that_is_cancelled_ends_it_too(scene):
    future = Future(executor=scene.executor)
    threading.Timer(0.05, future.cancel).start()
    scene.executor.spin_until_future_complete(future)


def test_a_turn_for_a_future_ends_with_it(scene):
    future = Future()
    threading.Timer(0.05, lambda: future.set_result(None)).start()
    while not future.done():
        scene.executor.spin_once_until_future_complete(future, None)


def test_where_the_future_is_done_nothing_is_called(scene):
    future = Future()
    future.set_result(None)
    scene.one.create_guard_condition(scene.ring).trigger()
    scene.executor.spin_until_future_complete(future)
    scene.executor.spin_once_until_future_complete(future)
    assert scene.rung == []


def test_spinning_for_a_future_leaves_nothing_at_it(scene):
    added, removed = [], []

    class Watched(Future):
        def add_done_callback(self, callback):
            added.append(callback)
            super().add_done_callback(callback)

        def remove_done_callback(self, callback):
            removed.append(callback)
            return super().remove_done_callback(callback)

    def ring():
        scene.ring()
        if len(scene.rung) == 10:
            future.set_result(None)

    future = Watched()
    timer = scene.one.create_timer(SOON, ring)
    scene.executor.spin_until_future_complete(future, timeout_sec=PATIENCE)
    timer.cancel()
    assert len(scene.rung) == 10
    assert added == removed
    assert len(added) == 1


@pytest.mark.parametrize('timeout', [0, 0.1])
def test_a_limit_ends_it(scene, timeout):
    scene.executor.spin_once(0)  # its nodes have come
    begin = time.monotonic()
    scene.executor.spin_once(timeout)
    scene.executor.spin_until_future_complete(Future(), timeout)
    assert 2 * timeout - 0.01 < time.monotonic() - begin < PATIENCE


def test_it_ends_with_its_context(scene):
    context = scene.contexts[0]
    threading.Timer(0.05, lambda: rclpy.shutdown(context=context)).start()
    scene.executor.spin()
    assert not context.ok()


def test_it_ends_with_a_context_that_goes_down_some_time_after_the_bell_of_a_signal(monkeypatch):
    """So does rclpy: it rings, then shuts its contexts down, and rings no more."""
    rung = []

    class Told(SignalHandlerGuardCondition):
        def __init__(self, context):
            super().__init__(context)
            rung.append(self)

    monkeypatch.setattr(turns, 'SignalHandlerGuardCondition', Told)
    monkeypatch.setattr(
        turns, 'get_current_signal_handlers_options', lambda: SignalHandlerOptions.ALL
    )
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=101)
    executor = LeanExecutor(context=context)
    spinning = threading.Thread(target=executor.spin, daemon=True)
    spinning.start()
    rung[0].trigger()
    time.sleep(0.1)  # the moment in which it is not down yet
    context.handle.shutdown()
    spinning.join(PATIENCE)
    assert not spinning.is_alive()
    executor.shutdown()


def test_another_thread_shuts_it_down_while_it_waits(scene):
    with scene.spins_apart() as spinning:
        assert scene.executor.shutdown()
    assert spinning.raised is None


def test_a_callback_shuts_it_down_and_none_is_called_after_it(scene):
    def end():
        scene.ring('end')
        scene.executor.shutdown()

    for _ in range(2):
        scene.one.create_guard_condition(end).trigger()
    scene.executor.spin()
    scene.executor.spin_once()  # returns at once
    assert scene.rung == ['end']


def test_shutting_down_waits_for_the_callback_that_runs(scene):
    def work():
        began.set()
        assert go_on.wait(PATIENCE)
        scene.ring('done')

    began, go_on = threading.Event(), threading.Event()
    guard = scene.one.create_guard_condition(work)
    with scene.spins_apart() as spinning:
        guard.trigger()
        assert began.wait(PATIENCE)
        assert not scene.executor.shutdown(timeout_sec=0)
        assert not scene.executor.shutdown(timeout_sec=0.01)
        go_on.set()
        assert scene.executor.shutdown()
    assert spinning.raised is None
    assert scene.rung == ['done']


def test_it_is_shut_down_twice_and_woken_after_it(scene):
    assert scene.executor.shutdown()
    assert scene.executor.shutdown()
    scene.executor.wake()


def test_a_callback_may_spin_until_its_answer_is_there(scene):
    def ask():
        scene.executor.spin_until_future_complete(scene.executor.create_task(lambda: 'here'))
        scene.ring()

    scene.one.create_guard_condition(ask).trigger()
    scene.spin(lambda: scene.rung == ['rung'])


@pytest.mark.parametrize(
    'spin',
    [
        'executor.spin()',
        'executor.spin_until_future_complete(Future())',
        'while rclpy.ok(): executor.spin_once()',
    ],
)
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_rclpy_handles_ends_it(spin, number):
    script = SPINS.format(spin=spin)
    pipes = {'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE}
    with subprocess.Popen([sys.executable, '-c', script], text=True, **pipes) as it:
        assert it.stdout.readline() == 'ready\n'
        it.send_signal(number)
        assert it.communicate(timeout=GONE) == ('ended\n', '')
        assert it.returncode == 0
