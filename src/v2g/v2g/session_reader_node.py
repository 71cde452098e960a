# SPDX-License-Identifier: Apache-2.0
"""What the session node joins to its machine where an AC wallbox reads the vehicle (R18)."""

from collections.abc import Callable, Sequence
import os

from rclpy.node import Node

from plc_kit.clock import now
from plc_kit.journal_teller import JournalTeller
from plc_kit.one_publisher import SILENCE, hear_one
from plc_kit.parameters import declare
from plc_kit.qos import HEARD, NEWEST
from plc_kit.quiet import publisher
from plc_msgs.msg import DataLink, PilotCommand, PilotStatus
from v2g.session.events import Event
from v2g.session.journal import RECIPES
from v2g.session.secc.reader import Reader
from v2g.session.secc.reader_settings import ReaderSettings
from v2g.session_sides_node import JOURNAL, Leases, pilot_reading
from v2g.session_vehicle_node import VehicleTeller


class ReaderSide:
    """pilot/status, pilot/command and charging/vehicle; there is no supply."""

    def __init__(self, node: Node, perform: Callable[[Sequence[Event]], None]) -> None:
        self._perform, self._leases = perform, Leases()
        self.journal = JournalTeller(node, JOURNAL, RECIPES)
        reader = Reader(declare(node, ReaderSettings), self.journal.entropy(os.urandom))
        self.machine: Reader = self.journal.told(reader)
        self._pilot = publisher(node, PilotCommand, 'pilot/command', NEWEST)
        hear_one(node, PilotStatus, 'pilot/status', self._on_pilot, HEARD, silence=SILENCE)
        self._vehicle = VehicleTeller(node, self.machine)

    def publish_command(self) -> None:
        """Give the command of now, and renew its lease."""
        command = self.machine.command
        self._pilot.publish(
            PilotCommand(lease=self._leases.sign(), duty=command.duty, ac=command.ac)
        )

    def data_link(self, link: DataLink) -> None:
        """Nothing here depends on the interface."""

    def follow(self, events: Sequence[Event]) -> None:
        """Tell what is new of the vehicle."""
        self._vehicle.follow(events)

    def tell(self) -> None:
        """Tell what is known of the vehicle."""
        self._vehicle.tell()

    def _on_pilot(self, msg: PilotStatus) -> None:
        self._perform(self.machine.pilot(pilot_reading(msg), now()))
