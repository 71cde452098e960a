# SPDX-License-Identifier: Apache-2.0
"""What the session node joins to its machine on the vehicle's side, and on the charger's."""

from collections.abc import Callable, Sequence
import os
from typing import Any

from rclpy.node import Node
from std_msgs.msg import Bool

from plc_kit.clock import STEADY, age, now, stamp
from plc_kit.interface import Interface, NoSuchInterface
from plc_kit.journal_teller import JournalTeller
from plc_kit.network import NetworkUnavailable
from plc_kit.one_publisher import SILENCE, hear_one
from plc_kit.parameters import BadParameter, Changes, declare
from plc_kit.qos import HEARD, LATCHED, NEWEST
from plc_kit.quiet import publisher
from plc_msgs.msg import (
    DataLink,
    Lease,
    PilotCommand,
    PilotStatus,
    SupplyCommand,
    SupplyStatus,
    VehicleCommand,
    VehicleStatus,
)
from v2g.session.evcc.goals import Goals
from v2g.session.evcc.machine import Evcc
from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import Event
from v2g.session.journal import GOALS, RECIPES
from v2g.session.readings import (
    Isolation,
    PilotReading,
    PilotState,
    SupplyReading,
    Switch,
    VehicleReading,
)
from v2g.session.secc.machine import Secc
from v2g.session.secc.settings import SeccSettings
from v2g.session_authorization_node import AuthorizationDesk
from v2g.session_goal_node import ChargeAction
from v2g.session_vehicle_node import VehicleTeller

Perform = Callable[[Sequence[Event]], None]
JOURNAL = 'session/journal'
VALID_FOR = 0.5  # s of a command's lease (R6)
DRIVE_LOCK_PERIOD = 0.1  # s
MAC_LENGTH = 6  # octets


class Leases:
    """Signs each command of this start of the node (R6)."""

    def __init__(self) -> None:
        self._session_id = int.from_bytes(os.urandom(8), 'little')
        self._sequence = 0

    def sign(self) -> Lease:
        """The lease of the next command."""
        self._sequence += 1
        return Lease(
            stamp=stamp(),
            session_id=self._session_id,
            sequence=self._sequence,
            valid_for=VALID_FOR,
        )


class VehicleSide:
    """vehicle/status and vehicle/command."""

    def __init__(self, node: Node, perform: Perform) -> None:
        settings = declare(node, EvccSettings, Changes(self._check, self._take))
        self._node, self._perform, self._leases = node, perform, Leases()
        self._own_id = not settings.evcc_id
        self.journal = JournalTeller(node, JOURNAL, RECIPES)
        evcc = Evcc(settings, evcc_id(settings.evcc_id))
        self.machine: Evcc = self.journal.told(evcc)
        self._command = publisher(node, VehicleCommand, 'vehicle/command', NEWEST)
        hear_one(node, VehicleStatus, 'vehicle/status', self._on_status, HEARD, silence=SILENCE)
        self._drive_lock = publisher(node, Bool, 'charging/drive_lock', LATCHED)
        node.create_timer(DRIVE_LOCK_PERIOD, self._tell_drive_lock, clock=STEADY)
        goals: Goals = self.journal.told(Goals(evcc), GOALS)
        self._action = ChargeAction(node, self.machine, goals, perform)

    def follow(self, events: Sequence[Event]) -> None:
        """What the machine says may end a goal."""
        self._action.follow(events)

    def tell(self) -> None:
        """Feedback of a goal."""
        self._action.tell()

    def _tell_drive_lock(self) -> None:
        self._drive_lock.publish(Bool(data=self.machine.drive_lock(now())))

    def publish_command(self) -> None:
        """Give the command of now, and renew its lease; none before something is known (R3)."""
        if not self.machine.heard:
            return
        command = self.machine.command
        self._command.publish(
            VehicleCommand(
                lease=self._leases.sign(),
                contactor_plus=command.contactor_plus,
                contactor_minus=command.contactor_minus,
                lock=command.lock,
                pilot_state=int(command.pilot),
                isolation_monitor_off=command.isolation_monitor_off,
            )
        )

    def data_link(self, link: DataLink) -> None:
        """EVCCID is the MAC of the charging interface (lesson 51)."""
        if not (self._own_id and link.ready and link.interface):
            return
        try:
            self.machine.identify(Interface.parse(link.interface).mac)
        except (NoSuchInterface, NetworkUnavailable, OSError) as error:
            self._node.get_logger().warning(f'no EVCCID: {error}')

    def _check(self, settings: EvccSettings) -> None:
        self.machine.check(settings)

    def _take(self, settings: EvccSettings) -> None:
        self._perform(self.machine.adjust(settings, now()))

    def _on_status(self, msg: VehicleStatus) -> None:
        self._perform(self.machine.vehicle(vehicle_reading(msg), now()))


