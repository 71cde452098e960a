# SPDX-License-Identifier: Apache-2.0
"""The charger's cable check: isolation at a test voltage, then a dead output (R13)."""

from dataclasses import replace
from enum import Enum

from v2g.session.cause import Cause, fault
from v2g.session.outputs import SupplyOutputs
from v2g.session.readings import Isolation, PilotState, SupplyReading

TEST_VOLTAGE = 500.0  # V at most
TEST_CURRENT = 2.0  # A
REACHED = 0.9  # of the test voltage: the supply has begun the test
DEAD = 60.0  # V under which it may be called finished


class Part(Enum):
    """Where the check stands."""

    WAITING = 'for state C'
    TESTING = 'isolation'
    BLEEDING = 'the output'
    FINISHED = 'valid'


class CableCheck:
    """Goes on with each reading; the answer to a CableCheckReq is only a look at it."""

    def __init__(self, outputs: SupplyOutputs, voltage: float, pilot_until: float) -> None:
        self.part = Part.WAITING
        self.outputs = outputs
        self.isolation = Isolation.INVALID
        self.cause: Cause | None = None
        self._voltage = min(TEST_VOLTAGE, voltage)
        self.pilot_until = pilot_until

    def look(self, supply: SupplyReading, pilot: PilotState, now: float) -> None:
        """Take the newest readings."""
        match self.part:
            case Part.WAITING:
                self._wait(pilot, now)
            case Part.TESTING:
                self._test(supply)
            case Part.BLEEDING:
                if supply.voltage < DEAD:
                    self.part = Part.FINISHED

    def waits_for(self, pilot: PilotState) -> str:
        """What it waits for, as a sentence; empty: it is finished."""
        return {
            Part.WAITING: f'waiting for the pilot: the vehicle shows {pilot.name}, not C',
            Part.TESTING: 'waiting for the isolation test',
            Part.BLEEDING: f'waiting for the output to fall below {DEAD:.0f} V',
        }.get(self.part, '')

    def _wait(self, pilot: PilotState, now: float) -> None:
        if pilot in (PilotState.C, PilotState.D):
            self.part = Part.TESTING
            self.outputs = replace(
                self.outputs,
                output=True,
                contactors=True,
                isolation_test=True,
                voltage=self._voltage,
                current=TEST_CURRENT,
            )
        elif now >= self.pilot_until:
            self.cause = fault('NO_STATE_C', 'the vehicle does not show state C')

    def _test(self, supply: SupplyReading) -> None:
        if supply.isolation is Isolation.INVALID or supply.voltage < REACHED * self._voltage:
            return
        self.isolation = supply.isolation
        if supply.isolation is Isolation.FAULT:
            self.cause = fault('ISOLATION_FAULT', 'the isolation is faulty', retry=False)
        self.part = Part.BLEEDING
        self.outputs = replace(
            self.outputs, output=False, isolation_test=False, voltage=0.0, current=0.0
        )
