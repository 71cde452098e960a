# SPDX-License-Identifier: Apache-2.0
"""How long the charger waits, for the vehicle and for itself (R26)."""

from v2g.session.cause import Cause, fault
from v2g.session.dialect import Timers
from v2g.session.exchange import Step


class Patience:
    """The timers of one connection; each request that is heard winds them up again."""

    def __init__(self, timers: Timers, now: float) -> None:
        self.owes = False  # the charger has not yet done its part of the step
        self.stopping = ''  # why the vehicle is asked to stop
        self._timers = timers
        self._step: Step | None = None
        self._begun_at = self.heard_at = self._step_at = now
        self._stop_until: float | None = None
        self._off_until: float | None = None  # from PowerDelivery(stop) on

    def heard(self, step: Step, now: float) -> None:
        """A request was answered."""
        if step is not self._step:
            self._step_at = now
        self._step, self.heard_at = step, now
        if self._stops and self._off_until is None:
            self._stop_until, self._off_until = None, now + self._timers.secc_shutdown

    def ask_to_stop(self, reason: str, until: float) -> None:
        """The vehicle has so long to stop, or to end; the first reason counts."""
        if self._off_until is not None:
            self._off_until = min(self._off_until, until)
        elif not self.stopping:
            self._stop_until = until
        self.stopping = self.stopping or reason

    @property
    def _stops(self) -> bool:
        return self._step is not None and self._step >= Step.STOP

    @property
    def deadline(self) -> float:
        """When one of the timers ends."""
        return min(when for when in self._ends.values() if when is not None)

    def overdue(self, now: float) -> Cause | None:
        """What has taken too long."""
        for word, when in self._ends.items():
            if when is not None and now >= when:
                return fault(word, self._reason(word))
        return None

    @property
    def _ends(self) -> dict[str, float | None]:
        """When which timer ends; None: it does not run."""
        step = self._step
        if step is None:
            setup = self._begun_at + self._timers.secc_communication_setup
            return {'TIMEOUT_COMMUNICATION_SETUP': setup, 'VEHICLE_IGNORES_STOP': self._stop_until}
        total = self._timers.secc_total.get(step) if self.owes else None
        ready = self._timers.secc_ready_to_charge if step < Step.START else None
        return {
            'VEHICLE_IGNORES_STOP': self._stop_until,
            'TIMEOUT_SHUTDOWN': self._off_until,
            f'TIMEOUT_{step.name}': None if total is None else self._step_at + total,
            'TIMEOUT_READY_TO_CHARGE': None if ready is None else self._begun_at + ready,
            'TIMEOUT_SEQUENCE': self.heard_at + self._sequence(step),
        }

    def _sequence(self, step: Step) -> float:
        """V2G_SECC_Sequence_Timeout."""
        in_loop = step in (Step.START, Step.CHARGE_LOOP)
        return self._timers.sequence_in_loop if in_loop else self._timers.sequence

    def _reason(self, word: str) -> str:
        match word:
            case 'VEHICLE_IGNORES_STOP':
                return f'{self.stopping}; the vehicle went on'
            case 'TIMEOUT_COMMUNICATION_SETUP':
                return 'the vehicle did not begin a session in time'
            case 'TIMEOUT_READY_TO_CHARGE':
                return 'no current was asked for in time'
            case 'TIMEOUT_SHUTDOWN':
                return 'the vehicle did not end its session in time'
            case 'TIMEOUT_SEQUENCE':
                return 'the vehicle asked nothing in time'
        return f'{word.removeprefix("TIMEOUT_")} took too long'
