# SPDX-License-Identifier: Apache-2.0
"""What charger and reader have in common: the pilot, and who is plugged in."""

from v2g.session import waits
from v2g.session.cause import Cause
from v2g.session.events import Event
from v2g.session.readings import (
    DataLinkReading,
    ModemReading,
    ModemState,
    PilotReading,
    PilotState,
    fresh,
    measured_at,
)
from v2g.session.secc.notes import VehicleNotes
from v2g.session.side import Phase, Side
from v2g.session.state import SessionState


class Outlet(Side):
    """A side that sees the control pilot from the mains, and keeps notes of the vehicle."""

    def __init__(self, retries: int, unplug_time: float) -> None:
        super().__init__('evse', retries, unplug_time)
        self.notes = VehicleNotes(self.story)
        self._pilot = PilotReading()
        self._pilot_at: float | None = None

    @property
    def state(self) -> SessionState:
        """Everything of charging/state."""
        return self.story.state

    @property
    def plugged(self) -> bool:
        return self._pilot.pilot.plugged

    @property
    def unplugged(self) -> bool:
        return self._pilot_at is not None and self._pilot.pilot is PilotState.A

    def _lacks_plug(self) -> str:
        return waits.for_pilot(self._pilot.pilot)

    def pilot(self, reading: PilotReading, now: float) -> list[Event]:
        """Take what the owner of the control pilot tells; what is old is dropped (R6)."""
        if not fresh(reading.age):
            return self._settle(now)
        self._forget_plug_of_before(now)
        self._pilot, self._pilot_at = reading, measured_at(reading.age, now)
        if self.plugged:
            self.notes.plugged_in(now)
            if self.phase is Phase.OVER:
                self.notes.end(self.state.reason, now)
        return self._measured(now)

    def modem(self, reading: ModemReading, now: float) -> list[Event]:
        if reading.state is ModemState.LINKED and self.ladder.data_link.ready:
            self.notes.modem(reading.remote_mac)
        return super().modem(reading, now)

    def data_link(self, reading: DataLinkReading, now: float) -> list[Event]:
        opened = reading.ready and reading.link_id != self.ladder.data_link.link_id
        if opened and self.phase is not Phase.OVER:
            self.notes.connected(reading.peer_mac, reading.modem_mac, now)
        return super().data_link(reading, now)

    def _measured(self, now: float) -> list[Event]:
        """Something was measured."""
        return self._settle(now)

    def _over(self, cause: Cause, now: float, *, energised: bool = False) -> None:
        super()._over(cause, now, energised=energised)
        if self.phase is Phase.OVER:
            self.notes.end(cause.reason, now)

    def _vehicle_left(self) -> None:
        self.notes.forget()
