# SPDX-License-Identifier: Apache-2.0
"""What a small display and a lamp show of a session."""

from dataclasses import dataclass
from math import isnan
from typing import Any

WIDTH = 20  # characters; a longer line would be cut by nobody but the display (lesson 47)
GREETING = ('ros2_ccs', 'plug in to charge')
GREETED = 3.0  # s after the start
_SLOW, _FAST, _VERY_FAST = 1.2, 0.4, 0.2  # s of a period
_BLACK, _WHITE, _GREEN, _BLUE, _RED = (
    (0, 0, 0), (255, 255, 255), (0, 255, 0), (0, 0, 255), (255, 0, 0),
)  # fmt: skip
_VOLTS = ('CABLE_CHECK', 'PRECHARGE')
_ENERGY = ('CHARGE_LOOP',)


@dataclass(frozen=True, slots=True)
class Light:
    """A colour, one that takes turns with it, and the s that both last together; 0: steady."""

    colour: tuple[int, int, int]
    other: tuple[int, int, int] = _BLACK
    period: float = 0.0


_LIGHTS = {
    **dict.fromkeys(('MODEM_SEARCH',), Light(_WHITE)),
    **dict.fromkeys(('SLAC', 'AVLN'), Light(_GREEN, period=_SLOW)),
    **dict.fromkeys(
        ('SDP', 'TCP', 'APP_PROTOCOL', 'SESSION_SETUP', 'SERVICE_DISCOVERY', 'SERVICE_SELECTION',
         'AUTHORIZATION', 'CHARGE_PARAMETERS', 'CONNECTOR_LOCK'),
        Light(_GREEN, period=_FAST),
    ),
    'CABLE_CHECK': Light(_BLUE, period=_FAST),
    **dict.fromkeys(('PRECHARGE', 'START'), Light(_BLUE, period=_VERY_FAST)),
    'CHARGE_LOOP': Light(_BLUE),
    **dict.fromkeys(
        ('STOP', 'WELDING_DETECTION', 'SESSION_STOP', 'FINISHED'), Light(_GREEN, _BLUE, _FAST)
    ),
    **dict.fromkeys(('SAFE_END', 'FAILED'), Light(_RED)),
}  # fmt: skip
_AWAKE = Light(_GREEN)  # nothing is plugged in
_UNHEARD = Light(_WHITE)  # there is no session node


def light(state: Any) -> Light:
    """Return what a lamp shows; state: ChargingState, None: nothing was heard of a session."""
    if state is None:
        return _UNHEARD
    return _LIGHTS.get(state.stage_name, _AWAKE)


def lines(state: Any, uptime: float) -> tuple[str, str, str]:
    """Return the three lines; uptime: s since the start."""
    if state is None or (uptime < GREETED and state.stage_name == 'IDLE'):
        first, second = GREETING
    else:
        first, second = state.stage_name.replace('_', ' ').capitalize(), _values(state)
    return _fit(first), _fit(second), clock(uptime)


def clock(seconds: float) -> str:
    """Return minutes and seconds; the minutes go on beyond 99."""
    minutes, rest = divmod(int(seconds), 60)
    return f'{minutes:02}:{rest:02}'


def _values(state: Any) -> str:
    if state.stage_name in _VOLTS:
        return _number(state.present_voltage, 'V')
    if state.stage_name in _ENERGY:
        return f'{_number(state.present_current, "A")}  {_number(state.soc * 100, "%")}'
    return str(state.reason)


def _number(value: float, unit: str) -> str:
    return f'- {unit}' if isnan(value) else f'{value:.0f} {unit}'


def _fit(text: str) -> str:
    """Return what a display of plain letters shows of a text; never more than a line."""
    plain = ''.join(letter if ' ' <= letter <= '~' else '?' for letter in text)
    return plain[:WIDTH].rstrip()
