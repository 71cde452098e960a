# SPDX-License-Identifier: Apache-2.0
"""Welding detection: whether the inlet's voltage falls with open contactors (R4)."""

from math import isnan, nan

from v2g.session.readings import VehicleReading

ROUNDS = 10
DURATION = 5.0  # s
PACE = 0.5  # s between two rounds
DEAD = 60.0  # V under which nothing is welded
FALLING = 0.95  # of the first voltage


class WeldingDetection:
    """Collects voltages, and says what they mean."""

    def __init__(self, now: float) -> None:
        self.rounds = 0  # answered
        self.until = now + DURATION
        self.next_at = now
        self._first = self._last = nan
        self._measured = False

    def read(self, reading: VehicleReading) -> None:
        """Take the inlet's own voltage, which counts more than the charger's."""
        if not isnan(reading.inlet_voltage):
            if not self._measured:
                self._first, self._measured = nan, True
            self._take(abs(reading.inlet_voltage))

    def told(self, volts: float) -> None:
        """Take EVSEPresentVoltage: one round is over."""
        self.rounds += 1
        if not self._measured:
            self._take(abs(volts))

    def over(self, now: float) -> bool:
        heard = self.dead and self.rounds > 0
        return heard or now >= self.until or self.rounds >= ROUNDS

    @property
    def dead(self) -> bool:
        return self._last < DEAD

    def suspected(self, reading: VehicleReading) -> bool:
        """The voltage did not fall, and something says that it should have."""
        fell = self.dead or self._last < self._first * FALLING
        return not fell and not isnan(self._last) and (self._measured or reading.any_closed)

    def _take(self, volts: float) -> None:
        self._first = volts if isnan(self._first) else self._first
        self._last = volts
