# SPDX-License-Identifier: Apache-2.0
"""The simulated power line as a ROS node: its network, its sockets, its time."""

from dataclasses import dataclass, replace
from math import isnan, nan
import os
import threading
from typing import Any

from plc_kit.alarm import Alarm
from plc_kit.clock import now
from plc_kit.closing import ClosingNode
from plc_kit.diagnostics import Diagnostics, Finding
from plc_kit.inbox import Inbox
from plc_kit.interface import Interface
from plc_kit.network import Network, claim_line
from plc_kit.parameters import declare, setting
from plc_kit.run import run
from plc_sim.line import Deliver, Line
from plc_sim.line_scene import LineScene, host_of, load
from plc_sim.ports.forwarding import Forwarding


@dataclass(frozen=True)
class LineSettings:
    """The parameters of the line node."""

    network: str = setting('sim', 'name of the simulated network: its interfaces are pev@NAME …')
    line: str = setting('single', 'scene of the line: a name (docs/architecture.md), or a file')
    attenuation: float = setting(nan, 'along a cable (dB); nan: as the scene has it')
    restart_time: float = setting(
        nan, 'how long a modem is away after a new key (s; real ones 3 to 7); nan: as the scene'
    )
    loss: float = setting(nan, 'share of frames that the line loses, 0..1; nan: as the scene')

    def scene(self) -> LineScene:
        """The scene, with what is set beside it; BadScene."""
        own = {name: getattr(self, name) for name in ('attenuation', 'restart_time', 'loss')}
        own = {name: value for name, value in own.items() if not isnan(value)}
        scene = load(self.line)
        return replace(scene, settings=replace(scene.settings, **own))


class LineNode(ClosingNode):
    """Makes a network with an outlet for each side, and plays the modems and the line between."""

    def __init__(self, **node_options: Any) -> None:
        super().__init__('line', **node_options)
        self._settings = declare(self, LineSettings)
        scene, name = self._settings.scene(), self._settings.network
        outlets = scene.outlets()
        self.session_topics = self._sessions_at([one.name for one in outlets])
        claimed = claim_line(self.context.get_domain_id())
        self.closing.callback(claimed.close)
        self._network = Network(name, [(one.name, host_of(one)) for one in outlets])
        self.closing.callback(self._network.close)
        self._line = Line(outlets, scene.settings, os.urandom)
        self._lock = threading.Lock()
        self._alarm = Alarm(self, self._on_deadline)
        self._wake = Inbox[float](self, self._alarm.set)
        self._frames = 0
        ends = {one.name: Interface(f'{one.name}-modem', name) for one in outlets}
        self._forwarding = Forwarding(
            ends, self._on_homeplug, lambda outlet: self._line.routes[outlet], self._line.lost
        )
        self.closing.callback(self._forwarding.close)
        Diagnostics(self, self._find, hardware_id=name)
        self.get_logger().info(
            f'power line {name} is up: pev@{name} and evse@{name}; to see into it: '
            f'{self._network.enter("pev")} tcpdump -i pev'
        )

    def _sessions_at(self, outlets: list[str]) -> tuple[str, ...]:
        """Return where their sessions may tell of themselves: at the root, beside, below (R7)."""
        own = self.get_namespace()
        places = {base.rstrip('/') for base in ('/', os.path.dirname(own), own)}
        return tuple(f'{place}/{name}/charging/state' for place in places for name in outlets)

    def _on_homeplug(self, outlet: str, octets: bytes) -> None:
        """Called in the outlet's thread."""
        with self._lock:
            delivered = self._line.receive(outlet, octets, now())
            deadline = self._line.deadline
        self._frames += 1
        self._deliver(delivered)
        if deadline is not None:
            self._wake.put(deadline, anyway=True)  # the last of them counts

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
