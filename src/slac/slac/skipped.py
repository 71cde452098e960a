# SPDX-License-Identifier: Apache-2.0
"""No matching at all: the interface is taken as joined while the pilot is there (slac:=skip)."""

from dataclasses import replace

from plc_modem.homeplug import Mme
from plc_modem.state import Modem
from slac.pilot_watch import PilotWatch
from slac.values import Changed, Event, LinkChanged, Phase, Pilot, Status


class Skipped:
    """The face of a matching, with a link for each attempt and no partner known."""

    def __init__(self) -> None:
        self.status = Status()
        self.mac = ''  # of our interface; empty: not known yet
        self._pilot = PilotWatch()
        self._ready = False
        self._wanted = self._served = 0  # attempts

    @property
    def deadline(self) -> float | None:
        """When tick() is due next."""
        return self._pilot.deadline

    def pilot(self, pilot: Pilot, now: float) -> list[Event]:
        """Take a look at the control pilot."""
        self._pilot.look(pilot, now)
        if not pilot.plugged:
            self._served = self._wanted
            return self._close()
        return self._consider()

    def attempt(self, attempt: int, now: float) -> list[Event]:
        """Take the number of the data link that the session wants; 0: none."""
        if attempt == self._wanted:
            return []
        self._wanted = attempt
        if attempt in (0, self._served):
            return []  # a session that was started anew wants nothing yet
        return self._close() + self._consider()

    def modem(self, modem: Modem, now: float) -> list[Event]:
        """Its node has told which interface it is: `mac` is known now."""
        return self._consider()

    def connected(self, connected: bool, now: float) -> list[Event]:
        """Nothing depends on it."""
        return []

    def approached(self, now: float) -> list[Event]:
        """Nothing depends on it."""
        return []

    def receive(self, mme: Mme, now: float) -> list[Event]:
        """No frame is for us."""
        return []

    def tick(self, now: float) -> list[Event]:
        """Do what is due."""
        return self.pilot(Pilot(), now) if self._pilot.lapsed(now) else []

    def _consider(self) -> list[Event]:
        wanted = self._pilot.seen.digital and self._wanted not in (0, self._served)
        if self._ready or not wanted or not self.mac:
            return []
        self._ready, self._served = True, self._wanted
        return [*self._tell(), LinkChanged(True)]

    def _close(self) -> list[Event]:
        if not self._ready:
            return []
        self._ready = False
        return [*self._tell(), LinkChanged(False)]

    def _tell(self) -> list[Event]:
        phase = Phase.SKIPPED if self._ready else Phase.UNMATCHED
        told = replace(self.status, phase=phase, attempt=self._wanted)
        if told == self.status:
            return []
        self.status = told
        return [Changed(told)]
