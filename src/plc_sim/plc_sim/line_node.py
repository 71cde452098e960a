# SPDX-License-Identifier: Apache-2.0
"""The simulated power line as a ROS node: its network, its sockets, its time."""

from dataclasses import dataclass
import os
import threading
from typing import Any

from rclpy.node import Node

from plc_kit.alarm import Alarm
from plc_kit.clock import now
from plc_kit.diagnostics import Diagnostics, Finding
from plc_kit.inbox import Inbox
from plc_kit.interface import Interface
from plc_kit.network import Network
from plc_kit.parameters import declare, setting
from plc_kit.run import run
from plc_sim.line import Deliver, Line, Outlet, Settings
from plc_sim.ports.forwarding import Forwarding


@dataclass(frozen=True)
class LineSettings:
    """The parameters of the line node."""

    network: str = setting('sim', 'name of the simulated network: its interfaces are pev@NAME …')
    attenuation: float = setting(11.0, 'between vehicle and charger (dB)', 1.0, 120.0)
    restart_time: float = setting(
        0.3, 'how long a modem is away after a new key (s); real ones: 3 to 7', 0.0, 30.0
    )
    loss: float = setting(0.0, 'share of frames that the line loses', 0.0, 1.0)


# name, MAC address of the computer's end, of the modem, and whether it is a charger's
OUTLETS = (
    ('pev', '02:70:65:76:00:01', '02:70:65:76:00:02', False),
    ('evse', '02:65:76:73:65:01', '02:65:76:73:65:02', True),
)


class LineNode(Node):
    """Makes a network with an outlet for each side, and plays the modems and the line between."""

    session_topics = tuple(f'/{outlet}/charging/state' for outlet, *_ in OUTLETS)  # (R7)

    def __init__(self, **node_options: Any) -> None:
        super().__init__('line', **node_options)
        self._settings = declare(self, LineSettings)
        name = self._settings.network
        self._network = Network(name, [(outlet, mac) for outlet, mac, _, _ in OUTLETS])
        self._line = Line(
            [Outlet(outlet, modem, charger) for outlet, _, modem, charger in OUTLETS],
            Settings(self._settings.attenuation, self._settings.restart_time, self._settings.loss),
            os.urandom,
        )
        self._lock = threading.Lock()
        self._alarm = Alarm(self, self._on_deadline)
        self._wake = Inbox[float](self, self._alarm.set)
        self._frames = 0
        ends = {outlet: Interface(f'{outlet}-modem', name) for outlet, *_ in OUTLETS}
        self._forwarding = Forwarding(
            ends, self._on_homeplug, lambda outlet: self._line.routes[outlet], self._line.lost
        )
        Diagnostics(self, self._find, hardware_id=name)
        enter = '-n' if os.getuid() == 0 else '-U --preserve-credentials -n'
        self.get_logger().info(
            f'power line {name} is up: pev@{name} and evse@{name}; to see into it: '
            f'nsenter -t {self._network.pid} {enter} tcpdump -i pev'
        )

    def destroy_node(self) -> None:
        """Take the line down."""
        self._forwarding.close()
        self._network.close()
        super().destroy_node()

    def _on_homeplug(self, outlet: str, octets: bytes) -> None:
        """Called in the outlet's thread."""
        with self._lock:
            delivered = self._line.receive(outlet, octets, now())
            deadline = self._line.deadline
        self._frames += 1
        self._deliver(delivered)
        if deadline is not None:
            self._wake.put(deadline)

    def _on_deadline(self) -> None:
        with self._lock:
            delivered = self._line.tick(now())
        self._deliver(delivered)
        self._alarm.set(self._line.deadline)

    def _deliver(self, delivered: list[Deliver]) -> None:
        for one in delivered:
            self._forwarding.send(one.outlet, one.octets)

    def _find(self) -> list[Finding]:
        joined = [f'{a} and {b}' for a, others in self._line.routes.items() for b in others]
        message = f'carries IP between {joined[0]}' if joined else 'no two modems share a key'
        return [Finding('power line', message=message, values={'HomePlug frames': self._frames})]


def main() -> None:
    """Run the node."""
    run(LineNode)
