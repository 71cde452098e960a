# SPDX-License-Identifier: Apache-2.0
"""A row of parking spaces, each with a charger and a car, that match in virtual time."""

from collections.abc import Callable
from dataclasses import dataclass

from plc_modem.modem import ModemMachine
from plc_sim.line import Line
from plc_sim.line_scene import LineScene, mac, outlet_name
from plc_sim.virtual import Station, VirtualLine
from slac.ev.matching import EvMatching, Settings as EvSettings
from slac.evse.matching import EvseMatching
from slac.evse.session import Settings as EvseSettings

MODEMS_READY = 2.0  # s after which every modem has its first key
PATIENCE = 60.0  # s within which every car shall have matched


@dataclass(frozen=True)
class Matched:
    """What became of one car."""

    place: int
    partner: int | None  # the place of the charger that let it in; None: none did
    seconds: float  # from plug-in to data link ready

    @property
    def right(self) -> bool:
        return self.partner == self.place


class CarPark:
    """As many chargers and cars as a scene has places; cars are plugged in within a second."""

    def __init__(self, scene: LineScene, entropy: Callable[[int], bytes]) -> None:
        """`entropy(n)` returns n random octets; with the same ones the same happens."""
        self._entropy, self._places = entropy, range(scene.places)
        line = Line(scene.outlets(), scene.settings, entropy)
        stations = [self._charger(place) for place in self._places]
        stations += [self._car(place) for place in self._places]
        self._virtual = VirtualLine(line, stations)
        self._place_of = {mac(place, charger=True, modem=False): place for place in self._places}

    def play(self, within: float = 1.0) -> list[Matched]:
        """Plug everybody in `within` so many s, and say who matched with whom."""
        self._virtual.run(MODEMS_READY)
        plugged = sorted((MODEMS_READY + within * self._moment(), place) for place in self._places)
        for when, place in plugged:
            self._virtual.run(when)
            self._virtual.plug(outlet_name('evse', place))
            self._virtual.plug(outlet_name('pev', place))
        self._virtual.run(MODEMS_READY + PATIENCE, self._all_linked)
        return [self._outcome(place, when) for when, place in plugged]

    def _moment(self) -> float:
        return int.from_bytes(self._entropy(4)) / 2**32

    def _all_linked(self) -> bool:
        cars = (self._virtual.stations[outlet_name('pev', place)] for place in self._places)
        return all(car.linked is not None and car.linked.ready for car in cars)

    def _outcome(self, place: int, plugged: float) -> Matched:
        car = self._virtual.stations[outlet_name('pev', place)]
        if car.linked is None or not car.linked.ready:
            return Matched(place, None, PATIENCE)
        ready = next(when for when, event in reversed(car.diary) if event is car.linked)
        return Matched(place, self._place_of.get(car.linked.peer_mac), ready - plugged)

    def _charger(self, place: int) -> Station:
        address = mac(place, charger=True, modem=False)
        matching = EvseMatching(EvseSettings(), self._entropy)
        return Station(outlet_name('evse', place), address, matching, ModemMachine(address, 0.0))

    def _car(self, place: int) -> Station:
        address = mac(place, charger=False, modem=False)
        matching = EvMatching(EvSettings(), self._entropy)
        return Station(outlet_name('pev', place), address, matching, ModemMachine(address, 0.0))
