# SPDX-License-Identifier: Apache-2.0
"""What a scenario is: who misbehaves how, and how the other side has to end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plc_sim.referee import Rule as Foul
from plc_sim.scenario.script import Rule
from v2g.session.stage import Stage

OTHER = {'pev': 'evse', 'evse': 'pev'}
Values = Mapping[str, object]


@dataclass(frozen=True)
class Deed:
    """What a person does: calls the service charging/`what` of `side`."""

    side: str
    what: str  # stop, emergency_stop, release_lock
    when: Stage  # of that side
    after: float = 0.0  # s
    granted: bool = True  # what the service has to answer


@dataclass(frozen=True)
class Incident:
    """What happens around a session of `side`; only virtual time can do it.

    what: carrier_lost; slac_died, transport_died: a node of that side; clock_jumps: the clock of
    all, by `seconds`; hardware_clock_jumps: only that of the computer with this side's hardware;
    foreign_commands: others command its outputs, by stale, foreign and senseless commands.
    """

    side: str
    what: str
    when: Stage  # of that side
    after: float = 0.0  # s
    seconds: float = 0.0


@dataclass(frozen=True)
class End:
    """How the side under test has to end, by docs/rules.md; the default ends as it should.

    stage: where it is stopped. error: the word in charging/state; also: others that it may be,
    where two things happen in the same moment. reason: words in its sentence.
    fault: by R1's fault branch. retry: another attempt follows (R5). locked: the plug stays so
    (R3). notice: s from the misbehaviour to where it can be known, such as a timer. since: the
    stage with which those seconds begin, where no moment of misbehaviour can be seen. fouls: what
    the referee calls because the physics itself was made to violate. amperes: least and most that
    flow when the first person does something.
    """

    stage: Stage = Stage.CHARGE_LOOP
    error: str = ''
    also: Sequence[str] = ()
    reason: str = ''
    fault: bool = True
    retry: bool = False
    locked: bool = False
    notice: float = 0.0
    since: Stage | None = None
    fouls: Sequence[tuple[str, Foul]] = ()
    amperes: tuple[float, float] | None = None


@dataclass(frozen=True)
class Scenario:
    """One row of the table.

    tests: the side under test, pev or evse; the script is the other side's. vehicle, supply:
    parameters of the simulated hardware; pev, evse: of the sessions.
    """

    name: str
    source: str  # cases of the field's test suite, lessons, abuse cases
    story: str  # one sentence
    tests: str
    end: End
    script: Sequence[Rule] = ()
    vehicle: Values = field(default_factory=dict)
    supply: Values = field(default_factory=dict)
    pev: Values = field(default_factory=dict)
    evse: Values = field(default_factory=dict)
    deeds: Sequence[Deed] = ()
    incidents: Sequence[Incident] = ()
    until: float = 90.0  # s, its end must have come

    @property
    def partner(self) -> str:
        """The side that the script belongs to."""
        return OTHER[self.tests]

    @property
    def misbehaves(self) -> bool:
        """Something is done to messages or hardware at a certain moment."""
        return bool(
            self.script or self.incidents or 'fault' in self.vehicle or 'fault' in self.supply
        )

    @property
    def parameters(self) -> dict[str, dict[str, object]]:
        """Of each node that has some, by its name."""
        given = {
            '/pev/vehicle': {**BASE_VEHICLE, **self.vehicle},
            '/evse/supply': {**BASE_SUPPLY, **self.supply},
            '/pev/session': dict(self.pev),
            '/evse/session': dict(self.evse),
        }
        return {node: values for node, values in given.items() if values}


# A scenario does not wait for motors and tests that it is not about.
BASE_VEHICLE: Values = {'lock_time': 0.1, 'plug_in_after': 0.2}
BASE_SUPPLY: Values = {'isolation_time': 0.3, 'voltage_ramp': 1000.0}
