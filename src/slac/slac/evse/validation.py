# SPDX-License-Identifier: Apache-2.0
"""CM_VALIDATE by the charger (ISO 15118-3, A.9.5): count a vehicle's pilot toggles (R19)."""

from scapy.packet import Packet

from plc_modem.homeplug.matching import CM_VALIDATE_CNF
from slac.timing import TT_EVSE_VALD_TOGGLE
from slac.validation import Result

_MOST = 255  # that an octet can tell


class Validation:
    """Told of requests, time, and the B/C edges that the pilot's owner has counted so far."""

    def __init__(self) -> None:
        self.deadline: float | None = None  # when the count is told
        self.succeeded = False  # this vehicle is at our cable
        self._ready = False
        self._from = 0  # edges when the count began

    def asked(self, timer: int, edges: int | None, now: float) -> list[Packet]:
        """Answer a CM_VALIDATE.REQ with its `timer`; edges None: nobody counts them here."""
        if edges is None:
            self.deadline, self._ready = None, False
            return [_answer(Result.FAILURE)]
        if self.deadline is not None:
            return []  # it has come twice
        if self._ready and timer:
            self._ready, self._from = False, edges
            self.deadline = now + min((timer + 1) / 10, TT_EVSE_VALD_TOGGLE)
            return []
        self._ready = True
        return [_answer(Result.READY)]

    def tick(self, edges: int | None, now: float) -> list[Packet]:
        """Tell the count when its time is over."""
        if self.deadline is None or now < self.deadline:
            return []
        self.deadline = None
        toggles = min(max((edges or 0) - self._from, 0) // 2, _MOST)
        self.succeeded = toggles > 0
        return [_answer(Result.SUCCESS if toggles else Result.FAILURE, toggles)]

    def cancel(self) -> list[Packet]:
        """Tell whoever waits for a count that there is none."""
        if self.deadline is None:
            return []
        self.deadline = None
        return [_answer(Result.FAILURE)]


def _answer(result: Result, toggles: int = 0) -> Packet:
    return CM_VALIDATE_CNF(SignalType=0, ToggleNum=toggles, Result=result)
