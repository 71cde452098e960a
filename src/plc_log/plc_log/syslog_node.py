# SPDX-License-Identifier: Apache-2.0
"""Tells a syslog server each stage of a session, and why it failed (RFC 5424)."""

from dataclasses import dataclass
import logging
from typing import Any

from plc_kit.closing import ClosingNode
from plc_kit.parameters import BadParameter, declare
from plc_kit.qos import STATES
from plc_kit.run import CannotStart, run
from plc_kit.setting import setting
from plc_log.syslog import BadHost, Handler, endpoint
from plc_msgs.msg import ChargingState, DataLink, ModemStatus


@dataclass(frozen=True)
class SyslogSettings:
    """The parameters of the syslog node."""

    server: str = setting('', 'HOST, HOST:PORT or [IPV6]:PORT of the syslog server')


class SyslogNode(ClosingNode):
    """Sends what charging/state tells, once it is known by which interface it must not go."""

    def __init__(self, **node_options: Any) -> None:
        super().__init__('syslog', **node_options)
        settings = declare(self, SyslogSettings)
        self._charging: set[str] = set()  # interfaces
        self._told = ('', '')
        self._complained = ''
        try:
            self._handler = Handler(endpoint(settings.server), lambda: self._charging)
        except BadHost as error:
            raise BadParameter(f'parameter server: {error}') from error
        except OSError as error:
            raise CannotStart(f'the syslog server {settings.server}: {error}') from error
        self.closing.callback(self._handler.close)
        self.create_subscription(ModemStatus, 'modem/status', self._on_interface, STATES)
        self.create_subscription(DataLink, 'data_link', self._on_interface, STATES)
        self.create_subscription(ChargingState, 'charging/state', self._on_state, STATES)

    def _on_interface(self, msg: ModemStatus | DataLink) -> None:
        if msg.interface:
            self._charging.add(msg.interface)

    def _on_state(self, state: ChargingState) -> None:
        telling = (state.stage_name, state.error)
        if telling == self._told or not self._charging:
            return
        self._told = telling
        level = logging.ERROR if state.error else logging.INFO
        words = (state.role, state.stage_name, state.error, state.reason)
        self._send(level, state.stage_name, ' '.join(word for word in words if word))

    def _send(self, level: int, msgid: str, text: str) -> None:
        record = logging.makeLogRecord({'levelno': level, 'msg': text, 'msgid': msgid})
        record.levelname = logging.getLevelName(level)
        self._handler.emit(record)
        failure = str(self._handler.failure or '')
        if failure and failure != self._complained:
            self.get_logger().warning(f'no syslog: {failure}')
        self._complained = failure


def main() -> None:
    """Run the node."""
    run(SyslogNode)
