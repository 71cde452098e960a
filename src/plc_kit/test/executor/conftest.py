# SPDX-License-Identifier: Apache-2.0
"""A scene for the executor: on rclpy's base class as it is, and without its private methods."""

import threading
import time

import pytest
import rclpy
from rclpy.executors import Executor
from rclpy.node import Node
from rclpy.task import Future

from plc_kit.executor.lean import LeanExecutor

PATIENCE = 10.0  # s
SOON = 0.001  # s
INHERITED = ('can_execute', 'wait_for_ready_callbacks')  # for those that rest on the base


class Scene:
    """Two nodes, each with a context of its own, in one executor."""

    def __init__(self):
        self.contexts = [rclpy.Context(), rclpy.Context()]
        for context in self.contexts:
            rclpy.init(context=context, domain_id=101)
        self.one, self.other = map(_node, ('one', 'other'), self.contexts)
        self.executor = LeanExecutor(context=self.contexts[0])
        self.executor.add_node(self.one)
        self.executor.add_node(self.other)
        self.rung = []

    def ring(self, what='rung'):
        self.rung.append(what)

    def spin(self, until):
        end = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < end, self.rung
            self.executor.spin_once(0.1)

    def spin_a_while(self):
        end = time.monotonic() + 20 * SOON
        while time.monotonic() < end:
            self.executor.spin_once(SOON)

    def spins_apart(self, spin=None):
        """Spin in a thread until this is left, which must end it."""
        return _Spinning(self, spin or self.executor.spin)

    def end(self):
        self.executor.shutdown()
        for node in (self.one, self.other):
            node.destroy_node()
        for context in self.contexts:
            rclpy.try_shutdown(context=context)


class _Spinning:
    def __init__(self, scene, spin):
        self._scene, self._spin, self.raised = scene, spin, None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        try:
            self._spin()
        except Exception as error:  # noqa: BLE001 the test looks at it
            self.raised = error

    def __enter__(self):
        self._thread.start()
        turned = threading.Event()
        self._scene.executor.create_task(turned.set)
        assert turned.wait(PATIENCE)
        return self

    def __exit__(self, *_):
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def _node(name, context):
    return Node(name, context=context, use_global_arguments=False)


@pytest.fixture(params=['rclpy as it is', 'without private methods'])
def base(request, monkeypatch):
    """rclpy's base class, and one of which every private method has become another."""
    if request.param != 'rclpy as it is':
        private = [name for name in vars(Executor) if name[0] == '_' and name[:2] != '__']
        for name in (*private, *INHERITED):
            if callable(getattr(Executor, name)):
                monkeypatch.setattr(Executor, name, _gone)


def _gone(*_, **__):
    raise AssertionError('this is no longer there')


@pytest.fixture
def scene(base):
    made = Scene()
    yield made
    made.end()


@pytest.fixture(params=['before 7.1.9', 'since 7.1.9'])
def awaited(request, monkeypatch):
    """How a future of rclpy is awaited."""
    since = request.param == 'since 7.1.9'
    monkeypatch.setattr(Future, '__await__', _since if since else _before)
    return since


def _before(self):
    while not (self.done() or self.cancelled()):
        yield
    return self.result()


def _since(self):
    if not (self.done() or self.cancelled()):
        yield self
    if not (self.done() or self.cancelled()):
        raise RuntimeError('resumed before it was done')
    return self.result()
