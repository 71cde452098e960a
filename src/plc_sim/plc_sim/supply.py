# SPDX-License-Identifier: Apache-2.0
"""The simulated power supply of a charger; it obeys a lease (R6) and heeds the pilot (R14)."""

from dataclasses import dataclass
from enum import IntEnum

from plc_kit.lease import Terms
from plc_kit.setting import setting
from plc_sim.actuator import Actuator
from plc_sim.cable import (
    NO_VEHICLE,
    WANTS_ENERGY,
    ChargerEnd,
    FarEnd,
    Flow,
    Line,
    Pilot,
    VehicleEnd,
    at_output,
    pilot_at_charger,
)
from plc_sim.fault import NONE, Fault
from plc_sim.obedience import News, Obedience
from plc_sim.pace import Pace
from plc_sim.pilot import PilotOrder, PilotOwner
from plc_sim.source import Ramps, Source

SAFE_CURRENT = 5.0  # A at which the contactors open after a lapse
_NOTABLE = 1.0  # V, A worth a message of its own
_TEST_SHARE = 0.95  # of the asked voltage at which an isolation test counts
_REACHED = 5.0  # V next to what precharge asks for
_DIGITAL = 0.1  # duty under which there is digital communication

# What a supply that fails makes of the voltage or the current it is to deliver.
_VOLTAGE = {'overshoots': 1.4, 'sags': 0.8}
_CURRENT = {'overcurrent': 1.3}

FAULTS = (
    NONE,
    'pilot_f',  # the pilot shows F
    'duty_0',
    'duty_100',
    'power_cut',  # the whole charger is dead
    'silent',  # supply and pilot are not told any more
    'deaf',  # goes on as it was told last, whatever pilot and session say
    *_VOLTAGE,
    *_CURRENT,
    'no_bleed',  # the output keeps its voltage
    'told',  # it tells of a fault of its own
)
OCCASIONS = ('start', 'plugged', 'c', 'test', 'precharge', 'reached', 'current')


class Isolation(IntEnum):
    """Results of an isolation test, numbered as in plc_msgs/SupplyStatus."""

    INVALID = 0
    VALID = 1
    WARNING = 2
    FAULT = 3


@dataclass(frozen=True)
class SupplySettings:
    """The parameters of the simulated supply and of the charger's pilot."""

    cable: str = setting('/cable', 'namespace of the simulated cable')
    max_voltage: float = setting(500.0, 'V it puts out at most', 60.0, 1500.0)
    min_voltage: float = setting(150.0, 'V it puts out at least', 0.0, 1500.0)
    max_current: float = setting(200.0, 'A it delivers at most', 1.0, 1000.0)
    min_current: float = setting(1.0, 'A it delivers at least', 0.0, 1000.0)
    max_power: float = setting(100000.0, 'W it delivers at most', 1.0, 1e6)
    current_ripple: float = setting(1.0, 'A, peak, as it tells', 0.0, 100.0)
    regulation_tolerance: float = setting(2.0, 'A, as it tells', 0.0, 100.0)
    voltage_ramp: float = setting(500.0, 'V/s upwards; 0: at once', 0.0, 1e6)
    current_ramp: float = setting(200.0, 'A/s upwards; 0: at once', 0.0, 1e6)
    current_fall: float = setting(4000.0, 'A/s downwards; 0: at once', 0.0, 1e6)
    bleed_time: float = setting(
        0.3, 's in which capacitor and bleed fall from max_voltage to 60 V; 0: at once', 0.0, 1e9
    )
    contactor_delay: float = setting(0.05, 's the contactors need', 0.0, 2.0)
    isolation_time: float = setting(2.0, 's an isolation test takes at its voltage', 0.0, 60.0)
    isolation: str = setting(
        'valid', 'how isolation tests end', choices=('valid', 'warning', 'fault')
    )
    heeds_pilot: bool = setting(
        True, 'false: goes on delivering when the pilot leaves C (a faulty charger)'
    )
    fault: str = setting(NONE, 'what fails', choices=FAULTS)
    fault_when: str = setting('current', 'what it waits for', choices=OCCASIONS)
    fault_after: float = setting(0.0, 's after that', 0.0, 3600.0)
    fault_for: float = setting(0.0, 's it lasts; 0: for good', 0.0, 3600.0)


@dataclass(frozen=True)
class SupplyOrder:
    """What the charger's session asks of the supply."""

    output: bool  # true: regulate
    voltage: float  # V
    current: float  # A
    contactors: bool  # true: close
    isolation_test: bool  # true: measure isolation at `voltage`

    @property
    def on(self) -> bool:
        """Nothing is put out behind contactors that are to open: the current falls first."""
        return (self.output or self.isolation_test) and self.contactors

    @property
    def safe(self) -> bool:
        return not (self.output or self.isolation_test or self.contactors)


