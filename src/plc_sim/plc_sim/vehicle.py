# SPDX-License-Identifier: Apache-2.0
"""The simulated vehicle: pack, contactors, lock, pilot, sensors; it obeys a lease (R6)."""

from dataclasses import dataclass
import math

from plc_kit.lease import Terms
from plc_kit.outputs import PILOT_C, SAFE_PATIENCE, VehicleOutputs, lapsed
from plc_kit.setting import setting
from plc_sim.actuator import Actuator
from plc_sim.cable import (
    NO_CHARGER,
    ChargerEnd,
    FarEnd,
    Flow,
    Line,
    Pilot,
    VehicleEnd,
    at_inlet,
    pilot_at_inlet,
)
from plc_sim.fault import NONE, Fault
from plc_sim.obedience import News, Obedience
from plc_sim.on_board_charger import OnBoardCharger
from plc_sim.pace import Pace
from plc_sim.pack import Pack
from plc_sim.remains import Remains

_NOTABLE = 1.0  # V, A worth a message of its own
_HEATING = 25.0 / 200.0**2  # K/A², the inlet's rise at 200 A is 25 K
_HEATING_TIME = 180.0  # s
_WELD_SUSPICION = 0.5  # s beyond its delay a pole may stay closed
_FLOWS = 5.0  # A
_DIGITAL = 0.1  # duty under which there is digital communication
_REDUCED = 0.2  # of the limit that is left where it falls
_LOW_PACK = 100.0  # V
_HOT = {'warm': 75.0, 'overheats': 95.0}  # degrees Celsius

FAULTS = (
    NONE,
    'proximity_lost',  # the release button is pressed
    'unplugged',  # the plug is torn out, lock or no lock
    'leaves_c',  # the pilot's resistor falls off
    'contactor_open',  # a pole opens, or does not close
    'lock_open',  # the lock does not hold, or does not close
    'silent',  # its status is not told any more
    'limit_falls',  # the pack takes a fifth
    'no_limits',  # what the pack takes is not told
    'pack_low',  # the pack measures 100 V
    'no_voltage',  # the pack's voltage is not measured any more
    'overvoltage',  # the pack is above its limit
    'reversed',  # the inlet measures a negative voltage
    'declines',  # it does not want to charge any more
    'told',  # it tells of a fault of its own
    'warm',  # the inlet measures 75 degrees Celsius
    'overheats',  # the inlet measures 95 degrees Celsius
)
OCCASIONS = ('start', 'plugged', 'c', 'closing', 'current')


@dataclass(frozen=True)
class VehicleSettings:
    """The parameters of the simulated vehicle."""

    cable: str = setting('/cable', 'namespace of the simulated cable')
    speed: float = setting(
        1.0, 'how much faster the pack fills and the inlet warms; no timer', 0.1, 10000.0
    )
    plugged: bool = setting(True, 'the plug goes in at start')
    plug_in_after: float = setting(0.5, 's after the start at which the plug goes in', 0.0, 3600.0)
    pack_voltage: float = setting(355.0, 'V of the pack half charged, without load', 12.0, 1000.0)
    pack_resistance: float = setting(0.08, 'ohm of the pack', 0.001, 10.0)
    energy_capacity: float = setting(60000.0, 'Wh of the pack when full', 1.0, 1e6)
    soc: float = setting(0.5, 'state of charge at start, 0..1', 0.0, 1.0)
    target_soc: float = setting(0.65, 'state of charge to stop at, 0..1', 0.0, 1.0)
    bulk_soc: float = setting(0.6, 'state of charge where fast charging ends, 0..1', 0.0, 1.0)
    max_voltage: float = setting(403.0, 'V the pack takes at most', 12.0, 1000.0)
    max_current: float = setting(200.0, 'A the pack takes at most', 1.0, 1000.0)
    max_power: float = setting(80000.0, 'W the pack takes at most', 1.0, 1e6)
    max_inlet_current: float = setting(250.0, 'A that inlet and cable carry', 1.0, 1000.0)
    charge_wanted: bool = setting(True, 'false: the vehicle declines')
    ac_power: float = setting(7400.0, 'W its on-board charger takes; 0: none', 0.0, 50000.0)
    inlet_sensors: bool = setting(True, 'false: inlet voltage and current are not measured')
    contactor_delay: float = setting(0.05, 's a pole needs to close or open', 0.0, 2.0)
    weld: str = setting(
        'none', 'poles that stay closed once closed', choices=('none', 'plus', 'minus', 'both')
    )
    feedback: bool = setting(True, "false: the contactors' feedback is not measured")
    lock_time: float = setting(0.2, 's the lock motor runs', 0.0, 10.0)
    ambient: float = setting(20.0, 'degrees Celsius', -40.0, 60.0)
    memory: str = setting(
        '', 'file in which plug, lock and charge outlive this node; empty: they do not'
    )
    referee: bool = setting(True, 'log and count what must not happen at the cable')
    fault: str = setting(NONE, 'what fails', choices=FAULTS)
    fault_when: str = setting('current', 'what it waits for', choices=OCCASIONS)
    fault_after: float = setting(0.0, 's after that', 0.0, 3600.0)
    fault_for: float = setting(0.0, 's it lasts; 0: for good', 0.0, 3600.0)


