# SPDX-License-Identifier: Apache-2.0
"""When contactors may close (R9).

Where nothing is measured at the inlet the charger's own word stands in, and a charger may say back
what it was asked for. Of 17 recorded sessions of as many chargers none tells the pack's voltage in
its first PreChargeRes: it is below 50 V, or what the cable check left (500 V), and the target is
reached after 0.3 s at the earliest. So the word counts only after a while, and only of a charger
that has told another voltage on the way there, or has held its first answer for as long.
"""

from math import inf, isnan, nan

from v2g.session import waits
from v2g.session.exchange import Answer, Health
from v2g.session.readings import STALE, Isolation, Switch, VehicleReading, measured_at

CLOSE_ENOUGH = 10.0  # V between inlet and pack
TOO_FAR = 20.0  # V at which closing contactors are taken back (IEC 61851-23)
RAMP = 0.3  # s that an output needs at least to come to the pack's voltage
LEAST_TIME = 1.0  # s of PreCharge before the charger's own word on its voltage counts
PACK = 'the pack has'
ANEW = 0.02  # s between two measurements; what is nearer is one that was told twice


class Interlock:
    """Collects what R9 demands, and says when it is there."""

    def __init__(self, source: str, tolerance: float) -> None:
        """source: inlet or evse. tolerance: V that the charger's own voltage may be away."""
        self.cable_checked = False
        self.precharging = False  # the charger has answered a PreChargeReq
        self._ready = False  # and did not say that it is not
        self._isolation = Isolation.INVALID
        self._source, self._tolerance = source, tolerance
        self._told_voltage = nan  # V, by the charger
        self._asked_at = inf  # when PreCharge began
        self._ramps = False  # the charger's word on its voltage has come as an output's would
        self._matches: list[float] = []  # when the last two readings in a row matched
        self._matched_at = -inf  # when the voltage of the last one was measured

    def read(self, reading: VehicleReading, now: float) -> None:
        """Take a new reading of the vehicle."""
        if self._source == 'inlet':
            self._compare(reading.inlet_voltage, reading, now - reading.age, now)

    def checked(self, answer: Answer, now: float) -> None:
        """Take the end of the cable check; PreCharge begins.

        An isolation that is not told is none yet: some chargers tell theirs in PreChargeRes only.
        """
        self.cable_checked, self._asked_at = True, now
        self._isolation = answer.isolation or Isolation.INVALID

    def told(self, answer: Answer, reading: VehicleReading, asked: float, now: float) -> None:
        """Take a PreChargeRes; one that is not ready is waited for (lessons 69, 72).

        asked: V that its request had, when the pack may have told another voltage than now.
        """
        self.precharging, self._ready = True, answer.health is not Health.NOT_READY
        if answer.isolation is not None:
            self._isolation = answer.isolation
        if self._source == 'evse':
            self._believe(answer.present_voltage, reading, asked, now)
        self._told_voltage = answer.present_voltage

    @property
    def doubt(self) -> str:
        """Why the charger's word is not taken; empty: it is, or is not needed."""
        if self._source != 'evse' or self._ramps or not self.precharging:
            return ''
        return "the charger told the pack's voltage at once, as nothing that ramps up does"

    def _believe(self, told: float, reading: VehicleReading, asked: float, now: float) -> None:
        """Take the charger's word, once there is reason to."""
        since = now - self._asked_at
        apart = min(abs(told - asked), abs(told - reading.pack_voltage)) >= CLOSE_ENOUGH
        is_first = isnan(self._told_voltage)
        self._ramps |= apart or (is_first and since >= RAMP)
        if self._ramps and since >= LEAST_TIME:
            self._compare(told, reading, now, now)

    def permits(self, reading: VehicleReading, now: float) -> bool:
        """Tell whether the contactors may close now."""
        fresh = len(self._matches) == 2 and now - self._matches[0] <= STALE
        isolated = self.cable_checked and self._isolation in (Isolation.VALID, Isolation.WARNING)
        known = (self._told_voltage, reading.inlet_voltage)  # whichever of them is compared
        apart = [abs(volts - reading.pack_voltage) for volts in known]
        ready = self._ready and not any(volts >= self._tolerance for volts in apart)
        return fresh and isolated and ready and reading.lock is Switch.CLOSED

    def lacks(self, reading: VehicleReading) -> str:
        """What is still waited for, as a sentence; empty: two readings, or the first answer."""
        if not self.precharging:
            return ''
        if not self._ready:
            return 'waiting for the charger: it says EVSE_NotReady'
        if self._isolation not in (Isolation.VALID, Isolation.WARNING):
            return f'waiting for the isolation: the charger tells {self._isolation.name}'
        inlet, pack = reading.inlet_voltage, reading.pack_voltage
        away = abs(inlet - pack)
        if away >= self._tolerance or (self._source == 'inlet' and not away < CLOSE_ENOUGH):
            return waits.for_voltage('at the inlet', inlet, pack, PACK)
        if not abs(self._told_voltage - pack) < self._tolerance:
            return waits.for_voltage('that the charger tells', self._told_voltage, pack, PACK)
        return f'waiting for another voltage: {self.doubt}' if self.doubt else ''

    def drifted(self, reading: VehicleReading) -> bool:
        """The inlet has gone away from the pack before the contactors closed (abuse 37)."""
        apart = abs(reading.inlet_voltage - reading.pack_voltage)
        return apart > TOO_FAR or (self._source == 'inlet' and isnan(apart))

    def _compare(self, voltage: float, reading: VehicleReading, at: float, now: float) -> None:
        """Take a voltage (V) that was measured `at` some time; told again it counts once."""
        apart = abs(voltage - reading.pack_voltage)  # negative voltage: reversed polarity
        if not self.precharging or isnan(apart) or apart >= CLOSE_ENOUGH or voltage <= 0:
            self._matches = []
        elif not self._matches or at - self._matched_at >= ANEW:
            self._matched_at = at
            self._matches = [*self._matches[-1:], measured_at(reading.age, now)]
