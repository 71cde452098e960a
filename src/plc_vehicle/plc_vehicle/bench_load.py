# SPDX-License-Identifier: Apache-2.0
"""A resistive load on the bench in place of a pack: connected two seconds into the loop.

Lesson 71: a charger without load overshoots, so the load waits until the charger has settled.
There is no pack to compare the inlet with (R9): the voltage that was set stands in for it, and
the contactor closes on a resistor that no voltage difference can harm.
"""

from dataclasses import dataclass
from math import inf

from plc_kit.setting import setting
from plc_vehicle.composition import BATTERIES, OUTPUTS

SETTLING = 2.0  # s in the loop before the load is connected (lesson 71)
STORY_AGE = 1.5  # s after which charging/state, told at 2 Hz, says nothing any more
CLOSING = 1.0  # s for the load's contactor
EXCESS = 1.05  # times what is allowed that a measurement may show
TOUCHABLE = 60.0  # V
CABLE_CHECK, CHARGE_LOOP, STOP = 13, 16, 17  # stages of plc_msgs/ChargingState


@dataclass(frozen=True)
class LoadSettings:
    """The parameters of the bench load."""

    load_voltage: float = setting(230.0, 'V asked for; never more', 150.0, 1000.0)
    load_current: float = setting(10.0, 'A asked for at most', 1.0, 100.0)
    load_power: float = setting(2000.0, 'W asked for at most', 100.0, 50000.0)
    load_time: float = setting(
        30.0, 's the load is connected, then a normal stop; 0: until stopped', 0.0, 86400.0
    )
    load_resistance: float = setting(50.0, 'ohm, at a simulated inlet', 1.0, 10000.0)
    load_soc: float = setting(0.5, 'state of charge that the charger is told, 0..1', 0.0, 1.0)
    outputs: str = setting(
        'auto', 'who drives contactors, lock, pilot; auto: gpio', choices=OUTPUTS
    )
    battery: str = setting('auto', 'auto: none; a bench load has none', choices=BATTERIES)


class PackConfigured(ValueError):
    """A bench load takes no pack; the text is a sentence for the user."""


class BenchLoad:
    """Told what is commanded, how far the session is and what is measured: connects, or not."""

    def __init__(self, settings: LoadSettings) -> None:
        if settings.battery != 'auto':
            raise PackConfigured(
                f'battery:={settings.battery} is a pack, and vehicle:=bench_load is for a'
                ' resistive load alone; take vehicle:=gpio'
            )
        self.settings = settings
        self.connected = False
        self.fault = ''  # one sentence
        self._commanded = False
        self._stage, self._told_at = 0, -inf
        self._loop_since: float | None = None  # s
        self._connected_at = inf  # s
        self._closed = False  # its feedback has said so since it was connected

    def command(self, closed: bool, now: float) -> None:
        """Take what the session asks of the contactors, or the lapse of its lease."""
        self._commanded = closed
        self.tick(now)

    def session(self, stage: int, now: float) -> None:
        """Take the stage of charging/state."""
        if stage != CHARGE_LOOP:
            self._loop_since = None
        elif self._loop_since is None:
            self._loop_since = now
        self._stage, self._told_at = stage, now
        self.tick(now)

    def measured(self, volts: float, amperes: float, pack_heard: str) -> None:
        """Take inlet V and A (NaN: not measured), and a topic on which a battery speaks."""
        self.fault = self._wrong(volts, amperes, pack_heard)

    def tick(self, now: float) -> None:
        """Connect when it is time; disconnect when the contactors shall open."""
        if not self._commanded:
            self.connected, self._closed, self._connected_at = False, False, inf
        elif not self.connected and self._settled(now) and not self.fault:
            self.connected, self._connected_at = True, now

    def voltage(self, inlet: float) -> float:
        """V in place of a pack's: what was set; of a connected load, what the inlet has (V)."""
        return inlet if self.connected and inlet > TOUCHABLE else self.settings.load_voltage

    def charge_wanted(self, now: float) -> bool:
        """Tell whether the session shall go on."""
        limit = self.settings.load_time
        return not limit or now - self._connected_at < limit

    def feedback(self, closed: bool | None, now: float) -> bool | None:
        """Tell what vehicle/status says of the contactors: None until the load is connected.

        A feedback that a session has seen must not vanish from it, so there is none before.
        """
        self._closed = self._closed or (bool(closed) and self.connected)
        late = now - self._connected_at > CLOSING
        waits = self._stage < STOP and not (self._closed or late)
        return None if waits and not closed else closed

    def _settled(self, now: float) -> bool:
        told = now - self._told_at <= STORY_AGE
        return told and self._loop_since is not None and now - self._loop_since >= SETTLING

    def _wrong(self, volts: float, amperes: float, pack_heard: str) -> str:
        s = self.settings
        if pack_heard:
            return f'a battery is heard on {pack_heard}: a bench load takes no pack'
        before = self._stage < CABLE_CHECK and not self.connected
        if before and abs(volts) > TOUCHABLE:
            return f'{volts:.0f} V at the inlet before the charger gives any: is this a pack?'
        if self.connected and volts > s.load_voltage * EXCESS:
            return f'{volts:.0f} V at the load; {s.load_voltage:.0f} V were asked for'
        if self.connected and amperes > s.load_current * EXCESS + 1.0:
            return f'{amperes:.1f} A in the load; {s.load_current:.1f} A are allowed'
        if self.connected and volts * amperes > s.load_power * EXCESS + volts:
            return f'{volts * amperes:.0f} W in the load; {s.load_power:.0f} W are allowed'
        return ''
