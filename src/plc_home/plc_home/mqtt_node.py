# SPDX-License-Identifier: Apache-2.0
"""MQTT as a ROS node: carries what a side tells to a broker; decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from plc_home.broker import Broker
from plc_home.discovery import configurations, identifier
from plc_home.ports.http import context_of
from plc_home.ports.mqtt import Access, Connection, Mqtt
from plc_home.ports.secret import NoSecret, secret_of
from plc_home.telling import Publish, Telling
from plc_home.topics import (
    OFFLINE,
    ONLINE,
    STATUS,
    below,
    flag,
    number,
    of_pilot,
    of_state,
    of_vehicle,
    prefix_of,
)
from plc_kit.alarm import Alarm
from plc_kit.clock import now
from plc_kit.closing import ClosingNode
from plc_kit.diagnostics import OK, WARN, Diagnostics, Finding
from plc_kit.inbox import Inbox
from plc_kit.parameters import BadParameter, declare
from plc_kit.qos import HEARD, LATCHED, NEWEST
from plc_kit.run import run
from plc_kit.setting import setting
from plc_msgs.msg import (
    ChargingState,
    ChargingVehicle,
    PilotStatus,
    SupplyCommand,
    VehicleCommand,
    VehicleStatus,
)


@dataclass(frozen=True)
class MqttSettings:
    """The parameters of the mqtt node."""

    role: str = setting('evse', 'side of the cable', choices=('pev', 'evse'))
    broker: str = setting('localhost', 'HOST or HOST:PORT')
    topic: str = setting('ros2_ccs', "what topics begin with; the node's namespace follows")
    discovery: str = setting('homeassistant', "Home Assistant's discovery prefix; empty: none")
    username: str = setting('', 'of the broker; empty: none')
    password_file: str = setting('', 'file with the password in its first line')
    tls: bool = setting(False, 'encrypt; the certificate is checked')
    ca_file: str = setting('', 'file of certificates that tls trusts; empty: the system')
    period: float = setting(1.0, 's between two tellings of what changes', 0.1, 3600.0)


class MqttNode(ClosingNode):
    """Hears of a side, tells the broker, and says whether there is one."""

    def __init__(self, **node_options: Any) -> None:
        super().__init__('mqtt', **node_options)
        self._settings = s = declare(self, MqttSettings)
        self._prefix = f'{prefix_of("topic", s.topic)}/{self.get_namespace().strip("/") or s.role}'
        status = f'{self._prefix}/{STATUS}'
        self._farewell = Publish(status, OFFLINE)
        discovery = prefix_of('discovery', s.discovery) if s.discovery else ''
        first = {**configurations(discovery, self._prefix, s.role), status: ONLINE}
        self._telling = Telling(first, s.period)
        self._why = 'not connected yet'
        self._sent = 0
        self._inbox = Inbox[Connection](self, self._on_connection)
        broker = Broker.of_text(s.broker, tls=s.tls)
        self._mqtt = Mqtt(broker, self._access(s), self._farewell, self._inbox.put)
        self.closing.callback(self._mqtt.close, self._farewell)
        self._alarm = Alarm(self, self._on_deadline)
        self._diagnostics = Diagnostics(self, self._find, f'{broker.host}:{broker.port}')
        self._subscribe(s.role)

    def _access(self, s: MqttSettings) -> Access:
        try:
            secret = secret_of(s.password_file)
            context = context_of(s.ca_file) if s.tls else None
        except NoSecret as error:
            raise BadParameter(f'parameter password_file: {error}') from error
        except OSError as error:  # ssl.SSLError is one
            raise BadParameter(f'parameter ca_file: {s.ca_file}: {error}') from error
        return Access(identifier(self._prefix), s.username, secret, context)

    def _subscribe(self, role: str) -> None:
        self.create_subscription(ChargingState, 'charging/state', self._on_state, LATCHED)
        if role == 'evse':
            self.create_subscription(
                ChargingVehicle, 'charging/vehicle', self._on_vehicle, LATCHED
            )
            self.create_subscription(PilotStatus, 'pilot/status', self._on_pilot, HEARD)
            self.create_subscription(SupplyCommand, 'supply/command', self._on_supply, NEWEST)
        else:
            self.create_subscription(VehicleStatus, 'vehicle/status', self._on_status, HEARD)
            self.create_subscription(VehicleCommand, 'vehicle/command', self._on_command, NEWEST)

    def _on_state(self, msg: ChargingState) -> None:
        self._tell(of_state(msg, role=self._settings.role))

    def _on_vehicle(self, msg: ChargingVehicle) -> None:
        self._tell(of_vehicle(msg))

    def _on_pilot(self, msg: PilotStatus) -> None:
        self._tell(of_pilot(msg.pilot))

    def _on_supply(self, msg: SupplyCommand) -> None:
        self._tell({'relay_request': flag(msg.contactors)})

    def _on_status(self, msg: VehicleStatus) -> None:
        self._tell({**of_pilot(msg.pilot), 'battery_capacity': number(msg.energy_capacity)})

    def _on_command(self, msg: VehicleCommand) -> None:
        closes = msg.contactor_plus or msg.contactor_minus
        self._tell({'relay_request': flag(closes), 'lock_request': flag(msg.lock)})

    def _tell(self, values: dict[str, str]) -> None:
        self._publish(self._telling.set(below(self._prefix, values), now()))

    def _on_connection(self, connection: Connection) -> None:
        if connection.up != self._telling.connected or connection.reason != self._why:
            told = f'the broker is {"there" if connection.up else "away"}'
            why = f': {connection.reason}' if connection.reason else ''
            self.get_logger().info(told + why)
        self._why = connection.reason
        self._publish(self._telling.connection(connection.up, now()))

    def _on_deadline(self) -> None:
        self._publish(self._telling.tick(now()))

    def _publish(self, messages: Iterable[Publish]) -> None:
        for message in messages:
            self._mqtt.publish(message)
            self._sent += 1
        self._alarm.set(self._telling.deadline)

    def _find(self) -> list[Finding]:
        up = self._telling.connected
        why = 'connected' if up else self._why
        return [Finding('Broker', OK if up else WARN, why, {'messages': self._sent})]


def main() -> None:
    """Run the node."""
    run(MqttNode)
