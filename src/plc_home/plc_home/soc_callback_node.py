# SPDX-License-Identifier: Apache-2.0
"""The callback as a ROS node: carries charging/vehicle to a receiver by HTTP; decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from plc_home.acquaintance import Opinion, opinion, question
from plc_home.callback import Answer, Callback, Cancel, Event, Post, State, Value
from plc_home.ports.http import Http, context_of
from plc_home.ports.secret import NoSecret, secret_of
from plc_home.receiver import CONTENTS, METHODS, Receiver
from plc_kit.alarm import Alarm
from plc_kit.clock import age, now, stamp
from plc_kit.closing import ClosingNode
from plc_kit.diagnostics import OK, WARN, Diagnostics, Finding
from plc_kit.inbox import Inbox
from plc_kit.parameters import BadParameter, Changes, declare
from plc_kit.qos import LATCHED
from plc_kit.run import run
from plc_kit.setting import Change, setting
from plc_msgs.msg import CallbackStatus, ChargingVehicle

_QUESTION = 0  # the number of what is asked at start; those of the callback begin with 1
_FAR = (State.FAILED, State.DROPPED)


@dataclass(frozen=True)
class SocCallbackSettings:
    """The parameters of the soc_callback node."""

    url: str = setting('', 'where values go, http or https', change=Change.ANY_TIME)
    method: str = setting('POST', 'of HTTP', choices=METHODS)
    content: str = setting(
        'query',
        'query: the five values behind the URL; json: as a body; template: $current_soc and the'
        ' others are replaced in url and body',
        choices=CONTENTS,
    )
    body: str = setting('', 'with content:=template: what is sent', change=Change.ANY_TIME)
    token_file: str = setting('', 'file with a bearer token in its first line; empty: none')
    ca_file: str = setting('', 'file of certificates that https trusts; empty: the system')
    period: float = setting(
        10.0, 's between two requests at least', 0.1, 3600.0, change=Change.ANY_TIME
    )
    max_age: float = setting(
        60.0, 's after which a value is given up', 1.0, 3600.0, change=Change.ANY_TIME
    )
    timeout: float = setting(5.0, 's that a request may take', 0.1, 60.0)


class SocCallbackNode(ClosingNode):
    """Hears of the vehicle, tells the receiver, and says how it went."""

    def __init__(self, **node_options: Any) -> None:
        super().__init__('soc_callback', **node_options)
        s = declare(self, SocCallbackSettings, Changes(_receiver, self._change))
        self._receiver = _receiver(s)
        self._callback = Callback(s.period, s.max_age)
        self._inbox = Inbox[Answer](self, self._on_answer)
        self._http = self._open(s)
        self.closing.callback(self._http.close)
        self._said: object = None
        self._opinion = Opinion(True, 'not asked yet')
        self._status = self.create_publisher(CallbackStatus, 'soc_callback/status', LATCHED)
        self._alarm = Alarm(self, self._on_deadline)
        self._diagnostics = Diagnostics(self, self._find, self._receiver.public)
        self.create_subscription(ChargingVehicle, 'charging/vehicle', self._on_vehicle, LATCHED)
        self._perform([])
        self._ask()

    def _open(self, s: SocCallbackSettings) -> Http:
        try:
            token, context = secret_of(s.token_file), context_of(s.ca_file)
        except NoSecret as error:
            raise BadParameter(f'parameter token_file: {error}') from error
        except OSError as error:  # ssl.SSLError is one
            raise BadParameter(f'parameter ca_file: {s.ca_file}: {error}') from error
        return Http(self._inbox.put, s.timeout, token, context)

    def _change(self, s: SocCallbackSettings) -> None:
        receiver = _receiver(s)
        if receiver != self._receiver:  # first: the one before gets nothing any more
            self._receiver, self._diagnostics.hardware_id = receiver, receiver.public
            self.get_logger().info(f'values go to {receiver.public} from now on')
            self._perform(self._callback.elsewhere(now()))
            self._ask()
        self._perform(self._callback.adjust(s.period, s.max_age, now()))

    def _on_vehicle(self, msg: ChargingVehicle) -> None:
        when = now()
        plugged_in = msg.plugged_in_at.sec + msg.plugged_in_at.nanosec * 1e-9
        self._perform(self._callback.vehicle(plugged_in, when))
        if msg.status == ChargingVehicle.READ:
            told = (msg.soc, msg.full_soc, msg.energy_capacity, msg.energy_request)
            value = Value.of(*told, msg.evcc_id)
            self._perform(self._callback.value(value, when - age(msg.told_at), when))

    def _on_answer(self, answer: Answer) -> None:
        if answer.number == _QUESTION:
            self._hear(answer)
            return
        self._perform(self._callback.answered(answer, now()))
        told = self._callback.told
        if told.state in _FAR:
            self.get_logger().warning(f'{self._receiver.public}: {told.reason}')

    def _ask(self) -> None:
        """Ask the receiver what it is: what is wrong with it is told before a vehicle comes."""
        self._http.cancel(_QUESTION)
        self._http.send(_QUESTION, question(self._receiver))

    def _hear(self, answer: Answer) -> None:
        self._opinion = opinion(self._receiver, answer)
        text = f'{self._receiver.public}: {self._opinion.text}'
        if self._opinion.good:
            self.get_logger().info(text)
        else:
            self.get_logger().warning(text)

    def _on_deadline(self) -> None:
        self._perform(self._callback.tick(now()))

    def _perform(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case Post(number, value):
                    self._http.send(number, self._receiver.request(value))
                case Cancel(number):
                    self._http.cancel(number)
        self._tell()
        self._alarm.set(self._callback.deadline)

    def _tell(self) -> None:
        message = self._message()
        said = (message.state, message.delivered, message.failed, message.tries, message.reason)
        if said != self._said:
            self._said = said
            self._status.publish(message)

    def _message(self) -> CallbackStatus:
        told, next_try = self._callback.told, self._callback.next_try
        return CallbackStatus(
            state=told.state,
            stamp=stamp(),
            receiver=self._receiver.public,
            http_status=told.http_status,
            duration=told.duration,
            delivered=told.delivered,
            failed=told.failed,
            tries=told.tries,
            next_try=nan if next_try is None else max(0.0, next_try - now()),
            reason=told.reason,
        )

    def _find(self) -> list[Finding]:
        told = self._callback.told
        bad = told.state in _FAR
        return [
            Finding(
                'Callback',
                WARN if bad else OK,
                told.reason or told.state.name.lower(),
                {'delivered': told.delivered, 'failed': told.failed, 'HTTP': told.http_status},
            ),
            Finding('Receiver', OK if self._opinion.good else WARN, self._opinion.text, {}),
        ]


def _receiver(s: SocCallbackSettings) -> Receiver:
    """Raises BadReceiver for what is none."""
    return Receiver(s.url, s.method, s.content, s.body)


def main() -> None:
    """Run the node."""
    run(SocCallbackNode)
