# SPDX-License-Identifier: Apache-2.0
"""The lines of a GPIO vehicle: their names, what they are for, and the face that drives them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, make_dataclass
from typing import Any, Protocol

from plc_kit.setting import setting

# name -> what the line is for
OUTPUTS = {
    'pilot_c': 'output: joins the resistor of state C to the pilot',
    'contactor_plus': 'output: coil of the contactor at plus',
    'contactor_minus': 'output: coil of the contactor at minus',
    'lock_close': 'output: lock motor, direction that locks',
    'lock_open': 'output: lock motor, direction that unlocks',
    'isolation_monitor_off': "output: switches the vehicle's isolation monitor off",
}
INPUTS = {
    'contactor_plus_feedback': 'input: active while the contactor at plus is closed',
    'contactor_minus_feedback': 'input: active while the contactor at minus is closed',
    'lock_feedback': 'input: active while the plug is locked',
    'proximity': 'input: active while the plug is in, its release button not pressed',
    'pilot': 'input: active while the pilot is positive, by a comparator; its duty is measured',
}
USES = {**OUTPUTS, **INPUTS}
REQUIRED = ('pilot_c', 'contactor_plus', 'contactor_minus')
LEVELS = ('high', 'low')


def _settings_of_lines() -> type[Any]:
    rows: list[tuple[str, type, Any]] = []
    for name, use in USES.items():
        where = f'{use}; chip:offset or the name of a line; empty: none'
        rows.append((f'{name}_line', str, setting('', where)))
        rows.append(
            (f'{name}_active', str, setting('high', 'level that is active', choices=LEVELS))
        )
    return make_dataclass('LineSettings', rows, frozen=True)


LineSettings = _settings_of_lines()  # NAME_line and NAME_active for each of USES


@dataclass(frozen=True)
class GearSettings:
    """How a GPIO vehicle behaves, as parameters."""

    lock_run_time: float = setting(1.5, 's the lock motor runs at most', 0.1, 3.5)
    assume_lock: bool = setting(
        False, 'true: a lock without feedback counts as done when its motor has run; for the bench'
    )
    assume_plugged: bool = setting(
        False,
        'true: without a pilot line the pilot counts as there with 5 %, without a proximity line'
        ' the plug as in; for the bench',
    )


@dataclass(frozen=True)
class LineWish:
    """One line as the user names it."""

    name: str  # of USES
    where: str  # chip:offset, or its own name
    active_low: bool

    @property
    def output(self) -> bool:
        return self.name in OUTPUTS

    @property
    def edges(self) -> bool:
        return self.name == 'pilot'


class MissingLine(ValueError):
    """A line without which nothing can be driven; the text is a sentence for the user."""


def wishes(lines: Any, gear: GearSettings) -> list[LineWish]:
    """Return the lines that are named in LineSettings; raises MissingLine."""
    named = [
        LineWish(name, where, getattr(lines, f'{name}_active') == 'low')
        for name in USES
        if (where := getattr(lines, f'{name}_line'))
    ]
    have = {wish.name for wish in named}
    if missing := [f'{name}_line' for name in REQUIRED if name not in have]:
        raise MissingLine(f'outputs:=gpio needs {", ".join(missing)}, as chip:offset or by name')
    if 'pilot' not in have and not gear.assume_plugged:
        raise MissingLine('outputs:=gpio needs pilot_line, or on the bench assume_plugged:=true')
    if 'lock_feedback' not in have and not gear.assume_lock:
        raise MissingLine(
            'outputs:=gpio needs lock_feedback_line, or on the bench assume_lock:=true'
        )
    return named


@dataclass(frozen=True)
class Levels:
    """What the inputs show: active or not, and the pilot's edges since the last look."""

    active: Mapping[str, bool] = field(default_factory=dict)
    edges: tuple[tuple[float, bool], ...] = ()  # s, became active


class Lines(Protocol):
    """The narrow face of GPIO: what is active."""

    def write(self, active: Mapping[str, bool]) -> None:
        """Make outputs active or not."""
        ...

    def read(self) -> Levels:
        """Look at the inputs."""
        ...

    def close(self) -> None:
        """Make all outputs inactive and give the lines back."""
        ...
