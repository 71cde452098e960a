# SPDX-License-Identifier: Apache-2.0
"""Vehicles and chargers on a power line in virtual time: SLAC's machines, modems and line at once.

Nobody sleeps, and with the same entropy every run is the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
import heapq
import itertools

from plc_modem import modem as modems
from plc_modem.homeplug import Mme, build
from plc_modem.modem import ModemMachine
from plc_sim.line import Deliver, Line, read
from slac.ev.matching import EvMatching
from slac.evse.matching import EvseMatching
from slac.values import Changed, Event, LinkChanged, Pilot, Send, SetKey

HOST_DELAY = 0.0005  # s from a modem to the machines of its host, and back
PILOT_DELAY = 0.06  # s from what a vehicle's SLAC wants of the pilot to what the charger's hears


@dataclass
class Station:
    """A computer with its modem at an outlet, and what its matching has told so far."""

    outlet: str
    mac: str
    matching: EvMatching | EvseMatching
    modem: ModemMachine
    linked: LinkChanged | None = None
    diary: list[tuple[float, Event]] = field(default_factory=list)


class VirtualLine:
    """Plays stations on a line; `now` is in s from 0."""

    def __init__(self, line: Line, stations: list[Station]) -> None:
        self.now = 0.0
        self.line = line
        self.stations = {station.outlet: station for station in stations}
        self.overheard: list[tuple[float, str, Mme]] = []  # when, from which outlet, what
        self._coming: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._pilots: dict[str, Pilot] = {}
        self._shows_c: dict[str, bool] = {}
        for station in stations:
            station.matching.mac = station.mac

    def plug(self, outlet: str, attempt: int = 1) -> None:
        """Show a pilot of 5 %, and have the session want a link."""
        counted = 0 if self.line.outlets[outlet].charger else None
        self._everyone_sees(outlet, Pilot(plugged=True, digital=True, edges=counted))
        station = self.stations[outlet]
        self._matched(station, station.matching.attempt(attempt, self.now))

    def unplug(self, outlet: str) -> None:
        """Pull the plug at this outlet's end."""
        self._everyone_sees(outlet, Pilot(unplugged=True))

    def inject(self, outlet: str, octets: bytes) -> None:
        """Let a host say anything."""
        self._deliver(outlet, octets)

    def run(self, until: float, done: Callable[[], bool] = lambda: False) -> None:
        """Let time pass up to `until`, or to when it is done."""
        while not done():
            due = self._next()
            if due is None or due > until:
                self.now = until
                return
            self.now = max(self.now, due)
            self._step()

    def _next(self) -> float | None:
        times = [self.line.deadline, self._coming[0][0] if self._coming else None]
        for station in self.stations.values():
            times += [station.matching.deadline, station.modem.deadline]
        return min((t for t in times if t is not None), default=None)

    def _step(self) -> None:
        while self._coming and self._coming[0][0] <= self.now:
            heapq.heappop(self._coming)[2]()
        self._carry(self.line.tick(self.now))
        for station in self.stations.values():
            self._asked_modem(station, station.modem.tick(self.now))
            self._repeat_pilot(station)
            self._matched(station, station.matching.tick(self.now))

    def _repeat_pilot(self, station: Station) -> None:
        """A pilot is told of five times a second; here: whenever anything happens."""
        pilot = self._pilots.get(station.outlet)
        if pilot is not None:
            self._matched(station, station.matching.pilot(pilot, self.now))

    def _everyone_sees(self, outlet: str, pilot: Pilot) -> None:
        self._pilots[outlet] = pilot
        station = self.stations[outlet]
        self._matched(station, station.matching.pilot(pilot, self.now))

    def _matched(self, station: Station, events: list[Event]) -> None:
        for event in events:
            if not isinstance(event, Send):
                station.diary.append((round(self.now, 4), event))
            match event:
                case Send(frames, spacing):
                    for number, frame in enumerate(frames):
                        self._send(station, frame, number * spacing)
                case SetKey(nmk, nid):
                    self._asked_modem(station, station.modem.set_key(nmk, nid, self.now))
                case LinkChanged():
                    station.linked = event
                    self._look_for_tcp(station)
                case Changed(status):
                    self._show(station, status.show_c)

    def _look_for_tcp(self, station: Station) -> None:
        """A transport tells of each link how far it is; here nobody sends SDP."""
        self._matched(station, station.matching.connected(False, self.now))

    def _show(self, station: Station, show_c: bool) -> None:
        """A vehicle's toggles of the pilot are counted at the other end of its cable."""
        if self._shows_c.get(station.outlet, False) == show_c:
            return
        self._shows_c[station.outlet] = show_c
        place = self.line.outlets[station.outlet].place
        for other in self.stations:
            outlet = self.line.outlets[other]
            if outlet.charger and outlet.place == place:
                self._later(PILOT_DELAY, lambda other=other: self._edge(other))  # type: ignore[misc]

    def _edge(self, outlet: str) -> None:
        pilot = self._pilots.get(outlet, Pilot())
        if pilot.edges is not None:
            self._everyone_sees(outlet, replace(pilot, edges=pilot.edges + 1))

    def _asked_modem(self, station: Station, events: list[modems.Event]) -> None:
        for event in events:
            match event:
                case modems.Send(mme):
                    self._send(station, mme, 0.0)
                case modems.Changed(modem):
                    self._matched(station, station.matching.modem(modem, self.now))

    def _send(self, station: Station, mme: Mme, delay: float) -> None:
        octets = build(mme)
        self._later(delay + HOST_DELAY, lambda: self._on_line(station.outlet, octets))

    def _on_line(self, outlet: str, octets: bytes) -> None:
        self.overheard.append((round(self.now, 4), outlet, read(octets)))
        self._carry(self.line.receive(outlet, octets, self.now))

    def _carry(self, delivered: list[Deliver]) -> None:
        for one in delivered:
            self._later(HOST_DELAY, lambda one=one: self._deliver(one.outlet, one.octets))  # type: ignore[misc]

    def _deliver(self, outlet: str, octets: bytes) -> None:
        station, mme = self.stations[outlet], read(octets)
        self._asked_modem(station, station.modem.receive(mme, self.now))
        self._matched(station, station.matching.receive(mme, self.now))

    def _later(self, delay: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._coming, (self.now + delay, next(self._order), act))
