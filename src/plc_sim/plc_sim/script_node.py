# SPDX-License-Identifier: Apache-2.0
"""The node of a script: between the session and the transport of the side that misbehaves."""

from array import array
from dataclasses import dataclass
from functools import partial
from typing import Any

from rclpy.node import Node
from rclpy.task import Future
from std_srvs.srv import Trigger

from plc_kit.alarm import Alarm
from plc_kit.clock import now, stamp
from plc_kit.parameters import BadParameter, declare
from plc_kit.qos import STATES, STREAM
from plc_kit.run import run
from plc_kit.setting import setting
from plc_msgs.msg import ChargingState, V2gtpMessage
from plc_sim.scenario.scenario import Deed
from plc_sim.scenario.script import Acted, Event, Out, Script
from plc_sim.scenario.table import UnknownScenario, scenario


@dataclass(frozen=True)
class ScriptSettings:
    """The parameters of the script node."""

    scenario: str = setting('good_case', 'name of a scenario: see `ros2 run plc_sim scenarios`')


class ScriptNode(Node):
    """Carries between session, script and transport; does what a scenario's people do."""

    place = 'script'

    def __init__(self, **node_options: Any) -> None:
        super().__init__('script', **node_options)
        try:
            row = scenario(declare(self, ScriptSettings).scenario)
        except UnknownScenario as error:
            raise BadParameter(str(error)) from error
        self._script = Script(row.script)
        self._outward = self.create_publisher(V2gtpMessage, 'v2g_tx', STREAM)
        self._inward = self.create_publisher(V2gtpMessage, 'script/v2g_rx', STREAM)
        self.create_subscription(V2gtpMessage, 'script/v2g_tx', partial(self._on, False), STREAM)
        self.create_subscription(V2gtpMessage, 'v2g_rx', partial(self._on, True), STREAM)
        self._waiting = list(row.deeds)
        self._due: list[tuple[float, Deed]] = []
        self._alarm = Alarm(self, self._on_deadline)
        for side in sorted({deed.side for deed in row.deeds}):
            state = f'/{side}/charging/state'
            self.create_subscription(ChargingState, state, self._on_state, STATES)
        self._people = {
            deed: self.create_client(Trigger, f'/{deed.side}/charging/{deed.what}')
            for deed in row.deeds
        }

    def _on(self, inward: bool, msg: V2gtpMessage) -> None:
        out = Out(inward, msg.connection_id, msg.payload_type, msg.payload.tobytes(), msg.close)
        self._perform(self._script.pass_on(out, now()))

    def _on_state(self, msg: ChargingState) -> None:
        reached = (msg.role, msg.stage)
        for deed in [one for one in self._waiting if (one.side, one.when) == reached]:
            self._waiting.remove(deed)
            self._due.append((now() + deed.after, deed))
        self._set_alarm()

    def _on_deadline(self) -> None:
        self._perform(self._script.tick(now()))
        for due in [one for one in self._due if one[0] <= now()]:
            self._due.remove(due)
            self.get_logger().warning(f'scenario: a person: {due[1].what} of {due[1].side}')
            answer = self._people[due[1]].call_async(Trigger.Request())
            answer.add_done_callback(partial(self._on_answer, due[1].what))
        self._set_alarm()

    def _on_answer(self, what: str, answer: Future) -> None:
        told = 'granted' if answer.result().success else 'refused'
        self.get_logger().info(f'a person is answered: {what} {told}')

    def _perform(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Out():
                    (self._inward if event.inward else self._outward).publish(_message(event))
                case Acted(text):
                    self.get_logger().warning(f'scenario: {text}')
        self._set_alarm()

    def _set_alarm(self) -> None:
        moments = [self._script.deadline, *(when for when, _ in self._due)]
        self._alarm.set(min((one for one in moments if one is not None), default=None))


def _message(out: Out) -> V2gtpMessage:
    return V2gtpMessage(
        stamp=stamp(),
        connection_id=out.connection_id,
        payload_type=out.payload_type,
        payload=array('B', out.payload),
        close=out.close,
    )


def main() -> None:
    """Run the script of a scenario."""
    run(ScriptNode)
