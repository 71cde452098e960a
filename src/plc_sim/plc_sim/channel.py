# SPDX-License-Identifier: Apache-2.0
"""What a power line does to a frame on its way from one outlet to another."""

from collections.abc import Callable
from dataclasses import dataclass

from plc_modem.homeplug.matching import GROUPS

_TILT = 4.0  # dB that the highest carriers lose more than the lowest


@dataclass(frozen=True)
class Settings:
    """How the line and its modems behave; every share and every ± is drawn from the entropy."""

    attenuation: float = 11.0  # dB along a cable; real ones: 28.8 in the middle, 48.3 at most
    crosstalk: tuple[
        float, ...
    ] = ()  # dB more to the next place, the one after it …; then silence
    level_noise: float = 0.0  # ± dB of each sound
    loss: float = 0.0  # share of frames that the line loses, 0..1
    doubled: float = 0.0  # share that arrives twice
    jitter: float = 0.0  # s that a frame may be late, so that later ones overtake it
    restart_time: float = 0.3  # s a modem is away after a new key; real ones 3 to 7
    measured_groups: int = GROUPS  # that a modem tells; an AR7420 tells none (lesson 5)


class Channel:
    """Draws what becomes of each frame."""

    def __init__(self, settings: Settings, entropy: Callable[[int], bytes]) -> None:
        """`entropy(n)` returns n random octets."""
        self._settings, self._entropy = settings, entropy

    def lost(self) -> bool:
        """Draw whether a frame is lost."""
        return self._happens(self._settings.loss)

    def arrivals(self, distance: int) -> list[float]:
        """Draw how late each copy of a frame arrives (s), so many places away; none: lost."""
        if distance > len(self._settings.crosstalk):
            return []
        copies = 1 + self._happens(self._settings.doubled)
        return [self._late() for _ in range(copies) if not self.lost()]

    def profile(self, distance: int) -> bytes:
        """What a modem measures of a sound, in dB for each carrier group; distance is heard."""
        level = self._settings.attenuation + self._noise()
        level += self._settings.crosstalk[distance - 1] if distance else 0.0
        tilt = (group / (GROUPS - 1) - 0.5 for group in range(self._settings.measured_groups))
        return bytes(min(max(round(level + _TILT * t), 1), 255) for t in tilt)

    def _happens(self, share: float) -> bool:
        return share > 0 and self._draw() < share

    def _late(self) -> float:
        return self._settings.jitter * self._draw() if self._settings.jitter else 0.0

    def _noise(self) -> float:
        spread = self._settings.level_noise
        return spread * (2 * self._draw() - 1) if spread else 0.0

    def _draw(self) -> float:
        return int.from_bytes(self._entropy(4)) / 2**32
