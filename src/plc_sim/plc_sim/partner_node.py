# SPDX-License-Identifier: Apache-2.0
"""The node of a stand-in: the other end of the simulated cable, for a foreign partner."""

from dataclasses import dataclass
from typing import Any

from rclpy.node import Node

from plc_kit.clock import STEADY, age, now
from plc_kit.diagnostics import Diagnostics, Finding
from plc_kit.one_publisher import SILENCE, hear_one
from plc_kit.parameters import declare
from plc_kit.qos import NEWEST, STATES
from plc_kit.run import run
from plc_kit.setting import setting
from plc_msgs.msg import CableChargerEnd, CableVehicleEnd, ChargingState
from plc_sim.inlet_node import (
    charger_end,
    charger_end_message,
    vehicle_end,
    vehicle_end_message,
)
from plc_sim.pace import PERIOD
from plc_sim.stand_in import StandInCharger, StandInVehicle, Told
from v2g.session.stage import Stage


@dataclass(frozen=True)
class PartnerSettings:
    """The parameters of the stand-in."""

    role: str = setting('pev', 'side whose partner it stands in for', choices=('pev', 'evse'))
    cable: str = setting('/cable', 'namespace of the simulated cable')


# Whose partner it is: the stand-in, how its end is told, and how the other end is read.
_ENDS: dict[str, tuple[Any, ...]] = {
    'pev': (StandInCharger, charger_end_message, vehicle_end),
    'evse': (StandInVehicle, vehicle_end_message, charger_end),
}
_TOPICS = (CableChargerEnd, 'charger_end'), (CableVehicleEnd, 'vehicle_end')


class PartnerNode(Node):
    """Shows at the cable what a foreign stack would show, from what our own session says of it."""

    place = 'partner'

    def __init__(self, **node_options: Any) -> None:
        super().__init__('partner', **node_options)
        settings = declare(self, PartnerSettings)
        machine, self._message, self._read = _ENDS[settings.role]
        self._end = machine()
        (kind, shown), (other, seen) = _TOPICS if settings.role == 'pev' else _TOPICS[::-1]
        self._shown = self.create_publisher(kind, f'{settings.cable}/{shown}', NEWEST)
        far_end, self._stage = f'{settings.cable}/{seen}', Stage.IDLE
        hear_one(self, other, far_end, self._on_end, NEWEST, silence=SILENCE)
        hear_one(self, ChargingState, 'charging/state', self._on_state, STATES)
        self._diagnostics = Diagnostics(self, self._find)
        self.create_timer(PERIOD, self._show, clock=STEADY)
        self.get_logger().info('stands in for the plug of a foreign partner')

    def _on_end(self, msg: Any) -> None:
        self._end.see(self._read(msg), age(msg.stamp), now())

    def _on_state(self, msg: ChargingState) -> None:
        self._stage = Stage(msg.stage)
        self._end.hear(Told(self._stage, msg.target_voltage, msg.target_current), now())
        self._show()

    def _find(self) -> list[Finding]:
        return [Finding('Stand-in', message=f'follows the session: {self._stage.name}')]

    def _show(self) -> None:
        self._shown.publish(self._message(self._end.end(now())))


def main() -> None:
    """Run the stand-in."""
    run(PartnerNode)
