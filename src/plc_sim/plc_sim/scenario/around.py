# SPDX-License-Identifier: Apache-2.0
"""What happens around a session in virtual time: its carrier, its nodes, clocks, other commanders.

Messages are stamped by one clock and judged by another (R6); here they are the system's clocks, of
the computer with the sessions and of the two with the hardware. Timers follow none of them (R26).
"""

from dataclasses import replace
from functools import partial
from math import nan
from typing import TYPE_CHECKING

from plc_kit.lease import Terms
from plc_kit.outputs import VehicleOutputs
from plc_sim.scenario.scenario import Incident
from plc_sim.supply import SupplyOrder
from v2g.session.readings import LinkState

if TYPE_CHECKING:
    from plc_sim.scenario.virtual import Play

SESSIONS = 'sessions'  # the computer that they run on
HOUR = 3600.0  # s
_OPEN = VehicleOutputs()
_FULL = SupplyOrder(True, 1000.0, 500.0, True, False)


class Clocks:
    """The system's time of each computer, s."""

    def __init__(self) -> None:
        self._ahead = {SESSIONS: 0.0, 'pev': 0.0, 'evse': 0.0}

    def read(self, computer: str, now: float) -> float:
        """Return the time that this computer stamps with."""
        return now + self._ahead[computer]

    def jump(self, seconds: float, *computers: str) -> None:
        """Set clocks; none given: all."""
        for computer in computers or self._ahead:
            self._ahead[computer] += seconds


class Around:
    """Waits for the stages of a scenario's incidents, and lets them happen to a play."""

    def __init__(self, play: 'Play') -> None:
        self._play = play
        self._waiting = list(play.scenario.incidents)

    def plan(self, side: str, stage: int) -> None:
        """A session has come to this stage."""
        for one in [one for one in self._waiting if (one.side, one.when) == (side, stage)]:
            self._waiting.remove(one)
            self._play.later(one.after, partial(self._happen, one))

    def _happen(self, incident: Incident) -> None:
        if getattr(self, f'_{incident.what}')(incident) is not False:
            self._play.record.acted(self._play.now, counts=not self._play.scenario.deeds)

    def _carrier_lost(self, incident: Incident) -> None:
        """The other end hears nothing more, and its TCP does not know why."""
        play, machine = self._play, self._play.machines[incident.side]
        reading = replace(play.link_reading(LinkState.CONNECTED), carrier=False)
        play.cut_line()
        play.perform(machine, machine.link(reading, play.now))

    def _slac_died(self, incident: Incident) -> None:
        machine = self._play.machines[incident.side]
        self._play.perform(machine, machine.node_lost('slac', self._play.now))

    def _transport_died(self, incident: Incident) -> None:
        machine = self._play.machines[incident.side]
        self._play.cut_line()
        self._play.perform(machine, machine.node_lost('transport', self._play.now))

    def _clock_jumps(self, incident: Incident) -> None:
        """What is on its way just then looks that old, or young."""
        self._play.tell_all()
        self._play.clocks.jump(incident.seconds)

    def _hardware_clock_jumps(self, incident: Incident) -> None:
        self._play.clocks.jump(incident.seconds, incident.side)

    def _foreign_commands(self, incident: Incident) -> bool:
        """Another session, a bag played back, numbers that are none; true: none is obeyed."""
        play = self._play
        obedience = (play.vehicle if incident.side == 'pev' else play.supply).obedience
        before = obedience.refused
        others = (
            Terms(session_id=99, sequence=1, valid_for=0.5, age=0.0),
            Terms(session_id=1, sequence=10**9, valid_for=0.5, age=HOUR),
            Terms(session_id=1, sequence=0, valid_for=0.5, age=0.0),
            Terms(session_id=1, sequence=10**9, valid_for=nan, age=0.0),
        )
        for terms in others:
            if incident.side == 'pev':
                play.vehicle.command(_OPEN, terms, play.now)
            else:
                play.supply.command(_FULL, terms, play.now)
        if incident.side == 'evse':
            own = Terms(session_id=1, sequence=10**9, valid_for=0.5, age=0.0)
            play.supply.command(replace(_FULL, voltage=nan), own, play.now)
        return obedience.refused >= before + len(others)
