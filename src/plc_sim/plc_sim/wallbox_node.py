# SPDX-License-Identifier: Apache-2.0
"""The node of the simulated AC wallbox: joins the model to topics, decides nothing."""

from typing import Any

from rclpy.node import Node

from plc_kit.alarm import Alarm
from plc_kit.clock import age, now, stamp
from plc_kit.diagnostics import ERROR, OK, WARN, Diagnostics, Finding
from plc_kit.one_publisher import SILENCE, hear_one
from plc_kit.parameters import declare
from plc_kit.qos import NEWEST
from plc_kit.run import run
from plc_kit.terms import terms_of
from plc_msgs.msg import CableChargerEnd, CableVehicleEnd, ControlPilot, PilotCommand, PilotStatus
from plc_sim.inlet_node import charger_end_message, vehicle_end
from plc_sim.pilot import PilotOrder
from plc_sim.wallbox import Wallbox, WallboxSettings


class WallboxNode(Node):
    """The control pilot, the AC contactor and the wallbox's end of the cable."""

    place = 'supply'

    def __init__(self, **node_options: Any) -> None:
        super().__init__('wallbox', **node_options)
        self._settings = declare(self, WallboxSettings)
        self._wallbox = Wallbox(self._settings, now())
        cable = self._settings.cable
        self._pilot = self.create_publisher(PilotStatus, 'pilot/status', NEWEST)
        self._end = self.create_publisher(CableChargerEnd, f'{cable}/charger_end', NEWEST)
        self.create_subscription(PilotCommand, 'pilot/command', self._on_command, NEWEST)
        hear_one(
            self, CableVehicleEnd, f'{cable}/vehicle_end', self._on_end, NEWEST, silence=SILENCE
        )
        self._alarm = Alarm(self, self._on_deadline)
        self._diagnostics = Diagnostics(self, self._find)
        self._settle()

    def _on_command(self, msg: PilotCommand) -> None:
        order = PilotOrder(msg.duty, msg.out_of_order, msg.ac)
        self._wallbox.command_pilot(order, terms_of(msg.lease), now())
        self._settle()

    def _on_end(self, msg: CableVehicleEnd) -> None:
        self._wallbox.hear(vehicle_end(msg), age(msg.stamp), now())
        self._settle()

    def _on_deadline(self) -> None:
        self._wallbox.tick(now())
        self._settle()

    def _settle(self) -> None:
        if self._wallbox.worth_telling():
            self._end.publish(charger_end_message(self._wallbox.end))
            self._pilot.publish(_pilot_message(self._wallbox))
        for news in self._wallbox.news:
            if news.warning:  # rclpy allows each line of code one severity
                self.get_logger().warning(news.text)
            else:
                self.get_logger().info(news.text)
        self._wallbox.news.clear()
        self._alarm.set(self._wallbox.deadline)

    def _find(self) -> list[Finding]:
        wallbox, calls = self._wallbox, self._wallbox.calls
        refused = wallbox.obedience.refused
        return [
            Finding('AC contactor', values={'closed': wallbox.contactor.closed}),
            Finding(
                'Pilot commands',
                WARN if refused else OK,
                wallbox.obedience.why_refused,
                {'refused': refused},
            ),
            Finding('Referee', ERROR if calls else OK, calls[-1] if calls else ''),
        ]


def _pilot_message(wallbox: Wallbox) -> PilotStatus:
    line = wallbox.line
    return PilotStatus(
        stamp=stamp(),
        pilot=ControlPilot(state=line.state, duty=line.duty),
        lease_lapsed=wallbox.lease_lapsed,
    )


def main() -> None:
    """Run the simulated wallbox."""
    run(WallboxNode)
