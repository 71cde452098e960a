# SPDX-License-Identifier: Apache-2.0
"""A vehicle at an AC wallbox with a reader, in virtual time, from the plug to its AC charge (R18).

The same machines as in the graph: both sessions, the vehicle with its on-board charger, the
wallbox, and a script that makes the vehicle misbehave.
"""

from collections.abc import Sequence
from math import inf
from typing import Any

from plc_sim.pilot import PilotOrder
from plc_sim.scenario.readings import of_wallbox, vehicle_order
from plc_sim.scenario.scenario import End, Scenario
from plc_sim.scenario.script import Rule
from plc_sim.scenario.virtual import DIGITAL, Play, Session
from plc_sim.wallbox import Wallbox, WallboxSettings
from v2g.session.events import Event, StageChanged, VehicleTold
from v2g.session.facts import VehicleFacts
from v2g.session.readings import LinkState
from v2g.session.secc.reader import Reader
from v2g.session.secc.reader_settings import ReaderSettings
from v2g.session.stage import Stage


class ReadingPlay(Play):
    """Plays until the vehicle has charged AC for a while; `told` is what charging/vehicle said.

    slac: the vehicle speaks HomePlug at all; sdp: it looks for a charger behind the data link.
    """

    supply: Wallbox

    def __init__(
        self,
        script: Sequence[Rule] = (),
        *,
        vehicle: dict[str, Any] | None = None,
        wallbox: dict[str, Any] | None = None,
        reader: dict[str, Any] | None = None,
        slac: bool = True,
        sdp: bool = True,
    ) -> None:
        row = Scenario('reading', '', '', 'evse', End(), script, vehicle=vehicle or {})
        self.told: list[tuple[float, VehicleFacts]] = []
        self.stages: list[Stage] = []  # of the reader
        self.plugged_at = self.digital_at = self.ac_at = inf  # s
        self._wallbox, self._reader = wallbox or {}, reader or {}
        self._slac, self._sdp = slac, sdp
        self._both = False  # the AC contactor was closed while the reader was active
        super().__init__(row)

    def play(self, seconds: float) -> 'ReadingPlay':
        """Let so much time pass."""
        until = self.now + seconds
        while self.now < until:
            self.now = max(self.now, min(*self._due, until))
            self._step()
            self._look()
        return self

    @property
    def reader(self) -> Reader:
        """The machine under test."""
        return self.machines['evse']  # type: ignore[return-value]

    @property
    def facts(self) -> VehicleFacts:
        """What was told last."""
        return self.reader.notes.facts

    @property
    def fouls(self) -> list[str]:
        """What must not have been."""
        found = [*self.supply.calls, *(str(foul) for foul in self.record.fouls)]
        return [*found, *(['AC while the reader was active'] if self._both else [])]

    def _look(self) -> None:
        line, active = self.supply.line, not self.reader.command.ac
        if self.vehicle.plugged:
            self.plugged_at = min(self.plugged_at, self.now)
        if line.duty == DIGITAL:
            self.digital_at = min(self.digital_at, self.now)
        if self.supply.contactor.closed:
            self.ac_at = min(self.ac_at, self.now)
            self._both |= active and self.reader.plugged

    def _make_supply(self, settings: dict[str, Any]) -> Wallbox:
        return Wallbox(WallboxSettings(**self._wallbox), self.now)

    def _make_charger(self, settings: dict[str, Any]) -> Session:
        return Reader(ReaderSettings(**self._reader), self.entropy)

    def _supply_tells(self) -> None:
        self._charger_end_tells()
        self._tell_stamped('evse', self.reader.pilot, of_wallbox(self.supply))

    def _order_of(self, side: str, command: Any) -> None:
        terms = self._lease_for(side)
        if side == 'pev':
            order = vehicle_order(command)
            self._touch(lambda: self.vehicle.command(order, terms(), self.now))
        else:
            pilot = PilotOrder(command.duty, False, command.ac)
            self._touch(lambda: self.supply.command_pilot(pilot, terms(), self.now))

    def _match(self) -> None:
        if self._slac:
            super()._match()

    def link_reading(self, state: LinkState) -> Any:
        return super().link_reading(state if self._sdp else LinkState.SDP)

    def perform(self, machine: Session, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, VehicleTold):
                self.told.append((self.now, event.facts))
            elif isinstance(event, StageChanged) and event.state.role == 'evse':
                self.stages.append(event.state.stage)
        super().perform(machine, events)
