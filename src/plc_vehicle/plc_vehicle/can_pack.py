# SPDX-License-Identifier: Apache-2.0
"""A pack that is told of by CAN: clara's two messages, and what their silence means."""

from dataclasses import dataclass
from math import inf, nan

from plc_kit.setting import setting
from plc_vehicle.pack import PackReading

SILENCE = 1.0  # s after which 0 A are taken (clara)


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
        self._heard_at = {'BatteryVoltage': -inf, 'TargetVoltage': -inf}  # one of each message

    def hear(self, signals: dict[str, float], now: float) -> None:
        """Take the signals of one message."""
        self._signals.update(signals)
        for name in self._heard_at:
            if name in signals:
                self._heard_at[name] = now

    def reading(self, now: float) -> PackReading:
        """Tell what the bus tells; silent for 1 s, the pack takes 0 A and says why."""
        silent = [name for name, when in self._heard_at.items() if now - when > SILENCE]
        told = self._signals.get
        return PackReading(
            voltage=told('BatteryVoltage', nan),
            soc=told('SoC', nan) / 100,
            max_voltage=told('TargetVoltage', nan),
            max_current=0.0 if silent else told('ChargeCurrent', nan),
            charge_wanted=bool(told('Enable', 0)),
            fault=f'CAN is silent: no {" and ".join(silent)} for {SILENCE:g} s' if silent else '',
        )
