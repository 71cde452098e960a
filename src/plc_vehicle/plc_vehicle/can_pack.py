# SPDX-License-Identifier: Apache-2.0
"""A pack that is told of by CAN: clara's two messages, and what silence and no number mean."""

from dataclasses import dataclass
from math import inf, isnan, nan

from plc_kit.setting import setting
from plc_vehicle.pack import PackReading

SILENCE = 1.0  # s after which 0 A are taken (clara)
NEEDED = ('BatteryVoltage', 'TargetVoltage', 'ChargeCurrent', 'Enable')  # for R9 and R10


@dataclass(frozen=True)
class CanSettings:
    """The bus, as parameters."""

    can_interface: str = setting('socketcan', "python-can's interface")
    can_channel: str = setting('can0', 'channel of that interface')
    can_bitrate: int = setting(500000, 'bit/s; socketcan has its own', 10000, 1000000)
    can_dbc: str = setting('', 'a DBC file of yours with the same names; empty: ours')


class CanPack:
    """Collects the signals of both messages."""

    def __init__(self) -> None:
        self._signals: dict[str, float] = {}
        self._heard_at: dict[str, float] = {}  # of each signal: a message may have pages

    def hear(self, signals: dict[str, float], now: float) -> None:
        """Take the signals of one message."""
        self._signals.update(signals)
        self._heard_at.update(dict.fromkeys(signals, now))

    def reading(self, now: float) -> PackReading:
        """Tell what the bus tells; in doubt the pack takes 0 A and says why."""
        told = self._signals.get
        fault = self._fault(now)
        return PackReading(
            voltage=told('BatteryVoltage', nan),
            soc=nan if self._silent('SoC', now) else told('SoC', nan) / 100,
            max_voltage=told('TargetVoltage', nan),
            max_current=0.0 if fault else told('ChargeCurrent', nan),
            charge_wanted=told('Enable', 0) >= 1,
            fault=fault,
        )

    def _fault(self, now: float) -> str:
        silent = [name for name in NEEDED if self._silent(name, now)]
        if silent:
            return f'CAN is silent: no {" and ".join(silent)} for {SILENCE:g} s'
        none = [name for name in NEEDED if isnan(self._signals.get(name, nan))]
        return f'CAN tells no number that can be for {" and ".join(none)}' if none else ''

    def _silent(self, name: str, now: float) -> bool:
        return now - self._heard_at.get(name, -inf) > SILENCE
