# SPDX-License-Identifier: Apache-2.0
"""All scenarios by name."""

from plc_sim.scenario.rows import around, charger, hardware, people, suite, vehicle
from plc_sim.scenario.scenario import Scenario

_ALL = (*suite.ROWS, *charger.ROWS, *vehicle.ROWS, *hardware.ROWS, *people.ROWS, *around.ROWS)
SCENARIOS: dict[str, Scenario] = {row.name: row for row in _ALL}
assert len(SCENARIOS) == len(_ALL), 'two scenarios of one name'


class UnknownScenario(ValueError):
    """No scenario of this name; the text has those that exist."""


def scenario(name: str) -> Scenario:
    """Return a scenario by its name; raises UnknownScenario."""
    if name not in SCENARIOS:
        raise UnknownScenario(f'no scenario {name!r}; there are: {", ".join(sorted(SCENARIOS))}')
    return SCENARIOS[name]
