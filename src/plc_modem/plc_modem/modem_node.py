# SPDX-License-Identifier: Apache-2.0
"""The modem as a ROS node: frames between wire and topics, and what is known of the modem."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rclpy.node import Node

from plc_kit import qos
from plc_kit.alarm import Alarm
from plc_kit.clock import age, now, stamp
from plc_kit.diagnostics import ERROR, OK, WARN, Diagnostics, Finding
from plc_kit.inbox import Inbox
from plc_kit.interface import Interface
from plc_kit.network import await_network
from plc_kit.parameters import declare, setting
from plc_kit.run import CannotStart, run
from plc_modem.homeplug import MalformedMme, dissect, is_homeplug
from plc_modem.homeplug.keys import without_keys
from plc_modem.modem import Changed, Event, ModemMachine, Send
from plc_modem.ports.ethernet import EthernetPort, NoAccess
from plc_modem.ports.finding import find_modem
from plc_modem.ports.pacing import Pacer
from plc_modem.state import Modem, ModemState
from plc_msgs.msg import MmeFrame, ModemStatus, SetKey

_NETWORK_TIME = 10.0  # s in which a simulated network must come up
_STALE = 1.0  # s, an older request is a played-back bag (R6)


@dataclass(frozen=True)
class ModemSettings:
    """The parameters of the modem node."""

    role: str = setting('pev', 'side this modem serves', choices=('pev', 'evse'))
    interface: str = setting('auto', 'NAME, NAME@NETWORK, or auto: where a modem answers')
    modem: str = setting('ar7420', 'kind of modem', choices=('ar7420', 'none'))
    allow_ipv4: bool = setting(False, 'accept an interface with an IPv4 address (R25)')


class ModemNode(Node):
    """Carries frames between one port and the topics of its namespace; decides nothing."""

    def __init__(self, **node_options: Any) -> None:
        super().__init__('modem', **node_options)
        self._settings = declare(self, ModemSettings)
        self._interface = self._choose_interface()
        self._status = self.create_publisher(ModemStatus, 'modem/status', qos.STATES)
        self._rx = self.create_publisher(MmeFrame, 'mme_rx', qos.STREAM)
        self._log = self.create_publisher(MmeFrame, 'mme_log', qos.STREAM)
        self._counts = {'frames sent': 0, 'frames received': 0, 'malformed': 0, 'refused': 0}
        self._port: EthernetPort | None = None
        if self._settings.modem == 'none':
            self._modem = Modem(state=ModemState.NONE)
        else:
            self._open()
        self._tell()
        Diagnostics(self, self._find, hardware_id=str(self._interface))

    def destroy_node(self) -> None:
        """Let the interface go."""
        if self._port is not None:
            self._pacer.close()
            self._port.close()
        super().destroy_node()

    def _choose_interface(self) -> Interface:
        try:
            if self._settings.interface != 'auto':
                chosen = Interface.parse(self._settings.interface)
                if chosen.network:  # whoever makes it is being started too
                    await_network(chosen.network, _NETWORK_TIME)
            elif self._settings.modem == 'none':
                raise CannotStart('modem:=none needs interface:=NAME, the one to use as it is')
            else:
                chosen = find_modem()
        except NoAccess as error:
            raise CannotStart(str(error)) from error
        self._prepare(chosen)
        return chosen

    def _prepare(self, interface: Interface) -> None:
        if interface.has_ipv4() and not self._settings.allow_ipv4:
            raise CannotStart(
                f'{interface} has an IPv4 address, so it carries more than a charge (R25); '
                f'remove it: sudo ip -4 addr flush dev {interface.name}; or allow_ipv4:=true'
            )
        if loud := interface.quieten():
            self.get_logger().warning(
                f'{interface} is not set up for charging only; type: sudo sysctl {" ".join(loud)}'
            )

    def _open(self) -> None:
        self._host = self._interface.mac.hex(':')
        self._machine = ModemMachine(self._host, now())
        self._modem = self._machine.modem
        self._inbox = Inbox[bytes](self, self._on_frame)
        try:
            self._port = EthernetPort(self._interface, self._on_wire)
        except NoAccess as error:
            raise CannotStart(str(error)) from error
        self._pacer = Pacer(self._put)
        self._alarm = Alarm(self, self._on_deadline)
        self._alarm.set(self._machine.deadline)
        self.create_subscription(MmeFrame, 'mme_tx', self._on_mme_tx, qos.STREAM)
        self.create_subscription(SetKey, 'modem/set_key', self._on_set_key, qos.STREAM)

    def _on_wire(self, octets: bytes) -> None:
        """Called in the port's thread: the way to slac is as short as it can be."""
        self._rx.publish(MmeFrame(stamp=stamp(), octets=octets))
        self._counts['frames received'] += 1
        self._inbox.put(octets)
        self._mirror(octets)

    def _on_frame(self, octets: bytes) -> None:
        try:
            self._perform(self._machine.receive(dissect(octets), now()))
        except MalformedMme as error:
            self._counts['malformed'] += 1
            self.get_logger().debug(f'dropped: {error}')

    def _on_deadline(self) -> None:
        self._perform(self._machine.tick(now()))

    def _on_mme_tx(self, msg: MmeFrame) -> None:
        frames = [bytes(msg.octets), *(bytes(frame.octets) for frame in msg.followers)]
        if abs(age(msg.stamp)) > _STALE or not all(map(is_homeplug, frames)):
            self._refuse('a frame to send is older than 1 s, or no HomePlug frame')
        elif msg.followers:
            self._pacer.put(frames, msg.spacing)
        else:
            self._put(frames[0])

    def _on_set_key(self, msg: SetKey) -> None:
        if abs(age(msg.stamp)) > _STALE:
            self._refuse('a key to set is older than 1 s')
            return
        self._perform(self._machine.set_key(bytes(msg.nmk), bytes(msg.nid), now()))

    def _refuse(self, why: str) -> None:
        self._counts['refused'] += 1
        self.get_logger().warning(f'refused: {why}', throttle_duration_sec=5.0)

    def _perform(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case Send(mme):
                    self._put(bytes(mme))
                case Changed(modem):
                    self._modem = modem
                    self._tell()
        self._alarm.set(self._machine.deadline)

    def _put(self, octets: bytes) -> None:
        """Put a frame on the wire; called in the pacer's thread too."""
        assert self._port is not None
        if self._port.send(octets):
            self._counts['frames sent'] += 1
            self._mirror(octets)

    def _mirror(self, octets: bytes) -> None:
        self._log.publish(MmeFrame(stamp=stamp(), octets=without_keys(octets)))

    def _tell(self) -> None:
        modem = self._modem
        self._status.publish(
            ModemStatus(
                stamp=stamp(),
                state=modem.state,
                interface=str(self._interface),
                mac=modem.mac,
                firmware=modem.firmware,
                modems=bool(modem.mac) + len(modem.remote_macs),
                remote_mac=next(iter(modem.remote_macs), ''),
                network=modem.network,
                reason=modem.reason,
            )
        )
        self.get_logger().info(f'modem {modem.state.name.lower()} {modem.reason}'.rstrip())

    def _find(self) -> list[Finding]:
        modem = self._modem
        levels = {ModemState.FAILED: ERROR, ModemState.SEARCHING: WARN}
        values = {'firmware': modem.firmware, 'mac': modem.mac, **self._counts}
        message = modem.reason or modem.state.name
        return [Finding('modem', levels.get(modem.state, OK), message, values)]


def main() -> None:
    """Run the node."""
    run(ModemNode)
