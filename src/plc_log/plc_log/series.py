# SPDX-License-Identifier: Apache-2.0
"""Volts, amperes and state of charge over time, as the messages of a session tell them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from math import nan

from plc_log.events import Event
from plc_log.leaves import value_of

_TARGETS = ('PreChargeReq', 'CurrentDemandReq')
_PRESENT = ('PreChargeRes', 'CurrentDemandRes', 'WeldingDetectionRes')
_LOOP = 'CurrentDemandRes'
_LONGEST = 5.0  # s between two answers of one loop; what lies between longer ones is not known


@dataclass
class Series:
    """One row for each message that tells a value; NaN where it tells none of this column."""

    time: list[float] = field(default_factory=list)  # s
    target_voltage: list[float] = field(default_factory=list)  # V
    voltage: list[float] = field(default_factory=list)  # V, at the charger
    target_current: list[float] = field(default_factory=list)  # A
    current: list[float] = field(default_factory=list)  # A, at the charger
    soc: list[float] = field(default_factory=list)  # 0..1
    energy: float = 0.0  # Wh that the charger delivered in the energy loop

    @property
    def power(self) -> list[float]:
        """W, at the charger."""
        return [v * a for v, a in zip(self.voltage, self.current, strict=True)]

    def add(self, time: float, **values: float) -> None:
        """Add a row."""
        self.time.append(time)
        for name in COLUMNS:
            getattr(self, name).append(values.get(name, nan))


COLUMNS = ('target_voltage', 'voltage', 'target_current', 'current', 'soc')


def series_of(messages: Iterable[Event]) -> Series:
    """Read the values of all messages."""
    series = Series()
    loop: list[tuple[float, float]] = []
    for event in messages:
        values = _values(event)
        if values:
            series.add(event.time, **values)
        if event.name == _LOOP and 'voltage' in values and 'current' in values:
            loop.append((event.time, values['voltage'] * values['current']))
    series.energy = sum(
        (b[0] - a[0]) * (a[1] + b[1]) / 2 / 3600
        for a, b in pairwise(loop)
        if b[0] - a[0] <= _LONGEST
    )
    return series


def _values(event: Event) -> dict[str, float]:
    wanted: dict[str, str] = {}
    if event.name in _TARGETS:
        wanted = {'target_voltage': 'EVTargetVoltage', 'target_current': 'EVTargetCurrent'}
    elif event.name in _PRESENT:
        wanted = {'voltage': 'EVSEPresentVoltage', 'current': 'EVSEPresentCurrent'}
    found = {column: value_of(event.message, name) for column, name in wanted.items()}
    values = {column: float(value) for column, value in found.items() if value is not None}
    soc = value_of(event.message, 'EVRESSSOC') if event.name.endswith('Req') else None
    return values if soc is None else {**values, 'soc': soc / 100}
