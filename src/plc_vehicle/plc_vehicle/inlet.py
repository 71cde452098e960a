# SPDX-License-Identifier: Apache-2.0
"""The inlet's voltage where a sensor of the user's tells it."""

from dataclasses import dataclass
from math import inf, nan

from plc_kit.setting import setting

SILENCE = 0.5  # s after which it counts as lost (R1, R9)


@dataclass(frozen=True)
class InletSettings:
    """The inlet's part of the parameters."""

    inlet_topic: str = setting(
        '', 'of a std_msgs/Float32, V at the inlet, signed; empty: not measured'
    )
    cable: str = setting('/cable', 'namespace of the simulated cable, with outputs:=sim')


class HeardInlet:
    """Volts as they come by a topic; silence is a fault."""

    def __init__(self, topic: str) -> None:
        self._topic, self._volts, self._heard_at = topic, nan, -inf

    def hear(self, volts: float, now: float) -> None:
        """Take what is measured."""
        self._volts, self._heard_at = volts, now

    def voltage(self, now: float) -> float:
        """V; NaN: lost."""
        return self._volts if now - self._heard_at <= SILENCE else nan

    def age(self, now: float) -> float:
        """Seconds since it was measured; 0: it is lost, and that is known now."""
        age = now - self._heard_at
        return age if age <= SILENCE else 0.0

    def fault(self, now: float) -> str:
        """Why it cannot be relied on; empty: it can."""
        silent = now - self._heard_at > SILENCE
        return f'no inlet voltage is heard on {self._topic}' if silent else ''
