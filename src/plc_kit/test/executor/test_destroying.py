# SPDX-License-Identifier: Apache-2.0
"""What is destroyed while the executor spins is called no more, and does no harm."""

import threading

from rclpy.action import ActionServer
from rclpy.node import Node
from std_msgs.msg import Int32
from std_srvs.srv import Trigger

from plc_kit.qos import LATCHED
from plc_kit.quiet import subscription
from plc_msgs.action import Charge

SOON = 0.001  # s


def test_a_subscription_that_its_callback_destroys_hears_no_more(scene):
    def heard(message):
        scene.ring(message.data)
        scene.other.destroy_subscription(subscription)

    subscription = scene.other.create_subscription(Int32, 'x', heard, 10)
    publisher = scene.one.create_publisher(Int32, 'x', 10)
    scene.spin(publisher.get_subscription_count)
    for number in range(3):
        publisher.publish(Int32(data=number))
    scene.spin(lambda: scene.rung)
    scene.spin(lambda: not publisher.get_subscription_count())
    assert scene.rung == [0]


def test_a_guard_that_another_callback_destroys_rings_no_more(scene):
    def first(own, other):
        scene.ring(own)
        scene.one.destroy_guard_condition(guards[other])

    guards = {
        own: scene.one.create_guard_condition(lambda own=own, other=other: first(own, other))
        for own, other in ('ab', 'ba')
    }
    for guard in guards.values():
        guard.trigger()
    scene.spin_a_while()
    assert len(scene.rung) == 1


def test_a_service_may_destroy_itself(scene):
    def answer(_, response):
        scene.ring()
        scene.one.destroy_service(service)
        return response

    service = scene.one.create_service(Trigger, 'ask', answer)
    client = scene.other.create_client(Trigger, 'ask')
    scene.spin(client.service_is_ready)
    client.call_async(Trigger.Request())
    scene.spin(lambda: scene.rung)
    scene.spin(lambda: not client.service_is_ready())


def test_a_node_may_be_destroyed_in_its_callback(scene):
    def end():
        scene.ring()
        scene.executor.remove_node(scene.other)
        scene.other.destroy_node()

    scene.other.create_timer(SOON, end)
    scene.other.create_timer(SOON, lambda: scene.ring('late'))
    scene.spin(lambda: scene.rung)
    scene.spin_a_while()
    assert scene.rung in (['rung'], ['late', 'rung'])


def test_another_thread_may_create_and_destroy_whatever_there_is(scene):
    def churn():
        for number in range(60):
            node = Node(f'n{number}', context=scene.contexts[1], use_global_arguments=False)
            scene.executor.add_node(node)
            heard = subscription(
                node, Int32, 'x', lambda _: None, LATCHED, liveliness=lambda _: None
            )
            timer = node.create_timer(SOON, lambda: None)
            service = node.create_service(Trigger, f's{number}', lambda _, response: response)
            guard = node.create_guard_condition(lambda: None)
            guard.trigger()
            node.destroy_subscription(heard)
            node.destroy_timer(timer)
            node.destroy_service(service)
            node.destroy_guard_condition(guard)
            if number % 10 == 0:
                ActionServer(node, Charge, f'a{number}', lambda _: Charge.Result()).destroy()
            scene.executor.remove_node(node)
            node.destroy_node()

    publisher = scene.one.create_publisher(Int32, 'x', LATCHED)
    scene.one.create_timer(SOON, lambda: publisher.publish(Int32()))
    with scene.spins_apart() as spinning:
        churning = threading.Thread(target=churn)
        churning.start()
        churning.join()
        assert spinning.raised is None
        scene.executor.create_task(scene.executor.shutdown)
    assert spinning.raised is None
