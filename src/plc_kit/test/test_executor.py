# SPDX-License-Identifier: Apache-2.0
"""The executor that keeps its wait set calls all that is ready, whatever comes and goes."""

import threading
import time

import pytest
import rclpy
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.task import Future
from std_msgs.msg import Int32
from std_srvs.srv import Trigger

from plc_kit.executor import LeanExecutor
from plc_kit.qos import LATCHED, LIVELINESS_LEASE
from plc_kit.quiet import subscription

PATIENCE = 10.0  # s
SOON = 0.001  # s


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

    def spin(self, until):
        end = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < end, self.rung
            self.executor.spin_once(0.1)

    def spin_a_while(self):
        end = time.monotonic() + 20 * SOON
        while time.monotonic() < end:
            self.executor.spin_once(SOON)


def _node(name, context):
    return Node(name, context=context, use_global_arguments=False)


@pytest.fixture
def scene():
    made = Scene()
    yield made
    made.executor.shutdown()
    made.one.destroy_node()
    made.other.destroy_node()
    for context in made.contexts:
        rclpy.try_shutdown(context=context)


def test_a_message_reaches_the_other_node(scene):
    scene.other.create_subscription(Int32, 'x', lambda m: scene.rung.append(m.data), 10)
    publisher = scene.one.create_publisher(Int32, 'x', 10)
    scene.spin(publisher.get_subscription_count)
    for number in range(3):
        publisher.publish(Int32(data=number))
    scene.spin(lambda: len(scene.rung) == 3)
    assert scene.rung == [0, 1, 2]


def test_what_is_created_in_a_callback_is_waited_for(scene):
    def first():
        timer.cancel()
        scene.one.create_timer(SOON, lambda: scene.rung.append('second'))

    timer = scene.one.create_timer(SOON, first)
    scene.spin(lambda: scene.rung)


def test_a_timer_that_a_callback_cancels_or_destroys_rings_no_more(scene):
    def ring(name):
        scene.rung.append(name)
        timers['b'].cancel()
        scene.one.destroy_timer(timers['c'])

    timers = {name: scene.one.create_timer(SOON, lambda name=name: ring(name)) for name in 'abc'}
    time.sleep(5 * SOON)  # so that all are due at once
    scene.spin_a_while()
    assert set(scene.rung) == {'a'}


def test_a_guard_condition_of_another_thread_wakes_it_up(scene):
    guard = scene.one.create_guard_condition(lambda: scene.rung.append('rung'))
    threading.Timer(0.05, guard.trigger).start()
    scene.executor.spin_once(PATIENCE)
    scene.spin(lambda: scene.rung == ['rung'])
    guard.trigger()
    scene.spin(lambda: scene.rung == ['rung', 'rung'])


def test_what_another_thread_creates_while_it_waits_is_waited_for(scene):
    def create():
        guards.append(scene.one.create_guard_condition(lambda: scene.rung.append('rung')))
        guards[0].trigger()

    guards = []
    threading.Timer(0.05, create).start()
    begin = time.monotonic()
    while not scene.rung:
        scene.executor.spin_once(None)
    assert time.monotonic() - begin < PATIENCE


def test_a_service_is_answered_and_a_coroutine_goes_on_with_the_answer(scene):
    def answer(_, response):
        response.message = 'here'
        return response

    async def ask():
        timer.cancel()
        response = await client.call_async(Trigger.Request())
        scene.rung.append(response.message)

    scene.one.create_service(Trigger, 'ask', answer)
    client = scene.other.create_client(Trigger, 'ask')
    scene.spin(client.service_is_ready)
    timer = scene.other.create_timer(SOON, ask)
    scene.spin(lambda: scene.rung == ['here'])


def test_a_task_runs_and_its_exception_is_raised(scene):
    async def work():
        await future
        raise ZeroDivisionError

    future = Future(executor=scene.executor)
    scene.executor.create_task(work)
    scene.spin_a_while()
    future.set_result(None)
    with pytest.raises(ZeroDivisionError):
        scene.spin_a_while()


def test_an_exception_of_a_callback_is_raised(scene):
    scene.one.create_timer(SOON, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        scene.spin_a_while()


def test_a_future_ends_its_spinning(scene):
    future = Future(executor=scene.executor)
    threading.Timer(0.05, lambda: future.set_result('done')).start()
    scene.executor.spin_until_future_complete(future)
    assert future.result() == 'done'


def test_spinning_for_a_future_gathers_nothing(scene):
    """As SingleThreadedExecutor does: a callback for each turn."""
    future = Future(executor=scene.executor)
    timer = scene.one.create_timer(SOON, lambda: scene.rung.append(1))
    scene.executor.spin_until_future_complete(future, timeout_sec=50 * SOON)
    timer.cancel()
    assert len(scene.rung) > 10
    assert len(future._callbacks) == 1


def test_it_ends_with_its_context(scene):
    context = scene.contexts[0]
    threading.Timer(0.05, lambda: rclpy.shutdown(context=context)).start()
    scene.executor.spin()
    assert not context.ok()


def test_it_warns_of_a_partner_with_another_qos(scene):
    def warned(_):
        scene.rung.append('warned')

    events = SubscriptionEventCallbacks(incompatible_qos=warned)
    scene.other.create_subscription(Int32, 'x', lambda _: None, LATCHED, event_callbacks=events)
    scene.one.create_publisher(Int32, 'x', 1)
    scene.one.create_timer(0.1, lambda: None)
    scene.spin(lambda: scene.rung == ['warned'])


def test_it_tells_the_liveliness_of_a_publisher(scene):
    """In one context it would be told dead after a second: Fast DDS renews it for others only."""
    subscription(
        scene.other,
        Int32,
        'alive',
        lambda _: None,
        LATCHED,
        liveliness=lambda info: scene.rung.append(info.alive_count),
    )
    publisher = scene.one.create_publisher(Int32, 'alive', LATCHED)
    publisher.publish(Int32())
    scene.spin(lambda: scene.rung == [1])
    end = time.monotonic() + 2 * LIVELINESS_LEASE
    while time.monotonic() < end:
        scene.executor.spin_once(0.1)
    assert scene.rung == [1]
    scene.one.destroy_publisher(publisher)
    scene.spin(lambda: scene.rung == [1, 0])
