# SPDX-License-Identifier: Apache-2.0
"""The executor calls whatever is ready: messages, timers, guards, services, events."""

import threading
import time

from rclpy.event_handler import SubscriptionEventCallbacks
from std_msgs.msg import Int32
from std_srvs.srv import Trigger

from plc_kit.qos import LATCHED, LIVELINESS_LEASE
from plc_kit.quiet import subscription

PATIENCE = 10.0  # s
SOON = 0.001  # s


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


def test_a_callback_may_want_to_know_about_a_message(scene):
    def heard(message, info):
        scene.ring((message.data, info['received_timestamp'] > 0))

    scene.other.create_subscription(Int32, 'x', heard, 10)
    publisher = scene.one.create_publisher(Int32, 'x', 10)
    scene.spin(publisher.get_subscription_count)
    publisher.publish(Int32(data=1))
    scene.spin(lambda: scene.rung == [(1, True)])


def test_a_callback_may_be_set_anew(scene):
    heard = scene.other.create_subscription(Int32, 'x', lambda m: scene.ring(m.data), 10)
    publisher = scene.one.create_publisher(Int32, 'x', 10)
    scene.spin(publisher.get_subscription_count)
    publisher.publish(Int32(data=1))
    scene.spin(lambda: scene.rung == [1])
    heard.callback = lambda message, info: scene.ring((message.data, bool(info)))
    publisher.publish(Int32(data=2))
    scene.spin(lambda: scene.rung == [1, (2, True)])


def test_a_message_may_stay_octets(scene):
    scene.other.create_subscription(Int32, 'x', scene.ring, 10, raw=True)
    publisher = scene.one.create_publisher(Int32, 'x', 10)
    scene.spin(publisher.get_subscription_count)
    publisher.publish(Int32(data=7))
    scene.spin(lambda: scene.rung)
    assert scene.rung[0][4:8] == bytes([7, 0, 0, 0])


def test_a_timer_rings_again_and_again_and_by_another_period(scene):
    timer = scene.one.create_timer(PATIENCE, scene.ring)
    scene.spin_a_while()
    assert scene.rung == []
    timer.timer_period_ns = int(SOON * 1e9)
    timer.reset()
    scene.spin(lambda: len(scene.rung) == 5)


def test_a_service_is_answered(scene):
    def answer(_, response):
        response.message = 'here'
        return response

    scene.one.create_service(Trigger, 'ask', answer)
    client = scene.other.create_client(Trigger, 'ask')
    scene.spin(client.service_is_ready)
    asked = client.call_async(Trigger.Request())
    asked.add_done_callback(lambda done: scene.ring(done.result().message))
    scene.spin(lambda: scene.rung == ['here'])


def test_an_answer_nobody_waits_for_any_more_does_no_harm(scene):
    def answer(_, response):
        scene.ring()
        return response

    scene.one.create_service(Trigger, 'ask', answer)
    client = scene.other.create_client(Trigger, 'ask')
    scene.spin(client.service_is_ready)
    client.remove_pending_request(client.call_async(Trigger.Request()))
    last = client.call_async(Trigger.Request())
    scene.spin(last.done)
    assert scene.rung == ['rung', 'rung']


def test_another_thread_may_wait_for_an_answer(scene):
    scene.one.create_service(Trigger, 'ask', lambda _, response: response)
    client = scene.other.create_client(Trigger, 'ask')
    scene.spin(client.service_is_ready)
    asking = threading.Thread(target=lambda: scene.ring(client.call(Trigger.Request())))
    asking.start()
    scene.spin(lambda: scene.rung)
    asking.join()
    assert isinstance(scene.rung[0], Trigger.Response)


def test_what_is_ready_behind_an_exception_is_called_in_the_next_turn(scene):
    """A guard condition rings once: the letter it tells of would lie there."""

    def fail():
        raise ZeroDivisionError

    scene.one.create_guard_condition(fail).trigger()
    scene.one.create_guard_condition(scene.ring).trigger()
    for _ in range(2):
        try:
            scene.executor.spin_once(0)
        except ZeroDivisionError:
            scene.ring('failed')
    assert scene.rung == ['failed', 'rung']


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
