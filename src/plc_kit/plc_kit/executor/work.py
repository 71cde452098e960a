# SPDX-License-Identifier: Apache-2.0
"""What is done about an entity that is ready: what it has is taken, then it is called back.

A take returns what is to be called without arguments, or None where there is nothing to do. It
raises InvalidHandle for an entity that was destroyed since it was found ready.
"""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from functools import partial
import inspect
from typing import Any

from rclpy.exceptions import InvalidHandle
from rclpy.guard_condition import GuardCondition
from rclpy.node import Node
from rclpy.subscription import Subscription
from rclpy.timer import Timer
from rclpy.waitable import Waitable

from plc_kit.executor.identified import take

Call = Callable[[], Any]
Take = Callable[[Any], Call | None]


def entities(node: Node) -> Iterator[tuple[str, Any, Take]]:
    """Yield what a node has to wait for but waitables: kind in the wait set, entity, its take."""
    yield from (('timer', one, _take_timer) for one in node.timers)
    yield from (('subscription', one, _Messages()) for one in node.subscriptions)
    yield from (('guard_condition', one, _take_guard) for one in node.guards)
    yield from (('client', one, _take_response) for one in node.clients)
    yield from (('service', one, _take_request) for one in node.services)


def _take_timer(timer: Timer) -> Call | None:
    if not timer.handle.is_timer_ready():  # a callback before this has cancelled it
        return None
    timer.handle.call_timer()
    return timer.callback


def _take_guard(guard: GuardCondition) -> Call | None:
    return guard.callback


class _Messages:
    """Takes the messages of one subscription, whose callback may want to know about them."""

    def __init__(self) -> None:
        self._callback: Callable[..., Any] | None = None
        self._wanted = 1

    def __call__(self, subscription: Subscription) -> Call | None:
        callback = subscription.callback
        if callback is not self._callback:  # it may be set anew
            self._callback, self._wanted = callback, _wanted_by(callback)
        if self._wanted == 1:
            taken = subscription.handle.take_message(subscription.msg_type, subscription.raw)
        else:
            taken = take(subscription)
        return None if taken is None else partial(callback, *taken[: self._wanted])


def _wanted_by(callback: Callable[..., Any]) -> int:
    """Return 1 for a callback that takes a message alone, 2 for one that takes its info too."""
    try:
        inspect.signature(callback).bind(None)
    except TypeError:
        return 2
    return 1


def _take_response(client: Any) -> Call | None:
    header, response = client.handle.take_response(client.srv_type.Response)
    if header is None:
        return None
    return partial(_respond, client, header.request_id.sequence_number, response)


def _respond(client: Any, number: int, response: Any) -> None:
    with suppress(KeyError):  # nobody waits for it any more
        client.get_pending_request(number).set_result(response)


def _take_request(service: Any) -> Call | None:
    request, header = service.handle.service_take_request(service.srv_type.Request)
    return None if header is None else partial(_serve, service, header, request)


def _serve(service: Any, header: Any, request: Any) -> Coroutine[Any, Any, None] | None:
    response = service.callback(request, service.srv_type.Response())
    if inspect.iscoroutine(response):
        return _answer_later(service, header, response)
    _answer(service, header, response)
    return None


async def _answer_later(service: Any, header: Any, response: Coroutine[Any, Any, Any]) -> None:
    _answer(service, header, await response)


def _answer(service: Any, header: Any, response: Any) -> None:
    with suppress(InvalidHandle):  # its callback has destroyed it
        service.send_response(response, header)


def take_waitable(waitable: Waitable) -> Call:
    """Take what a waitable has, for its execute()."""
    return partial(waitable.execute, waitable.take_data())
