# SPDX-License-Identifier: Apache-2.0
"""Requests and answers of one connection, as the vehicle leads them: one question at a time."""

from collections import deque
from dataclasses import replace

from v2g.exi import MalformedExi
from v2g.schema.declare import Complex
from v2g.schema.sap import supportedAppProtocolRes
from v2g.session import sap
from v2g.session.cause import Cause, fault
from v2g.session.dialect import Timers, UnexpectedMessage, VehicleDialect
from v2g.session.events import EXI, Send, Traffic
from v2g.session.exchange import Answer, Ask, Step
from v2g.session.story import Story


def timeout_word(name: str) -> str:
    """TIMEOUT_CURRENT_DEMAND for CurrentDemandReq."""
    plain = name.removesuffix('Req')
    plain = plain[0].upper() + plain[1:]
    return 'TIMEOUT' + ''.join('_' + c if c.isupper() else c.upper() for c in plain)


class Dialogue:
    """Knows what was asked and until when it must be answered."""

    def __init__(
        self, connection_id: int, namespace: str, dialect: VehicleDialect, timers: Timers
    ) -> None:
        self.connection_id = connection_id
        self.open = True
        self.session_id = bytes(8)  # until the charger gives one
        self._pending: deque[tuple[Step, float]] = deque()  # what was asked, and when
        self.dialect, self._namespace, self._timers = dialect, namespace, timers

    @property
    def waiting(self) -> Step | None:
        """The first request that is not answered; more than one only while stopping."""
        return self._pending[0][0] if self._pending else None

    @property
    def asked_at(self) -> float:
        return self._pending[0][1] if self._pending else 0.0

    @property
    def deadline(self) -> float | None:
        """When the outstanding answer is late (V2G_EVCC_Msg_Timeout)."""
        if self.waiting is None:
            return None
        return self.asked_at + self._timers.message[self.waiting]

    def ask(self, ask: Ask, story: Story, now: float) -> None:
        """Send a request."""
        if ask.step is Step.APP_PROTOCOL:
            message: Complex = sap.offer(self._namespace)
            octets = sap.to_octets(message)
        else:
            message = self.dialect.request(ask)
            octets = self.dialect.encode(message)
        self._pending.append((ask.step, now))
        story.add(Send(self.connection_id, octets))
        story.add(Traffic(True, self._protocol(ask.step), octets, message))

    def hear(self, payload_type: int, payload: bytes, story: Story) -> Answer | Cause:
        """What a message means, or why it ends the session."""
        step = self.waiting
        if payload_type != EXI:
            return fault('MALFORMED_MESSAGE', f'V2GTP payload type {payload_type:#06x}')
        protocol = self._protocol(step)
        in_sap = step is Step.APP_PROTOCOL
        try:
            decoded = sap.from_octets(payload) if in_sap else self.dialect.decode(payload)
        except MalformedExi as error:
            story.add(Traffic(False, protocol, payload, None, str(error)))
            return fault('MALFORMED_MESSAGE', f'a message of the charger is malformed: {error}')
        message = decoded.message
        story.add(Traffic(False, protocol, payload, message, '', decoded.spare))
        return self._negotiated(message) if in_sap else self._meaning(message)

    def timed_out(self, now: float) -> Cause | None:
        """The fault of an answer that is late."""
        if self.waiting is None or self.deadline is None or now < self.deadline:
            return None
        name = self.dialect.request_name(self.waiting)
        return fault(timeout_word(name), f'{name} was not answered in time')

    def close(self, story: Story) -> None:
        """End the connection."""
        if self.open:
            story.add(Send(self.connection_id, b'', close=True))
        self.lost()

    def forget(self) -> None:
        """Wait no more for what is not answered."""
        self._pending.clear()

    def lost(self) -> None:
        """The connection is gone: no answer comes any more."""
        self.open = False
        self._pending.clear()

    def _protocol(self, step: Step | None) -> str:
        return 'sap' if step is Step.APP_PROTOCOL else self.dialect.name

    def _negotiated(self, message: Complex) -> Answer | Cause:
        self._pending.popleft()
        if isinstance(message, supportedAppProtocolRes) and sap.agreed(message):
            return Answer(step=Step.APP_PROTOCOL)
        return fault('NO_PROTOCOL', f'the charger does not speak {self.dialect.name}')

    def _meaning(self, message: Complex) -> Answer | Cause:
        try:
            answer = self.dialect.answer(message)
        except UnexpectedMessage as error:
            return fault('UNEXPECTED_MESSAGE', str(error))
        step = self._matched(answer.step)
        if step is None:
            return fault('UNEXPECTED_MESSAGE', f'{_name(message)} answers no request')
        if step is not answer.step:
            answer = replace(answer, step=step)
        if step is Step.SESSION_SETUP and not answer.failed:
            return self._founded(answer)
        if answer.session_id != self.session_id and not answer.failed:
            return fault('WRONG_SESSION', f'{_name(message)} is of another session')
        return answer

    def _matched(self, answered: Step) -> Step | None:
        """The request that is answered; those before it will not be any more."""
        for index, (step, _) in enumerate(self._pending):
            if _fits(answered, step):
                for _ in range(index + 1):
                    self._pending.popleft()
                return step
        return None

    def _founded(self, answer: Answer) -> Answer | Cause:
        """Keep the SessionID as it came, 1 to 8 octets (lesson 48)."""
        if not answer.session_id:
            return fault('WRONG_SESSION', 'the charger gave a SessionID of no octets')
        self.session_id = answer.session_id
        return answer


def _fits(answered: Step, asked: Step) -> bool:
    power_delivery = (Step.START, Step.STOP)
    return answered is asked or (answered in power_delivery and asked in power_delivery)


def _name(message: Complex) -> str:
    return type(getattr(message, 'Body', message)).__name__
