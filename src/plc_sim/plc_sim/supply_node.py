# SPDX-License-Identifier: Apache-2.0
"""The node of the simulated supply and pilot: joins the model to topics, decides nothing."""

from typing import Any

from rclpy.node import Node

from plc_kit.alarm import Alarm
from plc_kit.clock import age, now, stamp
from plc_kit.diagnostics import OK, WARN, Diagnostics, Finding
from plc_kit.one_publisher import SILENCE, hear_one
from plc_kit.parameters import declare
from plc_kit.qos import NEWEST
from plc_kit.run import run
from plc_kit.terms import terms_of
from plc_msgs.msg import (
    CableChargerEnd,
    CableVehicleEnd,
    ControlPilot,
    PilotCommand,
    PilotStatus,
    SupplyCommand,
    SupplyStatus,
)
from plc_sim.inlet_node import charger_end_message, vehicle_end
from plc_sim.obedience import Obedience
from plc_sim.pilot import PilotOrder
from plc_sim.supply import Supply, SupplyOrder, SupplySettings


class SupplyNode(Node):
    """A power supply, its contactors, the control pilot and the charger's end of the cable."""

    place = 'supply'

    def __init__(self, **node_options: Any) -> None:
        super().__init__('supply', **node_options)
        self._settings = declare(self, SupplySettings)
        self._supply = Supply(self._settings, now())
        cable = self._settings.cable
        self._status = self.create_publisher(SupplyStatus, 'supply/status', NEWEST)
        self._pilot = self.create_publisher(PilotStatus, 'pilot/status', NEWEST)
        self._end = self.create_publisher(CableChargerEnd, f'{cable}/charger_end', NEWEST)
        self.create_subscription(SupplyCommand, 'supply/command', self._on_command, NEWEST)
        self.create_subscription(PilotCommand, 'pilot/command', self._on_pilot_command, NEWEST)
        hear_one(
            self, CableVehicleEnd, f'{cable}/vehicle_end', self._on_end, NEWEST, silence=SILENCE
        )
        self._alarm = Alarm(self, self._on_deadline)
        self._diagnostics = Diagnostics(self, self._find)
        self._settle()

    def ask_for_end(self, *, fault: bool) -> None:
        """Told to end: the session stops first."""
        self._supply.ask_for_end(fault=fault, now=now())
        self._settle()

    def _on_command(self, msg: SupplyCommand) -> None:
        order = SupplyOrder(
            msg.output, msg.voltage, msg.current, msg.contactors, msg.isolation_test
        )
        self._supply.command(order, terms_of(msg.lease), now())
        self._settle()

    def _on_pilot_command(self, msg: PilotCommand) -> None:
        order = PilotOrder(msg.duty, msg.out_of_order)
        self._supply.command_pilot(order, terms_of(msg.lease), now())
        self._settle()

    def _on_end(self, msg: CableVehicleEnd) -> None:
        self._supply.hear(vehicle_end(msg), age(msg.stamp), now())
        self._settle()

    def _on_deadline(self) -> None:
        self._supply.tick(now())
        self._settle()

    def _settle(self) -> None:
        if self._supply.worth_telling():
            if not self._supply.dead:
                self._end.publish(charger_end_message(self._supply.end))
            if not self._supply.mute:
                self._pilot.publish(_pilot_message(self._supply))
                self._status.publish(_status_message(self._supply))
        self._log_news()
        self._alarm.set(self._supply.deadline)

    def _log_news(self) -> None:
        for news in self._supply.news:
            if news.warning:
                self.get_logger().warning(news.text)
            else:
                self.get_logger().info(news.text)
        self._supply.news.clear()

    def _find(self) -> list[Finding]:
        supply = self._supply
        return [
            Finding('Output', values={'delivered_wh': round(supply.delivered, 1)}),
            _commands('Supply commands', supply.obedience),
            _commands('Pilot commands', supply.pilot.obedience),
        ]


def _commands(part: str, obedience: Obedience) -> Finding:
    level = WARN if obedience.refused else OK
    return Finding(part, level, obedience.why_refused, {'refused': obedience.refused})


def _pilot_message(supply: Supply) -> PilotStatus:
    line = supply.line
    return PilotStatus(
        stamp=stamp(),
        pilot=ControlPilot(state=line.state, duty=line.duty),
        toggles=supply.pilot.toggles,
        toggles_counted=True,
        lease_lapsed=supply.pilot.lease_lapsed,
    )


def _status_message(supply: Supply) -> SupplyStatus:
    settings, reading = supply.settings, supply.reading
    return SupplyStatus(
        stamp=stamp(),
        voltage=reading.output.voltage,
        current=reading.output.current,
        max_voltage=settings.max_voltage,
        min_voltage=settings.min_voltage,
        max_current=settings.max_current,
        min_current=settings.min_current,
        max_power=settings.max_power,
        peak_current_ripple=settings.current_ripple,
        regulation_tolerance=settings.regulation_tolerance,
        output=reading.on,
        contactors=SupplyStatus.CLOSED if reading.contactors else SupplyStatus.OPEN,
        isolation=reading.isolation,
        lease_lapsed=reading.lease_lapsed,
        fault=reading.fault,
    )


def main() -> None:
    """Run the simulated supply."""
    run(SupplyNode)
