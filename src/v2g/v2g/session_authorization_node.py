# SPDX-License-Identifier: Apache-2.0
"""charging/authorization_request and charging/authorize: who may charge (R17)."""

from collections.abc import Callable, Sequence

from rclpy.node import Node

from plc_kit.clock import now, stamp
from plc_kit.qos import LATCHED
from plc_kit.quiet import publisher
from plc_msgs.msg import AuthorizationRequest
from plc_msgs.srv import Authorize
from v2g.session.events import AuthorizationAsked, Event
from v2g.session.secc.machine import Secc


class AuthorizationDesk:
    """Carries the question to whoever may decide, and the answer back."""

    def __init__(
        self, node: Node, machine: Secc, perform: Callable[[Sequence[Event]], None]
    ) -> None:
        self._machine, self._perform = machine, perform
        topic = 'charging/authorization_request'
        self._question = publisher(node, AuthorizationRequest, topic, LATCHED)
        node.create_service(Authorize, 'charging/authorize', self._answered)

    def follow(self, events: Sequence[Event]) -> None:
        """Ask, and tell that a question is settled."""
        for event in events:
            if isinstance(event, AuthorizationAsked):
                self._question.publish(_message(event))

    def _answered(self, said: Authorize.Request, reply: Authorize.Response) -> Authorize.Response:
        reply.success, reply.message, events = self._machine.authorize(
            said.request_id, said.allowed, said.reason, now()
        )
        self._perform(events)
        return reply


def _message(asked: AuthorizationAsked) -> AuthorizationRequest:
    facts = asked.facts
    return AuthorizationRequest(
        stamp=stamp(),
        pending=asked.pending,
        request_id=asked.request_id,
        evcc_id=facts.evcc_id,
        mac=facts.mac,
        modem_mac=facts.modem_mac,
    )
