# SPDX-License-Identifier: Apache-2.0
"""A scenario in virtual time: both sessions, both simulated ends, a script between, a referee.

What the nodes would carry by topics and TCP is carried here, each with its delay; modems and SLAC
have found each other. A session of a minute takes some tenths of a second.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
import heapq
import itertools
from typing import Any

from plc_kit.journal import Entry, Journal
from plc_kit.lease import Terms
from plc_sim.cable import NO_CHARGER
from plc_sim.referee import Referee, sight
from plc_sim.scenario.around import SESSIONS, Around, Clocks
from plc_sim.scenario.readings import (
    of_pilot,
    of_supply,
    of_vehicle,
    pilot_order,
    supply_order,
    vehicle_order,
)
from plc_sim.scenario.record import Record
from plc_sim.scenario.scenario import OTHER, Scenario
from plc_sim.scenario.script import Acted, Event as Scripted, Out, Script
from plc_sim.supply import Supply, SupplySettings
from plc_sim.vehicle import Vehicle, VehicleSettings
from v2g.session.evcc.goal import Goal
from v2g.session.evcc.goals import Goals
from v2g.session.evcc.machine import Evcc
from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import Event, Send, StageChanged
from v2g.session.journal import GOALS, RECIPES
from v2g.session.readings import (
    DataLinkReading,
    LinkReading,
    LinkState,
    ModemReading,
    ModemState,
    SlacReading,
    SlacState,
)
from v2g.session.secc.machine import Secc
from v2g.session.secc.reader import Reader
from v2g.session.secc.settings import SeccSettings

TOPIC = 0.001  # s between two nodes
TCP = 0.002  # s between two transports
COMMANDS = 0.08  # s between two commands (R6)
SETTLE = 7.0  # s after an end from which another attempt may follow (R5)
STILL = 1.5  # s after one that waits for nothing more
LEASE = 0.5  # s
EVCC_ID = bytes.fromhex('02000000e5a1')
DIGITAL = 0.05  # duty
Session = Evcc | Secc | Reader
Listener = Callable[[str, float, Entry], None]  # side, s, and what its session was told


class Play:
    """Plays one scenario; `record` is of the side under test, `listener` hears the journals."""

    def __init__(self, scenario: Scenario, listener: Listener | None = None) -> None:
        self.now = 0.0
        self._listener = listener
        self.scenario = scenario
        self.record = Record(scenario.tests, scenario.end.since)
        settings: dict[str, Any] = scenario.parameters
        self.vehicle = Vehicle(VehicleSettings(**settings['/pev/vehicle']), self.now)
        self.supply = self._make_supply(settings['/evse/supply'])
        self.clocks = Clocks()
        self._journals = {
            side: Journal(RECIPES, lambda: listener is not None) for side in ('pev', 'evse')
        }
        self._numbers = itertools.count(1)
        self.entropy = self._journals['evse'].entropy(self._octets)
        evcc = Evcc(EvccSettings(**settings.get('/pev/session', {})), EVCC_ID)
        self.machines: dict[str, Session] = {
            'pev': self._journals['pev'].told(evcc),
            'evse': self._journals['evse'].told(
                self._make_charger(settings.get('/evse/session', {}))
            ),
        }
        self._goals = self._journals['pev'].told(Goals(evcc), GOALS)
        self._script, self._referee = Script(scenario.script), Referee()
        self._coming: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._sequence = itertools.count(1)
        self._commanded: dict[str, object] = {}
        self._commands_at = 0.0
        self._connection = self._links = self._matched = 0
        self._deeds = list(scenario.deeds)
        self._around = Around(self)
        self._touched = True  # something came to the hardware
        self._tell_journals()
        self._goals.accept(Goal(), self.now)
        for side in self.machines:
            self._introduce(side)

    def _tell_journals(self) -> None:
        if self._listener is None:
            return
        for side, journal in self._journals.items():
            for entry in journal.entries(self.now):
                self._listener(side, self.now, entry)

    def _make_supply(self, settings: dict[str, Any]) -> Any:
        return Supply(SupplySettings(**settings), self.now)

    def _make_charger(self, settings: dict[str, Any]) -> Session:
        return Secc(SeccSettings(**settings), self.entropy)

    def _octets(self, length: int) -> bytes:
        """Octets that are the same in each play, and new at each call."""
        return bytes([next(self._numbers) % 256] * length)

    def run(self) -> Record:
        """Play until the first session is over, and it is seen what follows."""
        while self.now < self.scenario.until and not self._settled:
            self.now = max(self.now, min(self._due))
            self._step()
        return self.record

    @property
    def _settled(self) -> bool:
        record, machine = self.record, self.machines[self.record.tests]
        settle = STILL if machine.deadline is None else SETTLE
        return record.over and (record.again or self.now >= record.ended_at + settle)

    @property
    def _due(self) -> list[float]:
        moments = [self._coming[0][0] if self._coming else None, self._script.deadline]
        moments += [machine.deadline for machine in self.machines.values()]
        ahead = [moment for moment in moments if moment is not None]
        return [*ahead, self._commands_at, self.vehicle.deadline, self.supply.deadline]

    def _step(self) -> None:
        while self._coming and self._coming[0][0] <= self.now:
            heapq.heappop(self._coming)[2]()
        self._scripted(self._script.tick(self.now))
        for machine in self.machines.values():
            if machine.deadline is not None and machine.deadline <= self.now:
                self.perform(machine, machine.tick(self.now))
        self._match()
        self._command()
        if self._touched or self.now >= min(self.vehicle.deadline, self.supply.deadline):
            self._touched = False
            self._measure()
        self._tell_journals()

    # The hardware

    def _measure(self) -> None:
        vehicle, supply, now = self.vehicle, self.supply, self.now
        vehicle.tick(now)
        supply.tick(now)
        charger_end = NO_CHARGER if supply.dead else supply.end
        seen = sight(vehicle.end, charger_end)
        self.record.look(seen, now)
        self.record.fouls |= {(call.side, call.rule) for call in self._referee.see(seen, now)}
        for news in (*vehicle.news, *supply.news):
            if news.text.startswith('fault begins'):
                self.record.acted(self.now, counts=not self.scenario.deeds)
        vehicle.news.clear()
        supply.news.clear()
        if vehicle.worth_telling():
            self._vehicle_tells()
        if supply.worth_telling():
            self._supply_tells()

    def _vehicle_tells(self) -> None:
        end = self.vehicle.end
        self._touch(lambda: self.supply.hear(end, TOPIC, self.now))
        if not self.vehicle.mute:
            reading, evcc = of_vehicle(self.vehicle), self.machines['pev']
            self._tell_stamped('pev', evcc.vehicle, reading)  # type: ignore[union-attr]

    def _supply_tells(self) -> None:
        secc = self.machines['evse']
        self._charger_end_tells()
        if not self.supply.mute:
            self._tell_stamped('evse', secc.pilot, of_pilot(self.supply))  # type: ignore[union-attr]
            self._tell_stamped('evse', secc.supply, of_supply(self.supply))  # type: ignore[union-attr]

    def _charger_end_tells(self) -> None:
        end = self.supply.end
        if not self.supply.dead:
            self._touch(lambda: self.vehicle.hear(end, TOPIC, self.now))

    def _command(self) -> None:
        """Give the commands when they are due, and at once where they have changed."""
        due = self.now >= self._commands_at
        if due:
            self._commands_at = self.now + COMMANDS
        for side, machine in self.machines.items():
            if due or machine.command != self._commanded.get(side):
                self._commanded[side] = machine.command
                self._order_of(side, machine.command)

    def _order_of(self, side: str, command: Any) -> None:
        terms = self._lease_for(side)
        if side == 'pev':
            order = vehicle_order(command)
            self._touch(lambda: self.vehicle.command(order, terms(), self.now))
        else:
            power, pilot = supply_order(command), pilot_order(command)
            self._touch(lambda: self.supply.command(power, terms(), self.now))
            self._touch(lambda: self.supply.command_pilot(pilot, terms(), self.now))

    def _lease_for(self, side: str) -> Callable[[], Terms]:
        """Terms of a command that is given now, as they are when it comes."""
        number, given = next(self._sequence), self.clocks.read(SESSIONS, self.now)
        return lambda: Terms(1, number, LEASE, self.clocks.read(side, self.now) - given)

    def tell_all(self) -> None:
        """Send every reading and command now."""
        self._vehicle_tells()
        self._supply_tells()
        for side, machine in self.machines.items():
            self._order_of(side, machine.command)

    # The way to a connection

    def _introduce(self, side: str) -> None:
        machine = self.machines[side]
        self._tell(machine, machine.modem, ModemReading(state=ModemState.READY))
        self._tell(machine, machine.slac, SlacReading())
        self._tell(machine, machine.data_link, DataLinkReading())

    def _match(self) -> None:
        """Have SLAC and transport serve a new attempt of the vehicle."""
        pev, evse = self.machines['pev'].state, self.machines['evse'].state
        digital = self.supply.line.duty == DIGITAL
        if pev.attempt == self._matched or not digital or evse.active or not evse.attempt:
            return
        self._matched, self._links = pev.attempt, self._links + 1
        self._connection = 1000 + self._links
        for machine in self.machines.values():
            self._link(
                machine, SlacReading(state=SlacState.MATCHED, attempt=machine.state.attempt)
            )

    def _link(self, machine: Session, slac: SlacReading) -> None:
        self._tell(machine, machine.data_link, DataLinkReading())
        self._tell(machine, machine.slac, slac)
        link = DataLinkReading(ready=True, link_id=self._links)
        self._tell(machine, machine.data_link, link)
        self._tell(machine, machine.link, self.link_reading(LinkState.CONNECTED))

    def link_reading(self, state: LinkState) -> LinkReading:
        closed = state is LinkState.CLOSED
        return LinkReading(
            state=state,
            link_id=self._links,
            connection_id=self._connection,
            reason='the other side closed the connection' if closed else '',
        )

    def _disconnect(self, connection_id: int) -> None:
        if connection_id == self._connection:
            reading = self.link_reading(LinkState.CLOSED)
            self._connection = 0
            for machine in self.machines.values():
                self._tell(machine, machine.link, reading)

    def cut_line(self) -> None:
        """Nothing arrives any more; neither end is told."""
        self._connection = 0

    # The messages

    def perform(self, machine: Session, events: Sequence[Event]) -> None:
        side = machine.state.role
        for event in events:
            match event:
                case Send(connection_id, payload, close, payload_type):
                    out = Out(False, connection_id, payload_type, payload, close)
                    self._leave(side, out)
                case StageChanged(state):
                    self._plan_deeds(side, state.stage)
                    self._around.plan(side, state.stage)
                    if side == self.record.tests:
                        self.record.state(state, self.now)
        outcome = self._goals.follow(events, self.now) if side == 'pev' else None
        if outcome is not None:
            self.record.resulted(outcome.code, outcome)

    def _leave(self, side: str, out: Out) -> None:
        """A message leaves a session: through the script, where there is one."""
        if side == self.scenario.partner:
            self._scripted(self._script.pass_on(out, self.now))
        else:
            self._transmit(side, out)

    def _scripted(self, events: Sequence[Scripted]) -> None:
        for event in events:
            match event:
                case Out() if event.inward:
                    self._arrive(self.scenario.partner, event)
                case Out():
                    self._transmit(self.scenario.partner, event)
                case Acted():
                    self.record.acted(self.now, counts=not self.scenario.deeds)

    def _transmit(self, side: str, out: Out) -> None:
        self.later(TCP, lambda: self._come(OTHER[side], out))

    def _come(self, side: str, out: Out) -> None:
        """A message comes to a side by TCP."""
        if out.connection_id != self._connection:
            return
        if out.payload and side == self.scenario.partner:
            inward = replace(out, inward=True, close=False)
            self._scripted(self._script.pass_on(inward, self.now))
        elif out.payload:
            self._arrive(side, out)
        if out.close:
            self._disconnect(out.connection_id)

    def _arrive(self, side: str, out: Out) -> None:
        machine = self.machines[side]
        events = machine.receive(out.connection_id, out.payload_type, out.payload, self.now)
        self.perform(machine, events)

    def _plan_deeds(self, side: str, stage: int) -> None:
        for deed in [one for one in self._deeds if (one.side, one.when) == (side, stage)]:
            self._deeds.remove(deed)
            self.later(deed.after, partial(self._person_does, side, deed.what))

    def _person_does(self, side: str, what: str) -> None:
        self.record.done(self.now)
        machine = self.machines[side]
        done = getattr(machine, what)(self.now)
        granted, events = (done[0], done[-1]) if isinstance(done, tuple) else (True, done)
        self.record.answered(what, granted=granted)
        self.perform(machine, events)

    # Time

    def _tell(self, machine: Session, method: Callable[..., list[Event]], reading: Any) -> None:
        self.later(TOPIC, lambda: self.perform(machine, method(reading, self.now)))

    def _tell_stamped(self, side: str, method: Callable[..., list[Event]], reading: Any) -> None:
        """Tell what the hardware of a side has stamped by its clock (R6)."""
        stamped = self.clocks.read(side, self.now)

        def tell() -> None:
            age = self.clocks.read(SESSIONS, self.now) - stamped
            self.perform(self.machines[side], method(replace(reading, age=age), self.now))

        self.later(TOPIC, tell)

    def _touch(self, act: Callable[[], None]) -> None:
        def touch() -> None:
            self._touched = True
            act()

        self.later(TOPIC, touch)

    def later(self, delay: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._coming, (self.now + delay, next(self._order), act))