class ChargerSide:
    """supply/status, pilot/status, supply/command and pilot/command."""

    def __init__(self, node: Node, perform: Perform) -> None:
        settings = declare(node, SeccSettings)
        self._perform = perform
        self._leases, self._pilot_leases = Leases(), Leases()
        self.journal = JournalTeller(node, JOURNAL, RECIPES)
        secc = Secc(settings, self.journal.entropy(os.urandom))
        self.machine: Secc = self.journal.told(secc)
        self._supply = publisher(node, SupplyCommand, 'supply/command', NEWEST)
        self._pilot = publisher(node, PilotCommand, 'pilot/command', NEWEST)
        for kind, topic, heard in (
            (SupplyStatus, 'supply/status', self._on_supply),
            (PilotStatus, 'pilot/status', self._on_pilot),
        ):
            hear_one(node, kind, topic, heard, HEARD, silence=SILENCE)
        self._vehicle = VehicleTeller(node, self.machine)
        self._desk = AuthorizationDesk(node, self.machine, perform)

    def publish_command(self) -> None:
        """Give the command of now, and renew its lease."""
        command = self.machine.command
        self._supply.publish(
            SupplyCommand(
                lease=self._leases.sign(),
                output=command.output,
                voltage=command.voltage,
                current=command.current,
                contactors=command.contactors,
                isolation_test=command.isolation_test,
            )
        )
        self._pilot.publish(PilotCommand(lease=self._pilot_leases.sign(), duty=command.duty))

    def data_link(self, link: DataLink) -> None:
        """Nothing here depends on the interface."""

    def follow(self, events: Sequence[Event]) -> None:
        """Tell what is new of the vehicle, and ask who may charge."""
        self._vehicle.follow(events)
        self._desk.follow(events)

    def tell(self) -> None:
        """Tell what is known of the vehicle."""
        self._vehicle.tell()

    def _on_supply(self, msg: SupplyStatus) -> None:
        self._perform(self.machine.supply(supply_reading(msg), now()))

    def _on_pilot(self, msg: PilotStatus) -> None:
        self._perform(self.machine.pilot(pilot_reading(msg), now()))


def evcc_id(text: str) -> bytes:
    """Read the parameter; BadParameter for what is no EVCCID."""
    if not text:
        return bytes(MAC_LENGTH)
    try:
        octets = bytes.fromhex(text.replace(':', ''))
    except ValueError as error:
        raise BadParameter(f'parameter evcc_id: {error}') from error
    if not 1 <= len(octets) <= 8:
        raise BadParameter(f'parameter evcc_id has {len(octets)} octets; it may have 1 to 8')
    return octets


_SAME_IN_VEHICLE = [
    'pack_voltage',
    'pack_current',
    'soc',
    'energy_capacity',
    'max_voltage',
    'max_current',
    'max_power',
    'target_soc',
    'bulk_soc',
    'charge_wanted',
    'inlet_voltage',
    'inlet_current',
    'inlet_temperature',
    'max_inlet_current',
    'proximity',
    'weld_suspected',
    'lease_lapsed',
    'fault',
]
_SAME_IN_SUPPLY = [
    'voltage',
    'current',
    'max_voltage',
    'min_voltage',
    'max_current',
    'min_current',
    'max_power',
    'peak_current_ripple',
    'regulation_tolerance',
    'output',
    'lease_lapsed',
    'fault',
]


def _same(msg: Any, names: list[str]) -> dict[str, Any]:
    return {name: getattr(msg, name) for name in names}


def vehicle_reading(msg: VehicleStatus) -> VehicleReading:
    """Take over a message."""
    return VehicleReading(
        **_same(msg, _SAME_IN_VEHICLE),
        pilot=PilotState(msg.pilot.state),
        duty=msg.pilot.duty,
        contactor_plus=Switch(msg.contactor_plus),
        contactor_minus=Switch(msg.contactor_minus),
        lock=Switch(msg.lock),
        age=age(msg.stamp),
    )


def pilot_reading(msg: PilotStatus) -> PilotReading:
    """Take over a message."""
    return PilotReading(
        pilot=PilotState(msg.pilot.state),
        duty=msg.pilot.duty,
        lease_lapsed=msg.lease_lapsed,
        age=age(msg.stamp),
    )


def supply_reading(msg: SupplyStatus) -> SupplyReading:
    """Take over a message."""
    return SupplyReading(
        **_same(msg, _SAME_IN_SUPPLY),
        contactors=Switch(msg.contactors),
        isolation=Isolation(msg.isolation),
        age=age(msg.stamp),
    )
