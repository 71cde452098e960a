# SPDX-License-Identifier: Apache-2.0
"""The services of the modem node: firmware, parameters and their backups, reset, defaults."""

from collections.abc import Callable
from typing import Any

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node
from rclpy.task import Future
from std_srvs.srv import Trigger

from plc_kit.alarm import Alarm
from plc_kit.clock import now
from plc_kit.one_publisher import hear_one
from plc_kit.qos import LATCHED
from plc_modem import firmware, jobs, upkeep
from plc_modem.homeplug import Mme
from plc_modem.modem import Send
from plc_modem.pib import Parameters, UncertainLayout
from plc_modem.ports.kept import keep, take
from plc_modem.state import Modem
from plc_modem.upkeep import Done, Refused, Steps, Upkeep
from plc_msgs.msg import ChargingState
from plc_msgs.srv import ReadPib, WritePib

_EXPECTED = (Refused, UncertainLayout, OSError)
_AT_REST = (ChargingState.IDLE, ChargingState.FINISHED, ChargingState.FAILED)


class UpkeepServices:
    """Carries between services and the machine of upkeep, which there is while a host is known."""

    def __init__(
        self,
        node: Node,
        send: Callable[[Mme], None],
        look: Callable[[], Modem],
        leave: Callable[[bool], None],
    ) -> None:
        """`send` puts a frame on the wire to the modem; `look` tells what is known of it.

        `leave` is called with True before a job that changes the modem, with False behind it.
        """
        self._send, self._look, self._leave = send, look, leave
        self._machine: Upkeep | None = None
        self._waiting = Future()
        self._session = ChargingState()
        self._alarm = Alarm(node, self._on_deadline)
        hear_one(node, ChargingState, 'charging/state', self._on_session, LATCHED)
        apart = ReentrantCallbackGroup()  # the node goes on while one waits
        for name, work in (
            ('read_firmware', jobs.firmware),
            ('reset', jobs.reset),
            ('factory_defaults', jobs.factory_defaults),
        ):
            node.create_service(
                Trigger, f'modem/{name}', self._trigger(work), callback_group=apart
            )
        node.create_service(ReadPib, 'modem/read_pib', self._on_read, callback_group=apart)
        node.create_service(WritePib, 'modem/write_pib', self._on_write, callback_group=apart)

    def begin(self, host: str) -> None:
        """Take jobs from now on; `host`: MAC address of the interface the modem is at."""
        self._machine = Upkeep(host)

    def end(self) -> None:
        """Take none any more; one that is on has failed."""
        machine, self._machine = self._machine, None
        self._alarm.set(None)
        if machine is not None:
            self._perform(machine.abandon('the modem node was deactivated'))

    def receive(self, mme: Mme) -> None:
        """Take a frame from the wire."""
        if self._machine is not None:
            self._perform(self._machine.receive(mme, now()))

    def _on_deadline(self) -> None:
        if self._machine is not None:
            self._perform(self._machine.tick(now()))

    def _on_session(self, msg: ChargingState) -> None:
        self._session = msg

    def _perform(self, events: list[upkeep.Event]) -> None:
        for event in events:
            match event:
                case Send(mme):
                    self._send(mme)
                case Done() if not self._waiting.done():
                    self._waiting.set_result(event)
        if self._machine is not None:
            self._alarm.set(self._machine.deadline)

    async def _do(self, steps: Steps, *, alone: bool = False) -> Any:
        """Do a job; `alone`: one that changes the modem, so SLAC does not begin meanwhile."""
        machine, modem = self._machine, self._look()
        session = self._session
        jobs.permit(modem, session.active or session.stage not in _AT_REST)
        if machine is None:
            raise Refused('the modem node is not active')
        began = machine.begin(steps, now(), modem.mac)
        self._waiting = Future()
        if alone:
            self._leave(True)
        self._perform(began)
        done: Done = await self._waiting
        if alone:
            self._leave(False)
        if done.reason:
            raise Refused(done.reason)
        return done.result

    def _trigger(self, work: Callable[[], Steps]) -> Callable[..., Any]:
        async def serve(_: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
            try:
                version = await self._do(work(), alone=work is not jobs.firmware)
                response.success = True
                response.message = firmware.warning(version) or f'the modem runs {version}'
            except _EXPECTED as error:
                response.message = str(error)
            return response

        return serve

    async def _on_read(
        self, request: ReadPib.Request, response: ReadPib.Response
    ) -> ReadPib.Response:
        try:
            parameters = await self._do(jobs.read())
            parameters.belongs_to(self._look().mac, self._look().firmware)
            if request.file:
                keep(parameters, request.file)
        except _EXPECTED as error:
            response.message = str(error)
            return response
        return self._described(parameters, response)

    def _described(self, parameters: Parameters, response: ReadPib.Response) -> ReadPib.Response:
        response.success, response.message = True, str(parameters)
        response.mac, response.firmware = parameters.mac, self._look().firmware
        response.role, response.name = parameters.role.value, parameters.name
        response.size = len(parameters.octets)
        return response

    async def _on_write(
        self, request: WritePib.Request, response: WritePib.Response
    ) -> WritePib.Response:
        try:
            before = await self._do(jobs.read())
            kept = take(request.file) if request.file else None
            wanted = jobs.wanted(before, kept, request.role, self._look())
            response.backup = str(keep(before, request.backup))
            written = await self._do(jobs.write(wanted), alone=True)
            response.success, response.message = True, f'read back after its restart: {written}'
        except _EXPECTED as error:
            response.message = str(error)
        return response
