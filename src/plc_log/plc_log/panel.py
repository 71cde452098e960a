# SPDX-License-Identifier: Apache-2.0
"""What a live session looks like in a terminal: a panel, or lines where it is none."""

from collections.abc import Iterable
from math import isnan
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from plc_kit.readable import readable

_COLOURS = {
    'CHARGE_LOOP': 'green',
    'FINISHED': 'bold green',
    'FAILED': 'bold red',
    'SAFE_END': 'red',
}
_NAMES = {'pev': 'vehicle', 'evse': 'charger'}


def number(value: float, unit: str, digits: int = 1) -> str:
    """Return a value with its unit; a dash where it is not known."""
    return f'- {unit}' if isnan(value) else f'{value:.{digits}f} {unit}'


def line(since: float, state: Any) -> str:
    """Return a state as one line of plain text; `since`: s."""
    values = (
        number(state.soc * 100, '%'),
        number(state.present_voltage, 'V'),
        number(state.present_current, 'A'),
    )
    text = f'{since:7.1f} s  {state.stage_name:18}' + ''.join(f'{value:>11}' for value in values)
    return readable(f'{text}  {state.reason}'.rstrip())


def panel(
    states: dict[str, Any], since: float, messages: Iterable[str] = (), attenuation: str = ''
) -> RenderableType:
    """Return both sides' states, by role, as one panel.

    since: s since it was opened. messages: the last V2G messages, a line each. attenuation: of
    whom the vehicle has heard, as text.
    """
    if not states:
        return Panel(Text('waiting for charging/state …'), title='ros2_ccs')
    vehicle = states.get('pev') or next(iter(states.values()))
    return Panel(
        Group(_sides(states), _soc(vehicle), *_reasons(states), *_heard(messages, attenuation)),
        title=_shown(f'ros2_ccs  {vehicle.protocol.upper()}'),
        subtitle=f'{since:.0f} s',
    )


def _shown(text: str, style: str = '') -> Text:
    """Return a text of whoever tells it, as it stands there."""
    return Text(readable(text), style=style)


def _sides(states: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    for role, state in states.items():
        style = _COLOURS.get(state.stage_name, 'cyan')
        table.add_row(
            _shown(_NAMES.get(role, role)),
            _shown(f'{state.stage_name:18}', style),
            f'{number(state.present_voltage, "V"):>9}',
            f'{number(state.present_current, "A"):>9}',
            f'{number(state.present_voltage * state.present_current / 1000, "kW"):>9}',
            f'{number(state.energy, "Wh", 0):>9}',
        )
    return table


def _soc(vehicle: Any) -> Table:
    table = Table.grid(padding=(0, 2))
    soc = 0.0 if isnan(vehicle.soc) else vehicle.soc
    bar = ProgressBar(total=1.0, completed=soc, width=50)
    table.add_row('SoC    ', bar, number(vehicle.soc * 100, '%'))
    return table


def _heard(messages: Iterable[str], attenuation: str) -> list[Text]:
    told = [_shown(f'attenuation  {attenuation}')] if attenuation else []
    return told + [_shown(one, 'dim') for one in messages]


def attenuations(slac: Any) -> str:
    """Return the chargers that a vehicle's slac/status has heard, the chosen one marked."""
    pairs = zip(slac.chargers, slac.attenuation, strict=False)
    return ', '.join(
        f'{mac} {number(mean, "dB")}{" (chosen)" if mac == slac.peer_mac else ""}'
        for mac, mean in pairs
    )


def _reasons(states: dict[str, Any]) -> list[Text]:
    return [
        _shown(f'{_NAMES.get(role, role)}: {state.reason}')
        for role, state in states.items()
        if state.reason
    ]
