# SPDX-License-Identifier: Apache-2.0
"""A vehicle's on-board charger: takes AC where the pilot offers it."""

from plc_sim.cable import Line, Pilot

WAKING = 1.0  # s from an offer of AC to state C
LEAST, MOST = 0.08, 0.97  # duty that offers AC (IEC 61851-1)
_DIGITAL = (0.03, 0.07)
_PLUGGED = (Pilot.B, Pilot.C, Pilot.D)


class OnBoardCharger:
    """Like real ones it stays with DC after 5 % until it has seen the pilot off and on again."""

    def __init__(self) -> None:
        self.wants = False  # C is to be shown, behind a locked plug
        self.replugs = 0  # times the pilot went off and on again since the plug is in
        self._tied_to_dc = False
        self._was_off = False
        self._wake_at: float | None = None

    @property
    def deadline(self) -> float | None:
        """When it wakes, s."""
        return self._wake_at

    def watch(self, line: Line, *, hungry: bool, now: float) -> None:
        """See the pilot; `hungry`: the pack takes energy."""
        self._follow(line)
        offered = line.state in _PLUGGED and LEAST <= line.duty <= MOST
        if not (offered and hungry and not self._tied_to_dc):
            self.wants, self._wake_at = False, None
        elif not self.wants and self._wake_at is None:
            self._wake_at = now + WAKING
        elif self._wake_at is not None and now >= self._wake_at:
            self.wants, self._wake_at = True, None

    def _follow(self, line: Line) -> None:
        if line.state is Pilot.A:
            self.replugs, self._was_off = 0, False
        if line.state not in _PLUGGED:
            self._was_off, self._tied_to_dc = line.state is not Pilot.A, False
            return
        self.replugs += self._was_off
        self._was_off = False
        self._tied_to_dc |= _DIGITAL[0] <= line.duty <= _DIGITAL[1]
