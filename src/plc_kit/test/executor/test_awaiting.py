# SPDX-License-Identifier: Apache-2.0
"""Callbacks and tasks that await something go on, as rclpy awaited before 7.1.9 and as since."""

import threading

import pytest
from rclpy.task import Future
from std_srvs.srv import Trigger

SOON = 0.001  # s


def test_a_callback_goes_on_with_the_answer_of_a_service(scene, awaited):
    async def ask():
        timer.cancel()
        response = await client.call_async(Trigger.Request())
        scene.ring(response.message)

    async def answer(_, response):
        response.message = await word
        return response

    word = Future()
    scene.one.create_service(Trigger, 'ask', answer)
    client = scene.other.create_client(Trigger, 'ask')
    scene.spin(client.service_is_ready)
    timer = scene.other.create_timer(SOON, ask)
    scene.spin_a_while()
    assert scene.rung == []
    scene.executor.create_task(word.set_result, 'here')
    scene.spin(lambda: scene.rung == ['here'])


@pytest.mark.parametrize('kind', ['function', 'coroutine function', 'coroutine', 'lambda'])
def test_a_task_has_a_result(scene, awaited, kind):
    async def add(a, b):
        await ready
        return a + b

    ready = Future()
    begin = {
        'function': lambda create: create(lambda a, b: a + b, 1, b=2),
        'coroutine function': lambda create: create(add, 1, b=2),
        'coroutine': lambda create: create(add(1, 2)),
        'lambda': lambda create: create(lambda: add(1, 2)),
    }[kind]
    task = begin(scene.executor.create_task)
    scene.executor.create_task(ready.set_result, None)
    scene.executor.spin_until_future_complete(task, 1.0)
    assert task.result() == 3


def test_a_task_of_another_thread_wakes_it_up(scene, awaited):
    begin = threading.Timer(0.05, lambda: scene.executor.create_task(scene.ring))
    begin.start()
    while not scene.rung:
        scene.executor.spin_once(None)


def test_a_future_that_another_thread_completes_lets_a_task_go_on(scene, awaited):
    async def work():
        scene.ring(await future)

    def complete():
        future.set_result('done')
        scene.executor.wake()  # which futures before 7.1.9 need

    future = Future()
    task = scene.executor.create_task(work)
    threading.Timer(0.05, complete).start()
    scene.executor.spin_until_future_complete(task)
    assert scene.rung == ['done']


def test_tasks_that_wait_for_each_other_need_no_other_event(scene, awaited):
    """One that was asked before the other went on must not wait for a message to come."""

    async def last():
        scene.ring(await middle)

    async def between():
        middle.set_result(await first)
        await never

    first, middle, never = Future(), Future(), Future()
    tasks = [scene.executor.create_task(one) for one in (last, between)]
    scene.spin_a_while()
    scene.executor.create_task(first.set_result, 'through')
    scene.executor.spin_until_future_complete(tasks[0], 1.0)
    assert scene.rung == ['through']


def test_a_task_awaits_another(scene, awaited):
    async def outer():
        return await scene.executor.create_task(lambda: 6) * 7

    task = scene.executor.create_task(outer)
    scene.executor.spin_until_future_complete(task, 1.0)
    assert task.result() == 42


def test_a_waiting_task_costs_no_turns(scene, awaited):
    async def work():
        await Future()

    scene.executor.create_task(work)
    scene.spin_a_while()
    timer = scene.one.create_timer(0.05, scene.ring)
    scene.executor.spin_once(None)
    turns = 0
    while len(scene.rung) < 2:
        scene.executor.spin_once(None)
        turns += 1
    timer.cancel()
    assert turns <= 4


def test_a_cancelled_task_is_closed_where_it_waits(scene, awaited):
    async def work():
        try:
            await Future()
        finally:
            scene.ring('closed')

    task = scene.executor.create_task(work)
    scene.spin_a_while()
    task.cancel()
    scene.spin(lambda: scene.rung == ['closed'])
    assert task.cancelled()


def test_an_exception_of_a_task_is_raised_and_told(scene, awaited):
    async def work():
        await future
        raise ZeroDivisionError

    future = Future(executor=scene.executor)
    task = scene.executor.create_task(work)
    scene.spin_a_while()
    future.set_result(None)
    with pytest.raises(ZeroDivisionError):
        scene.spin_a_while()
    assert isinstance(task.exception(), ZeroDivisionError)


def test_an_exception_behind_an_await_of_a_callback_is_raised(scene, awaited):
    async def fail():
        timer.cancel()
        await future
        raise ZeroDivisionError

    future = Future()
    timer = scene.one.create_timer(SOON, fail)
    scene.spin_a_while()
    scene.executor.create_task(future.set_result, None)
    with pytest.raises(ZeroDivisionError):
        scene.spin_a_while()


def test_an_exception_of_a_callback_is_raised(scene):
    scene.one.create_timer(SOON, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        scene.spin_a_while()


def test_who_awaits_something_else_is_told(scene):
    class Other:
        def __await__(self):
            yield 'asyncio'

    async def work():
        await Other()

    scene.executor.create_task(work)
    with pytest.raises(TypeError, match='asyncio'):
        scene.spin_a_while()


def test_what_waits_when_it_ends_is_closed(scene, awaited):
    async def work():
        try:
            await Future()
        finally:
            scene.ring('closed')

    scene.executor.create_task(work)
    scene.spin_a_while()
    scene.executor.shutdown()
    assert scene.rung == ['closed']
