# SPDX-License-Identifier: Apache-2.0
"""The one table of what became of the scenarios."""

from collections.abc import Sequence
from math import isfinite

from plc_sim.scenario.record import Record
from plc_sim.scenario.scenario import Scenario

HEAD = (
    f'{"scenario":<44} {"source":<22} {"side":<4} {"stopped in":<18} {"error":<36} '
    f'{"result":<6} {"again":<5} {"B, off":>7} {"open":>7}  {"referee":<7} '
)


def line(scenario: Scenario, record: Record, wrong: Sequence[str]) -> str:
    """One row: where it stopped and why, how fast it was safe, and what is `wrong` with that."""
    end = scenario.end
    off = _number(1000 * (record.off_after - end.notice), 'ms', 0)
    opened = _number(record.open_after - end.notice, 's', 2)
    calls = f'{len(record.fouls)} due' if record.fouls == set(end.fouls) else 'calls'
    verdict = f'NOT: {"; ".join(wrong)}' if wrong else 'ok'
    return (
        f'{scenario.name:<44} {scenario.source:<22.22} {scenario.tests:<4} '
        f'{record.stage.name:<18} {record.error or "-":<36} '
        f'{"-" if record.code is None else record.code:<6} '
        f'{"yes" if record.again else "no":<5} {off:>7} {opened:>7}  '
        f'{calls if record.fouls else "silent":<7} {verdict}'
    )


def _number(value: float, unit: str, digits: int) -> str:
    return f'{max(0.0, value):.{digits}f} {unit}' if isfinite(value) else '-'
