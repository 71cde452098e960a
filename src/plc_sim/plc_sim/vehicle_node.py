# SPDX-License-Identifier: Apache-2.0
"""The node of the simulated vehicle: joins the model to topics, decides nothing."""

from typing import Any

from std_srvs.srv import SetBool

from plc_kit.alarm import Alarm
from plc_kit.clock import age, now, stamp
from plc_kit.closing import ClosingNode
from plc_kit.diagnostics import ERROR, OK, WARN, Diagnostics, Finding
from plc_kit.memory import Memory
from plc_kit.one_publisher import SILENCE, hear_one
from plc_kit.outputs import VehicleOutputs
from plc_kit.parameters import declare
from plc_kit.qos import NEWEST
from plc_kit.run import run
from plc_kit.terms import terms_of
from plc_msgs.msg import (
    CableChargerEnd,
    CableVehicleEnd,
    ControlPilot,
    VehicleCommand,
    VehicleStatus,
)
from plc_sim.inlet_node import charger_end, vehicle_end_message
from plc_sim.referee import Referee, sight
from plc_sim.remains import Remains
from plc_sim.vehicle import Vehicle, VehicleSettings


class VehicleNode(ClosingNode):
    """A battery, its contactors and its end of the cable."""

    place = 'vehicle'

    def __init__(self, **node_options: Any) -> None:
        super().__init__('vehicle', **node_options)
        self._settings = declare(self, VehicleSettings)
        self._memory = Memory(self._settings.memory, self._cannot_keep)
        self.closing.callback(self._memory.forget)
        remains = Remains.of_text(self._memory.recall())
        self._vehicle = Vehicle(self._settings, now(), remains)
        self._referee = Referee()
        cable = self._settings.cable
        self._status = self.create_publisher(VehicleStatus, 'vehicle/status', NEWEST)
        self._end = self.create_publisher(CableVehicleEnd, f'{cable}/vehicle_end', NEWEST)
        self.create_subscription(VehicleCommand, 'vehicle/command', self._on_command, NEWEST)
        hear_one(
            self, CableChargerEnd, f'{cable}/charger_end', self._on_end, NEWEST, silence=SILENCE
        )
        self.create_service(SetBool, 'vehicle/plug', self._on_plug)
        self._alarm = Alarm(self, self._on_deadline)
        self._diagnostics = Diagnostics(self, self._find)
        self._settle()

    def ask_for_end(self, *, fault: bool) -> None:
        """Told to end: the session stops first."""
        self._vehicle.ask_for_end(fault=fault, now=now())
        self._settle()

    def _cannot_keep(self, error: OSError) -> None:
        self.get_logger().error(f'a restart of this vehicle would not know of now: {error}')

    def _on_command(self, msg: VehicleCommand) -> None:
        self._vehicle.command(_outputs(msg), terms_of(msg.lease), now())
        self._settle()

    def _on_end(self, msg: CableChargerEnd) -> None:
        self._vehicle.hear(charger_end(msg), age(msg.stamp), now())
        self._settle()

    def _on_plug(self, request: SetBool.Request, answer: SetBool.Response) -> SetBool.Response:
        answer.success = self._vehicle.plug(request.data, now())
        answer.message = '' if answer.success else 'the lock holds the plug'
        self._settle()
        return answer

    def _on_deadline(self) -> None:
        self._vehicle.tick(now())
        self._settle()

    def _settle(self) -> None:
        if self._settings.referee:
            self._look()
        if self._vehicle.worth_telling():
            self._end.publish(vehicle_end_message(self._vehicle.end))
            if not self._vehicle.mute:
                self._status.publish(_status_message(self._vehicle))
        if remains := self._vehicle.remains:
            self._memory.keep(remains.to_text())
        self._log_news()
        self._alarm.set(self._vehicle.deadline)

    def _log_news(self) -> None:
        for news in self._vehicle.news:
            if news.warning:
                self.get_logger().warning(news.text)
            else:
                self.get_logger().info(news.text)
        self._vehicle.news.clear()

    def _look(self) -> None:
        vehicle = self._vehicle
        seen = sight(vehicle.end, vehicle.charger, vehicle.charger_age)
        for violation in self._referee.see(seen, now()):
            self.get_logger().error(
                f'referee: {violation.side}: {violation.rule}: {violation.text}'
            )

    def _find(self) -> list[Finding]:
        vehicle, calls = self._vehicle, self._referee.violations
        obedience, reading = vehicle.obedience, vehicle.reading
        return [
            Finding(
                'Pack',
                values={
                    'soc': round(reading.soc, 4),
                    'stored_wh': round(vehicle.pack.stored, 1),
                    'ac_wh': round(vehicle.ac_energy, 1),
                },
            ),
            Finding(
                'Commands',
                WARN if obedience.refused else OK,
                obedience.why_refused,
                {'refused': obedience.refused, 'lease_lapsed': reading.lease_lapsed},
            ),
            Finding(
                'Referee',
                ERROR if calls else OK,
                calls[-1].text if calls else '',
                {f'{number} {call.side}': call.rule for number, call in enumerate(calls, 1)},
            ),
        ]


def _outputs(msg: VehicleCommand) -> VehicleOutputs:
    return VehicleOutputs(
        plus=msg.contactor_plus,
        minus=msg.contactor_minus,
        lock=msg.lock,
        pilot=msg.pilot_state,
        isolation_monitor_off=msg.isolation_monitor_off,
    )


def _status_message(vehicle: Vehicle) -> VehicleStatus:
    settings, reading = vehicle.settings, vehicle.reading
    return VehicleStatus(
        stamp=stamp(),
        pack_voltage=reading.pack.voltage,
        pack_current=reading.pack.current,
        soc=reading.soc,
        energy_capacity=settings.energy_capacity,
        max_voltage=settings.max_voltage,
        max_current=reading.max_current,
        max_power=reading.max_power,
        target_soc=settings.target_soc,
        bulk_soc=settings.bulk_soc,
        charge_wanted=reading.charge_wanted,
        inlet_voltage=reading.inlet.voltage,
        inlet_current=reading.inlet.current,
        inlet_temperature=reading.inlet_temperature,
        max_inlet_current=settings.max_inlet_current,
        proximity=reading.proximity,
        pilot=ControlPilot(state=reading.pilot.state, duty=reading.pilot.duty),
        contactor_plus=_feedback(reading.plus),
        contactor_minus=_feedback(reading.minus),
        lock=_feedback(reading.lock),
        weld_suspected=reading.weld_suspected,
        lease_lapsed=reading.lease_lapsed,
        fault=reading.fault,
    )


def _feedback(closed: bool | None) -> int:
    if closed is None:
        return VehicleStatus.UNKNOWN
    return VehicleStatus.CLOSED if closed else VehicleStatus.OPEN


def main() -> None:
    """Run the simulated vehicle."""
    run(VehicleNode)
