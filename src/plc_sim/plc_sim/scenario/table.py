# SPDX-License-Identifier: Apache-2.0
"""All scenarios by name."""

from difflib import get_close_matches

from plc_sim.scenario.rows import around, charger, hardware, people, suite, vehicle
from plc_sim.scenario.scenario import Scenario

_ALL = (*suite.ROWS, *charger.ROWS, *vehicle.ROWS, *hardware.ROWS, *people.ROWS, *around.ROWS)
SCENARIOS: dict[str, Scenario] = {row.name: row for row in _ALL}
assert len(SCENARIOS) == len(_ALL), 'two scenarios of one name'


class UnknownScenario(ValueError):
    """No scenario of this name; the text has those with names like it, and how to see all."""


def scenario(name: str) -> Scenario:
    """Return a scenario by its name; raises UnknownScenario."""
    if name not in SCENARIOS:
        like = get_close_matches(name, SCENARIOS, n=5)
        meant = f'; names like it: {", ".join(like)}' if like else ''
        every = f'all {len(SCENARIOS)}: ros2 run plc_sim scenarios --list'
        raise UnknownScenario(f'no scenario {name!r}{meant}; {every}')
    return SCENARIOS[name]