OFF = SupplyOrder(False, 0.0, 0.0, False, False)


@dataclass(frozen=True)
class SupplyReading:
    """What the supply measures, in the units of plc_msgs/SupplyStatus."""

    output: Flow
    on: bool
    contactors: bool  # closed, by their feedback
    isolation: Isolation
    lease_lapsed: bool
    fault: str  # one sentence


class Supply:
    """Told the time and the vehicle's end of the cable, knows its own end and its readings.

    The same faces as `Vehicle`. It owns the pilot as well, as the same box does in a charger.
    """

    def __init__(self, settings: SupplySettings, now: float) -> None:
        self.settings = settings
        s = settings
        ramps = Ramps(s.voltage_ramp, s.current_ramp, s.current_fall, s.bleed_time, s.max_voltage)
        self.source = Source(ramps)
        self.contactors = Actuator(s.contactor_delay)
        self.news: list[News] = []  # for the log; who reads it clears it
        self.obedience = Obedience('supply', self.news)
        self.pilot = PilotOwner(Obedience('pilot', self.news))
        self.isolation = Isolation.INVALID
        self.delivered = 0.0  # Wh since the start
        self._broken = 0.0  # A that flowed when the contactors opened last
        self._order = OFF
        self._on = False
        self._tripped = False  # C ended while it was on: off until told to be off
        self._tested_since: float | None = None  # s, when the test voltage was reached
        self._vehicle = FarEnd(NO_VEHICLE)
        self._pace = Pace(_NOTABLE)
        self._fault = Fault(s.fault, s.fault_when, s.fault_after, s.fault_for)
        self._at = now
        self._last_call = ''

    def command(self, order: SupplyOrder, terms: Terms, now: float) -> None:
        """Obey, or count a refusal and change nothing."""
        self.tick(now)
        setpoints = (order.voltage, order.current)
        objection = ''
        if min(setpoints) < 0.0:
            objection = f'{order.voltage:g} V and {order.current:g} A cannot be set'
        if not self.obedience.takes(
            terms, now, safe=order.safe, objection=objection, setpoints=setpoints
        ):
            return
        if not (self._fault.is_('deaf') or self.dead):
            self._obey(order, now)

    def command_pilot(self, order: PilotOrder, terms: Terms, now: float) -> None:
        """Have the pilot's owner obey."""
        self.tick(now)
        self.pilot.command(order, terms, now)

    def ask_for_end(self, *, fault: bool, now: float) -> None:
        """Its computer was told to end: tell the session so, where it has to be a fault (R1).

        No reading says that a supply would like to stop; the session's own wish is waited for.
        """
        self.tick(now)
        if fault:
            self._last_call = "the supply's node was told to end"

    def hear(self, vehicle: VehicleEnd, age: float, now: float) -> None:
        """Take the other end of the cable, `age` seconds old."""
        self.tick(now)
        self._vehicle.hear(vehicle, age, now)
        self._heed(now)

    def tick(self, now: float) -> None:
        """Bring output and contactors up to `now`."""
        seconds, self._at = now - self._at, now
        flow = self._flow
        self.delivered += flow.voltage * flow.current * seconds / 3600.0
        self._follow(flow.current, seconds)
        self._heed(now)
        self._test_isolation(now)
        if self._fault.watch(self._occasion, now):
            self.news.append(News(self._fault.text, True))

    @property
    def deadline(self) -> float:
        """When to tick next, s."""
        tested = self._tested_since
        moments = (
            self.contactors.deadline,
            self._vehicle.deadline,
            self.obedience.deadline,
            self.pilot.obedience.deadline,
            self._fault.deadline,
            None if tested is None else tested + self.settings.isolation_time,
        )
        ahead = (moment for moment in moments if moment is not None and moment > self._at)
        return min((self._pace.deadline, *ahead))

    @property
    def vehicle(self) -> VehicleEnd:
        """The other end as this one believes it to be."""
        return self._vehicle.at(self._at)

    @property
    def mute(self) -> bool:
        """Its readings are not told."""
        return self.dead or self._fault.is_('silent')

    @property
    def dead(self) -> bool:
        """It is without power: its end of the cable shows nothing at all."""
        return self._fault.is_('power_cut')

    @property
    def end(self) -> ChargerEnd:
        """This end of the cable."""
        duty = self.pilot.duty
        duty = {self._fault.is_('duty_0'): 0.0, self._fault.is_('duty_100'): 1.0}.get(True, duty)
        return ChargerEnd(
            duty=duty,
            out_of_order=self.pilot.out_of_order or self._fault.is_('pilot_f'),
            connected=self.contactors.closed,
            voltage=self.source.regulated,
            current_limit=self.source.current_limit,
            plug_voltage=self.source.plug_voltage,
            broken_current=self._broken,
        )

    @property
    def reading(self) -> SupplyReading:
        """What the supply measures."""
        return SupplyReading(
            output=self._flow,
            on=self._on,
            contactors=self.contactors.closed,
            isolation=self.isolation,
            lease_lapsed=self.obedience.lapsed(self._at),
            fault='the rectifier is too hot' if self._fault.is_('told') else self._last_call,
        )

    @property
    def line(self) -> Line:
        """The pilot as its owner sees it."""
        return pilot_at_charger(self.vehicle, self.end)

    def worth_telling(self) -> bool:
        """Tell whether to publish end and readings now, and count on it being done."""
        r, end = self.reading, self.end
        switches = (end.connected, r.on, r.lease_lapsed)
        marks = (self.line, self.pilot.toggles, r.isolation, r.fault, *switches)
        values = (*r.output, end.voltage, end.current_limit, end.plug_voltage)
        return self._pace.due(marks, values, self._at)

    @property
    def _flow(self) -> Flow:
        return at_output(self.vehicle, self.end)

    def _obey(self, order: SupplyOrder, now: float) -> None:
        if order.isolation_test and not self._order.isolation_test:
            self.isolation = Isolation.INVALID
        if not order.isolation_test:
            self._tested_since = None
        self._tripped = self._tripped and order.on
        self._order = order
        self._heed(now)
        self._follow(self._flow.current, 0.0)
        self._test_isolation(now)

    def _heed(self, now: float) -> None:
        closed, flowing = self.contactors.closed, self._flow.current
        self.contactors.tick(now)
        self._drive(now)
        if closed and not self.contactors.closed:
            self._broken = flowing

    def _drive(self, now: float) -> None:
        """Do what order, lease and pilot allow."""
        vehicle = self.vehicle
        self.pilot.watch(vehicle.pilot if vehicle.plugged else Pilot.A, now)
        if self._fault.is_('deaf'):
            return
        if self.obedience.lapsed(now) or self.dead:
            self._order = OFF
            self.isolation, self._tested_since = Isolation.INVALID, None
        allowed = vehicle.plugged and vehicle.pilot in WANTS_ENERGY
        if self._on and not allowed and self.settings.heeds_pilot:
            self._tripped = True
        ready = allowed or not self.settings.heeds_pilot
        self._switch(self._order.on and ready and not self._tripped)
        held = self._order.contactors or self._flow.current > SAFE_CURRENT
        self.contactors.drive(held, now)

    def _switch(self, on: bool) -> None:
        if on and not self._on:
            self.source.switch_on()
        self._on = on

    def _follow(self, present: float, seconds: float) -> None:
        s, order = self.settings, self._order
        if self._on:
            voltage = min(order.voltage * self._share(_VOLTAGE), s.max_voltage)
            by_power = s.max_power / max(self._flow.voltage, 1.0)
            current = min(order.current, s.max_current, by_power) * self._share(_CURRENT)
            self.source.regulate(voltage, current, present, seconds)
        else:
            self.source.switch_off(present, seconds)
        if self.vehicle.plugged and self.vehicle.connected:
            self.source.hold(self._flow.voltage)
        else:
            bleeds = not self._fault.is_('no_bleed')
            self.source.lift(seconds if bleeds else 0.0, connected=self.contactors.closed)

    def _share(self, faults: dict[str, float]) -> float:
        if self._order.isolation_test:
            return 1.0
        return next((share for name, share in faults.items() if self._fault.is_(name)), 1.0)

    def _occasion(self, name: str) -> bool:
        """Tell whether what a fault waits for is the case."""
        order, volts, vehicle = self._order, self.source.plug_voltage, self.vehicle
        precharges = self._on and not order.isolation_test and not vehicle.connected
        cases = {
            'start': True,
            'plugged': vehicle.plugged and self.pilot.duty < _DIGITAL,
            'c': vehicle.pilot in WANTS_ENERGY,
            'test': order.isolation_test,
            'precharge': precharges,
            'reached': precharges and abs(volts - order.voltage) < _REACHED,
            'current': self._flow.current > SAFE_CURRENT,
        }
        return cases[name]

    def _test_isolation(self, now: float) -> None:
        order = self._order
        if not order.isolation_test or self.isolation is not Isolation.INVALID:
            return
        asked = min(order.voltage, self.settings.max_voltage)
        reached = self.source.plug_voltage >= _TEST_SHARE * asked > 0.0
        if not (reached and self._on and self.contactors.closed):
            self._tested_since = None
            return
        if self._tested_since is None:
            self._tested_since = now
        if now >= self._tested_since + self.settings.isolation_time:
            self.isolation = Isolation[self.settings.isolation.upper()]
            self._tested_since = None
