# SPDX-License-Identifier: Apache-2.0
"""Requests and responses of one connection, as the charger answers them (R15)."""

from collections.abc import Callable

from plc_kit.readable import readable
from v2g.exi import MalformedExi
from v2g.schema.declare import Complex
from v2g.schema.sap import supportedAppProtocolReq
from v2g.session import sap
from v2g.session.cause import Cause, fault
from v2g.session.dialect import ChargerDialect, UnexpectedMessage
from v2g.session.events import EXI, Send, Traffic
from v2g.session.exchange import Answer, Ask, Code, Step
from v2g.session.story import Story


class Replies:
    """Knows which request was answered last; that is the state of the protocol."""

    def __init__(
        self,
        connection_id: int,
        namespace: str,
        dialect: ChargerDialect,
        entropy: Callable[[int], bytes],
    ) -> None:
        self.connection_id = connection_id
        self.open = True
        self.agreed = False  # on a protocol
        self.last: Step | None = None
        self.ongoing = False
        self.session_id = bytes(8)
        self.offered: tuple[str, ...] = ()  # namespaces of the vehicle, the one it prefers first
        self.refused: Ask | None = None  # a request that was understood, and answered FAILED
        self.dialect, self._namespace, self._entropy = dialect, namespace, entropy

    def hear(self, payload_type: int, payload: bytes, story: Story) -> Ask | Cause:
        """A request that is allowed now; or what ends the session, already answered."""
        if payload_type != EXI:
            self.close(story)
            return fault('MALFORMED_MESSAGE', f'V2GTP payload type {payload_type:#06x}')
        protocol = self.dialect.name if self.agreed else 'sap'
        try:
            decode = self.dialect.decode if self.agreed else sap.from_octets
            decoded = decode(payload)
        except MalformedExi as error:
            story.add(Traffic(False, protocol, payload, None, str(error)))
            self._turn_down(story)
            return fault('MALFORMED_MESSAGE', f'a message of the vehicle is malformed: {error}')
        story.add(Traffic(False, protocol, payload, decoded.message, '', decoded.spare))
        if not self.agreed:
            return self._negotiate(decoded.message, story)
        return self._allowed(decoded.message, story)

    def reply(self, answer: Answer, story: Story, *, close: bool = False) -> None:
        """Send a response."""
        self.last, self.ongoing = answer.step, answer.ongoing
        self._send(self.dialect.response(answer), story, close)

    def found(self) -> bytes:
        """A new SessionID: random, 8 octets, not all zero."""
        while not any(self.session_id):
            self.session_id = self._entropy(8)
        return self.session_id

    def close(self, story: Story) -> None:
        """End the connection."""
        if self.open:
            story.add(Send(self.connection_id, b'', close=True))
        self.open = False

    def _send(self, message: Complex, story: Story, close: bool) -> None:
        octets = self.dialect.encode(message)
        story.add(Send(self.connection_id, octets, close))
        story.add(Traffic(True, self.dialect.name, octets, message))
        self.open = self.open and not close

    def _turn_down(self, story: Story) -> None:
        """End what makes no sense; before a protocol is agreed there is a word for it."""
        if self.agreed:
            self.close(story)
        else:
            self._decline(story)

    def _decline(self, story: Story) -> None:
        octets = sap.to_octets(sap.DECLINED)
        story.add(Send(self.connection_id, octets, close=True))
        story.add(Traffic(True, 'sap', octets, sap.DECLINED))
        self.open = False

    def _negotiate(self, message: Complex, story: Story) -> Ask | Cause:
        if not isinstance(message, supportedAppProtocolReq):
            self.close(story)
            return fault('UNEXPECTED_MESSAGE', 'no supportedAppProtocolReq')
        response, self.agreed = sap.choose(message, self._namespace)
        preferred = sorted(message.AppProtocol, key=lambda protocol: protocol.Priority)
        self.offered = tuple(readable(protocol.ProtocolNamespace) for protocol in preferred)
        octets = sap.to_octets(response)
        story.add(Send(self.connection_id, octets, close=not self.agreed))
        story.add(Traffic(True, 'sap', octets, response))
        if self.agreed:
            return Ask(step=Step.APP_PROTOCOL)
        self.open = False
        return fault('NO_PROTOCOL', f'the vehicle speaks {", ".join(self.offered) or "nothing"}')

    def _allowed(self, message: Complex, story: Story) -> Ask | Cause:
        try:
            ask = self.dialect.ask(message)
        except UnexpectedMessage as error:
            return self._refuse(message, str(error), story)
        if ask.step is not Step.SESSION_SETUP and self._foreign(ask.session_id):
            return self._fail(ask, Code.UNKNOWN_SESSION.value, story)
        if not self.dialect.may_follow(self.last, self.ongoing, ask.step):
            return self._fail(ask, Code.SEQUENCE_ERROR.value, story)
        return self._fail(ask, ask.objection, story) if ask.objection else ask

    def _foreign(self, session_id: bytes) -> bool:
        return self.last is not None and session_id != self.session_id

    def _fail(self, ask: Ask, code: str, story: Story) -> Cause:
        """Its own response with the code, then close."""
        self.refused = ask
        answer = Answer(step=ask.step, session_id=self.session_id, code=code, evse_id=b'\x00')
        self._send(self.dialect.response(answer), story, close=True)
        return fault(code, f'the vehicle asked for {ask.step.name}: {code}')

    def _refuse(self, message: Complex, reason: str, story: Story) -> Cause:
        header = getattr(message, 'Header', None)
        foreign = self._foreign(getattr(header, 'SessionID', b''))
        code = (Code.UNKNOWN_SESSION if foreign else Code.SEQUENCE_ERROR).value
        refusal = self.dialect.refusal(message, self.session_id, code)
        if refusal is None:
            self.close(story)
            return fault('UNEXPECTED_MESSAGE', reason)
        self._send(refusal, story, close=True)
        return fault(code, reason)
