# SPDX-License-Identifier: Apache-2.0
"""What is known of a pack: its reading, its limits, and when a reading is too old."""

from dataclasses import dataclass, replace
from math import inf, isnan, nan
from typing import Protocol

from plc_kit.setting import setting


@dataclass(frozen=True)
class PackSettings:
    """The pack's part of the parameters; 0 is "not set"."""

    max_voltage: float = setting(0.0, 'V the pack takes at most; 0: not set', 0.0, 1000.0)
    max_current: float = setting(0.0, 'A the pack takes at most; 0: not set', 0.0, 1000.0)
    max_power: float = setting(0.0, 'W the pack takes at most; 0: not set', 0.0, 1e6)
    max_inlet_current: float = setting(
        0.0, 'A that inlet and cable carry; 0: all that the pack takes', 0.0, 1000.0
    )
    energy_capacity: float = setting(0.0, 'Wh; 0: not known', 0.0, 1e6)
    target_soc: float = setting(0.8, 'state of charge to stop at, 0..1', 0.0, 1.0)
    bulk_soc: float = setting(0.8, 'state of charge where fast charging ends, 0..1', 0.0, 1.0)
    battery_topic: str = setting('battery_state', 'of a sensor_msgs/BatteryState')
    battery_stamps: str = setting(
        'system',
        "by what its stamps are judged: system, the computer's time; clock, /clock of a simulator;"
        ' none, not at all',
        choices=('system', 'clock', 'none'),
    )
    battery_timeout: float = setting(
        0.5, 's after which a battery that is silent is a fault; above 0.5 R9 is weaker', 0.1, 5.0
    )
    pack_voltage: float = setting(
        0.0, 'V, with battery:=parameters: of the power supply in place of a pack', 0.0, 1000.0
    )
    soc: float = setting(0.5, 'state of charge with battery:=parameters, 0..1', 0.0, 1.0)
    pack_resistance: float = setting(0.1, 'ohm, of the pack at a simulated inlet', 0.001, 100.0)


# Of the simulated pack: a simulated inlet does no harm to whoever set no limits.
SIMULATED = PackSettings(max_voltage=403.0, max_current=200.0, max_power=80000.0)


class Unlimited(ValueError):
    """A limit is missing that only the user can know; the text is a sentence for him."""


@dataclass(frozen=True)
class PackReading:
    """What a pack tells; NaN: it does not."""

    voltage: float = nan  # V
    current: float = nan  # A, positive while charging
    soc: float = nan  # 0..1
    max_voltage: float = nan  # V
    max_current: float = nan  # A
    max_power: float = nan  # W
    charge_wanted: bool = True
    fault: str = ''  # one sentence


class Pack(Protocol):
    """Where a pack is read."""

    def reading(self, now: float) -> PackReading:
        """Tell what is known at `now` (s, steady)."""
        ...


class FixedPack:
    """A power supply in place of a pack: what the parameters say."""

    def __init__(self, settings: PackSettings) -> None:
        if not settings.pack_voltage:
            raise Unlimited('battery:=parameters needs pack_voltage, in V')
        self._reading = PackReading(voltage=settings.pack_voltage, soc=settings.soc)

    def reading(self, now: float) -> PackReading:
        """Tell the parameters."""
        return self._reading


class HeardPack:
    """A pack of which somebody tells again and again."""

    def __init__(self, source: str, timeout: float) -> None:
        self._source, self._timeout = source, timeout
        self._last = PackReading()
        self._heard_at = -inf  # s
        self._rejected = ''  # why nothing was taken since

    def hear(self, reading: PackReading, now: float) -> None:
        """Take what is told."""
        self._last, self._heard_at, self._rejected = reading, now, ''

    def reject(self, why: str) -> None:
        """Something came that says nothing of the pack."""
        self._rejected = f': {why}'

    def reading(self, now: float) -> PackReading:
        """Tell what was heard last; silent for too long, it takes no current and says why."""
        if now - self._heard_at <= self._timeout:
            return self._last
        why = f'no battery is heard on {self._source}{self._rejected}'
        return replace(self._last, max_current=0.0, fault=why)


def limited(reading: PackReading, settings: PackSettings) -> PackReading:
    """Cap what a pack takes by what the user set."""
    return replace(
        reading,
        max_voltage=_least(reading.max_voltage, settings.max_voltage),
        max_current=_least(reading.max_current, settings.max_current),
        max_power=_least(reading.max_power, settings.max_power),
    )


def require_limits(settings: PackSettings, *names: str) -> None:
    """Raise Unlimited where one of these is not set."""
    missing = [name for name in names if not getattr(settings, name)]
    if missing:
        raise Unlimited(f'{" and ".join(missing)} must be set: only you know what your pack takes')


def or_simulated(settings: PackSettings) -> PackSettings:
    """Fill limits that are not set with those of the simulated pack."""
    names = ('max_voltage', 'max_current', 'max_power')
    own = {name: getattr(settings, name) or getattr(SIMULATED, name) for name in names}
    return replace(settings, **own)


def _least(told: float, setting: float) -> float:
    if not setting:
        return told
    return setting if isnan(told) else min(told, setting)