@dataclass(frozen=True)
class VehicleReading:
    """What the vehicle's sensors say, in the units of plc_msgs/VehicleStatus."""

    pack: Flow
    soc: float
    max_current: float
    max_power: float
    inlet: Flow  # NaN: no sensors
    inlet_temperature: float
    proximity: bool
    pilot: Line
    plus: bool | None  # closed, by its feedback; None: not measured
    minus: bool | None
    lock: bool
    weld_suspected: bool
    lease_lapsed: bool
    charge_wanted: bool
    fault: str  # one sentence


class Vehicle:
    """Told the time and the charger's end of the cable, knows its own end and its readings.

    `command`, `hear`, `plug` and `tick` bring it up to `now`; then `end` and `reading` hold, and
    `worth_telling` says whether to publish them. Nothing here needs to be called more often than
    at `deadline`.
    """

    def __init__(
        self, settings: VehicleSettings, now: float, remains: Remains | None = None
    ) -> None:
        """`remains`: of this vehicle before its computer was started anew."""
        self.settings = settings
        s = settings
        self.pack = Pack(s.pack_voltage, s.energy_capacity, s.pack_resistance, s.soc)
        self.plus, self.minus = Actuator(s.contactor_delay), Actuator(s.contactor_delay)
        self.plus.welds = s.weld in ('plus', 'both')
        self.minus.welds = s.weld in ('minus', 'both')
        self.lock = Actuator(s.lock_time)
        self.on_board = OnBoardCharger()
        self.ac_energy = 0.0  # Wh since the start
        self.plugged = False
        self.outputs = VehicleOutputs()  # what they shall be now
        self.temperature = s.ambient
        self.news: list[News] = []  # for the log; who reads it clears it
        self.obedience = Obedience('outputs', self.news)
        self._plug_in_at = now + s.plug_in_after if s.plugged else None
        self._charger = FarEnd(NO_CHARGER)
        self._pace = Pace(_NOTABLE)
        self._at = now
        self._leaving, self._last_call = False, ''
        self._lapsed_at: float | None = None  # s; None: the lease runs, or its end is dealt with
        self._open_since = -math.inf  # s, when the poles were last told to open
        self._fault = Fault(s.fault, s.fault_when, s.fault_after, s.fault_for)
        if remains is not None:
            self._take_up(remains)

    def command(self, outputs: VehicleOutputs, terms: Terms, now: float) -> None:
        """Obey, or count a refusal and move nothing."""
        self.tick(now)
        if self.obedience.takes(terms, now, safe=outputs.safe, objection=outputs.objection):
            self._lapsed_at = None
            self._drive(outputs, now)

    def hear(self, charger: ChargerEnd, age: float, now: float) -> None:
        """Take the other end of the cable, `age` seconds old."""
        self.tick(now)
        self._charger.hear(charger, age, now)

    def plug(self, in_: bool, now: float) -> bool:
        """Plug in or pull out; false: the lock holds the plug."""
        self.tick(now)
        if not in_ and self.lock.closed:
            return False
        self._plugged(in_)
        return True

    def ask_for_end(self, *, fault: bool, now: float) -> None:
        """Its computer was told to end: have the session stop, as normal or as a fault (R1)."""
        self.tick(now)
        self._leaving = True
        if fault:
            self._last_call = "the vehicle's node was told to end"

    def tick(self, now: float) -> None:
        """Bring pack, inlet and outputs up to `now`."""
        self._charge(now)
        for moving in (self.plus, self.minus, self.lock):
            moving.tick(now)
        if self._plug_in_at is not None and now >= self._plug_in_at:
            self._plugged(True)
        self._charger.at(now)
        self._look_for_ac(now)
        self._watch_lease(now)
        if self._fault.watch(self._occasion, now):
            self._break()

    @property
    def deadline(self) -> float:
        """When to tick next, s."""
        lapse = self._lapsed_at
        moments = (
            *(moving.deadline for moving in (self.plus, self.minus, self.lock)),
            self._plug_in_at,
            self._charger.deadline,
            self._fault.deadline,
            self.on_board.deadline,
            self.obedience.deadline if lapse is None else lapse + SAFE_PATIENCE,
        )
        ahead = (moment for moment in moments if moment is not None and moment > self._at)
        return min((self._pace.deadline, *ahead))

    @property
    def charger(self) -> ChargerEnd:
        """The other end as this one believes it to be."""
        return self._charger.at(self._at)

    @property
    def charger_age(self) -> float:
        """How long ago the other end showed that, s."""
        return self._at - self._charger.told_at

    @property
    def end(self) -> VehicleEnd:
        """This end of the cable."""
        return VehicleEnd(
            plugged=self.plugged,
            pilot=Pilot.B if self._fault.is_('leaves_c') else self._shown,
            locked=self.lock.closed,
            connected=self.plus.closed and self.minus.closed,
            pack_voltage=self.pack.voltage,
            pack_resistance=self.pack.resistance,
        )

    @property
    def _meant(self) -> VehicleEnd:
        """Its end as its own sensors believe it to be."""
        return self.end._replace(pilot=self._shown)

    @property
    def _shown(self) -> Pilot:
        """What its resistor is to show: the session's wish, or the on-board charger's."""
        takes_ac = self.on_board.wants and self.lock.closed
        return Pilot.C if takes_ac else Pilot(self.outputs.pilot)

    @property
    def mute(self) -> bool:
        """Its readings are not told."""
        return self._fault.is_('silent')

    @property
    def reading(self) -> VehicleReading:
        """What the sensors say."""
        end, is_ = self.end, self._fault.is_
        inlet = at_inlet(end, self.charger)
        share = self.pack.max_charge_share * (_REDUCED if is_('limit_falls') else 1.0)
        share = math.nan if is_('no_limits') else share
        poles = (self.plus.closed, self.minus.closed) if self.settings.feedback else (None, None)
        return VehicleReading(
            pack=self._pack_measured(inlet if end.connected else Flow(end.pack_voltage, 0.0)),
            soc=self.pack.soc,
            max_current=self.settings.max_current * share,
            max_power=self.settings.max_power * share,
            inlet=self._inlet_measured(inlet),
            inlet_temperature=_HOT.get(self._fault.there, self.temperature),
            proximity=self.plugged and not is_('proximity_lost'),
            pilot=pilot_at_inlet(self._meant, self.charger),
            plus=poles[0],
            minus=poles[1],
            lock=self.lock.closed,
            weld_suspected=self._weld_suspected(),
            lease_lapsed=self.obedience.lapsed(self._at),
            charge_wanted=self.settings.charge_wanted and not (is_('declines') or self._leaving),
            fault='the cooling pump has failed' if is_('told') else self._last_call,
        )

    def worth_telling(self) -> bool:
        """Tell whether to publish end and reading now, and count on it being done."""
        end, r = self.end, self.reading
        duty = r.pilot.duty if math.isfinite(r.pilot.duty) else None
        switches = (self.plus.closed, self.minus.closed, r.lock, r.lease_lapsed)
        marks = (end.plugged, r.pilot.state, duty, r.proximity, r.fault, *switches)
        inlet = at_inlet(end, self.charger)
        return self._pace.due(marks, (*inlet, end.pack_voltage), self._at)

    @property
    def remains(self) -> Remains | None:
        """What stays as it is when this computer stops; None: the plug is still to go in."""
        if self._plug_in_at is not None:
            return None
        return Remains(self.plugged, self.lock.closed, self.pack.soc)

    def _take_up(self, remains: Remains) -> None:
        """Contactors and pilot have fallen back; plug and lock are where they were (R6)."""
        self.plugged, self._plug_in_at = remains.plugged, None
        self.lock.wanted = self.lock.closed = remains.locked
        self.outputs = VehicleOutputs(lock=remains.locked)
        self.pack.soc = remains.soc

    def _plugged(self, in_: bool) -> None:
        self.plugged, self._plug_in_at = in_, None
        self.news.append(News('the plug is in' if in_ else 'the plug is out'))

    def _occasion(self, name: str) -> bool:
        """Tell whether what a fault waits for is the case."""
        pilot = pilot_at_inlet(self.end, self.charger)
        cases = {
            'start': True,
            'plugged': pilot.state is Pilot.B and pilot.duty < _DIGITAL,
            'c': self.outputs.pilot == PILOT_C,
            'closing': self.outputs.plus,
            'current': at_inlet(self.end, self.charger).current > _FLOWS,
        }
        return cases[name]

    def _break(self) -> None:
        is_ = self._fault.is_
        self.news.append(News(self._fault.text, True))
        self.plus.broken, self.lock.broken = is_('contactor_open'), is_('lock_open')
        for moving in (self.plus, self.lock):
            moving.tick(self._at)
        if is_('unplugged'):
            self._plugged(False)

    def _pack_measured(self, true: Flow) -> Flow:
        if self._fault.is_('no_voltage'):
            return Flow(math.nan, true.current)
        if self._fault.is_('pack_low'):
            return Flow(_LOW_PACK, true.current)
        if self._fault.is_('overvoltage'):
            return Flow(self.settings.max_voltage * 1.05, true.current)
        return true

    def _inlet_measured(self, true: Flow) -> Flow:
        if not self.settings.inlet_sensors:
            return Flow(math.nan, math.nan)
        return Flow(-true.voltage, true.current) if self._fault.is_('reversed') else true

    def _charge(self, now: float) -> None:
        seconds = (now - self._at) * self.settings.speed
        current = at_inlet(self.end, self.charger).current
        self.pack.charge(current, seconds)
        self._take_ac(seconds)
        warm = self.settings.ambient + _HEATING * current**2
        self.temperature = warm + (self.temperature - warm) * math.exp(-seconds / _HEATING_TIME)
        self._at = now

    def _look_for_ac(self, now: float) -> None:
        s = self.settings
        hungry = s.charge_wanted and s.ac_power > 0.0 and self.pack.soc < s.target_soc
        self.on_board.watch(pilot_at_inlet(self.end, self.charger), hungry=hungry, now=now)
        self.lock.drive(self.outputs.lock or self.on_board.wants, now)

    def _take_ac(self, seconds: float) -> None:
        if self.plugged and self.charger.ac and self._shown is Pilot.C:
            self.pack.charge(self.settings.ac_power / self.pack.voltage, seconds)
            self.ac_energy += self.settings.ac_power * seconds / 3600.0

    def _watch_lease(self, now: float) -> None:
        if self.obedience.deadline is None or not self.obedience.lapsed(now):
            return
        if self._lapsed_at is None:
            self._lapsed_at = now
        current = at_inlet(self.end, self.charger).current
        self._drive(lapsed(self.outputs, now - self._lapsed_at, current), now)

    def _drive(self, outputs: VehicleOutputs, now: float) -> None:
        held, self.outputs = self.outputs, outputs
        if (held.plus or held.minus) and not (outputs.plus or outputs.minus):
            self._open_since = now
        self.lock.drive(outputs.lock or self.on_board.wants, now)
        self.plus.drive(outputs.plus, now)
        self.minus.drive(outputs.minus, now)

    def _weld_suspected(self) -> bool:
        late = self._at - self._open_since > self.settings.contactor_delay + _WELD_SUSPICION
        poles = (self.plus, self.minus)
        return late and any(pole.closed and not pole.wanted for pole in poles)
