# SPDX-License-Identifier: Apache-2.0
"""A fault of simulated hardware: which, from what moment on, and for how long."""

from collections.abc import Callable

NONE = 'none'


class Fault:
    """Waits for its occasion, then is there; once only.

    An occasion is a word for what the hardware sees of itself, such as 'current': the protocol is
    none of its business, so the same fault happens at any vehicle and any charger.
    """

    def __init__(self, name: str, occasion: str, after: float, lasting: float) -> None:
        self.active = False
        self._name, self._occasion = name, occasion
        self._after, self._lasting = after, lasting  # s
        self._begins_at: float | None = None
        self._ends_at: float | None = None
        self._over = name == NONE

    def watch(self, is_so: Callable[[str], bool], now: float) -> bool:
        """Ask whether its occasion is there; true: the fault has begun or ended."""
        if self._over:
            return False
        if self._begins_at is None and is_so(self._occasion):
            self._begins_at = now + self._after
        if self.active:
            return self._end(now)
        self.active = self._begins_at is not None and now >= self._begins_at
        self._ends_at = now + self._lasting if self.active and self._lasting else None
        return self.active

    def is_(self, name: str) -> bool:
        """Tell whether this is the fault, and it is there."""
        return self.active and name == self._name

    @property
    def there(self) -> str:
        """The fault that is there, or none."""
        return self._name if self.active else NONE

    @property
    def deadline(self) -> float | None:
        """When it begins or ends, s; None: nobody knows yet."""
        if self._over:
            return None
        return self._ends_at if self.active else self._begins_at

    @property
    def text(self) -> str:
        """What to tell of it."""
        return f'fault {"begins" if self.active else "ends"}: {self._name}'

    def _end(self, now: float) -> bool:
        if self._ends_at is None or now < self._ends_at:
            return False
        self.active, self._over = False, True
        return True
