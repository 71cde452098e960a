# SPDX-License-Identifier: Apache-2.0
"""The page's node: hears what the graph tells, and asks its services."""

import asyncio
from collections import deque
from collections.abc import Callable
import math
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import Log
from rclpy.action import ActionClient
from rclpy.event_handler import QoSLivelinessChangedInfo
from rclpy.node import Node
from rclpy.task import Future
from std_srvs.srv import Trigger

from plc_kit.inbox import Inbox
from plc_kit.one_publisher import hear_one
from plc_kit.parameters import declare
from plc_kit.qos import LATCHED, STATES
from plc_kit.quiet import subscription
from plc_msgs.action import Charge
from plc_msgs.msg import ChargingLink, ChargingState, ModemStatus, SlacStatus, TransportStatus
from plc_web.plain import plain
from plc_web.settings import WebSettings
from plc_web.side import Side

SERVICES = ('charging/stop', 'charging/emergency_stop', 'charging/reset')
_TOPICS = {
    'charging/link': ChargingLink,
    'modem/status': ModemStatus,
    'slac/status': SlacStatus,
    'transport/status': TransportStatus,
}
_LINES = 2000  # of the log
_PATIENCE = 3.0  # s for a service to be there, and to answer
_AT_ONCE = 0.5  # s in which a goal that cannot be is refused
_FORGOTTEN = 5.0  # s after which a diagnostic of a node that is silent is not shown any more
_LEVELS = {10: 'debug', 20: 'info', 30: 'warn', 40: 'error', 50: 'fatal'}


class Unreachable(RuntimeError):
    """A node does not answer; the text is a sentence."""


class FeedNode(Node):
    """Keeps what was told last. Its callbacks run in the thread that spins it.

    Others read plain attributes, and hand over what must be done there by `ask`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__('web', **options)
        self.settings = declare(self, WebSettings)
        self.sides = {name: Side(name) for name in self.settings.sides}
        self.spinning = True  # its thread runs
        self.lines: deque[dict[str, Any]] = deque(maxlen=_LINES)
        self._number = 0  # of the newest line
        self._findings: dict[str, tuple[float, dict[str, Any]]] = {}
        self._jobs = Inbox[Callable[[], None]](self, lambda job: job())
        self._buttons = {
            f'{side}/{name}': self.create_client(Trigger, f'{side}/{name}')
            for side in self.sides
            for name in SERVICES
        }
        vehicles = [side for side in self.sides if side == '/pev']
        self._charges = [ActionClient(self, Charge, f'{one}/charging/charge') for one in vehicles]
        for side in self.sides.values():
            self._listen_to(side)
        subscription(self, DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)  # type: ignore[arg-type]
        subscription(self, Log, '/rosout', self._on_log, 100)  # type: ignore[arg-type]

    def _listen_to(self, side: Side) -> None:
        def state(message: ChargingState) -> None:
            side.told(message, time.time())

        def changed(info: QoSLivelinessChangedInfo) -> None:
            side.alive = info.alive_count > 0

        topic = f'{side.name}/charging/state'
        hear_one(self, ChargingState, topic, state, STATES, liveliness=changed)
        for topic, kind in _TOPICS.items():
            subscription(self, kind, f'{side.name}/{topic}', self._keeping(side, topic), LATCHED)

    def _keeping(self, side: Side, topic: str) -> Callable[[Any], None]:
        def keep(message: Any) -> None:
            side.latest[topic] = message

        return keep

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self._findings[status.name] = (time.monotonic(), plain(status))

    def _on_log(self, line: Log) -> None:
        self._number += 1
        self.lines.append(
            {
                'number': self._number,
                'time': line.stamp.sec + line.stamp.nanosec * 1e-9,
                'level': _LEVELS.get(line.level, 'info'),
                'node': line.name.replace('.', '/'),
                'text': line.msg,
            }
        )

    @property
    def busy(self) -> str:
        """Why outputs may be live, as a sentence; empty: they are not."""
        return next((why for side in self.sides.values() if (why := side.busy())), '')

    def findings(self) -> list[dict[str, Any]]:
        """Return the diagnostics of the nodes that still tell theirs."""
        since = time.monotonic() - _FORGOTTEN
        fresh = [finding for when, finding in list(self._findings.values()) if when >= since]
        return sorted(fresh, key=lambda finding: str(finding['name']))

    def forget(self) -> None:
        """The graph has ended: show nothing of it."""
        for side in self.sides.values():
            side.forget()
        self._findings.clear()

    def wake(self) -> None:
        """Have the thread look at what has changed."""
        self._jobs.put(lambda: None)

    # Asked from the thread of the event loop

    async def ask(
        self, begin: Callable[[], Future], what: str, patience: float = _PATIENCE
    ) -> Any:
        """Begin something in the node's thread, and await its result; raises Unreachable."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()

        def settle(future: Future) -> None:
            if not answer.done():
                answer.set_result(future.result())

        def job() -> None:
            begin().add_done_callback(lambda future: loop.call_soon_threadsafe(settle, future))

        self._jobs.put(job)
        try:
            return await asyncio.wait_for(answer, patience)
        except TimeoutError:
            raise Unreachable(f'{what} does not answer') from None

    async def call(self, client: Any, request: Any) -> Any:
        """Call a service; raises Unreachable."""
        name = client.srv_name
        await self._until(client.service_is_ready, name)
        return await self.ask(lambda: client.call_async(request), name)

    async def press(self, name: str) -> list[tuple[bool, str]]:
        """Call a Trigger service of all sides that are there, at once: (success, message).

        Raises Unreachable once all were called, where one did not answer.
        """
        clients = [one for path, one in self._buttons.items() if path.endswith(f'/{name}')]
        ready = [one for one in clients if one.service_is_ready()] or clients
        calls = [self.call(client, Trigger.Request()) for client in ready]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        told = []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            told.append((answer.success, answer.message))
        return told

    async def charge(self, **goal: float) -> str:
        """Send a goal of charging/charge to the vehicle; raises Unreachable.

        Returns why it was ended at once, as where another goal runs; empty: it was taken.
        """
        if not self._charges:
            raise Unreachable('there is no vehicle on this side')
        client = self._charges[0]
        await self._until(client.server_is_ready, 'charging/charge')
        wish = Charge.Goal(**{name: float(value) for name, value in goal.items()})
        handle = await self.ask(lambda: client.send_goal_async(wish), 'charging/charge')
        try:
            end = await self.ask(handle.get_result_async, 'the goal', _AT_ONCE)
        except Unreachable:
            return ''  # it has no result yet: it runs
        return end.result.reason or end.result.error

    async def _until(self, ready: Callable[[], bool], name: str) -> None:
        for _ in range(math.ceil(_PATIENCE / 0.05)):
            if ready():
                return
            await asyncio.sleep(0.05)
        raise Unreachable(f'{name} is not there; the graph may be down')
