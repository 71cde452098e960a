# SPDX-License-Identifier: Apache-2.0
"""A PreChargeRes that is held while the output still rises (R13)."""

from math import inf, nan

from v2g.session.exchange import Ask

HOLD = 0.5  # s at most; a vehicle waits 2 s (V2G_EVCC_Msg_Timeout)
STANDS = 0.5  # s without a rise, and the output is not on its way any more
SAME = 20.0  # V within which a target is still the same; a pack's own voltage creeps
RISEN = 1.0  # V that count as a rise


class Rise:
    """Sees whether the output comes nearer to what was asked for, and keeps one request."""

    def __init__(self) -> None:
        self.held: Ask | None = None  # a PreChargeReq that is not answered yet
        self._until = inf
        self._target = self._highest = nan  # V
        self._stands_at = -inf

    def aim(self, target: float, volts: float, now: float) -> None:
        """Take what the output is to reach (V), and what it has; another target begins anew."""
        if not abs(target - self._target) <= SAME:
            self._target, self._highest, self._stands_at = target, volts, now + STANDS

    def look(self, volts: float, now: float) -> None:
        """Take what the output has (V)."""
        if volts >= self._highest + RISEN:
            self._highest, self._stands_at = volts, now + STANDS

    def hold(self, ask: Ask, now: float) -> bool:
        """Keep a request, and tell that; an output that stands answers at once."""
        if now < self._stands_at:
            self.held, self._until = ask, now + HOLD
        return self.held is not None

    @property
    def deadline(self) -> float:
        """When what is held must be answered; infinite: nothing is held."""
        return inf if self.held is None else min(self._until, self._stands_at)

    def release(self) -> Ask | None:
        """The request that was held; it is to be answered now."""
        held, self.held = self.held, None
        return held
