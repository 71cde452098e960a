# SPDX-License-Identifier: Apache-2.0
"""A vehicle's outputs and senses at GPIO lines."""

from dataclasses import dataclass
from math import nan

from plc_kit.outputs import PILOT_C, VehicleOutputs
from plc_vehicle.gear import A, B, C, E, Sensed
from plc_vehicle.lines import GearSettings, Levels, Lines
from plc_vehicle.lock_motor import LockMotor
from plc_vehicle.pilot_duty import PilotDuty

BOUNCE = 0.004  # s a feedback must stay as it is to be believed
DIGITAL = 0.05  # duty that is assumed where none is measured


@dataclass
class Debounced:
    """An input's level, believed when it has stayed for a while."""

    believed: bool
    seen: bool
    since: float  # s

    def see(self, level: bool, now: float) -> bool:
        """Look, and return what is believed."""
        if level != self.seen:
            self.seen, self.since = level, now
        elif now - self.since >= BOUNCE:
            self.believed = level
        return self.believed


class GpioGear:
    """Decides which line is active; off until it is told otherwise."""

    def __init__(self, lines: Lines, settings: GearSettings) -> None:
        self._lines, self._settings = lines, settings
        self._outputs = VehicleOutputs()
        self._motor = LockMotor(settings.lock_run_time, assume=settings.assume_lock)
        self._duty = PilotDuty()
        self._inputs: dict[str, Debounced] = {}
        self._written: dict[str, bool] = {}

    def drive(self, outputs: VehicleOutputs, now: float) -> None:
        """Make outputs so; the lock follows with its motor."""
        self._outputs = outputs
        self._motor.want(outputs.lock, now)
        self._write(now)

    def sense(self, now: float) -> Sensed:
        """Look at the inputs, and let the lock's motor go on."""
        levels = self._lines.read()
        for name, level in levels.active.items():
            self._inputs.setdefault(name, Debounced(level, level, now)).see(level, now)
        self._duty.see(levels.edges, now)
        self._write(now)
        plugged = self._plugged(levels, now)
        pilot, duty = self._pilot(levels, plugged, now)
        return Sensed(
            proximity=plugged,
            pilot=pilot,
            duty=duty,
            plus=self._input('contactor_plus_feedback'),
            minus=self._input('contactor_minus_feedback'),
            lock=self._motor.locked(self._input('lock_feedback'), now),
        )

    def close(self) -> None:
        """Leave everything off."""
        self._lines.close()

    def _write(self, now: float) -> None:
        o = self._outputs
        lock, unlock = self._motor.runs(self._input('lock_feedback'), now)
        active = {
            'pilot_c': o.pilot == PILOT_C,
            'contactor_plus': o.plus,
            'contactor_minus': o.minus,
            'lock_close': lock,
            'lock_open': unlock,
            'isolation_monitor_off': o.isolation_monitor_off,
        }
        if active != self._written:
            self._written = {}  # not known, should it raise
            self._lines.write(active)
            self._written = active

    def _input(self, name: str) -> bool | None:
        line = self._inputs.get(name)
        return None if line is None else line.believed

    def _plugged(self, levels: Levels, now: float) -> bool:
        """By the proximity line; without one, by a pilot that is not dead."""
        proximity = self._input('proximity')
        if proximity is not None:
            return proximity
        if 'pilot' not in levels.active:
            return self._settings.assume_plugged
        return self._duty.oscillates(now) or levels.active['pilot']

    def _pilot(self, levels: Levels, plugged: bool, now: float) -> tuple[int, float]:
        """The state that our resistor shows, where the pilot lives; and its duty.

        It lives while the plug is in, though its release button is pressed and proximity gone.
        """
        shown = C if self._outputs.pilot == PILOT_C else B
        if self._duty.oscillates(now):
            return shown, self._duty.duty(now)
        if levels.active.get('pilot'):
            return shown, 1.0
        if not plugged:
            return A, nan
        return (E, nan) if 'pilot' in levels.active else (shown, DIGITAL)
