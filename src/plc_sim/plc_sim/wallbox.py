# SPDX-License-Identifier: Apache-2.0
"""A simulated AC wallbox: owns pilot and AC contactor, and lets a reader in (R18)."""

from dataclasses import dataclass

from plc_kit.lease import Terms
from plc_kit.setting import setting
from plc_sim.actuator import Actuator
from plc_sim.cable import (
    NO_VEHICLE,
    WANTS_ENERGY,
    ChargerEnd,
    FarEnd,
    Line,
    VehicleEnd,
    pilot_at_charger,
)
from plc_sim.obedience import News, Obedience
from plc_sim.pace import Pace
from plc_sim.pilot import NO_OSCILLATION, PilotOrder

_AMPERES_A_DUTY = 60.0  # IEC 61851-1, up to 51 A


@dataclass(frozen=True)
class WallboxSettings:
    """The parameters of the simulated wallbox."""

    cable: str = setting('/cable', 'namespace of the simulated cable')
    ac_current: float = setting(16.0, 'A it offers for AC', 6.0, 51.0)
    pilot_off: float = setting(5.0, 's the pilot is off between reading and AC', 0.5, 60.0)
    reader_wait: float = setting(
        30.0, 's after its start that it waits for a reader before it offers AC', 0.0, 600.0
    )
    contactor_delay: float = setting(0.05, 's the AC contactor needs', 0.0, 2.0)
    obeys: bool = setting(True, 'false: closes its AC contactor whatever a reader does (faulty)')


class Wallbox:
    """Told the time, the reader's wishes and the vehicle's end of the cable, knows its own end.

    The reader is active from its first command until it asks for AC or its lease lapses; then
    the pilot goes off and on again, and it is a wallbox like any other.
    """

    mute = dead = False

    def __init__(self, settings: WallboxSettings, now: float) -> None:
        self.settings = settings
        self.contactor = Actuator(settings.contactor_delay)
        self.news: list[News] = []  # for the log; who reads it clears it
        self.obedience = Obedience('pilot', self.news)
        self.calls: list[str] = []  # what must not be
        self._order = PilotOrder(NO_OSCILLATION, False)
        self._reading = False
        self._off_until: float | None = None  # s
        self._vehicle = FarEnd(NO_VEHICLE)
        self._pace = Pace(1.0)
        self._at = now
        self._waits_until = now + settings.reader_wait  # for a first command

    def command_pilot(self, order: PilotOrder, terms: Terms, now: float) -> None:
        """Obey, or count a refusal and change nothing."""
        self.tick(now)
        objection = ''
        if not 0.0 <= order.duty <= 1.0:  # NaN neither
            objection = f'a duty of {order.duty:g} cannot be; it is 0 to 1'
        if self.obedience.takes(terms, now, safe=True, objection=objection):
            self._order = order
            self._settle(now)

    def hear(self, vehicle: VehicleEnd, age: float, now: float) -> None:
        """Take the other end of the cable, `age` seconds old."""
        self.tick(now)
        self._vehicle.hear(vehicle, age, now)
        self._settle(now)

    def tick(self, now: float) -> None:
        """Bring pilot and contactor up to `now`."""
        self._at = now
        self.contactor.tick(now)
        self._settle(now)

    @property
    def deadline(self) -> float:
        """When to tick next, s."""
        moments = (
            self.contactor.deadline,
            self._vehicle.deadline,
            self.obedience.deadline,
            self._off_until,
            self._waits_until,
        )
        ahead = (moment for moment in moments if moment is not None and moment > self._at)
        return min((self._pace.deadline, *ahead))

    @property
    def vehicle(self) -> VehicleEnd:
        """The other end as this one believes it to be."""
        return self._vehicle.at(self._at)

    @property
    def end(self) -> ChargerEnd:
        """This end of the cable."""
        off = self._off_until is not None
        return ChargerEnd(
            duty=0.0 if off else self._duty,
            out_of_order=off or (self._reading and self._order.out_of_order),
            connected=False,
            voltage=0.0,
            current_limit=0.0,
            plug_voltage=0.0,
            ac=self.contactor.closed,
        )

    @property
    def line(self) -> Line:
        """The pilot as its owner sees it."""
        return pilot_at_charger(self.vehicle, self.end)

    @property
    def lease_lapsed(self) -> bool:
        """The reader has fallen silent."""
        return self.obedience.lapsed(self._at)

    def worth_telling(self) -> bool:
        """Tell whether to publish end and pilot now, and count on it being done."""
        return self._pace.due((self.end, self.line.state, self.lease_lapsed), (), self._at)

    @property
    def _duty(self) -> float:
        if self._reading:
            return self._order.duty
        offers = self.vehicle.plugged and not self._waiting
        return self.settings.ac_current / _AMPERES_A_DUTY if offers else NO_OSCILLATION

    @property
    def _waiting(self) -> bool:
        """It has just started, and no reader has said anything yet."""
        return self.obedience.deadline is None and self._at < self._waits_until

    def _settle(self, now: float) -> None:
        self._heed_reader(now)
        wants = self.vehicle.plugged and self.vehicle.pilot in WANTS_ENERGY
        held = (self._reading or self._waiting) and self.settings.obeys
        self.contactor.drive(wants and not held and self._off_until is None, now)
        self._judge()

    def _heed_reader(self, now: float) -> None:
        reading = not self.obedience.lapsed(now) and not self._order.ac
        if self._reading and not reading:
            self._let_go(now)
        elif reading and not self._reading:
            self.news.append(News('the reader is active: no AC'))
            self._off_until = None
        self._reading = reading
        if self._off_until is not None and now >= self._off_until:
            self._off_until = None
            self.news.append(News(f'AC is offered: {self.settings.ac_current:g} A'))

    def _let_go(self, now: float) -> None:
        """Have the vehicle see the pilot off and on, so that it forgets DC."""
        if self.vehicle.plugged:
            self._off_until = now + self.settings.pilot_off
            self.news.append(News('the reader is done: the pilot goes off'))

    def _judge(self) -> None:
        """Call what must not be: mains at the plug while somebody reads."""
        opening = self.contactor.deadline is not None and not self.contactor.wanted
        if not (self._reading and self.contactor.closed) or opening:
            return
        call = 'the AC contactor is closed while the reader is active'
        if call not in self.calls:
            self.calls.append(call)
            self.news.append(News(f'referee: evse: {call}', True))
